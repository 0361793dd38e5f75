import { useMemo, useRef } from "react";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";
import { colorOf } from "../ui/colors";
import { setParams, useRoute } from "../ui/route";
import { say, useSay, type Words } from "../ui/words";
import { newestFirst, qualityMetrics, sorted } from "./fields";
import { colored, grouped, type RunGroup } from "./groups";
import { matches, namesOf, unknownName } from "./query/match";
import { parse, type Query } from "./query/parse";
import { QueryError } from "./query/tokens";
import { changed, chosen, written } from "./selection";

/** What the page of runs shows, all of it from the address and from what the server told. */
export interface Runs {
  /** null until they came */
  all: Run[] | null;
  /** those that the filter lets through, in order */
  shown: Run[];
  selected: ReadonlySet<string>;
  /** whether a person chose them */
  explicit: boolean;
  /** the selected runs, in order */
  picked: Run[];
  query: string;
  problem: QueryError | null;
  names: string[];
  order: string;
  /** the metric that the list shows */
  metric: string;
  metrics: string[];
  archived: boolean;
  by: string[];
  groups: RunGroup[] | undefined;
  colorBy: string;
  colors: Map<string, string> | undefined;
  colorOf: (run: string) => string;
  select: (ids: Iterable<string>, on: boolean) => void;
  only: (ids: Iterable<string>) => void;
}

export const NEWEST_FIRST = "-started";
const REST: Words = ["all runs", "全部运行"];

export function useRuns(): Runs {
  useSay();
  const { params } = useRoute();
  const live = useLive((state) => state.runs);
  const all = useMemo(() => live && [...live.values()].sort(newestFirst), [live]);
  const [text, order, archived] = [
    params.get("q") ?? "",
    params.get("sort") ?? NEWEST_FIRST,
    params.get("archived") === "1",
  ];
  const visible = useMemo(() => (all ?? []).filter((run) => archived || !run.archived), [all, archived]);
  const names = useMemo(() => namesOf(visible), [visible]);
  const { query, problem } = useQuery(text, visible, names);
  const newest = useMemo(() => visible.filter((run) => matches(query, run)), [visible, query]);
  const shown = useMemo(() => (order === NEWEST_FIRST ? newest : sorted(newest, order)), [newest, order]);
  const choice = { sel: params.getAll("sel"), not: params.getAll("not") };
  const selected = useStable(chosen(choice, shown, newest));
  const picked = useMemo(() => shown.filter((run) => selected.has(run.id)), [shown, selected]);
  const metrics = useStable(useMemo(() => qualityMetrics(visible), [visible]));
  const drawing = useDrawing(shown, picked, params);
  const write = (ids: ReadonlySet<string>) => {
    const known = new Set(shown.map((run) => run.id));
    const hidden = choice.sel.filter((id) => live?.has(id) && !known.has(id));
    const next = written(ids, shown, hidden);
    setParams({ sel: next.sel, not: next.not });
  };
  return {
    all,
    shown,
    selected,
    explicit: choice.sel.length > 0,
    picked,
    query: text,
    problem,
    names,
    order,
    metric: params.get("metric") ?? metrics[0] ?? "",
    metrics,
    archived,
    ...drawing,
    select: (ids, on) => write(changed(selected, ids, on)),
    only: (ids) => write(new Set(ids)),
  };
}

/** The filter of the address; a broken one filters nothing and says why. */
function useQuery(text: string, runs: Run[], names: string[]): { query: Query; problem: QueryError | null } {
  const read = useMemo(() => {
    try {
      return { query: parse(text), problem: null };
    } catch (error) {
      if (error instanceof QueryError) return { query: { kind: "all" } as const, problem: error };
      throw error;
    }
  }, [text]);
  const problem = useMemo(() => unknownName(read.query, runs, names), [read, runs, names]);
  return { query: read.query, problem: read.problem ?? problem };
}

/** Groups and colours of what is drawn. */
function useDrawing(shown: Run[], picked: Run[], params: URLSearchParams) {
  const by = useStable(params.getAll("group"));
  const colorBy = params.get("color") ?? "";
  const words = say(REST);
  const groups = useStable(
    useMemo(() => (by.length ? grouped(picked, by, words) : undefined), [picked, by, words]),
  );
  const colors = useStable(useMemo(() => (colorBy ? colored(shown, colorBy) : undefined), [shown, colorBy]));
  const color = useMemo(() => {
    const ofGroup = new Map((groups ?? []).flatMap((group) => group.runs.map((id) => [id, group.color])));
    return (run: string) => ofGroup.get(run) ?? colors?.get(run) ?? colorOf(run);
  }, [groups, colors]);
  return { by, groups, colorBy, colors, colorOf: color };
}

/** The value before, as long as it holds the same: charts must not ask again for what they have. */
export function useStable<T>(value: T): T {
  const kept = useRef(value);
  if (text(kept.current) !== text(value)) kept.current = value;
  return kept.current;
}

function text(value: unknown): string {
  return JSON.stringify(value instanceof Set || value instanceof Map ? [...value] : value) ?? "";
}
