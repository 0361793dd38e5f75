import { useEffect, useState } from "react";
import { get } from "../api/client";
import { said } from "../runs/fields";
import { number } from "../ui/format";
import { useSay } from "../ui/words";
import { literal } from "./literal";
import type { Named } from "./named";
import type { Shelf } from "./steps";
import { W } from "./words";

type Settings = Record<string, unknown>;

/** The recorded settings of all runs: a row for each setting, a column for each run. */
export function Hparams({ shelves, named }: { shelves: readonly Shelf[]; named: Named }) {
  const say = useSay();
  const found = useSettings(shelves);
  const runs = [...found.keys()].filter((run) => Object.keys(found.get(run) ?? {}).length);
  const names = [...new Set(runs.flatMap((run) => Object.keys(found.get(run) ?? {})))];
  if (!names.length) return null;
  return (
    <div className="media-shelf panel media-wide">
      <table className="media-table">
        <thead>
          <tr>
            <th>{say(W.setting)}</th>
            {runs.map((run) => (
              <th key={run} title={run}>
                {named.name(run)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map((run) => (
                <td key={run}>{cell(found.get(run)?.[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cell(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number") return number(value, 6);
  return said(typeof value === "string" ? literal(value) : value);
}

/** What each run says of its settings; later tags add to earlier ones. */
function useSettings(shelves: readonly Shelf[]): Map<string, Settings> {
  const [found, setFound] = useState(new Map<string, Settings>());
  const wanted = shelves.flatMap(({ tag, holders }) =>
    holders.map(({ run, items }) => [run, tag, items.steps.length - 1, items.version] as const),
  );
  const key = JSON.stringify(wanted);
  useEffect(() => {
    const stop = new AbortController();
    const asked = JSON.parse(key) as [string, string, number, number][];
    const answers = asked.map(([run, tag, index]) =>
      get<Settings>("item", { run, tag, index }, stop.signal).then(
        (settings) => [run, settings] as const,
        () => [run, {}] as const,
      ),
    );
    Promise.all(answers).then((all) => {
      if (stop.signal.aborted) return;
      const merged = new Map<string, Settings>();
      for (const [run, settings] of all) merged.set(run, { ...merged.get(run), ...settings });
      setFound(merged);
    });
    return () => stop.abort();
  }, [key]);
  return found;
}
