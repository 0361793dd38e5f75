import { useEffect, useMemo } from "react";
import { follow, useLive } from "../api/live";
import type { Contents } from "../api/messages";

/** What these runs hold; it comes after they are followed, and again whenever there is more. */
export function useContents(runs: readonly string[]): ReadonlyMap<string, Contents> {
  const all = useLive((live) => live.contents);
  const key = JSON.stringify(runs);
  useEffect(() => {
    const stops = (JSON.parse(key) as string[]).map((run) => follow({ run }));
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  const found = (JSON.parse(key) as string[]).map((run) => all.get(run));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the contents of other runs change nothing here
  return useMemo(
    () => new Map(found.flatMap((contents) => (contents ? [[contents.run, contents]] : []))),
    [key, ...found],
  );
}
