import type { Curve } from "../api/client";
import type { NewPoints, SeriesQuery } from "../api/messages";

export type View = Omit<SeriesQuery, "runs" | "tag">;
type Value = NewPoints["values"][number];
type Column = "x" | "y" | "low" | "high" | "smooth" | "step" | "time";
export type Nonfinite = "NaN" | "Infinity" | "-Infinity";

const KEPT = 1000;
/** What happened to new points: taken; nothing new; or the curve must be asked for again. */
export type Taken = "taken" | "known" | "again";

/** The points of one curve, with room for those that arrive. */
export class CurveData {
  x: Float64Array;
  y: Float64Array;
  low: Float64Array | null;
  high: Float64Array | null;
  smooth: Float64Array | null;
  step: Float64Array | null;
  time: Float64Array | null;
  count: number;
  /** how many of them came live, one by one */
  tail = 0;
  readonly exact: boolean;
  readonly error: string | null;
  readonly nonfinite: [number, Nonfinite][];
  recorded: number;
  private smoothLast: number;
  private smoothCount: number;
  private lastStep: number;

  constructor(
    part: Curve,
    private readonly view: View,
  ) {
    const column = (name: Column) => part.data[name] ?? null;
    this.x = column("x") ?? new Float64Array();
    this.y = column("y") ?? new Float64Array();
    [this.low, this.high, this.smooth] = [column("low"), column("high"), column("smooth")];
    [this.step, this.time] = [column("step"), column("time")];
    this.count = part.count;
    this.exact = part.exact;
    this.error = part.error;
    this.nonfinite = [...part.nonfinite];
    this.recorded = part.recorded;
    this.smoothLast = part.smooth_last;
    this.smoothCount = part.smooth_count;
    this.lastStep =
      this.count && this.step ? (this.step[this.count - 1] as number) : Number.NEGATIVE_INFINITY;
  }

  /** Go on with what was written since. Points that are here already are dropped; a gap cannot be mended here. */
  append(points: NewPoints): Taken {
    const known = this.recorded - points.first;
    if (known < 0) return "again";
    if (known >= points.steps.length) return "known";
    for (let at = known; at < points.steps.length; at++) {
      const step = points.steps[at] as number;
      const time = points.times[at] as number;
      const x = this.place(step, time);
      if (x === null || this.goesBack(step, x)) return "again";
      this.recorded += 1;
      this.lastStep = step;
      this.take(x, points.values[at] as Value, step, time);
    }
    return "taken";
  }

  /** Steps that were recorded again replace the earlier ones; the server puts them in order. */
  private goesBack(step: number, x: number): boolean {
    if (this.view.overlap === "last" && step <= this.lastStep) return true;
    return this.count > 0 && x < (this.x[this.count - 1] as number);
  }

  private place(step: number, time: number): number | null {
    if (this.view.x === "step") return step;
    if (this.view.x === "time") return time;
    if (this.view.x !== "relative" || !this.time || !this.count) return null;
    return time - ((this.time[0] as number) - (this.x[0] as number));
  }

  private take(x: number, value: Value, step: number, time: number): void {
    const seen = (this.view.low ?? x) <= x && x <= (this.view.high ?? x);
    if (typeof value !== "number") {
      if (seen && this.nonfinite.length < KEPT) this.nonfinite.push([x, value ?? "NaN"]);
      return;
    }
    const smooth = this.average(value);
    if (!seen) return;
    this.grow();
    const at = this.count;
    this.x[at] = x;
    this.y[at] = value;
    if (this.low) this.low[at] = value;
    if (this.high) this.high[at] = value;
    if (this.smooth) this.smooth[at] = smooth;
    if (this.step) this.step[at] = step;
    if (this.time) this.time[at] = time;
    this.count += 1;
    this.tail += 1;
  }

  /** The debiased exponential moving average, from where the server left it. */
  private average(value: number): number {
    const weight = this.view.smoothing;
    this.smoothCount += 1;
    this.smoothLast = this.smoothLast * weight + (1 - weight) * value;
    return this.smoothLast / (1 - weight ** this.smoothCount);
  }

  private grow(): void {
    if (this.count < this.x.length) return;
    const size = Math.max(256, this.count * 2);
    const more = (column: Float64Array) => {
      const grown = new Float64Array(size);
      grown.set(column.subarray(0, this.count));
      return grown;
    };
    this.x = more(this.x);
    this.y = more(this.y);
    this.low = this.low && more(this.low);
    this.high = this.high && more(this.high);
    this.smooth = this.smooth && more(this.smooth);
    this.step = this.step && more(this.step);
    this.time = this.time && more(this.time);
  }

  /** The places of the points from `from` to `to`, one more on each side, so that the line leaves the chart. */
  between(from: number, to: number): [first: number, last: number] {
    const first = lowerBound(this.x, this.count, from);
    const last = lowerBound(this.x, this.count, to);
    return [Math.max(0, first - 1), Math.min(this.count, last + 2)];
  }

  /** The place of the point nearest to `x`, -1 without points. */
  nearest(x: number): number {
    if (!this.count) return -1;
    const after = Math.min(this.count - 1, lowerBound(this.x, this.count, x));
    const before = Math.max(0, after - 1);
    return Math.abs((this.x[before] as number) - x) < Math.abs((this.x[after] as number) - x)
      ? before
      : after;
  }
}

/** The first place whose value is not below `wanted`. */
export function lowerBound(values: Float64Array, count: number, wanted: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
