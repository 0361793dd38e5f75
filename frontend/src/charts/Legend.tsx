import { setParams } from "../ui/route";
import { useSay } from "../ui/words";
import type { Cursor } from "./cursor";
import { W } from "./words";

/** A run, or a group of runs, with its colour. */
export interface Owner {
  id: string;
  name: string;
  color: string;
  runs: readonly string[];
  group: boolean;
}

const LONGEST = 34;

const BEGINNING = 10;

/** A name that fits: its beginning, and its end, which of a path tells more. */
export function fitted(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST) return name;
  return `${letters.slice(0, BEGINNING).join("")}…${letters.slice(BEGINNING + 1 - LONGEST).join("")}`;
}

/** A run's name where there is little room: of a path the folders are faint, as everywhere. */
export function Fitted({ name }: { name: string }) {
  const text = fitted(name);
  const at = text.lastIndexOf("/");
  return (
    <span>
      {at > 0 && <span className="faint">{text.slice(0, at)}</span>}
      {at > 0 ? text.slice(at) : text}
    </span>
  );
}

interface Props {
  owners: readonly Owner[];
  hidden: readonly string[];
  cursor: Cursor;
}

/** One legend for all charts: pointing at a run brings it forward, a click hides it. */
export function Legend({ owners, hidden, cursor }: Props) {
  const say = useSay();
  const toggle = (id: string) =>
    setParams({ hide: hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id] });
  return (
    <fieldset className="chart-legend" aria-label={say(W.legend)} onPointerLeave={() => cursor.point(null)}>
      {owners.map(({ id, name, color, runs, group }) => (
        <button
          key={id}
          type="button"
          aria-pressed={!hidden.includes(id)}
          aria-label={say(W.hide, { run: name })}
          title={group ? `${name}: ${say(W.deviation, { count: runs.length })}` : id}
          onClick={() => toggle(id)}
          onPointerEnter={() => cursor.point(hidden.includes(id) ? null : id)}
          onFocus={() => cursor.point(hidden.includes(id) ? null : id)}
          onBlur={() => cursor.point(null)}
        >
          <i style={{ background: color }} />
          {group ? fitted(name) : <Fitted name={name} />}
          {group && <span className="faint"> ×{runs.length}</span>}
        </button>
      ))}
    </fieldset>
  );
}
