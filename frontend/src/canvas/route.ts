import type { Direction, Place } from "./layout";
import type { Size } from "./sizes";

export interface Box extends Size {
  name: string;
  at: Place;
}

/** A wire from port to port. */
export interface Leg {
  from: string;
  to: string;
  source: Place;
  target: Place;
}

/** How a wire goes round what stands in its way: its lane, a coordinate across the flow, and how long it turns at its ends. */
export interface Way {
  lane: number;
  out: number;
  into: number;
}

/** Everything here is reckoned as if the flow went down. */
interface Rect {
  name: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Run {
  from: string;
  lane: number;
  top: number;
  bottom: number;
}

/** How far a wire keeps from nodes: at least, and where there is room; and from lanes of other sources. */
const [CLEAR, NEAREST, ROOMY, APART] = [6, 10, 8, 12];
const [SHORT, LONG] = [12, 44];
/** A way that crosses a node, or squeezes through, is worth so long a detour. */
const [CROSSING, CRAMPED] = [400, 120];
const TRIED = 10;

const flip = ([x, y]: Place, direction: Direction): Place => (direction === "TB" ? [x, y] : [y, x]);

function rectOf({ name, at, width, height }: Box, direction: Direction): Rect {
  const [left, top] = flip(at, direction);
  const [across, along] = flip([width, height], direction);
  return { name, left, right: left + across, top, bottom: top + along };
}

/** The way of each wire: null where it may go straight; the others lie beside those of other sources, short ones innermost. */
export function routed(legs: readonly Leg[], boxes: readonly Box[], direction: Direction): (Way | null)[] {
  const rects = boxes.map((box) => rectOf(box, direction));
  const runs: Run[] = [];
  const turned = legs.map((leg) => ({
    ...leg,
    source: flip(leg.source, direction),
    target: flip(leg.target, direction),
  }));
  const ways = new Map<Leg, Way>();
  const span = ({ source, target }: Leg) => Math.abs(target[1] - source[1]);
  for (const leg of [...turned].sort((one, other) => span(one) - span(other))) {
    if (isFree(leg, rects)) continue;
    const way = round(leg, rects, runs);
    ways.set(leg, way);
    const [top, bottom] = reach(leg);
    runs.push({ from: leg.from, lane: way.lane, top, bottom });
  }
  return turned.map((leg) => ways.get(leg) ?? null);
}

/** The straight way leads down, and on no node. */
function isFree({ from, to, source, target }: Leg, rects: readonly Rect[]): boolean {
  const [[sx, sy], [tx, ty]] = [source, target];
  if (ty <= sy) return false;
  const [left, right] = [Math.min(sx, tx) - CLEAR, Math.max(sx, tx) + CLEAR];
  const near = rects.filter(
    (rect) =>
      rect.name !== from &&
      rect.name !== to &&
      rect.left < right &&
      rect.right > left &&
      rect.top < ty &&
      rect.bottom > sy,
  );
  if (!near.length) return true;
  const steps = Math.min(80, Math.ceil((Math.abs(tx - sx) + ty - sy) / 12));
  for (let step = 1; step < steps; step++) {
    const [x, y] = straightAt(source, target, step / steps);
    if (near.some((rect) => inside(x, y, rect))) return false;
  }
  return true;
}

const inside = (x: number, y: number, { left, right, top, bottom }: Rect) =>
  x > left - CLEAR && x < right + CLEAR && y > top && y < bottom;

/** A point of the straight way, which bends where its ends lie aside. */
function straightAt([sx, sy]: Place, [tx, ty]: Place, part: number): Place {
  const pull = pullOf(sy, ty);
  const [a, b, c, d] = [(1 - part) ** 3, 3 * (1 - part) ** 2 * part, 3 * (1 - part) * part ** 2, part ** 3];
  return [(a + b) * sx + (c + d) * tx, a * sy + b * (sy + pull) + c * (ty - pull) + d * ty];
}

function pullOf(sy: number, ty: number): number {
  return ty > sy ? Math.max(14, (ty - sy) / 2) : Math.min(160, 30 + (sy - ty) / 3);
}

/** How far a wire that goes aside runs along the flow; one that leads back turns behind its ends. */
function reach({ source, target }: Leg): [number, number] {
  const [sy, ty] = [source[1], target[1]];
  return ty > sy ? [sy + 8, ty - 8] : [ty - SHORT, sy + SHORT];
}

/** The shortest of the ways that lie between the nodes. */
function round(leg: Leg, rects: readonly Rect[], runs: readonly Run[]): Way {
  const [sx, tx] = [leg.source[0], leg.target[0]];
  const length = ({ lane, cost }: Gap) => Math.abs(lane - sx) + Math.abs(lane - tx) + cost;
  const gaps = gapsBetween(blocked(leg, rects, runs), [sx, tx]).sort((a, b) => length(a) - length(b));
  let best: Way = { lane: sx, out: LONG, into: LONG };
  let least = Number.POSITIVE_INFINITY;
  for (const gap of gaps.slice(0, TRIED)) {
    const [out, outHits] = turn(leg.source, gap.lane, 1, leg, rects);
    const [into, intoHits] = turn(leg.target, gap.lane, -1, leg, rects);
    const cost = length(gap) + CROSSING * (outHits + intoHits);
    if (cost < least) [least, best] = [cost, { lane: gap.lane, out, into }];
  }
  return best;
}

/** Where no lane may be: parts of the breadth that nodes and other wires take, from left to right. */
function blocked(leg: Leg, rects: readonly Rect[], runs: readonly Run[]): [number, number][] {
  const [top, bottom] = reach(leg);
  const all: [number, number][] = [
    ...rects
      .filter((rect) => rect.top < bottom && rect.bottom > top)
      .map(({ left, right }): [number, number] => [left - NEAREST, right + NEAREST]),
    ...runs
      .filter((run) => run.from !== leg.from && run.top < bottom && run.bottom > top)
      .map(({ lane }): [number, number] => [lane - APART + ROOMY, lane + APART - ROOMY]),
  ];
  const joined: [number, number][] = [];
  for (const [low, high] of all.sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && low < last[1]) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

interface Gap {
  lane: number;
  cost: number;
}

/** In each gap where a wire would go down best; in the middle of a narrow one. */
function gapsBetween(taken: readonly [number, number][], wanted: readonly number[]): Gap[] {
  const ends = [Number.NEGATIVE_INFINITY, ...taken.flat(), Number.POSITIVE_INFINITY];
  return Array.from({ length: taken.length + 1 }).flatMap((_, gap): Gap[] => {
    const [low, high] = [ends[2 * gap] as number, ends[2 * gap + 1] as number];
    if (high - low < ROOMY) return [];
    if (high - low < 2 * ROOMY) return [{ lane: (low + high) / 2, cost: CRAMPED }];
    return wanted.map((x) => ({ lane: Math.min(high - ROOMY, Math.max(low + ROOMY, x)), cost: 0 }));
  });
}

/** How long a wire may turn between a port and its lane, and how many nodes it crosses there. */
function turn(port: Place, lane: number, way: 1 | -1, leg: Leg, rects: readonly Rect[]): [number, number] {
  const [left, right] = [Math.min(port[0], lane), Math.max(port[0], lane)];
  let [room, hits] = [LONG + 4, 0];
  for (const rect of rects) {
    if (rect.left >= right + CLEAR || rect.right <= left - CLEAR) continue;
    const [near, far] =
      way > 0 ? [rect.top - port[1], rect.bottom - port[1]] : [port[1] - rect.bottom, port[1] - rect.top];
    if (near >= SHORT) room = Math.min(room, near);
    else if (far > 1 && rect.name !== (way > 0 ? leg.from : leg.to)) hits += 1;
  }
  const most = leg.target[1] > leg.source[1] ? (leg.target[1] - leg.source[1]) / 2 : LONG - 14;
  return [Math.min(most, Math.max(SHORT, room - 4)), hits];
}

/** The path of a wire, as SVG. */
export function pathOf(source: Place, target: Place, way: Way | null, direction: Direction): string {
  const [[sx, sy], [tx, ty]] = [flip(source, direction), flip(target, direction)];
  const point = (x: number, y: number) => flip([x, y], direction).map(Math.round).join(" ");
  if (!way) {
    const pull = pullOf(sy, ty);
    return `M${point(sx, sy)} C${point(sx, sy + pull)} ${point(tx, ty - pull)} ${point(tx, ty)}`;
  }
  const { lane } = way;
  const [[low, high], [out, into]] = [runOf(sy, ty, way), bends(sy, ty, way)];
  return [
    `M${point(sx, sy)}`,
    `C${point(sx, sy + out)} ${point(lane, sy + out)} ${point(lane, low)}`,
    `L${point(lane, high)}`,
    `C${point(lane, ty - into)} ${point(tx, ty - into)} ${point(tx, ty)}`,
  ].join(" ");
}

/** Where a wire is in its lane. */
function runOf(sy: number, ty: number, { out, into }: Way): [number, number] {
  if (ty <= sy) return [sy, ty];
  const room = Math.min(1, (ty - sy) / (out + into));
  return [sy + out * room, ty - into * room];
}

/** How far the curves between ports and lane are pulled: half of an S, or the whole of a U where it leads back. */
function bends(sy: number, ty: number, { out, into }: Way): [number, number] {
  return ty > sy ? [out / 2, into / 2] : [out * 1.3, into * 1.3];
}

/** A place for words on a wire: a part of its way, on it (0) or beside it. */
export interface Spot {
  part: number;
  side: -1 | 0 | 1;
}

const [BESIDE, ABOVE] = [5, 9];

/** Where words at a spot of a wire stand: their middle, or their end that lies at the wire. */
export function placeOn(
  source: Place,
  target: Place,
  way: Way | null,
  { part, side }: Spot,
  direction: Direction,
): Place {
  const [from, to] = [flip(source, direction), flip(target, direction)];
  if (!way) return flip(straightAt(from, to, part), direction);
  const [low, high] = runOf(from[1], to[1], way);
  const beside = direction === "TB" ? BESIDE : ABOVE;
  return flip([way.lane + side * beside, low + (high - low) * part], direction);
}

/** How far a point is from the wire, about; by its straight pieces. */
export function distance(
  point: Place,
  source: Place,
  target: Place,
  way: Way | null,
  direction: Direction,
): number {
  const [from, to, here] = [flip(source, direction), flip(target, direction), flip(point, direction)];
  const corners: Place[] = [from, to];
  if (way) {
    const [low, high] = runOf(from[1], to[1], way);
    corners.splice(1, 0, [way.lane, low], [way.lane, high]);
  }
  return Math.min(...corners.slice(1).map((end, at) => fromPiece(here, corners[at] as Place, end)));
}

function fromPiece([px, py]: Place, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const part = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - ax - part * dx, py - ay - part * dy);
}
