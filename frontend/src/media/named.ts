import { useMemo } from "react";
import { useLive } from "../api/live";
import { labelIn } from "../runs/labels";
import { colorOf } from "../ui/colors";

/** How runs are called and coloured; alone, one needs neither. */
export interface Named {
  several: boolean;
  name: (run: string) => string;
  color: (run: string) => string;
}

export function useNamed(runs: readonly string[]): Named {
  const all = useLive((live) => live.runs);
  return useMemo(
    () => ({
      several: runs.length > 1,
      name: (run) => labelIn(all)(all?.get(run) ?? { id: run, name: run }),
      color: colorOf,
    }),
    [all, runs.length],
  );
}
