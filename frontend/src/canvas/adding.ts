import type { Add, Edit, Level } from "../api/messages";
import { type Direction, type Place, type Places, room } from "./layout";
import { sizeOf } from "./sizes";
import type { Adding } from "./state";
import type { Wire } from "./wires";

/** A level whose nodes have places keeps them all: one that is moved or put somewhere gives the others theirs too. */
export function pinned(level: Level, places: Places, edits: Edit[]): Edit[] {
  const set = edits.some(
    (edit) => edit.do === "move" || ((edit.do === "add" || edit.do === "paste") && edit.at),
  );
  const moved = edits.flatMap((edit) => (edit.do === "move" ? Object.keys(edit.places) : []));
  const loose = level.nodes.filter((node) => !node.at && !moved.includes(node.name));
  if (!set || !loose.length) return edits;
  const shown = loose.map(({ name }): [string, Place] => [name, rounded(places.get(name) ?? [0, 0])]);
  return [{ do: "move", level: level.name, places: Object.fromEntries(shown) }, ...edits];
}

export function rounded([x, y]: Place): Place {
  return [Math.round(x), Math.round(y)];
}

/** The edits that add a part where the person wants it. In a level with places those behind make room. */
export function additions(
  level: Level,
  wires: readonly Wire[],
  places: Places,
  direction: Direction,
  part: unknown,
  { at, source, feeds }: Pick<Adding, "at" | "source" | "feeds">,
): Edit[] {
  // the first node of a level takes what the level is given
  const first = level.nodes.length ? "" : (level.inputs[0]?.name ?? "");
  const from = source || first;
  const add: Add = { do: "add", level: level.name, part, sources: from ? [from] : [], feeds };
  if (at && level.nodes.length)
    return pinned(level, places, [{ ...add, at: rounded(uncovered(level, places, at)) }]);
  if (!level.nodes.length || !level.nodes.every((node) => node.at)) return [add];
  const found = room(
    level,
    wires,
    places,
    direction,
    source,
    feeds.map(([node]) => node),
  );
  const moves = Object.fromEntries(found.moved.map(([name, place]) => [name, rounded(place)]));
  const step: Edit = { ...add, at: rounded(found.at) };
  return found.moved.length ? [{ do: "move", level: level.name, places: moves }, step] : [step];
}

const [GAP, LOWEST] = [20, 50];

/** The place, or the next one to its right where a node would cover no other. */
export function uncovered(level: Level, places: Places, [x, y]: Place): Place {
  const boxes = level.nodes.map((node) => ({ at: places.get(node.name) ?? [0, 0], ...sizeOf(node) }));
  const row = boxes.filter(({ at, height }) => at[1] < y + LOWEST && y < at[1] + height);
  let free = x;
  for (const { at, width } of row.sort((a, b) => a.at[0] - b.at[0]))
    if (at[0] < free + width && free < at[0] + width) free = at[0] + width + GAP;
  return [free, y];
}

/** Behind a node, before all that took from it: so a chain grows in the middle too. */
export function after(level: Level, wires: readonly Wire[], name: string): Pick<Adding, "source" | "feeds"> {
  const tuple = (level.nodes.find((node) => node.name === name)?.outputs.length ?? 0) > 1;
  const source = tuple ? `${name}[0]` : name;
  const feeds = wires
    .filter((wire) => wire.source === source)
    .map(({ node, input }): [string, number] => [node, input]);
  return { source, feeds };
}

/** A node that hangs in the air is put on a wire. */
export function ontoWire(level: string, name: string, wire: Wire): Edit[] {
  return [
    { do: "connect", level, source: wire.source, node: name, input: 0 },
    { do: "connect", level, source: name, node: wire.node, input: wire.input },
  ];
}

/** Nothing comes in and nothing goes out. */
export function isLoose(wires: readonly Wire[], name: string): boolean {
  return !wires.some((wire) => wire.node === name || wire.from === name);
}
