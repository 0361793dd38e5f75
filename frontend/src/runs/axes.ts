import type { Run } from "../api/messages";
import { number } from "../ui/format";
import { compareValues, differing, type FieldId, fieldOf, numberOf, said, settingTexts } from "./fields";
import { extent, spansDecades } from "./groups";

/** A scale of a plot: numbers (linear or logarithmic) or names in a row. Places are shares, 0 at the low end. */
export interface Axis {
  field: FieldId;
  kind: "linear" | "log" | "names";
  ticks: { share: number; text: string }[];
  /** null where a run has no value for it */
  share: (run: Run) => number | null;
}

const MOST_NAMES = 24;

/** The axis of a field over some runs; null where no two of them can be told apart by it or there are too many names. */
export function axisOf(field: FieldId, runs: readonly Run[]): Axis | null {
  const values = runs.map((run) => fieldOf(run, field)).filter((value) => value !== undefined);
  if (!values.length) return null;
  if (values.every((value) => typeof value === "number") || field === "started") return numeric(field, runs);
  return named(field, runs);
}

function numeric(field: FieldId, runs: readonly Run[]): Axis | null {
  const known = runs.map((run) => numberOf(run, field)).filter(Number.isFinite);
  if (!known.length) return null;
  const kind = spansDecades(known) ? "log" : "linear";
  const [low, high] = extent(known);
  const to = kind === "log" ? Math.log : (value: number) => value;
  const span = to(high) - to(low);
  const place = (value: number) => (span ? (to(value) - to(low)) / span : 0.5);
  const whole = known.every(Number.isInteger);
  const round = kind === "log" ? decades(low, high) : steps(low, high);
  const tried = field.startsWith("set:") ? spaced(known, place) : null;
  const marks = tried ?? round.filter((mark) => !whole || Number.isInteger(mark));
  return {
    field,
    kind,
    ticks: marks.map((value) => ({ share: place(value), text: textOf(field, value) })),
    share: (run) => {
      const value = numberOf(run, field);
      return Number.isFinite(value) ? place(value) : null;
    },
  };
}

const [MOST_TRIED, APART] = [6, 0.06];

/** The very values, where few were tried and none stands too near to the next to be read. */
function spaced(values: readonly number[], place: (value: number) => number): number[] | null {
  const tried = [...new Set(values)].sort((a, b) => a - b);
  const near = tried.some((value, at) => at > 0 && place(value) - place(tried[at - 1] as number) < APART);
  return tried.length > MOST_TRIED || near ? null : tried;
}

function textOf(field: FieldId, value: number): string {
  return field === "started" ? new Date(value).toLocaleDateString("en-CA") : number(value);
}

function named(field: FieldId, runs: readonly Run[]): Axis | null {
  const text = (run: Run) => {
    const value = fieldOf(run, field);
    return value === undefined ? null : said(value);
  };
  const names = [...new Set(runs.map(text).filter((name) => name !== null))].sort(compareValues);
  if (names.length > MOST_NAMES) return null;
  const place = (at: number) => (names.length > 1 ? at / (names.length - 1) : 0.5);
  return {
    field,
    kind: "names",
    ticks: names.map((name, at) => ({ share: place(at), text: name })),
    share: (run) => {
      const name = text(run);
      return name === null ? null : place(names.indexOf(name));
    },
  };
}

/** About five round numbers from `low` to `high`. */
export function steps(low: number, high: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first;
  return Array.from({ length: count + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** Powers of ten from `low` to `high`, with their doubles and fives where there are few, or else the two ends. */
export function decades(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => 10 ** (first + place));
  const every = Math.ceil(all.length / 8);
  if (all.length > 2) return all.filter((_, place) => place % every === 0);
  const more = [first - 1, first, first + 1].flatMap((power) => [1, 2, 5].map((one) => one * 10 ** power));
  const within = more.filter((mark) => mark >= low * (1 - 1e-9) && mark <= high * (1 + 1e-9));
  return within.length < 2 ? [low, high] : within.map((mark) => Number(mark.toPrecision(6)));
}

const MOST_AXES = 7;

/** What a plot shows by itself: the settings that differ and are short, then the metrics. */
export function defaultAxes(runs: readonly Run[], metrics: readonly string[]): FieldId[] {
  const settings = differing(runs).filter(
    (path) =>
      (axisOf(`set:${path}`, runs)?.ticks.length ?? 0) > 1 &&
      runs.every((run) => (settingTexts(run).get(path) ?? "").length < 40),
  );
  const shown = metrics.slice(0, 2).map((tag) => `last:${tag}`);
  return [...settings.slice(0, MOST_AXES - shown.length).map((path) => `set:${path}`), ...shown];
}

/** Brushed parts of axes: [low, high] in shares. */
export type Brushes = ReadonlyMap<FieldId, readonly [number, number]>;

/** The runs that lie inside every brushed part. */
export function brushed(runs: readonly Run[], axes: readonly Axis[], brushes: Brushes): string[] {
  const limits = axes.flatMap((axis) => {
    const part = brushes.get(axis.field);
    return part ? [{ axis, part }] : [];
  });
  const inside = (run: Run) =>
    limits.every(({ axis, part: [low, high] }) => {
      const share = axis.share(run);
      return share !== null && share >= low - 1e-9 && share <= high + 1e-9;
    });
  return runs.filter(inside).map((run) => run.id);
}
