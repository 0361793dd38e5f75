import { wide } from "./face";
import type { Direction, Place } from "./layout";
import { type Box, placeOn, type Spot, type Way } from "./route";

/** A wire that wants its shape written on it. */
export interface Worded {
  words: string;
  source: Place;
  target: Place;
  way: Way | null;
}

export type Anchor = "start" | "middle" | "end";

interface Room {
  x: number;
  y: number;
  width: number;
  height: number;
}

const [HEIGHT, SMALLER] = [13, 11 / 12];
/** Along the flow: the shape of a wire that is shorter stands in the node that it comes from. */
const LONG = 58;
const PARTS = [0.5, 0.35, 0.65, 0.2, 0.8];

/** How words at a spot are set. */
export function anchorOf({ side }: Spot, direction: Direction): Anchor {
  return side === 0 || direction === "LR" ? "middle" : side < 0 ? "end" : "start";
}

/** A spot for the words of each wire where they lie on no node and on no other words; null: there is none. */
export function labelled(
  wires: readonly Worded[],
  boxes: readonly Box[],
  direction: Direction,
): (Spot | null)[] {
  const taken: Room[] = boxes.map(({ at: [x, y], width, height }) => ({ x, y, width, height }));
  const runs = wires.map((wire) => runOf(wire, direction));
  return wires.map((wire, number) => {
    const spots = spotsOf(wire, direction);
    if (!spots.length) return null;
    const others = runs.filter((run, other): run is Room => run !== null && other !== number);
    const free = (spot: Spot, all: readonly Room[]) => {
      const room = roomOf(wire, spot, direction);
      return all.every((other) => !meet(room, other));
    };
    const found =
      spots.find((spot) => free(spot, taken) && free(spot, others)) ??
      spots.find((spot) => free(spot, taken));
    if (found) taken.push(roomOf(wire, found, direction));
    return found ?? null;
  });
}

function spotsOf({ words, source, target, way }: Worded, direction: Direction): Spot[] {
  if (!words) return [];
  const length = direction === "TB" ? target[1] - source[1] : target[0] - source[0];
  if (!way)
    return length > (direction === "TB" ? LONG : wide(words) + 30)
      ? PARTS.map((part) => ({ part, side: 0 }))
      : [];
  const [start, end] = direction === "TB" ? [source[0], target[0]] : [source[1], target[1]];
  const outer = way.lane < (start + end) / 2 ? -1 : 1;
  return ([outer, -outer] as (1 | -1)[]).flatMap((side) => PARTS.map((part) => ({ part, side })));
}

function roomOf({ words, source, target, way }: Worded, spot: Spot, direction: Direction): Room {
  const [x, y] = placeOn(source, target, way, spot, direction);
  const width = wide(words) * SMALLER;
  const anchor = anchorOf(spot, direction);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { x: left, y: y - HEIGHT / 2, width, height: HEIGHT };
}

/** The long straight part of a wire that goes aside: words of others stand better elsewhere. */
function runOf({ source, target, way }: Worded, direction: Direction): Room | null {
  if (!way) return null;
  const [a, b] = [0, 1].map((part) => placeOn(source, target, way, { part, side: 0 }, direction)) as [
    Place,
    Place,
  ];
  const [x, y] = [Math.min(a[0], b[0]) - 1, Math.min(a[1], b[1]) - 1];
  return { x, y, width: Math.abs(a[0] - b[0]) + 2, height: Math.abs(a[1] - b[1]) + 2 };
}

function meet(a: Room, b: Room): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
