import type { Roomy } from "./marks";

/** Nodes have a width and height of their own, so that they can be laid out before they are drawn. */
export const WIDTH = 196;
export const RAIL_HEIGHT = 30;
const [HEAD, LINE] = [27, 17];

export interface Size {
  width: number;
  height: number;
}

export function sizeOf(node: Pick<Roomy, "args" | "note" | "room">): Size {
  const lines = 1 + (Object.keys(node.args).length > 0 ? 1 : 0) + (node.note ? 1 : 0);
  return { width: WIDTH, height: HEAD + LINE * lines + 7 + (node.room ?? 0) };
}
