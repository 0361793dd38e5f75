import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { Sample } from "../api/messages";

const QUIET = 120;
const MOST = 600;
const known = new Map<string, string>();

/** The picture of a sample, asked for when somebody has looked for a moment; empty until it comes, or where there is none. */
export function usePicture(run: string, split: string, index: number): string {
  const key = `${run}\n${split}\n${index}`;
  const [, came] = useState(0);
  useEffect(() => {
    if (known.has(key)) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<Sample[]>("samples", { run, split, n: 1, from: index }, abort.signal).then(
        ([sample]) => {
          keep(key, sample?.picture ?? "");
          came((count) => count + 1);
        },
        () => undefined, // it stays without a picture
      );
    }, QUIET);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, run, split, index]);
  return known.get(key) ?? "";
}

function keep(key: string, picture: string): void {
  known.set(key, picture);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}
