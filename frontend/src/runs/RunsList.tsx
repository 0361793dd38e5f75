import { Checkbox } from "@mantine/core";
import { type CSSProperties, type KeyboardEvent, type MouseEvent, useId, useRef, useState } from "react";
import type { Run } from "../api/messages";
import { duration, measure } from "../ui/format";
import { address, go, setParams } from "../ui/route";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { RunLink } from "./RunName";
import type { Runs } from "./state";
import { StatusLamp } from "./status";
import { reveal, useWindow } from "./useWindow";

const W = {
  runs: ["Runs", "运行列表"],
  all: ["Show all", "全选"],
  none: ["Show none", "全不选"],
  selected: ["{count} of {all} shown", "已显示 {count} / {all}"],
  archived: ["Show archived", "显示已归档"],
  metric: ["Metric of the list", "列表中的指标"],
  left: ["{time} left", "剩余 {time}"],
  nothing: ["No run matches the filter.", "没有符合筛选条件的运行。"],
  keys: [
    "Arrows move, space shows or hides, Enter opens, Alt with a click shows only one",
    "方向键移动，空格显示或隐藏，回车打开，按住 Alt 点击则只显示该运行",
  ],
} satisfies Record<string, Words>;

const ROW = 26;

export function openRun(id: string): string {
  return address("/run", { run: id });
}

/** The list at the left: which runs are drawn, in which colour, and how far they are. */
export function RunsList({ runs }: { runs: Runs }) {
  const say = useSay();
  return (
    <section className="runs-list" aria-label={say(W.runs)}>
      <ListHead runs={runs} />
      <Rows runs={runs} />
      <div className="runs-foot">
        <Checkbox
          size="xs"
          label={say(W.archived)}
          checked={runs.archived}
          onChange={(event) => setParams({ archived: event.currentTarget.checked ? "1" : null })}
        />
      </div>
    </section>
  );
}

function ListHead({ runs }: { runs: Runs }) {
  const say = useSay();
  const count = runs.picked.length;
  const every = count === runs.shown.length && count > 0;
  const ids = runs.shown.map((run) => run.id);
  return (
    <div className="runs-head">
      <Checkbox
        size="xs"
        {...tip(say(every ? W.none : W.all))}
        checked={every}
        indeterminate={count > 0 && !every}
        onChange={() => runs.select(ids, !every)}
      />
      <span className="faint">{say(W.selected, { count, all: runs.shown.length })}</span>
      <select
        aria-label={say(W.metric)}
        value={runs.metric}
        onChange={(event) => setParams({ metric: event.currentTarget.value })}
      >
        {runs.metrics.map((tag) => (
          <option key={tag}>{tag}</option>
        ))}
      </select>
    </div>
  );
}

/** What the keyboard and the mouse do in the list. */
function useKeys(runs: Runs, move: (row: number) => void) {
  const [active, setActive] = useState<string | null>(null);
  const at = runs.shown.findIndex((run) => run.id === active);
  const to = (row: number) => {
    const next = runs.shown[Math.max(0, Math.min(runs.shown.length - 1, row))];
    if (!next) return;
    setActive(next.id);
    move(runs.shown.indexOf(next));
  };
  const toggle = (run: Run) => runs.select([run.id], !runs.selected.has(run.id));
  const press = (event: KeyboardEvent) => {
    const now = runs.shown[at];
    if (event.key === "ArrowDown") to(at + 1);
    else if (event.key === "ArrowUp") to(at < 0 ? 0 : at - 1);
    else if (event.key === "Home") to(0);
    else if (event.key === "End") to(runs.shown.length - 1);
    else if (event.key === " " && now) toggle(now);
    else if (event.key === "Enter" && now) go(openRun(now.id));
    else if (event.key === "a" && (event.ctrlKey || event.metaKey))
      runs.select(
        runs.shown.map(({ id }) => id),
        true,
      );
    else return;
    event.preventDefault();
  };
  const click = (event: MouseEvent, run: Run) => {
    const row = runs.shown.indexOf(run);
    if (event.altKey) runs.only([run.id]);
    else if (event.shiftKey && at >= 0) {
      const [from, until] = at < row ? [at, row] : [row, at];
      runs.select(
        runs.shown.slice(from, until + 1).map(({ id }) => id),
        !runs.selected.has(run.id),
      );
    } else toggle(run);
    setActive(run.id);
  };
  return { active, press, click };
}

function Rows({ runs }: { runs: Runs }) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const seen = useWindow(box, runs.shown.length, ROW);
  const keys = useKeys(runs, (row) => reveal(box.current, row, ROW));
  return (
    <div
      ref={box}
      className="runs-rows"
      role="listbox"
      aria-multiselectable
      aria-label={say(W.runs)}
      aria-description={say(W.keys)}
      aria-activedescendant={keys.active === null ? undefined : `${id}-${keys.active}`}
      tabIndex={0}
      onKeyDown={keys.press}
    >
      {!runs.shown.length && runs.all && <p className="faint runs-empty">{say(W.nothing)}</p>}
      <div style={{ height: runs.shown.length * ROW, position: "relative" }}>
        {runs.shown.slice(seen.from, seen.to).map((run, place) => (
          <Row
            key={run.id}
            id={`${id}-${run.id}`}
            run={run}
            runs={runs}
            top={(seen.from + place) * ROW}
            active={keys.active === run.id}
            onClick={keys.click}
          />
        ))}
      </div>
    </div>
  );
}

function Row(props: {
  id: string;
  run: Run;
  runs: Runs;
  top: number;
  active: boolean;
  onClick: (event: MouseEvent, run: Run) => void;
}) {
  const { run, runs } = props;
  const selected = runs.selected.has(run.id);
  const value = run.last[runs.metric];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list that holds it listens to the keyboard
    <div
      id={props.id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      className={`runs-row${props.active ? " active" : ""}${run.archived ? " archived" : ""}`}
      style={{ top: props.top, "--run": runs.colorOf(run.id) } as CSSProperties}
      onClick={(event) => props.onClick(event, run)}
    >
      <span className="runs-check" aria-hidden />
      <StatusLamp run={run} />
      <RunLink run={run} href={openRun(run.id)} tabIndex={-1} />
      <Progress run={run} />
      <span className="runs-value">{value === undefined ? "" : measure(value)}</span>
    </div>
  );
}

/** How far a run is that is not done, as `3/8`, with the time left. */
function Progress({ run }: { run: Run }) {
  const say = useSay();
  if (run.epoch === null || run.epochs === null || run.status === "done") return null;
  const left =
    run.status === "running" && run.seconds_left !== null
      ? say(W.left, { time: duration(run.seconds_left) })
      : "";
  return (
    <span className="runs-progress" title={left}>
      {run.epoch}/{run.epochs}
    </span>
  );
}
