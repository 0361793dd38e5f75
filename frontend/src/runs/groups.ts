import type { Run } from "../api/messages";
import { PALETTE, ramp } from "../ui/colors";
import { differing, fieldOf, numberOf, said, settingTexts, shortLabel } from "./fields";

/** Runs that are drawn as one curve with a band. */
export interface RunGroup {
  name: string;
  runs: string[];
  color: string;
}

/** Group by all settings but the seed; anything else is a list of settings. */
export const SEEDS = "*seed";
const IS_SEED = /(^|[._])seed$/i;

/** The settings that make the groups: those chosen, or all that differ but seeds. */
export function groupingSettings(runs: readonly Run[], by: readonly string[]): string[] {
  if (by.length === 1 && by[0] === SEEDS) return differing(runs).filter((path) => !IS_SEED.test(path));
  return [...by];
}

/** Groups of runs with equal settings, in the order of their first runs; named by what tells them apart. */
export function grouped(runs: readonly Run[], by: readonly string[], other: string): RunGroup[] {
  const paths = groupingSettings(runs, by);
  const byKey = new Map<string, Run[]>();
  for (const run of runs) {
    const key = JSON.stringify(paths.map((path) => settingTexts(run).get(path) ?? null));
    byKey.set(key, [...(byKey.get(key) ?? []), run]);
  }
  return [...byKey.values()].map((members, place) => ({
    name: nameOf(members[0] as Run, paths, other),
    runs: members.map((run) => run.id),
    color: PALETTE[place % PALETTE.length] as string,
  }));
}

const LONGEST = 40;

function nameOf(run: Run, paths: readonly string[], other: string): string {
  const texts = settingTexts(run);
  const parts = paths
    .filter((path) => texts.has(path))
    .map((path) => `${shortLabel(path, paths)}=${cut(texts.get(path) as string)}`);
  return parts.join(" · ") || other;
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** The colours of runs by a setting or metric: a ramp over numbers (by logarithm where they span decades), else one each. */
export function colored(runs: readonly Run[], field: string): Map<string, string> {
  const numbers = runs.map((run) => numberOf(run, field));
  const known = numbers.filter(Number.isFinite);
  if (known.length && new Set(known).size > 1) {
    const share = scaled(known);
    return new Map(runs.map((run, place) => [run.id, numeric(numbers[place] as number, share)]));
  }
  const names = runs.map((run) => said(fieldOf(run, field)));
  const kinds = [...new Set(names)];
  return new Map(
    runs.map((run, place) => [
      run.id,
      PALETTE[kinds.indexOf(names[place] as string) % PALETTE.length] as string,
    ]),
  );
}

const UNKNOWN = "#9aa0a6";

function numeric(value: number, share: (value: number) => number): string {
  return Number.isFinite(value) ? ramp(share(value)) : UNKNOWN;
}

/** Where a number stands between the smallest and the largest, 0..1. */
export function scaled(values: readonly number[]): (value: number) => number {
  const transform = spansDecades(values) ? Math.log10 : (value: number) => value;
  const [low, high] = extent(values.map(transform));
  return (value) => (high > low ? Math.min(1, Math.max(0, (transform(value) - low) / (high - low))) : 0.5);
}

/** Whether an axis of these values reads better as a logarithm: all positive, over a factor of ten or more. */
export function spansDecades(values: readonly number[]): boolean {
  const [low, high] = extent(values);
  return low > 0 && high / low >= 10;
}

export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
