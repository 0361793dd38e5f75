import { useEffect, useState } from "react";
import { get, RefusedError, url } from "../api/client";
import type { Refusal } from "../api/messages";

/** One recorded thing: of a run, under a tag, at a place in its steps; `version` grows when it was replaced. */
export interface ItemKey {
  run: string;
  tag: string;
  index: number;
  version: number;
}

export interface Answer<T> {
  found: T | null;
  error: string;
}

export interface Media {
  address: string;
  parts: number;
}

/** An item as JSON; what was there before stays until the next one has come. */
export function useItem<T>({ run, tag, index, version }: ItemKey): Answer<T> {
  return useAnswer(
    (signal) => get<T>("item", { run, tag, index }, signal),
    `${run}\n${tag}\n${index}\n${version}`,
  );
}

/** A picture or sound as an address of its bytes, with how many there are. */
export function useMedia({ run, tag, index, version }: ItemKey, part: number): Answer<Media> {
  const answer = useAnswer(
    (signal) => fetchMedia({ run, tag, index, part }, signal),
    `${run}\n${tag}\n${index}\n${version}\n${part}`,
  );
  const address = answer.found?.address;
  useEffect(() => () => void (address && URL.revokeObjectURL(address)), [address]);
  return answer;
}

async function fetchMedia(query: Record<string, string | number>, signal: AbortSignal): Promise<Media> {
  const answer = await fetch(url("item", query), { signal });
  if (!answer.ok) throw new RefusedError(answer.status, (await answer.json()) as Refusal);
  const parts = Number(answer.headers.get("x-parts") ?? 1);
  return { address: URL.createObjectURL(await answer.blob()), parts };
}

function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ found: null, error: "" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names all that is asked for
  useEffect(() => {
    const stop = new AbortController();
    ask(stop.signal).then(
      (found) => !stop.signal.aborted && setAnswer({ found, error: "" }),
      (error) => {
        if (stop.signal.aborted) return;
        setAnswer({ found: null, error: error instanceof RefusedError ? error.message : String(error) });
      },
    );
    return () => stop.abort();
  }, [key]);
  return answer;
}
