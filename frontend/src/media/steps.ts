import type { Contents, Items } from "../api/messages";

/** A tag with what each run holds under it. */
export interface Shelf {
  tag: string;
  kind: string;
  holders: { run: string; items: Items }[];
}

const sorter = new Intl.Collator("en", { numeric: true });

/** What the runs hold of one kind, tag by tag. */
export function shelves(
  runs: readonly string[],
  contents: ReadonlyMap<string, Contents>,
  kinds: readonly string[],
): Shelf[] {
  const found = new Map<string, Shelf>();
  for (const run of runs)
    for (const items of contents.get(run)?.items ?? []) {
      if (!kinds.includes(items.kind)) continue;
      const key = `${items.kind}\n${items.tag}`;
      const shelf = found.get(key) ?? { tag: items.tag, kind: items.kind, holders: [] };
      shelf.holders.push({ run, items });
      found.set(key, shelf);
    }
  return [...found.values()].sort((a, b) => sorter.compare(a.tag, b.tag));
}

/** All steps at which any of them has something, ascending. */
export function stepsOf(found: readonly Shelf[]): number[] {
  const steps = new Set(found.flatMap((shelf) => shelf.holders.flatMap(({ items }) => items.steps)));
  return [...steps].sort((a, b) => a - b);
}

/** The place of the last item at or before `step` (the first one if all are later), -1 without items. */
export function itemAt(steps: readonly number[], step: number): number {
  let found = steps.length ? 0 : -1;
  for (const [place, here] of steps.entries()) if (here <= step) found = place;
  return found;
}

/** The place in ascending `steps` of the last one that is not behind `step`. */
export function placeOf(steps: readonly number[], step: number): number {
  return Math.max(0, steps.filter((here) => here <= step).length - 1);
}
