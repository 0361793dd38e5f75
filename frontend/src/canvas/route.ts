import type { Direction, Place } from "./layout";
import type { Size } from "./sizes";

export interface Box extends Size {
  name: string;
  at: Place;
}

const ASIDE = 22;

/** Where a wire must go so that it passes no node on its way: a coordinate across the flow; null: it may go straight. */
export function aside(from: Box, to: Box, boxes: readonly Box[], direction: Direction): number | null {
  const [along, cross] = direction === "TB" ? ([1, 0] as const) : ([0, 1] as const);
  const length = (box: Box) => (along ? box.height : box.width);
  const breadth = (box: Box) => (along ? box.width : box.height);
  const [start, end] = [from.at[along] + length(from), to.at[along]];
  const centre = (box: Box) => box.at[cross] + breadth(box) / 2;
  const hit = boxes.filter((box) => {
    if (box.name === from.name || box.name === to.name) return false;
    const [low, high] = [box.at[along], box.at[along] + length(box)];
    if (high <= start || low >= end) return false;
    const part = end > start ? ((low + high) / 2 - start) / (end - start) : 0;
    const here = centre(from) + (centre(to) - centre(from)) * Math.min(1, Math.max(0, part));
    return Math.abs(here - centre(box)) < breadth(box) / 2 + 6;
  });
  if (!hit.length || end <= start) return null;
  const right = Math.max(...hit.map((box) => box.at[cross] + breadth(box))) + ASIDE;
  const left = Math.min(...hit.map((box) => box.at[cross])) - ASIDE;
  const way = (lane: number) => Math.abs(lane - centre(from)) + Math.abs(lane - centre(to));
  return way(left) < way(right) ? left : right;
}

/** A wire that goes aside: its lane, and what it passes from its source to its target, along the flow. */
export interface Aside {
  from: Box;
  to: Box;
  lane: number;
}

const APART = 12;

/** The lanes of wires that go aside, each beside those of other sources that pass the same: the shortest stays innermost. */
export function apart(wires: readonly Aside[], direction: Direction): number[] {
  const [along, cross] = direction === "TB" ? ([1, 0] as const) : ([0, 1] as const);
  const span = ({ from, to }: Aside) => to.at[along] - from.at[along];
  const taken: Aside[] = [];
  const lanes = new Map<Aside, number>();
  for (const wire of [...wires].sort((one, other) => span(one) - span(other))) {
    const outwards = wire.lane < wire.from.at[cross] ? -APART : APART;
    const meets = (lane: number) =>
      taken.some(
        (other) =>
          other.from.name !== wire.from.name &&
          Math.abs(other.lane - lane) < APART - 3 &&
          other.from.at[along] < wire.to.at[along] &&
          wire.from.at[along] < other.to.at[along],
      );
    let lane = wire.lane;
    while (meets(lane)) lane += outwards;
    taken.push({ ...wire, lane });
    lanes.set(wire, lane);
  }
  return wires.map((wire) => lanes.get(wire) as number);
}

/** The path of a wire, as SVG; with a lane it goes round what stands in its way. */
export function pathOf(source: Place, target: Place, lane: number | null, direction: Direction): string {
  const flip = ([x, y]: Place): Place => (direction === "TB" ? [x, y] : [y, x]);
  const [[sx, sy], [tx, ty]] = [flip(source), flip(target)];
  const point = (x: number, y: number) => flip([x, y]).map(Math.round).join(" ");
  if (lane === null) {
    const pull = ty > sy ? Math.max(14, (ty - sy) / 2) : Math.min(160, 30 + (sy - ty) / 3);
    return `M${point(sx, sy)} C${point(sx, sy + pull)} ${point(tx, ty - pull)} ${point(tx, ty)}`;
  }
  const turn = Math.min(44, (ty - sy) / 2);
  const half = turn / 2;
  return [
    `M${point(sx, sy)}`,
    `C${point(sx, sy + half)} ${point(lane, sy + half)} ${point(lane, sy + turn)}`,
    `L${point(lane, ty - turn)}`,
    `C${point(lane, ty - half)} ${point(tx, ty - half)} ${point(tx, ty)}`,
  ].join(" ");
}

/** How far a point is from the wire, about; by its straight pieces. */
export function distance(
  point: Place,
  source: Place,
  target: Place,
  lane: number | null,
  direction: Direction,
): number {
  const corners: Place[] =
    lane === null
      ? [source, target]
      : direction === "TB"
        ? [source, [lane, source[1] + 20], [lane, target[1] - 20], target]
        : [source, [source[0] + 20, lane], [target[0] - 20, lane], target];
  return Math.min(...corners.slice(1).map((to, at) => fromPiece(point, corners[at] as Place, to)));
}

function fromPiece([px, py]: Place, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const part = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - ax - part * dx, py - ay - part * dy);
}
