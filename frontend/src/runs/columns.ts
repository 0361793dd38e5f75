import { useMemo, useSyncExternalStore } from "react";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";
import { type Kept, kept } from "../ui/kept";
import { say, type Words } from "../ui/words";
import {
  commonMetrics,
  differing,
  FACTS,
  type Fact,
  type FieldId,
  fieldOf,
  metricsOf,
  said,
  settingsOf,
  shortLabel,
} from "./fields";

export const FACT_WORDS = {
  name: ["Name", "名称"],
  status: ["Status", "状态"],
  started: ["Started", "开始时间"],
  duration: ["Duration", "时长"],
  epoch: ["Epoch", "轮次"],
  step: ["Step", "步数"],
  rate: ["Samples/s", "样本/秒"],
  notes: ["Notes", "备注"],
  tags: ["Tags", "标签"],
  host: ["Machine", "机器"],
  id: ["Folder", "文件夹"],
} satisfies Record<Fact, Words>;

const BEST: Words = ["best {tag}", "最佳 {tag}"];
const [MOST_METRICS, MOST_SETTINGS] = [4, 10];

const WIDTHS: Partial<Record<FieldId, number>> = {
  name: 220,
  status: 96,
  started: 120,
  duration: 92,
  epoch: 64,
  step: 72,
  rate: 84,
  notes: 180,
  tags: 130,
  host: 120,
  id: 200,
};

/** How narrow a column may become. */
const LEAST: Partial<Record<FieldId, number>> = {
  name: 150,
  status: 90,
  started: 100,
  duration: 84,
  notes: 80,
  tags: 70,
  id: 120,
};

/** Where nothing stands yet a person writes it. */
const FILLED_BY_HAND = new Set<FieldId>(["name", "tags", "notes"]);

const LETTER = 7;
const [NARROW, WIDE] = [64, 190];

/** How a column is drawn: as wide as its head and what is in it need, numbers to the right. */
export interface Column {
  field: FieldId;
  title: string;
  width: number;
  number: boolean;
}

export function columnOf(field: FieldId, columns: readonly FieldId[], runs: readonly Run[]): Column {
  const title = titleOf(field, columns);
  if (!field.includes(":"))
    return {
      field,
      title,
      width: WIDTHS[field] ?? 100,
      number: ["epoch", "step", "rate", "duration"].includes(field),
    };
  const values = runs.map((run) => fieldOf(run, field)).filter((value) => value !== undefined);
  const number = values.every((value) => typeof value === "number");
  const letters = number ? 8 : Math.max(0, ...values.map((value) => said(value).length));
  const width = Math.min(WIDE, Math.max(NARROW, 20 + LETTER * Math.max(title.length + 2, letters)));
  return { field, title, width, number };
}

/** A column's head: short where that is clear, `others` being the columns beside it. */
export function titleOf(field: FieldId, others: readonly FieldId[] = []): string {
  if (field.startsWith("best:")) return say(BEST, { tag: field.slice(5) });
  if (field.startsWith("last:")) return field.slice(5);
  if (!field.startsWith("set:")) return say(FACT_WORDS[field as Fact] ?? [field, field]);
  const paths = others.filter((other) => other.startsWith("set:")).map((other) => other.slice(4));
  return shortLabel(field.slice(4), paths);
}

/** What is shown as long as nobody chose: how good the runs are, what differs between them, and what a person wrote. */
export function defaultColumns(runs: readonly Run[]): FieldId[] {
  const metrics = commonMetrics(runs).slice(0, MOST_METRICS);
  const best = metrics.find((tag) => runs.some((run) => Object.hasOwn(run.best, tag)));
  const columns = [
    "name",
    "status",
    "epoch",
    ...(best ? [`best:${best}`] : []),
    ...metrics.map((tag) => `last:${tag}`),
    ...differing(runs)
      .slice(0, MOST_SETTINGS)
      .map((path) => `set:${path}`),
    "started",
    "duration",
    "tags",
    "notes",
  ];
  return columns.filter((field) => FILLED_BY_HAND.has(field) || runs.some((run) => hasValue(run, field)));
}

function hasValue(run: Run, field: FieldId): boolean {
  const value = fieldOf(run, field);
  // a metric that is NaN says something, a duration that is none does not
  return value !== undefined && value !== "" && !(field === "duration" && Number.isNaN(value));
}

/** The columns in the room that there is: what can be cut in words gives way, where that is enough to show all. */
export function fitted(columns: readonly Column[], room: number): Column[] {
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  const slack = columns.map(({ field, width }) => Math.max(0, width - (LEAST[field] ?? width)));
  const most = slack.reduce((sum, width) => sum + width, 0);
  const over = total - room;
  if (over <= 0 || over > most) return [...columns];
  return columns.map((column, place) => ({
    ...column,
    width: column.width - Math.ceil(((slack[place] as number) * over) / most),
  }));
}

/** Everything that can be a column, in groups. */
export function allColumns(runs: readonly Run[]): {
  facts: FieldId[];
  metrics: FieldId[];
  settings: FieldId[];
} {
  const best = [...new Set(runs.flatMap((run) => Object.keys(run.best)))].sort();
  return {
    facts: [...FACTS],
    metrics: [...metricsOf(runs).map((tag) => `last:${tag}`), ...best.map((tag) => `best:${tag}`)],
    settings: settingsOf(runs).map((path) => `set:${path}`),
  };
}

const stores = new Map<string, Kept<FieldId[] | null>>();

/** The columns that a person chose, for each folder; null: as `defaultColumns` says. */
export function useColumns(runs: readonly Run[]): [FieldId[], (columns: FieldId[] | null) => void] {
  const folder = useLive((live) => live.session?.folder ?? "");
  let store = stores.get(folder);
  if (!store) {
    store = kept<FieldId[] | null>(`runs.columns.${folder}`, null);
    stores.set(folder, store);
  }
  const chosen = useSyncExternalStore(store.subscribe, store.get);
  const automatic = useMemo(() => defaultColumns(runs), [runs]);
  return [chosen ?? automatic, store.set];
}

/** The list with one item put before or behind another, as it is dropped on it. */
export function moved(columns: readonly FieldId[], field: FieldId, onto: FieldId): FieldId[] {
  const [from, to] = [columns.indexOf(field), columns.indexOf(onto)];
  if (from < 0 || to < 0 || from === to) return [...columns];
  return columns.toSpliced(from, 1).toSpliced(to, 0, field);
}

/** The table as CSV (RFC 4180), as it is shown. A text that a spreadsheet would run as a formula is made plain. */
export function csv(runs: readonly Run[], columns: readonly FieldId[]): string {
  const rows = runs.map((run) => columns.map((field) => cell(fieldOf(run, field))));
  return [columns.map((field) => cell(titleOf(field, columns))), ...rows]
    .map((row) => `${row.join(",")}\r\n`)
    .join("");
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
