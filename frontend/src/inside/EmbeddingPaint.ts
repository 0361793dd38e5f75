import type { Point } from "../api/messages";
import { PALETTE } from "../ui/colors";
import { type Cell, isMeant } from "./ConfusionCells";
import type { Look, Spot } from "./paper";
import { ring } from "./spots";

export type Colouring = "label" | "predicted" | "mistakes";

const [EDGE, RADIUS] = [14, 3.2];

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

/** Ten colours, and another shape for each further ten classes. */
export function colourOf(index: number): string {
  return PALETTE[index % PALETTE.length] as string;
}

export function paint(
  pen: CanvasRenderingContext2D,
  points: readonly Point[],
  spots: readonly Spot[],
  how: { colouring: Colouring; cell: Cell; near: number | null },
  look: Look,
): void {
  for (const [place, point] of points.entries()) {
    const meant = isMeant(how.cell, point.label, point.predicted);
    pen.globalAlpha = meant ? 0.85 : 0.1;
    paintPoint(pen, spots[place] as Spot, point, how.colouring, RADIUS);
  }
  pen.globalAlpha = 1;
  const [near, spot] = [points[how.near ?? -1], spots[how.near ?? -1]];
  if (!near || !spot) return;
  paintPoint(pen, spot, near, how.colouring, 2 * RADIUS);
  ring(pen, spot, RADIUS, look);
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
