import type { Drawing, Fault, Level } from "../api/messages";

/** A connection of a level, as it is drawn: from an output of a node to an input of another. */
export interface Wire {
  id: string;
  /** as the document writes it: `lstm[1][0]` */
  source: string;
  /** the node, or the level's input, that it comes from */
  from: string;
  /** which of its outputs: `[1]`; empty: what it gives as a whole */
  output: string;
  /** empty: what the level returns */
  node: string;
  input: number;
  shape: string;
  wrong: boolean;
}

/** `lstm[1][0]` is of `lstm`. */
export function baseOf(source: string): string {
  const at = source.indexOf("[");
  return at < 0 ? source : source.slice(0, at);
}

function outputOf(source: string): string {
  return /^[^[]*(\[\d+\])?/.exec(source)?.[1] ?? "";
}

/** All connections of a level; those that a fault names are wrong. */
export function wiresOf(level: Level, faults: readonly Fault[]): Wire[] {
  const wrong = new Set(
    faults
      .filter((fault) => fault.level === level.name && fault.input !== null)
      .map((fault) => `${fault.node}:${fault.input}`),
  );
  const rails = level.outputs.map((port, input) => ({ node: "", port, input }));
  const inner = level.nodes.flatMap(({ name, inputs }) =>
    inputs.map((port, input) => ({ node: name, port, input })),
  );
  return [...inner, ...rails]
    .filter(({ port }) => port.source)
    .map(({ node, port, input }) => ({
      id: `${node}:${input}`,
      source: port.source,
      from: baseOf(port.source),
      output: outputOf(port.source),
      node,
      input,
      shape: port.shape,
      wrong: wrong.has(`${node}:${input}`),
    }));
}

/** What takes from a node, by its name. */
export function consumersOf(wires: readonly Wire[]): Map<string, Wire[]> {
  const found = new Map<string, Wire[]>();
  for (const wire of wires) found.set(wire.from, [...(found.get(wire.from) ?? []), wire]);
  return found;
}

/** The way that data takes from one node to another, both included; null: there is none. */
export function wayBetween(wires: readonly Wire[], from: string, to: string): string[] | null {
  const consumers = consumersOf(wires);
  const before = new Map<string, string>([[from, ""]]);
  const waiting = [from];
  for (const node of waiting) {
    if (node === to) return backFrom(before, to);
    for (const { node: next } of consumers.get(node) ?? [])
      if (next && !before.has(next)) {
        before.set(next, node);
        waiting.push(next);
      }
  }
  return null;
}

function backFrom(before: ReadonlyMap<string, string>, to: string): string[] {
  const way = [to];
  for (let at = before.get(to); at; at = before.get(at)) way.unshift(at);
  return way;
}

/** Why a wire from `source` may not end at `node`: the circle that it would close; null: it may. */
export function circle(wires: readonly Wire[], source: string, node: string): string[] | null {
  return node ? wayBetween(wires, node, baseOf(source)) : null;
}

/** Everything that lies behind the nodes. */
export function behind(wires: readonly Wire[], nodes: Iterable<string>): Set<string> {
  const consumers = consumersOf(wires);
  const found = new Set<string>();
  const waiting = [...nodes];
  for (const node of waiting)
    for (const { node: next } of consumers.get(node) ?? [])
      if (next && !found.has(next)) {
        found.add(next);
        waiting.push(next);
      }
  return found;
}

/** A document without a model is an empty sheet. */
const EMPTY: Level = {
  name: "",
  place: "model",
  inputs: [{ name: "input", source: "", shape: "", needed: true }],
  outputs: [],
  nodes: [],
  chain: false,
  arguments: {},
  instances: [],
  instance: "",
  code: "",
};

/** A level by its name. */
export function levelOf(drawing: Drawing | null, name: string): Level | undefined {
  const blank = drawing?.levels.length === 0 && drawing.faults.some((fault) => fault.place === "model");
  if (blank && !name) return EMPTY;
  return drawing?.levels.find((level) => level.name === name);
}
