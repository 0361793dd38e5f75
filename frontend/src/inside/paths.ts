import type { Drawing, DrawnNode, Level } from "../api/messages";
import type { Roomy } from "../canvas/marks";
import { inside } from "../canvas/trail";
import { levelOf } from "../canvas/wires";

/** The name of the module that a node is, as the network calls it. */
export function pathOf(
  level: Pick<Level, "instance">,
  node: Pick<DrawnNode, "name" | "use" | "kind">,
): string {
  const name = node.kind === "use" && node.use ? node.use : node.name;
  return level.instance ? `${level.instance}.${name}` : name;
}

export interface Found {
  level: string;
  instance: string;
  node: string;
}

const within = (path: string, around: string) => path === around || path.startsWith(`${around}.`);

/** Where a layer is drawn: the node that it is, or the one whose insides are not drawn. */
export function whereIs(drawing: Drawing, layer: string, name = "", instance = ""): Found | null {
  const level = levelOf(drawing, name);
  const node = level?.nodes.find((one) => one.kind !== "use" && within(layer, pathOf({ instance }, one)));
  if (!node) return null;
  const path = pathOf({ instance }, node);
  const opened = layer === path ? null : inside(drawing, node);
  const deeper = opened?.instances.filter((one) => within(one, path) && within(layer, one)) ?? [];
  const next = deeper.sort((a, b) => b.length - a.length)[0];
  const found = opened && next !== undefined ? whereIs(drawing, layer, opened.name, next) : null;
  return found ?? { level: name, instance, node: node.name };
}

const SILENT = /Flatten|Dropout|Identity/;
const ROOM = 45;
/** Places that a person chose were for nodes without that room. */
const SPREAD = 1.6;

/** The level with room in its nodes for what was measured. */
export function roomy(level: Level, down: boolean): Level {
  const nodes = level.nodes.map((node): Roomy => {
    const at: DrawnNode["at"] = node.at && down ? [node.at[0], node.at[1] * SPREAD] : node.at;
    return hasMarks(node) ? { ...node, at, room: ROOM } : { ...node, at };
  });
  return { ...level, nodes };
}

export function hasMarks({ kind, type }: Pick<DrawnNode, "kind" | "type">): boolean {
  return ["layer", "module", "code", "use"].includes(kind) && !SILENT.test(type);
}
