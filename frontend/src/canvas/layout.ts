import { Graph, layout } from "@dagrejs/dagre";
import type { Level } from "../api/messages";
import { layered } from "./layered";
import { type Size, sizeOf } from "./sizes";
import { baseOf, behind, type Wire } from "./wires";

export type Place = [number, number];
export type Places = ReadonlyMap<string, Place>;
export type Direction = "TB" | "LR";

/** Above this dagre would keep a person waiting. */
const MANY = 350;
const GAP = { node: 72, rank: 30 };
const NEAR = 40;

/** Where each node of a level stood when it was shown last, with the wires that it had. */
export interface Seen {
  direction: Direction;
  places: Places;
  shape: string;
  /** some had places of their own */
  placed: boolean;
}

/** What decides a layout: who is there, and who is connected with whom. */
export function shapeOf(level: Level, wires: readonly Wire[]): string {
  const names = level.nodes.map((node) => (node.at ? "" : node.name));
  return `${names.join("\n")}\n\n${wires.map((wire) => `${wire.from}>${wire.node}`).join("\n")}`;
}

/**
 * Where the nodes of a level stand: those with a place of their own there, the others wherever they were seen last, or
 * where dagre puts them. What a person has in view moves no more than it must.
 */
export function arranged(level: Level, wires: readonly Wire[], direction: Direction, seen?: Seen): Places {
  const own = new Map<string, Place>(level.nodes.flatMap((node) => (node.at ? [[node.name, node.at]] : [])));
  if (own.size === level.nodes.length) return own;
  const before = seen?.direction === direction ? seen.places : new Map<string, Place>();
  const here = new Set(level.nodes.map((node) => node.name));
  const known = new Map([...before].filter(([name]) => here.has(name)));
  const all = new Map([...known, ...own]);
  if (seen?.shape === shapeOf(level, wires) && all.size === level.nodes.length) return all;
  if (own.size > 0) return mixed(level, wires, direction, all);
  const fresh = anchored(laidOut(level, wires, direction), known, direction);
  if (seen?.placed) return fresh; // places were given up: it was tidied
  return strays(fresh, known, direction) > Math.max(1, known.size / 4)
    ? joined(level, wires, direction, known)
    : fresh;
}

/** Few come one by one to those that are placed; of very many, each would look at all the others. */
function mixed(level: Level, wires: readonly Wire[], direction: Direction, known: Places): Places {
  if (level.nodes.length - known.size <= MANY) return joined(level, wires, direction, known);
  return new Map([...anchored(laidOut(level, wires, direction), known, direction), ...known]);
}

/** Where dagre puts all nodes of a level. */
export function laidOut(level: Level, wires: readonly Wire[], direction: Direction): Map<string, Place> {
  if (level.nodes.length > MANY) return layered(level, wires, direction, GAP);
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: GAP.node, ranksep: GAP.rank });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of level.nodes) graph.setNode(node.name, { ...sizeOf(node) });
  const names = new Set(level.nodes.map((node) => node.name));
  for (const { from, node, id } of wires)
    if (names.has(from) && names.has(node) && from !== node) graph.setEdge(from, node, {}, id);
  layout(graph);
  return new Map(
    level.nodes.map((node) => {
      const { x, y, width, height } = graph.node(node.name) as { x: number; y: number } & Size;
      return [node.name, [Math.round(x - width / 2), Math.round(y - height / 2)]];
    }),
  );
}

/** The layout moved as a whole to where most nodes stay as they were; along the flow the first ones do. */
export function anchored(fresh: Places, known: Places, direction: Direction): Places {
  const shared = [...known.keys()].filter((name) => fresh.has(name));
  if (!shared.length) return fresh;
  const along = direction === "TB" ? 1 : 0;
  const first = shared.reduce((a, b) => (placeOf(known, b)[along] < placeOf(known, a)[along] ? b : a));
  const move: Place = [0, 0];
  move[along] = placeOf(known, first)[along] - placeOf(fresh, first)[along];
  move[1 - along] = middle(shared.map((name) => across(known, name, along) - across(fresh, name, along)));
  return new Map([...fresh].map(([name, [x, y]]) => [name, [x + move[0], y + move[1]]]));
}

/** How many nodes would jump to the side: along the flow they make room for what is new. */
function strays(fresh: Places, known: Places, direction: Direction): number {
  const along = direction === "TB" ? 1 : 0;
  return [...known.keys()].filter(
    (name) => fresh.has(name) && Math.abs(across(fresh, name, along) - across(known, name, along)) > NEAR,
  ).length;
}

/** New nodes come near those that they are connected with; nobody else moves, but for what must make room. */
function joined(level: Level, wires: readonly Wire[], direction: Direction, known: Places): Places {
  const places = new Map(known);
  const sizes = new Map(level.nodes.map((node) => [node.name, sizeOf(node)]));
  const fixed = new Set(level.nodes.filter((node) => node.at).map((node) => node.name));
  for (const { name } of level.nodes) {
    if (places.has(name)) continue;
    const wanted = besides(name, wires, places, sizes, direction);
    places.set(name, wanted);
    makeRoom(name, wires, fixed, places, sizes, direction);
    places.set(name, free(name, places, sizes));
  }
  return places;
}

