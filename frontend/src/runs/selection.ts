import type { Run } from "../api/messages";

/** So many of the newest are selected as long as nobody has chosen. */
export const NEWEST = 5;
/** A longer choice is written as `*` less those that are not chosen, if that is shorter. */
const EVERY = "*";

/** The choice as the address holds it: `sel`, and `not` beside `sel=*`. Empty `sel`: nothing. */
export interface Choice {
  sel: string[];
  not: string[];
}

/** The chosen ids of those that are shown; runs that are gone drop out by themselves. */
export function chosen(choice: Choice, shown: readonly Run[], newest: readonly Run[]): Set<string> {
  const ids = shown.map((run) => run.id);
  if (!choice.sel.length) return new Set(newest.slice(0, NEWEST).map((run) => run.id));
  if (choice.sel.includes(EVERY)) {
    const not = new Set(choice.not);
    return new Set(ids.filter((id) => !not.has(id)));
  }
  const wanted = new Set(choice.sel);
  return new Set(ids.filter((id) => wanted.has(id)));
}

/** The shortest address of a choice. What is chosen but not shown now stays chosen while ids are listed. */
export function written(
  ids: ReadonlySet<string>,
  shown: readonly Run[],
  hidden: readonly string[] = [],
): Choice {
  const missing = shown.filter((run) => !ids.has(run.id)).map((run) => run.id);
  const kept = shown.filter((run) => ids.has(run.id)).map((run) => run.id);
  if (shown.length > 1 && missing.length < kept.length && (kept.length > 20 || !missing.length))
    return { sel: [EVERY], not: missing };
  const listed = [...kept, ...hidden];
  return { sel: listed.length ? listed : [""], not: [] };
}

/** The choice with some ids turned on or off. */
export function changed(ids: ReadonlySet<string>, change: Iterable<string>, on: boolean): Set<string> {
  const next = new Set(ids);
  for (const id of change) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return next;
}
