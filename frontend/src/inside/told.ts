import { useEffect, useRef, useState } from "react";
import { RefusedError } from "../api/client";
import { useLive } from "../api/live";

/** Why an answer did not come; empty: the server is away, which the page says above, and what is shown stays. */
export function told(error: unknown): string {
  if (!(error instanceof RefusedError)) return String(error);
  return error.status === 0 ? "" : error.message;
}

/** Whether the server is there; what it was asked in vain is asked again when it is back. */
export function useConnected(): boolean {
  return useLive((live) => live.connection === "open");
}

interface Answer<T> {
  /** the last one, which stays while another is on its way */
  value: T | null;
  refused: string;
  /** the question that it is of */
  to: string;
  news: unknown;
}

interface Asked<T> {
  /** false asks nothing, and gives up what was asked */
  on?: boolean;
  ask: (signal: AbortSignal) => Promise<T>;
  /** what the answer depends on beside its question: when it is another, the question is asked again */
  news?: unknown;
  /** milliseconds after an answer until it is asked again: what is asked is always answered before */
  pause?: number;
}

/** What the server says to the question that `key` names. */
export function useAsked<T>(key: string, { on = true, ask, news, pause = 0 }: Asked<T>) {
  const [answer, setAnswer] = useState<Answer<T>>({ value: null, refused: "", to: "", news });
  const [turn, setTurn] = useState(0);
  const connected = useConnected();
  const latest = useRef({ ask, news });
  latest.current = { ask, news };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn asks again
  useEffect(() => {
    if (!on || !connected) return;
    const abort = new AbortController();
    const { ask, news } = latest.current;
    ask(abort.signal).then(
      (value) => setAnswer({ value, refused: "", to: key, news }),
      (error) => {
        const refused = abort.signal.aborted ? "" : told(error);
        if (refused) setAnswer({ value: null, refused, to: key, news });
      },
    );
    return () => abort.abort();
  }, [key, on, turn, connected]);
  const stale = answer.to === key && answer.news !== news;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer may be stale as soon as it comes
  useEffect(() => {
    if (!stale) return;
    const timer = setTimeout(() => setTurn((before) => before + 1), pause);
    return () => clearTimeout(timer);
  }, [stale, answer, pause]);
  const { value, refused, to } = answer;
  return { value, refused, busy: on && to !== key };
}
