import { useEffect, useState } from "react";
import { curves } from "../api/client";
import type { Run } from "../api/messages";
import { qualityMetrics } from "../runs/fields";

const WIDTH = 32;

/** The main curve of each run, asked for in one call, and again when an epoch ends. */
export function useSparks(runs: readonly Run[]): Map<string, ArrayLike<number>> {
  const [found, setFound] = useState(new Map<string, ArrayLike<number>>());
  const wanted = runs.flatMap((run) => {
    const tag = qualityMetrics([run])[0];
    return tag ? [{ run: run.id, tag, epoch: run.epoch }] : [];
  });
  const key = JSON.stringify(wanted);
  useEffect(() => {
    const list = JSON.parse(key) as { run: string; tag: string }[];
    if (!list.length) return;
    const asking = new AbortController();
    const queries = list.map(({ run, tag }) => ({ runs: [run], tag, width: WIDTH }));
    curves(queries, asking.signal).then(
      (answers) => setFound(new Map(list.map(({ run }, at) => [run, answers[at]?.data.y ?? []]))),
      () => undefined, // they are a decoration: the list says all without them
    );
    return () => asking.abort();
  }, [key]);
  return found;
}
