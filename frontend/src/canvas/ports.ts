import { type NodeHandle, Position } from "@xyflow/react";
import type { LayerFlowNode } from "./LayerNode";
import type { Direction, Place } from "./layout";
import type { RailFlowNode } from "./RailNode";

type Ported = LayerFlowNode | RailFlowNode;

const SIZE = 9;

/** Where a wire leaves or enters a node. */
export function portAt(node: Ported, side: "in" | "out", handle: string, direction: Direction): Place {
  const { x, y } = node.position;
  const [width, height] = [node.width ?? 0, node.height ?? 0];
  const [at, of] = numberOf(node, side, handle);
  const part = of < 2 ? 0.5 : (at + 0.5) / of;
  if (direction === "TB") return [x + part * width, side === "out" ? y + height : y];
  return [side === "out" ? x + width : x, y + part * height];
}

function numberOf(found: Ported, side: "in" | "out", handle: string): [number, number] {
  if (found.type === "rail") {
    const { ports } = found.data;
    const at = side === "out" ? ports.findIndex((port) => port.name === handle) : Number(handle);
    return [Math.max(0, at), ports.length];
  }
  const { node } = found.data;
  if (side === "in") return [Number(handle) || 0, node.inputs.length + (node.grows ? 1 : 0)];
  const at = Number(/\d+/.exec(handle)?.[0] ?? Number.NaN);
  return Number.isNaN(at) ? [0, 1] : [at, node.outputs.length];
}

/** The ports as React Flow would measure them: who knows them before a node is drawn need not draw it to know them. */
export function handlesOf(node: Ported, direction: Direction): NodeHandle[] {
  const made = (side: "in" | "out", id: string): NodeHandle => {
    const [x, y] = portAt(node, side, id, direction);
    const [type, position] = WHERE[direction][side];
    return {
      id,
      type,
      position,
      x: x - node.position.x - SIZE / 2,
      y: y - node.position.y - SIZE / 2,
      width: SIZE,
      height: SIZE,
    };
  };
  const [into, out] = namesOf(node);
  return [...into.map((id) => made("in", id)), ...out.map((id) => made("out", id))];
}

const WHERE = {
  TB: { in: ["target", Position.Top], out: ["source", Position.Bottom] },
  LR: { in: ["target", Position.Left], out: ["source", Position.Right] },
} as const;

function namesOf(found: Ported): [into: string[], out: string[]] {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at));
  if (found.type === "rail") {
    const { side, ports } = found.data;
    return side === "in" ? [[], ports.map((port) => port.name)] : [numbers(ports.length), []];
  }
  const { node, whole } = found.data;
  const tuple = node.outputs.length > 1;
  const out = tuple ? [...node.outputs.map((_, at) => `[${at}]`), ...(whole ? [""] : [])] : [""];
  return [numbers(node.inputs.length + (node.grows ? 1 : 0)), out];
}
