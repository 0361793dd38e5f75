import type { CurveData, Nonfinite } from "./curve";
import type { Pen, Stroke } from "./pen";
import type { Split } from "./plan";
import { placer, type Scale, type Tick, ticks, type Unit } from "./scale";

/** A curve with its looks. */
export interface DrawnCurve {
  data: CurveData;
  color: string;
  split: Split;
  /** 1, or less when another run is pointed at */
  weight: number;
  /** low and high are the spread of a group, not of a bucket */
  group: boolean;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Figure {
  box: Box;
  x: Scale;
  y: Scale;
  unit: Unit;
  curves: readonly DrawnCurve[];
  smoothing: boolean;
  ink: Ink;
  size: number;
}

export interface Ink {
  text: string;
  faint: string;
  grid: string;
  paper: string;
}

export const INK: Record<"light" | "dark", Ink> = {
  light: { text: "#212529", faint: "#6b7280", grid: "#eceef1", paper: "#ffffff" },
  dark: { text: "#e6e8eb", faint: "#9aa3b2", grid: "#2b3038", paper: "#1a1d23" },
};

const DASHES: Record<Split, readonly number[]> = { "": [], valid: [], train: [5, 3], test: [1.5, 2.5] };
const FEW = 6;
const MARK = 4;
/** a point at the end of the axis is seen whole */
const EDGE = 3;

/** Axes, then every curve: its band, the raw curve (faint under a smooth one), the smooth one, what is no number. */
export function drawFigure(pen: Pen, figure: Figure): void {
  const { box } = figure;
  drawAxes(pen, figure);
  pen.inside(box.left - EDGE, box.top, box.width + 2 * EDGE, box.height);
  for (const curve of figure.curves) drawCurve(pen, figure, curve);
  pen.whole();
  drawNonfinite(pen, figure);
}

export function axisTicks(figure: Figure): { x: Tick[]; y: Tick[] } {
  const { box, size } = figure;
  return {
    x: ticks(figure.x, Math.max(2, Math.floor(box.width / (size * 4.6))), figure.unit),
    y: ticks(figure.y, Math.max(2, Math.floor(box.height / (size * 3)))),
  };
}

function drawAxes(pen: Pen, figure: Figure): void {
  const { box, ink, size } = figure;
  const found = axisTicks(figure);
  const [placeX, placeY] = placers(figure);
  const bottom = box.top + box.height;
  pen.begin();
  for (const { at } of found.y)
    segment(pen, box.left, crisp(placeY(at)), box.left + box.width, crisp(placeY(at)));
  for (const { at } of found.x) segment(pen, crisp(placeX(at)), box.top, crisp(placeX(at)), bottom);
  pen.stroke({ color: ink.grid, width: 1 });
  for (const { at, label } of found.y)
    pen.text(label, box.left - 6, placeY(at) + size * 0.35, { color: ink.faint, size, align: "end" });
  for (const { at, label } of found.x) {
    const align = placeX(at) > box.left + box.width - label.length * size * 0.28 ? "end" : "middle";
    pen.text(label, placeX(at), bottom + size + 4, { color: ink.faint, size, align });
  }
}

function segment(pen: Pen, x: number, y: number, toX: number, toY: number): void {
  pen.move(x, y);
  pen.line(toX, toY);
}

function crisp(pixel: number): number {
  return Math.round(pixel) + 0.5;
}

export function placers({
  box,
  x,
  y,
}: Pick<Figure, "box" | "x" | "y">): [(x: number) => number, (y: number) => number] {
  return [placer(x, box.left, box.left + box.width), placer(y, box.top + box.height, box.top)];
}

/** Only the points from `from` on, which came since all was drawn on the same axes; they have no band. */
export function drawTail(pen: Pen, figure: Figure, from: readonly number[]): void {
  const { box } = figure;
  pen.inside(box.left - EDGE, box.top, box.width + 2 * EDGE, box.height);
  for (const [place, curve] of figure.curves.entries()) {
    const first = Math.max(0, (from[place] ?? 0) - 1);
    if (first < curve.data.count - 1) drawCurve(pen, figure, curve, first);
  }
  pen.whole();
}

/** Whether a curve has so many points that it is drawn as a bare line: then more points only make it longer. */
export function isLong(data: CurveData, box: Box): boolean {
  return data.count > box.width / 3 + 2;
}

function drawCurve(pen: Pen, figure: Figure, curve: DrawnCurve, from?: number): void {
  const { data, color, split, weight, group } = curve;
  const [begin, last] = data.between(figure.x.min, figure.x.max);
  const first = Math.max(begin, from ?? 0);
  if (first >= last) return;
  const [placeX, placeY] = placers(figure);
  const smooth = figure.smoothing ? data.smooth : null;
  if (data.low && data.high && from === undefined) {
    band(pen, data, first, last, placeX, placeY);
    pen.fill(color, (group ? 0.2 : smooth ? 0.1 : 0.18) * weight);
  }
  const many = from !== undefined || last - first > figure.box.width / 3;
  const main: Stroke = { color, width: lineWidth(split, many), alpha: shade(split, many) * weight };
  if (!many) main.dash = DASHES[split];
  if (smooth && !(data.low && data.high && !group)) {
    trace(pen, data.x, data.y, first, last, placeX, placeY);
    pen.stroke({ color, width: 1, alpha: 0.28 * weight });
  }
  trace(pen, data.x, smooth ?? data.y, first, last, placeX, placeY);
  pen.stroke(main);
  if (last - first <= figure.box.width / FEW && !group && from === undefined) {
    dots(pen, data, first, last, placeX, placeY, last - first <= 2 ? 2.5 : 1.6);
    pen.fill(color, (smooth ? 0.4 : 1) * weight);
  }
}

/** Dashes are lost in a curve of many points: there, train is thinner and fainter than valid. */
function lineWidth(split: Split, many: boolean): number {
  return split === "train" ? (many ? 1 : 1.3) : split === "valid" ? 1.8 : 1.5;
}

function shade(split: Split, many: boolean): number {
  return split === "train" && many ? 0.7 : 1;
}

/** A line through points; where many fall on one pixel column, through its first, lowest, highest and last. */
export function trace(
  pen: Pen,
  xs: Float64Array,
  ys: Float64Array,
  first: number,
  last: number,
  placeX: (x: number) => number,
  placeY: (y: number) => number,
): void {
  pen.begin();
  let column = Number.NaN;
  let [low, high, end, open] = [0, 0, 0, 0];
  let started = false;
  for (let at = first; at < last; at++) {
    const [x, y] = [placeX(xs[at] as number), placeY(ys[at] as number)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (Math.round(x) === column) {
      if (y < low) low = y;
      if (y > high) high = y;
      end = y;
      continue;
    }
    if (started) finish(pen, column, open, low, high, end);
    if (started) pen.line(x, y);
    else pen.move(x, y);
    started = true;
    column = Math.round(x);
    low = high = end = open = y;
  }
  if (started) finish(pen, column, open, low, high, end);
}

function finish(pen: Pen, x: number, open: number, low: number, high: number, end: number): void {
  if (low === high) return;
  if (open !== low) pen.line(x, low);
  if (end !== high || open === low) pen.line(x, high);
  if (end !== high) pen.line(x, end);
}

type Place = (value: number) => number;

function band(pen: Pen, data: CurveData, first: number, last: number, placeX: Place, placeY: Place): void {
  const [low, high] = [data.low as Float64Array, data.high as Float64Array];
  pen.begin();
  let started = false;
  for (let at = first; at < last; at++) {
    const [x, y] = [placeX(data.x[at] as number), placeY(high[at] as number)];
    if (!Number.isFinite(x + y)) continue;
    if (started) pen.line(x, y);
    else pen.move(x, y);
    started = true;
  }
  const floor = placeY(Number.MIN_VALUE);
  for (let at = last - 1; at >= first && started; at--) {
    const [x, y] = [placeX(data.x[at] as number), placeY(low[at] as number)];
    if (Number.isFinite(x)) pen.line(x, Number.isFinite(y) ? y : Math.min(1e5, floor));
  }
}

function dots(
  pen: Pen,
  data: CurveData,
  first: number,
  last: number,
  placeX: Place,
  placeY: Place,
  radius: number,
): void {
  pen.begin();
  for (let at = first; at < last; at++)
    dot(pen, placeX(data.x[at] as number), placeY(data.y[at] as number), radius);
}

/** A small octagon: every pen can draw it. */
export function dot(pen: Pen, x: number, y: number, radius: number): void {
  if (!Number.isFinite(x + y)) return;
  const slant = radius * Math.SQRT1_2;
  pen.move(x + radius, y);
  pen.line(x + slant, y + slant);
  pen.line(x, y + radius);
  pen.line(x - slant, y + slant);
  pen.line(x - radius, y);
  pen.line(x - slant, y - slant);
  pen.line(x, y - radius);
  pen.line(x + slant, y - slant);
  pen.line(x + radius, y);
}

/** Points that are no numbers, put together where they are close. */
export interface Mark {
  x: number;
  kind: Nonfinite;
  count: number;
}

export function marksOf(nonfinite: readonly [number, Nonfinite][], placeX: Place, apart = 12): Mark[] {
  const found = new Map<string, Mark>();
  for (const [at, kind] of nonfinite) {
    const x = placeX(at);
    if (!Number.isFinite(x)) continue;
    const key = `${kind} ${Math.floor(x / apart)}`;
    const mark = found.get(key);
    if (mark) mark.count += 1;
    else found.set(key, { x, kind, count: 1 });
  }
  return [...found.values()];
}

/** Triangles at the edge: up for infinity, down for minus infinity, and for NaN one at the foot that is hollow. */
function drawNonfinite(pen: Pen, { box, x, y, curves, ink, size }: Figure): void {
  const [placeX] = placers({ box, x, y });
  for (const { data, color, weight } of curves) {
    if (!data.nonfinite.length) continue;
    for (const mark of marksOf(data.nonfinite, placeX)) {
      if (mark.x < box.left - 1 || mark.x > box.left + box.width + 1) continue;
      const top = mark.kind === "Infinity";
      const foot = top ? box.top + 2 * MARK : box.top + box.height - (mark.kind === "NaN" ? 0 : 2 * MARK);
      const tip = mark.kind === "-Infinity" ? foot + 2 * MARK : foot - 2 * MARK;
      pen.begin();
      pen.move(mark.x - MARK, foot);
      pen.line(mark.x + MARK, foot);
      pen.line(mark.x, tip);
      pen.line(mark.x - MARK, foot);
      pen.fill(mark.kind === "NaN" ? ink.paper : color, weight);
      pen.stroke({ color, width: 1.4, alpha: weight });
      if (mark.count > 1)
        pen.text(String(mark.count), mark.x + MARK + 2, Math.max(foot, tip), {
          color: ink.faint,
          size: size - 1,
        });
    }
  }
}
