import type { Run } from "../api/messages";
import { ofLayer } from "../charts/plan";

type Value = Run["last"][string];
/** A metric as the head of a run shows it: training beside validation. */
export interface Row {
  metric: string;
  train?: Value | undefined;
  valid?: Value | undefined;
  best?: Value | undefined;
  /** the last value of the validation is the best of all */
  isBest: boolean;
}

const SPLIT = /^(train|valid)\/(.+)$/;
const FIRST = ["loss", "accuracy"];

/** The metrics of training and validation side by side, loss and accuracy first. */
export function rows(run: Pick<Run, "last" | "best">): Row[] {
  const names = new Set<string>();
  for (const tag of Object.keys(run.last)) {
    const match = SPLIT.exec(tag);
    if (match?.[2]) names.add(match[2]);
  }
  return [...names].sort(byRank).map((metric) => {
    const [train, valid] = [run.last[`train/${metric}`], run.last[`valid/${metric}`]];
    const best = run.best[`valid/${metric}`] ?? run.best[`train/${metric}`];
    return {
      metric,
      train,
      valid,
      best,
      isBest: best !== undefined && best !== null && best === (valid ?? train),
    };
  });
}

/** The last values that belong to neither: the learning rate, and all of a foreign log; not those of layers. */
export function others(run: Pick<Run, "last">): [string, Value][] {
  return Object.entries(run.last).filter(([tag]) => !SPLIT.test(tag) && !ofLayer(tag));
}

function byRank(a: string, b: string): number {
  return rank(a) - rank(b) || a.localeCompare(b);
}

function rank(metric: string): number {
  const place = FIRST.indexOf(metric);
  return place < 0 ? FIRST.length : place;
}
