import type { Run } from "../../api/messages";
import type { Words } from "../../ui/words";
import { duration, said } from "../fields";
import type { Comparison, Query } from "./parse";
import { QueryError } from "./tokens";

/** Names that every run has. */
export const BUILT_IN = [
  "status",
  "name",
  "tag",
  "notes",
  "epoch",
  "step",
  "started",
  "duration",
  "rate",
  "host",
  "archived",
  "own",
  "id",
] as const;

const W = {
  unknown: ["No run has {name}. Did you mean {near}?", "没有运行包含 {name}。您是否想输入 {near}？"],
  nobody: ["No run has {name}.", "没有运行包含 {name}。"],
} satisfies Record<string, Words>;

/** Whether a run answers to a filter. */
export function matches(query: Query, run: Run): boolean {
  switch (query.kind) {
    case "all":
      return true;
    case "and":
      return query.parts.every((part) => matches(part, run));
    case "or":
      return query.parts.some((part) => matches(part, run));
    case "not":
      return !matches(query.of, run);
    case "search":
      return searched(run, query.text);
    case "compare":
      return compares(lookup(run, query.name), query.comparison, query.value);
  }
}

function searched(run: Run, text: string): boolean {
  const wanted = text.toLowerCase();
  return [run.name, run.id, run.notes, ...run.tags].some((item) => item.toLowerCase().includes(wanted));
}

/** All values that a run has under a name: a fact, a metric, a setting; the end of a setting's path will do (`lr`). */
export function lookup(run: Run, name: string): unknown[] {
  const fact = factOf(run, name.toLowerCase());
  if (fact) return fact;
  if (name.startsWith("best:")) return own(run.best, name.slice(5));
  if (name.startsWith("last:")) return own(run.last, name.slice(5));
  if (Object.hasOwn(run.settings, name)) return [run.settings[name]];
  if (Object.hasOwn(run.last, name)) return own(run.last, name);
  const settings = Object.keys(run.settings).filter((path) => path.endsWith(`.${name}`));
  if (settings.length) return settings.map((path) => run.settings[path]);
  return Object.keys(run.last)
    .filter((tag) => tag.endsWith(`/${name}`))
    .flatMap((tag) => own(run.last, tag));
}

function own(values: Run["last"], tag: string): unknown[] {
  return Object.hasOwn(values, tag) ? present(values[tag]) : [];
}

function factOf(run: Run, name: string): unknown[] | null {
  if (name === "tag" || name === "tags") return run.tags;
  if (name === "duration") return [duration(run)];
  if (!(BUILT_IN as readonly string[]).includes(name)) return null;
  return present(run[name as keyof Run]);
}

/** JSON has no NaN: a measured null is one. */
function present(value: unknown): unknown[] {
  return value === undefined ? [] : [value === null ? Number.NaN : value];
}

/** Any of the values may fulfil a comparison; `!=` and `!~` hold when none is equal. */
function compares(values: readonly unknown[], comparison: Comparison, wanted: string): boolean {
  if (comparison === "!=") return !values.some((value) => equal(value, wanted));
  if (comparison === "!~") return !values.some((value) => resembles(value, wanted));
  return values.some((value) => {
    if (comparison === "=") return equal(value, wanted);
    if (comparison === "~") return resembles(value, wanted);
    return ordered(value, comparison, wanted);
  });
}

function equal(value: unknown, wanted: string): boolean {
  const number = quantity(wanted);
  if (wanted.toLowerCase() === "nan") return Number.isNaN(value);
  const given = typeof value === "number" ? value : typeof value === "string" ? quantity(value) : Number.NaN;
  if (!Number.isNaN(number) && !Number.isNaN(given)) return given === number;
  return said(value).toLowerCase() === wanted.toLowerCase();
}

/** Whether a text contains another; `*` stands for anything. Without regular expressions, which can take for ever. */
export function resembles(value: unknown, wanted: string): boolean {
  const text = said(value).toLowerCase();
  let at = 0;
  for (const part of wanted.toLowerCase().split("*")) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function ordered(value: unknown, comparison: "<" | "<=" | ">" | ">=", wanted: string): boolean {
  const [left, right] = sides(value, wanted);
  switch (comparison) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

/** Both sides as numbers or times; NaN, which is smaller than nothing, where they are neither. */
function sides(value: unknown, wanted: string): [number, number] {
  const left = typeof value === "number" ? value : quantity(String(value));
  if (!Number.isNaN(left)) return [left, quantity(wanted)];
  return [Date.parse(String(value)), Date.parse(wanted)];
}

const UNITS: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86400, "%": 0.01, k: 1e3, m: 1e6 };

/** A number as it is written in a filter: `0.9`, `90%`, `1e-3`, `10min` (in seconds), `inf`. */
export function quantity(text: string): number {
  const plain = text.trim().toLowerCase().replace("infinity", "inf");
  if (plain === "inf" || plain === "+inf" || plain === "-inf") return plain === "-inf" ? -Infinity : Infinity;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(s|min|h|d|%|k|m)?$/.exec(plain);
  return match ? Number(match[1]) * (match[2] ? (UNITS[match[2]] as number) : 1) : Number.NaN;
}

/** Every name that a filter can use, without the prefixes `last:` and `best:`. */
export function namesOf(runs: Iterable<Run>): string[] {
  const names = new Set<string>(BUILT_IN);
  for (const run of runs) {
    for (const tag of Object.keys(run.last)) names.add(tag);
    for (const path of Object.keys(run.settings)) names.add(path);
  }
  return [...names];
}

/** The first name of a filter that no run has, as an error; null when all are known. */
export function unknownName(query: Query, runs: readonly Run[], names: readonly string[]): QueryError | null {
  if (query.kind === "and" || query.kind === "or")
    return query.parts.reduce<QueryError | null>(
      (found, part) => found ?? unknownName(part, runs, names),
      null,
    );
  if (query.kind === "not") return unknownName(query.of, runs, names);
  if (query.kind !== "compare" || !runs.length) return null;
  if (runs.some((run) => lookup(run, query.name).length || factOf(run, query.name.toLowerCase())))
    return null;
  const near = nearest(query.name, names);
  const values = { name: query.name, near: near ?? "" };
  return new QueryError(near ? W.unknown : W.nobody, query.at, query.end, values);
}

function nearest(name: string, names: readonly string[]): string | null {
  const scored = names.map((other) => ({
    other,
    far: Math.min(distance(name, other), distance(name, tail(other))),
  }));
  const best = scored.sort((a, b) => a.far - b.far)[0];
  return best && best.far <= Math.max(2, name.length / 3) ? best.other : null;
}

function tail(name: string): string {
  return name.split(/[./]/).at(-1) as string;
}

/** Levenshtein distance, of lower case. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (const [i, letter] of [...a.toLowerCase()].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b.toLowerCase()].entries())
      next.push(
        Math.min(
          (next[j] as number) + 1,
          (row[j + 1] as number) + 1,
          (row[j] as number) + Number(letter !== other),
        ),
      );
    row = next;
  }
  return row.at(-1) as number;
}
