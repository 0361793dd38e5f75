import type { Histograms } from "../api/messages";
import type { Ink } from "./draw";
import { percentiles, type Ridges } from "./histograms";
import type { Pen } from "./pen";
import { placer, type Scale, ticks } from "./scale";

export interface Sheet {
  width: number;
  height: number;
  ink: Ink;
  color: string;
}

const MARGIN = { left: 12, right: 52, top: 10, bottom: 22 };
const SIZE = 10.5;
const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const RISE = 3.2;

/** Where a sheet's ridges lie: baselines from the oldest at the top to the newest at the foot. */
export function ridgePlaces({ width, height }: Pick<Sheet, "width" | "height">, count: number) {
  const inner = height - MARGIN.top - MARGIN.bottom;
  const tall = count < 2 ? inner * 0.8 : Math.min(inner * 0.45, (inner / count) * RISE + inner * 0.12);
  const gap = count < 2 ? 0 : (inner - tall) / (count - 1);
  return {
    left: MARGIN.left,
    right: width - MARGIN.right,
    tall,
    baseline: (at: number) => MARGIN.top + tall + gap * at,
    /** the ridge nearest to a height on the sheet */
    at: (y: number) =>
      gap ? Math.min(count - 1, Math.max(0, Math.round((y + tall * 0.15 - MARGIN.top - tall) / gap))) : 0,
  };
}

/** Ridges, the newest in front; those before fade with age. */
export function drawRidges(pen: Pen, sheet: Sheet, found: Ridges, marked: number | null): void {
  const count = found.steps.length;
  const places = ridgePlaces(sheet, count);
  drawValueAxis(pen, sheet, { min: found.low, max: found.high, log: false });
  const place = placer({ min: 0, max: found.heights[0]?.length ?? 1, log: false }, places.left, places.right);
  for (let at = 0; at < count; at++) {
    const base = places.baseline(at);
    const row = found.heights[at] as Float64Array;
    const age = count < 2 ? 1 : at / (count - 1);
    outline(pen, row, place, base, places.tall / (found.most || 1));
    pen.fill(sheet.ink.paper, 0.9);
    pen.fill(sheet.color, marked === at ? 0.55 : 0.1 + 0.3 * age);
    outline(pen, row, place, base, places.tall / (found.most || 1));
    pen.stroke({
      color: marked === at ? sheet.ink.text : sheet.color,
      width: marked === at ? 1.6 : 1,
      alpha: marked === at ? 1 : 0.5 + 0.5 * age,
    });
  }
  drawStepAxis(pen, sheet, found.steps, places.baseline);
}

function outline(
  pen: Pen,
  row: Float64Array,
  place: (x: number) => number,
  base: number,
  scale: number,
): void {
  pen.begin();
  pen.move(place(0), base);
  for (let at = 0; at < row.length; at++) pen.line(place(at + 0.5), base - (row[at] as number) * scale);
  pen.line(place(row.length), base);
}

function drawValueAxis(pen: Pen, sheet: Sheet, scale: Scale): void {
  const place = placer(scale, MARGIN.left, sheet.width - MARGIN.right);
  const foot = sheet.height - MARGIN.bottom;
  const found = ticks(scale, Math.max(2, Math.floor((sheet.width - 60) / 64)));
  pen.begin();
  for (const { at } of found) {
    pen.move(Math.round(place(at)) + 0.5, MARGIN.top);
    pen.line(Math.round(place(at)) + 0.5, foot);
  }
  pen.stroke({ color: sheet.ink.grid, width: 1 });
  for (const { at, label } of found)
    pen.text(label, place(at), foot + SIZE + 5, { color: sheet.ink.faint, size: SIZE, align: "middle" });
}

function drawStepAxis(
  pen: Pen,
  sheet: Sheet,
  steps: readonly number[],
  baseline: (at: number) => number,
): void {
  const every = Math.max(1, Math.ceil(steps.length / Math.max(2, Math.floor(sheet.height / 30))));
  for (let at = steps.length - 1; at >= 0; at -= every)
    pen.text(String(steps[at]), sheet.width - MARGIN.right + 6, baseline(at) + 3, {
      color: sheet.ink.faint,
      size: SIZE,
    });
}

/** Percentiles over steps: bands from the least to the largest value, the median as a line. */
export function drawBands(pen: Pen, sheet: Sheet, found: Histograms, marked: number | null): void {
  const rows = bandRows(found);
  const scales = bandScales(sheet, rows);
  const { placeX, placeY } = scales;
  drawBandAxes(pen, sheet, scales);
  for (let low = 0, high = SHARES.length - 1; low < high; low++, high--) {
    pen.begin();
    for (const { step, values } of rows) pen.line(placeX(step), placeY(values[high] as number));
    for (const { step, values } of [...rows].reverse()) pen.line(placeX(step), placeY(values[low] as number));
    pen.fill(sheet.color, 0.16 + 0.1 * low);
  }
  pen.begin();
  for (const { step, values } of rows) pen.line(placeX(step), placeY(values[3] as number));
  pen.stroke({ color: sheet.color, width: 1.8 });
  if (marked === null || found.steps[marked] === undefined) return;
  pen.begin();
  pen.move(placeX(found.steps[marked] as number), MARGIN.top);
  pen.line(placeX(found.steps[marked] as number), sheet.height - MARGIN.bottom);
  pen.stroke({ color: sheet.ink.faint, width: 1, dash: [3, 3] });
}

interface BandRow {
  step: number;
  values: number[];
}

export function bandRows(found: Histograms): BandRow[] {
  return found.steps.flatMap((step, at) => {
    const values = percentiles(found.edges[at] ?? [], found.counts[at] ?? [], SHARES);
    return values.length ? [{ step, values }] : [];
  });
}

export function bandScales({ width, height }: Pick<Sheet, "width" | "height">, rows: readonly BandRow[]) {
  const lows = rows.map((row) => row.values[0] as number);
  const highs = rows.map((row) => row.values.at(-1) as number);
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  const room = high > low ? (high - low) * 0.04 : 0.5;
  const y: Scale = rows.length
    ? { min: low - room, max: high + room, log: false }
    : { min: 0, max: 1, log: false };
  const [first, last] = [rows[0]?.step ?? 0, rows.at(-1)?.step ?? 1];
  const x: Scale = { min: first, max: last > first ? last : first + 1, log: false };
  return {
    x,
    y,
    placeX: placer(x, 46, width - 12),
    placeY: placer(y, height - MARGIN.bottom, MARGIN.top),
  };
}

function drawBandAxes(pen: Pen, sheet: Sheet, { x, y, placeX, placeY }: ReturnType<typeof bandScales>): void {
  const across = ticks(x, Math.floor(sheet.width / 64));
  const upwards = ticks(y, Math.floor(sheet.height / 34));
  pen.begin();
  for (const { at } of upwards) {
    pen.move(46, Math.round(placeY(at)) + 0.5);
    pen.line(sheet.width - 12, Math.round(placeY(at)) + 0.5);
  }
  pen.stroke({ color: sheet.ink.grid, width: 1 });
  for (const { at, label } of upwards)
    pen.text(label, 40, placeY(at) + SIZE * 0.35, { color: sheet.ink.faint, size: SIZE, align: "end" });
  for (const { at, label } of across)
    pen.text(label, placeX(at), sheet.height - MARGIN.bottom + SIZE + 5, {
      color: sheet.ink.faint,
      size: SIZE,
      align: "middle",
    });
}
