import type { Histograms } from "../api/messages";

type Edges = Histograms["edges"][number];

/** The distributions of a tag on one common grid: `heights[t][b]` is the density in bin b at step t. */
export interface Ridges {
  low: number;
  high: number;
  steps: number[];
  heights: Float64Array[];
  /** the largest density */
  most: number;
}

const HUGE = 1e300;

/** An edge as a number; those of open bins (infinite, or -1.8e308 as TensorBoard writes it) are NaN. */
function edge(value: Edges[number] | undefined): number {
  return typeof value === "number" && Math.abs(value) < HUGE ? value : Number.NaN;
}

/** The bins with counts; an open one lies at its other edge, with no width. */
export function bins(
  edges: Edges,
  counts: readonly number[],
): { low: number; high: number; count: number }[] {
  const found = [];
  for (const [place, count] of counts.entries()) {
    const [left, right] = [edge(edges[place]), edge(edges[place + 1])];
    const low = Number.isNaN(left) ? right : left;
    const high = Number.isNaN(right) ? left : right;
    if (count > 0 && !Number.isNaN(low)) found.push({ low, high, count });
  }
  return found;
}

/** All distributions on `count` equal bins over what they span together. */
export function ridges(found: Histograms, count: number): Ridges {
  const all = found.edges.map((edges, at) => bins(edges, found.counts[at] ?? []));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const bin of all.flat()) {
    low = Math.min(low, bin.low);
    high = Math.max(high, bin.high);
  }
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high) {
    const room = Math.abs(low) / 10 || 0.5;
    [low, high] = [low - room, high + room];
  }
  const heights = all.map((one) => rebin(one, low, high, count));
  const most = heights.reduce((top, row) => row.reduce((a, b) => Math.max(a, b), top), 0);
  return { low, high, steps: found.steps, heights, most };
}

/** Counts per equal bin: each bin's count is spread evenly over its width. */
export function rebin(
  from: readonly { low: number; high: number; count: number }[],
  low: number,
  high: number,
  count: number,
): Float64Array {
  const result = new Float64Array(count);
  const width = (high - low) / count;
  const place = (value: number) => Math.min(count - 1, Math.max(0, Math.floor((value - low) / width)));
  for (const bin of from) {
    const [first, last] = [place(bin.low), place(bin.high)];
    if (first === last || bin.high <= bin.low) {
      result[first] = (result[first] as number) + bin.count;
      continue;
    }
    const density = bin.count / (bin.high - bin.low);
    for (let at = first; at <= last; at++) {
      const overlap = Math.min(bin.high, low + (at + 1) * width) - Math.max(bin.low, low + at * width);
      if (overlap > 0) result[at] = (result[at] as number) + density * overlap;
    }
  }
  return result;
}

/** The values below which these shares (ascending, 0 to 1) of a distribution lie; empty for an empty one. */
export function percentiles(edges: Edges, counts: readonly number[], shares: readonly number[]): number[] {
  const all = bins(edges, counts);
  const total = all.reduce((sum, bin) => sum + bin.count, 0);
  if (!total) return [];
  return shares.map((share) => {
    let left = share * total;
    for (const bin of all) {
      if (left <= bin.count) return bin.low + (bin.high - bin.low) * (left / bin.count);
      left -= bin.count;
    }
    return (all.at(-1) as { high: number }).high;
  });
}
