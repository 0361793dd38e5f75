import type { Level } from "../api/messages";
import { labelled } from "./labels";
import type { Direction } from "./layout";
import { portAt } from "./ports";
import { type Box, type Leg, routed } from "./route";
import { IN, OUT, type SheetNode } from "./scene";
import type { WireFlowEdge } from "./WireEdge";
import type { Wire } from "./wires";

/** With so many wires and nodes, all wires go straight. */
const CROWDED = 400_000;

/** A wire with the nodes at its ends. */
interface Ended {
  wire: Wire;
  from: SheetNode;
  to: SheetNode;
}

/** The wires as React Flow wants them, and a dashed one from each shared module to those that call it again. */
export function edgesOf(
  level: Level,
  wires: readonly Wire[],
  nodes: readonly SheetNode[],
  direction: Direction,
): WireFlowEdge[] {
  const found = new Map(nodes.map((node) => [node.id, node]));
  const inputs = new Set(level.inputs.map((port) => port.name));
  const ended = wires.flatMap((wire): Ended[] => {
    const from = found.get(wire.from) ?? (inputs.has(wire.from) ? found.get(IN) : undefined);
    const to = found.get(wire.node || OUT);
    return from && to ? [{ wire, from, to }] : [];
  });
  return [...wired(ended, nodes, direction), ...ties(level)];
}

function wired(ended: readonly Ended[], nodes: readonly SheetNode[], direction: Direction): WireFlowEdge[] {
  const bare = ended.map(edgeOf);
  const legs = ended.map(({ from, to }, at): Leg => {
    const { source, target, sourceHandle, targetHandle } = bare[at] as WireFlowEdge;
    return {
      from: source,
      to: target,
      source: portAt(from, "out", sourceHandle ?? "", direction),
      target: portAt(to, "in", targetHandle ?? "0", direction),
    };
  });
  const crowded = ended.length * nodes.length > CROWDED;
  const boxes = nodes.map(boxOf);
  const ways = crowded ? [] : routed(legs, boxes, direction);
  const worded = legs.map((leg, at) => ({
    ...leg,
    words: (ended[at] as Ended).wire.shape,
    way: ways[at] ?? null,
  }));
  const labels = crowded ? [] : labelled(worded, boxes, direction);
  return bare.map((edge, at) => {
    const { wire, from } = ended[at] as Ended;
    const state = from.type === "layer" ? from.data.node.state : "right";
    const behind = (state === "wrong" || state === "behind") && !wire.wrong;
    return { ...edge, data: { wire, direction, way: ways[at] ?? null, label: labels[at] ?? null, behind } };
  });
}

function edgeOf({ wire, from, to }: Ended): WireFlowEdge {
  const tuple = from.type === "layer" && from.data.node.outputs.length > 1;
  return {
    id: wire.id,
    type: "wire",
    source: from.id,
    target: to.id,
    sourceHandle: from.id === IN ? wire.from : tuple ? wire.output : "",
    targetHandle: String(wire.input),
  };
}

function ties(level: Level): WireFlowEdge[] {
  const drawn = new Map(level.nodes.map((node) => [node.name, node]));
  return level.nodes
    .filter((node) => node.use && drawn.has(node.use))
    .map((node) => ({
      id: `tie:${node.name}`,
      type: "tie",
      source: node.use,
      target: node.name,
      sourceHandle: (drawn.get(node.use)?.outputs.length ?? 0) > 1 ? "[0]" : "",
      targetHandle: "0",
      selectable: false,
      focusable: false,
      reconnectable: false,
    }));
}

function boxOf({ id, position, width = 0, height = 0 }: SheetNode): Box {
  return { name: id, at: [position.x, position.y], width, height };
}
