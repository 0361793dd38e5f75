import type { Level } from "../api/messages";
import type { Direction, Place } from "./layout";
import { sizeOf } from "./sizes";
import type { Wire } from "./wires";

interface Gap {
  node: number;
  rank: number;
}

/** A plain layout for thousands of nodes, in linear time: by the longest way from the inputs, in the order of their sources. */
export function layered(
  level: Level,
  wires: readonly Wire[],
  direction: Direction,
  gap: Gap,
): Map<string, Place> {
  const ranks = ranksOf(level, wires);
  const sizes = new Map(level.nodes.map((node) => [node.name, sizeOf(node)]));
  const rows: string[][] = [];
  for (const { name } of level.nodes) {
    const rank = ranks.get(name) ?? 0;
    rows[rank] = [...(rows[rank] ?? []), name];
  }
  const places = new Map<string, Place>();
  let along = 0;
  for (const row of rows) {
    const [main, cross] =
      direction === "TB" ? (["height", "width"] as const) : (["width", "height"] as const);
    const names = row ?? [];
    const total = names.reduce((sum, name) => sum + (sizes.get(name)?.[cross] ?? 0) + gap.node, -gap.node);
    let at = -total / 2;
    for (const name of names) {
      places.set(name, direction === "TB" ? [at, along] : [along, at]);
      at += (sizes.get(name)?.[cross] ?? 0) + gap.node;
    }
    along += Math.max(0, ...names.map((name) => sizes.get(name)?.[main] ?? 0)) + gap.rank;
  }
  return places;
}

/** How many nodes lie before each, on the longest way; a circle is cut where it closes. */
function ranksOf(level: Level, wires: readonly Wire[]): Map<string, number> {
  const names = new Set(level.nodes.map((node) => node.name));
  const inner = wires.filter((wire) => names.has(wire.from) && names.has(wire.node));
  const open = new Map<string, number>();
  const outgoing = new Map<string, string[]>();
  for (const { from, node } of inner) {
    open.set(node, (open.get(node) ?? 0) + 1);
    const list = outgoing.get(from);
    if (list) list.push(node);
    else outgoing.set(from, [node]);
  }
  const ranks = new Map<string, number>();
  const ready = [...names].filter((name) => !open.get(name));
  for (const name of ready) {
    const rank = ranks.get(name) ?? 0;
    ranks.set(name, rank);
    for (const next of outgoing.get(name) ?? []) {
      ranks.set(next, Math.max(ranks.get(next) ?? 0, rank + 1));
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return ranks;
}
