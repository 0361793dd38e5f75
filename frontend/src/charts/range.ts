import { type CurveData, lowerBound } from "./curve";
import type { Scale } from "./scale";

export type Extent = [low: number, high: number];

const NONE: Extent = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const PAD = 0.06;
const ROOM = 0.04;
const KEEP = 0.55;
/** of values: what differs by less is one value, and rounding (a smoothed constant) what is seen */
const SAME = 1e-9;

/** The x of all points; those of a curve are in order. */
export function xExtent(curves: Iterable<CurveData>, log: boolean): Extent {
  const found: Extent = [...NONE];
  for (const curve of curves) {
    const first = log ? lowerBound(curve.x, curve.count, Number.MIN_VALUE) : 0;
    if (first < curve.count) include(found, curve.x[first] as number, log);
    if (first < curve.count) include(found, curve.x[curve.count - 1] as number, log);
    for (const [x] of curve.nonfinite) include(found, x, log);
  }
  return found;
}

/** The y of what lies between `from` and `to`: the curve and its band; without outliers only the middle 96 %. */
export function yExtent(
  curves: Iterable<CurveData>,
  from: number,
  to: number,
  options: { log: boolean; smooth: boolean; calm: boolean },
): Extent {
  const found: Extent = [...NONE];
  const values: number[] = [];
  for (const curve of curves) {
    const seen = seenOf(curve, from, to, options);
    if (seen.low < found[0]) found[0] = seen.low;
    if (seen.high > found[1]) found[1] = seen.high;
    if (!options.calm) continue;
    const main = options.smooth && curve.smooth ? curve.smooth : curve.y;
    const [first, last] = curve.between(from, to);
    for (let at = first; at < last; at++)
      if (isWithin(curve.x[at] as number, from, to)) values.push(main[at] as number);
  }
  return options.calm ? (middle(values, options.log) ?? found) : found;
}

interface Seen {
  view: string;
  count: number;
  low: number;
  high: number;
}

// Curves only grow, and are looked at on each frame: what was looked at once is kept.
const known = new WeakMap<CurveData, Seen>();

function seenOf(
  curve: CurveData,
  from: number,
  to: number,
  { log, smooth, calm }: { log: boolean; smooth: boolean; calm: boolean },
): Seen {
  const view = `${from} ${to} ${log} ${smooth} ${calm}`;
  const before = known.get(curve);
  const seen = before?.view === view ? before : { view, count: 0, low: NONE[0], high: NONE[1] };
  if (seen.count === curve.count && before === seen) return seen;
  const columns = smooth && curve.smooth ? [curve.smooth, curve.y] : [curve.y];
  if (!calm && curve.low && curve.high) columns.push(curve.low, curve.high);
  const [first, last] = curve.between(from, to);
  const extent: Extent = [seen.low, seen.high];
  for (const column of columns)
    for (let at = Math.max(first, seen.count); at < last; at++)
      if (isWithin(curve.x[at] as number, from, to)) include(extent, column[at] as number, log);
  const now = { view, count: curve.count, low: extent[0], high: extent[1] };
  known.set(curve, now);
  return now;
}

function isWithin(x: number, from: number, to: number): boolean {
  return x >= from && x <= to;
}

function include(extent: Extent, value: number, log: boolean): void {
  if (log && value <= 0) return;
  if (value < extent[0]) extent[0] = value;
  if (value > extent[1]) extent[1] = value;
}

/** What lies between the 2nd and the 98th hundredth. */
function middle(values: number[], log: boolean): Extent | null {
  const usable = Float64Array.from(log ? values.filter((value) => value > 0) : values).sort();
  if (usable.length < 8) return null;
  const at = (share: number) => usable[Math.round(share * (usable.length - 1))] as number;
  return at(0.02) < at(0.98) ? [at(0.02), at(0.98)] : null;
}

/** A scale around an extent, a little wider; an extent of one value gets room on both sides. */
export function around([low, high]: Extent, log: boolean, pad = PAD): Scale {
  if (!(low <= high)) return log ? { min: 0.1, max: 10, log } : { min: 0, max: 1, log };
  const one = high - low <= SAME * Math.max(Math.abs(low), Math.abs(high));
  if (log) {
    const room = one ? 2 : (high / low) ** pad;
    return { min: low / room, max: high * room, log };
  }
  const room = one ? Math.abs(low) * 0.1 || 1 : (high - low) * pad;
  return { min: low - room, max: high + room, log };
}

/** The scale that was, as long as the extent fits in and fills it well: so an axis does not tremble as points arrive. */
export function steady(before: Scale | null, extent: Extent, log: boolean, pad = PAD): Scale {
  const next = around(extent, log, pad);
  if (!before || before.log !== log || !(extent[0] <= extent[1])) return next;
  const turn = log ? Math.log : Number;
  const fits = extent[0] >= before.min && extent[1] <= before.max;
  const filled = (turn(next.max) - turn(next.min)) / (turn(before.max) - turn(before.min));
  return fits && filled >= KEEP ? before : next;
}

/** The x axis: exactly what there is; while it grows, a little room ahead, so that it moves seldom. */
export function ahead(before: Scale | null, extent: Extent, log: boolean, growing: boolean): Scale {
  const [low, high] = extent;
  if (!(low <= high)) return around(extent, log);
  if (low === high) return around(extent, log, 0);
  const same = before && before.log === log && before.min === low;
  if (same && high <= before.max && (growing || before.max === high)) return before;
  if (!same || !growing) return { min: low, max: high, log };
  return { min: low, max: log ? high * (high / low) ** ROOM : high + (high - low) * ROOM, log };
}
