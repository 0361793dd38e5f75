import { create } from "zustand";
import { RefusedError, send } from "../api/client";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";

/** Notes that were typed and are not kept yet, because others stand there now or the server refused them. */
export interface Unkept {
  run: string;
  mine: string;
  /** what stands there; null where the server said nothing of it */
  theirs: string | null;
  before: string;
  why: string;
}

/** The oldest first, which is asked about first. */
export const useUnkept = create<{ list: readonly Unkept[] }>(() => ({ list: [] }));

/** Keeps the notes of a run; where they are no longer those that the edit began with, a person is asked. */
export async function saveNotes(run: string, mine: string, before: string, asked?: Unkept): Promise<void> {
  try {
    const found = await send<Run>("PATCH", "run", { notes: mine, notes_before: before }, { run });
    useLive.setState((live) => ({ runs: new Map(live.runs).set(run, found) }));
    settle(asked);
  } catch (error) {
    const theirs = error instanceof RefusedError ? error.refusal.stored : null;
    const why = error instanceof Error ? error.message : String(error);
    settle(asked, { run, mine, theirs, before: theirs ?? before, why });
  }
}

/** Takes a question away, and puts another in its place. */
export function settle(asked: Unkept | undefined, next?: Unkept): void {
  useUnkept.setState(({ list }) => {
    const others = list.filter((one) => one !== asked);
    return { list: !next ? others : asked ? [next, ...others] : [...others, next] };
  });
}
