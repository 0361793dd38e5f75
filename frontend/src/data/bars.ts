import type { SplitView } from "../api/messages";

export interface ClassBar {
  label: string;
  /** of each split: how many, the share of its largest class, and the part of all */
  counts: { split: string; count: number; share: number; part: number }[];
}

/** Counts of each class in all splits beside each other: of each split as a share of its largest class, so that small splits can be compared. */
export function classBars(splits: readonly SplitView[], classes: readonly string[]): ClassBar[] {
  const counted = splits.filter((split) => Object.keys(split.counts).length > 0);
  const most = new Map(counted.map((split) => [split.name, Math.max(1, ...Object.values(split.counts))]));
  const sum = (counts: SplitView["counts"]) => Object.values(counts).reduce((all, one) => all + one, 0);
  const labels = classes.length ? classes : Object.keys(counted[0]?.counts ?? {});
  return labels.map((label) => ({
    label,
    counts: counted.map(({ name, counts }) => {
      const count = counts[label] ?? 0;
      return {
        split: name,
        count,
        share: count / (most.get(name) ?? 1),
        part: count / Math.max(1, sum(counts)),
      };
    }),
  }));
}
