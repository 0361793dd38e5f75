import { useCallback } from "react";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";

type Named = Pick<Run, "id" | "name">;
type Label = (run: Named) => string;

const found = new WeakMap<ReadonlyMap<string, Run>, Map<string, string>>();
const alone: Label = (run) => run.name;

/** What a run is called where others are listed: with the folder that tells it apart where another has its name. */
export function labelIn(runs: ReadonlyMap<string, Run> | null): Label {
  if (!runs) return alone;
  let labels = found.get(runs);
  if (!labels) {
    labels = labelled([...runs.values()]);
    found.set(runs, labels);
  }
  return (run) => labels.get(run.id) ?? run.name;
}

/** `labelIn` all runs that are known; drawn again with each news of them. */
export function useLabels(): Label {
  const runs = useLive((live) => live.runs);
  return useCallback((run) => labelIn(runs)(run), [runs]);
}

/** The label of one run; drawn again only when it is another. */
export function useLabel(run: Named): string {
  return useLive((live) => labelIn(live.runs)(run));
}

/** The labels of those runs of which two or more have the same name, by id. */
export function labelled(runs: readonly Named[]): Map<string, string> {
  const byName = new Map<string, Named[]>();
  for (const run of runs) {
    const same = byName.get(run.name);
    if (same) same.push(run);
    else byName.set(run.name, [run]);
  }
  const several = [...byName.values()].filter((same) => same.length > 1);
  return new Map(several.flatMap(apart));
}

/** Each one's folders from where they part on, and where those are the same the run's own too. */
function apart(same: readonly Named[]): [string, string][] {
  const parts = same.map(({ id }) => id.split("/"));
  const last = new Set(parts.map((folders) => folders.at(-1)));
  const folders = last.size === 1 ? parts.map((path) => path.slice(0, -1)) : parts;
  const [first = []] = folders;
  const common = first.findIndex((folder, at) => folders.some((path) => path[at] !== folder));
  const from = common < 0 ? Math.min(...folders.map((path) => path.length)) : common;
  return same.map(({ id, name }, place) => [id, `${folders[place]?.slice(from).join("/") || "."}/${name}`]);
}