const NEW = "#new";

/** Where a node between a source and its takers would stand, and which nodes must step back for it. */
export function room(
  level: Level,
  wires: readonly Wire[],
  places: Places,
  direction: Direction,
  source: string,
  takers: readonly string[],
): { at: Place; moved: [string, Place][] } {
  const sizes = new Map([
    ...level.nodes.map((node): [string, Size] => [node.name, sizeOf(node)]),
    [NEW, NEW_SIZE],
  ]);
  const wire = (from: string, node: string): Wire => ({ ...BARE, from: baseOf(from), node });
  const all = [...wires, wire(source, NEW), ...takers.filter(Boolean).map((node) => wire(NEW, node))];
  const next = new Map(places);
  next.set(NEW, besides(NEW, all, next, sizes, direction));
  makeRoom(NEW, all, new Set(), next, sizes, direction);
  const at = free(NEW, next, sizes);
  next.delete(NEW);
  return { at, moved: [...next].filter(([name, place]) => place !== places.get(name)) };
}

const NEW_SIZE: Size = sizeOf({ args: { some: 1 }, note: "" });
const BARE: Wire = { id: "", source: "", from: "", output: "", node: "", input: 0, shape: "", wrong: false };

/** Below the lowest of its sources, above what takes from it, else under everything. */
function besides(
  name: string,
  wires: readonly Wire[],
  places: Places,
  sizes: ReadonlyMap<string, Size>,
  direction: Direction,
): Place {
  const along = direction === "TB" ? 1 : 0;
  const extent = (one: string) => sizes.get(one)?.[along ? "height" : "width"] ?? 0;
  const sources = wires
    .filter((wire) => wire.node === name && places.has(wire.from))
    .map((wire) => wire.from);
  const takers = wires.filter((wire) => wire.from === name && places.has(wire.node)).map((wire) => wire.node);
  const near = sources.length ? sources : takers;
  const place: Place = [0, 0];
  if (!near.length) {
    place[along] = Math.max(0, ...[...places].map(([one, at]) => at[along] + extent(one) + GAP.rank));
    return place;
  }
  place[1 - along] = middle(near.map((one) => across(places, one, along)));
  place[along] = sources.length
    ? Math.max(...sources.map((one) => placeOf(places, one)[along] + extent(one))) + GAP.rank
    : Math.min(...takers.map((one) => placeOf(places, one)[along])) - GAP.rank - extent(name);
  return place;
}

/**
 * Those behind a new node step back along the flow, as far as what takes from it or lies in its column needs. What stands
 * before it, aside or where a person has put it higher up, stays.
 */
function makeRoom(
  name: string,
  wires: readonly Wire[],
  fixed: ReadonlySet<string>,
  places: Map<string, Place>,
  sizes: ReadonlyMap<string, Size>,
  direction: Direction,
): void {
  const [along, cross] = direction === "TB" ? ([1, 0] as const) : ([0, 1] as const);
  const span = (one: string, way: 0 | 1): [number, number] => {
    const start = placeOf(places, one)[way];
    return [start, start + (sizes.get(one)?.[way ? "height" : "width"] ?? 0)];
  };
  const [[start, end], [left, right]] = [span(name, along), span(name, cross)];
  const takers = new Set(wires.filter((wire) => wire.from === name).map((wire) => wire.node));
  const movable = [...behind(wires, [name])].filter((one) => places.has(one) && !fixed.has(one));
  const near = movable.filter((one) => {
    const [low, high] = span(one, cross);
    return span(one, along)[1] > start && (takers.has(one) || (low < right && high > left));
  });
  const first = Math.min(...near.map((one) => span(one, along)[0]));
  const missing = end + GAP.rank - first;
  if (!near.length || missing <= 0) return;
  for (const one of movable.filter((item) => span(item, along)[0] >= first)) {
    const next: Place = [...placeOf(places, one)];
    next[along] += missing;
    places.set(one, next);
  }
}

/** The nearest place to the right where it lies on nobody. */
function free(name: string, places: Places, sizes: ReadonlyMap<string, Size>): Place {
  const size = sizes.get(name) as Size;
  const place: Place = [...placeOf(places, name)];
  const others = [...places].filter(([one]) => one !== name && sizes.has(one));
  for (let tries = 0; tries < others.length + 1; tries++) {
    const hit = others.find(([one, at]) => overlap(place, size, at, sizes.get(one) as Size));
    if (!hit) break;
    place[0] = hit[1][0] + (sizes.get(hit[0]) as Size).width + GAP.node;
  }
  return place;
}

function overlap(a: Place, size: Size, b: Place, other: Size): boolean {
  const apart = a[0] >= b[0] + other.width || b[0] >= a[0] + size.width;
  return !(apart || a[1] >= b[1] + other.height || b[1] >= a[1] + size.height);
}

const placeOf = (places: Places, name: string): Place => places.get(name) ?? [0, 0];
const across = (places: Places, name: string, along: 0 | 1): number => placeOf(places, name)[along ? 0 : 1];

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
