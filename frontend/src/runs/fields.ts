import type { Run } from "../api/messages";
import { ofLayer } from "../charts/plan";

/** What a column, an axis or a filter reads of a run: a fact (`status`), `set:PATH`, `last:TAG` or `best:TAG`. */
export type FieldId = string;

export const FACTS = [
  "name",
  "status",
  "started",
  "duration",
  "epoch",
  "step",
  "rate",
  "notes",
  "tags",
  "host",
  "id",
] as const;
export type Fact = (typeof FACTS)[number];

const PREFERRED = [
  /^valid\/(?!loss)/,
  /^val(id|idation)?[/_](?!.*loss)/i,
  /^valid\/loss/,
  /^test\/(?!loss)/,
  /^train\/(?!loss)/,
  /acc(uracy)?$/i,
  /loss/i,
];
/** Tags that say how a run goes, not how good it is. */
const MACHINERY = /^(step\/|time\/|system\/|epoch$|best epoch$)/;
const isMachinery = (tag: string) => MACHINERY.test(tag) || ofLayer(tag);

/** Seconds from the first to the last sign of a run; NaN when its times are not known. */
export function duration(run: Run): number {
  return (Date.parse(run.updated) - Date.parse(run.started)) / 1000;
}

/** The value of a field; undefined where the run has none, NaN where it is no number. */
export function fieldOf(run: Run, field: FieldId): unknown {
  if (field.startsWith("set:")) return run.settings[field.slice(4)];
  if (field.startsWith("last:")) return measured(run.last, field.slice(5));
  if (field.startsWith("best:")) return measured(run.best, field.slice(5));
  if (field === "duration") return duration(run);
  if (field === "tags") return run.tags.join(", ");
  return run[field as Exclude<Fact, "duration" | "tags">] ?? undefined;
}

function measured(values: Run["last"], tag: string): number | undefined {
  const value = values[tag];
  return value === undefined ? undefined : value === null ? Number.NaN : Number(value);
}

/** A field's value as a number; NaN where it is none. */
export function numberOf(run: Run, field: FieldId): number {
  if (field === "started") return Date.parse(run.started);
  const value = fieldOf(run, field);
  return typeof value === "number" ? value : Number.NaN;
}

/** A setting as a person writes it: `Conv2d(out_channels=32), ReLU`. */
export function said(value: unknown): string {
  if (value === undefined) return "";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(said).join(", ");
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first && isMapping(first[1])) return `${first[0]}(${said(first[1])})`;
  return entries.map(([name, item]) => `${name}=${said(item)}`).join(", ");
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const texts = new WeakMap<Run["settings"], Map<string, string>>();

/** A run's settings as text, by their path. Made once: a table compares a thousand runs at every news. */
export function settingTexts(run: Run): Map<string, string> {
  let found = texts.get(run.settings);
  if (!found) {
    found = new Map(Object.entries(run.settings).map(([path, value]) => [path, said(value)]));
    texts.set(run.settings, found);
  }
  return found;
}

/**
 * The paths of settings that are not the same in all runs, in the order of the document. One that some of our runs lack
 * differs too; runs of other software have other settings anyway.
 */
export function differing(runs: readonly Run[]): string[] {
  const seen = new Map<string, { text: string; own: number; same: boolean }>();
  for (const run of runs) {
    for (const [path, text] of settingTexts(run)) {
      const one = seen.get(path) ?? { text, own: 0, same: true };
      one.own += Number(run.own);
      one.same &&= one.text === text;
      seen.set(path, one);
    }
  }
  const own = runs.filter((run) => run.own).length;
  return [...seen].filter(([, one]) => !one.same || (one.own > 0 && one.own < own)).map(([path]) => path);
}

/** All settings of the runs, in the order in which they come. */
export function settingsOf(runs: readonly Run[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.settings)))];
}

/** All tags with a value, those that say how good a run is first; tags of few runs after those of many. */
export function metricsOf(runs: readonly Run[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs)
    for (const tag of Object.keys(run.last)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const most = Math.max(0, ...[...counts].filter(([tag]) => !isMachinery(tag)).map(([, count]) => count));
  const rank = (tag: string) => {
    const place = PREFERRED.findIndex((pattern) => pattern.test(tag));
    const rare = (counts.get(tag) ?? 0) < most / 2;
    return (isMachinery(tag) ? 1000 : 0) + (rare ? 100 : 0) + (place < 0 ? 50 : place);
  };
  return [...counts.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The metrics that are about quality, without rates, times and values of single steps. */
export function qualityMetrics(runs: readonly Run[]): string[] {
  return metricsOf(runs).filter((tag) => !isMachinery(tag));
}

/** Those of them that at least half as many runs have as have the most common one. */
export function commonMetrics(runs: readonly Run[]): string[] {
  const tags = qualityMetrics(runs);
  const counts = tags.map((tag) => runs.filter((run) => Object.hasOwn(run.last, tag)).length);
  const most = Math.max(0, ...counts);
  return tags.filter((_, place) => (counts[place] as number) >= most / 2);
}

/** A field's short name: the last part of a setting's path, where no other field of `others` ends alike. */
export function shortLabel(path: string, others: readonly string[] = []): string {
  const parts = path.split(".");
  for (let count = 1; count < parts.length; count++) {
    const tail = parts.slice(-count).join(".");
    if (!others.some((other) => other !== path && (other === tail || other.endsWith(`.${tail}`))))
      return tail;
  }
  return path;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Orders two values: numbers, then texts (`run-9` before `run-10`); what is missing or NaN comes last either way. */
export function compareValues(a: unknown, b: unknown, falling = false): number {
  const [none, other] = [isNone(a), isNone(b)];
  if (none || other) return Number(none) - Number(other);
  const sign = falling ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return sign * (a === b ? 0 : a < b ? -1 : 1);
  if (typeof a === "number" || typeof b === "number") return sign * (typeof a === "number" ? -1 : 1);
  return sign * collator.compare(said(a), said(b));
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null || value === "" || Number.isNaN(value);
}

/** Runs in the order of a field (`-field`: falling); the newest first where it is the same. */
export function sorted(runs: readonly Run[], order: string): Run[] {
  const falling = order.startsWith("-");
  const field = falling ? order.slice(1) : order;
  const keyed = runs.map((run) => ({ run, key: fieldOf(run, field) }));
  keyed.sort((a, b) => compareValues(a.key, b.key, falling) || newestFirst(a.run, b.run));
  return keyed.map(({ run }) => run);
}

export function newestFirst(a: Run, b: Run): number {
  return (
    Number(!a.started) - Number(!b.started) ||
    (a.started < b.started ? 1 : a.started > b.started ? -1 : collator.compare(b.id, a.id))
  );
}
