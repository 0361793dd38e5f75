import type { Point } from "../api/messages";
import { PALETTE } from "../ui/colors";
import { type Cell, isMeant } from "./ConfusionCells";
import type { Look } from "./ConfusionPaint";

export type Colouring = "label" | "predicted" | "mistakes";
export type Spot = readonly [x: number, y: number];

const [EDGE, RADIUS, REACH] = [14, 3.2, 14];

/** Where the points are on a drawing of that size, with both axes alike. */
export function spotsOf(points: readonly Point[], width: number, height: number): Spot[] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right] = extent(xs);
  const [low, high] = extent(ys);
  const scale = Math.min((width - 2 * EDGE) / (right - left || 1), (height - 2 * EDGE) / (high - low || 1));
  return points.map(({ x, y }) => [
    width / 2 + (x - (left + right) / 2) * scale,
    height / 2 - (y - (low + high) / 2) * scale,
  ]);
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** The place in the list of the point that is nearest; null: none is near. */
export function nearest(spots: readonly Spot[], x: number, y: number): number | null {
  let [found, least] = [null as number | null, REACH ** 2];
  for (const [place, [px, py]] of spots.entries()) {
    const far = (px - x) ** 2 + (py - y) ** 2;
    if (far < least) [found, least] = [place, far];
  }
  return found;
}

/** The nearest point in the direction of an arrow key, seen from another one. */
export function beyond(spots: readonly Spot[], from: number, key: string): number | null {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const start = spots[from];
  if (!way || !start) return null;
  const [dx, dy] = way as [number, number];
  let [found, least] = [null as number | null, Number.POSITIVE_INFINITY];
  for (const [place, [x, y]] of spots.entries()) {
    const [ahead, aside] = [
      (x - start[0]) * dx + (y - start[1]) * dy,
      Math.abs((x - start[0]) * dy) + Math.abs((y - start[1]) * dx),
    ];
    const far = ahead + 2 * aside;
    if (ahead > 0 && aside <= ahead && far < least) [found, least] = [place, far];
  }
  return found;
}

/** Ten colours, and another shape for each further ten classes. */
export function colourOf(index: number): string {
  return PALETTE[index % PALETTE.length] as string;
}

export function paint(
  canvas: HTMLCanvasElement,
  size: Spot,
  points: readonly Point[],
  spots: readonly Spot[],
  how: { colouring: Colouring; cell: Cell; near: number | null },
  look: Look,
): void {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(size[0] * scale);
  canvas.height = Math.round(size[1] * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(scale, scale);
  for (const [place, point] of points.entries()) {
    const meant = isMeant(how.cell, point.label, point.predicted);
    pen.globalAlpha = meant ? 0.85 : 0.1;
    paintPoint(pen, spots[place] as Spot, point, how.colouring, RADIUS);
  }
  pen.globalAlpha = 1;
  const [near, spot] = [points[how.near ?? -1], spots[how.near ?? -1]];
  if (!near || !spot) return;
  paintPoint(pen, spot, near, how.colouring, 2 * RADIUS);
  pen.strokeStyle = look.text;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(spot[0], spot[1], 2 * RADIUS + 3, 0, 2 * Math.PI);
  pen.stroke();
}

function paintPoint(
  pen: CanvasRenderingContext2D,
  [x, y]: Spot,
  point: Point,
  by: Colouring,
  r: number,
): void {
  const wrong = point.label !== point.predicted;
  const index = by === "mistakes" ? (wrong ? 3 : 0) : point[by];
  pen.fillStyle = colourOf(index);
  pen.beginPath();
  trace(pen, by === "mistakes" ? (wrong ? 2 : 0) : Math.floor(index / PALETTE.length) % 4, x, y, r);
  pen.fill();
}

/** A circle, a square, a triangle, a diamond. */
function trace(pen: CanvasRenderingContext2D, shape: number, x: number, y: number, r: number): void {
  if (shape === 0) pen.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === 1) pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
  else {
    const corners = shape === 2 ? [-90, 30, 150] : [-90, 0, 90, 180];
    for (const angle of corners) {
      const at = (angle * Math.PI) / 180;
      pen.lineTo(x + 1.3 * r * Math.cos(at), y + 1.3 * r * Math.sin(at));
    }
    pen.closePath();
  }
}
