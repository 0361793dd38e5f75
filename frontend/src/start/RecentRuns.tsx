import { useMemo } from "react";
import { useLive } from "../api/live";
import type { Run } from "../api/messages";
import { newestFirst, qualityMetrics } from "../runs/fields";
import { labelIn } from "../runs/labels";
import { RunName } from "../runs/RunName";
import { STATUS, StatusLamp } from "../runs/status";
import { ago, duration, measure } from "../ui/format";
import { Link } from "../ui/Link";
import { address } from "../ui/route";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Sparkline } from "./Sparkline";
import { useSparks } from "./useSparks";

const W = {
  runs: ["Runs", "运行"],
  all: ["All {count} runs", "全部 {count} 个运行"],
  none: [
    "No runs yet. Press Train on a template: its curves appear while it learns.",
    "还没有运行。在模板上点击“训练”，训练过程中会实时显示曲线。",
  ],
  left: ["{time} left", "剩余 {time}"],
  epoch: ["epoch {epoch} of {epochs}", "第 {epoch} / {epochs} 轮"],
} satisfies Record<string, Words>;

const SHOWN = 12;

/** What runs now, then what ran last. */
export function RecentRuns() {
  const say = useSay();
  const runs = useLive((live) => live.runs);
  const label = labelIn(runs);
  const recent = useMemo(() => latest([...(runs?.values() ?? [])]), [runs]);
  const sparks = useSparks(recent);
  const count = runs?.size ?? 0;
  return (
    <section>
      <div className="start-head">
        <h2>{say(W.runs)}</h2>
        {count > 0 && <Link href="/runs">{say(W.all, { count })}</Link>}
      </div>
      <div className="panel start-list">
        {runs && !count && <p className="faint">{say(W.none)}</p>}
        {recent.map((run) => (
          <Link key={run.id} href={address("/run", { run: run.id })} className="start-run">
            <StatusLamp run={run} />
            <span className="start-name" title={run.id}>
              <RunName name={label(run)} />
            </span>
            <Sparkline values={sparks.get(run.id) ?? []} />
            <Metric run={run} />
            <State run={run} />
          </Link>
        ))}
      </div>
    </section>
  );
}

function latest(runs: Run[]): Run[] {
  const busy = (run: Run) => Number(run.status !== "running");
  return runs
    .filter((run) => !run.archived)
    .sort((a, b) => busy(a) - busy(b) || newestFirst(a, b))
    .slice(0, SHOWN);
}

function Metric({ run }: { run: Run }) {
  const tag = qualityMetrics([run])[0];
  if (!tag) return <span />;
  return (
    <span className="start-metric">
      <span className="faint start-tag" title={tag}>
        {tag}
      </span>
      <span>{measure(run.last[tag])}</span>
    </span>
  );
}

/** How far a running one is; else how it ended, and when. */
function State({ run }: { run: Run }) {
  const say = useSay();
  const said = useSaid();
  if (run.status !== "running")
    return (
      <span className="faint start-state" title={run.error ? said(run.error) : undefined}>
        {say(STATUS[run.status])} · {ago(run.updated || run.started)}
      </span>
    );
  const { epoch, epochs } = run;
  const share = epoch !== null && epochs ? epoch / epochs : 0;
  return (
    <span className="start-state">
      <progress value={share} max={1} aria-label={run.name} />
      <span>{epochs ? say(W.epoch, { epoch: epoch ?? 0, epochs }) : say(STATUS.running)}</span>
      {run.seconds_left !== null && <span>{say(W.left, { time: duration(run.seconds_left) })}</span>}
    </span>
  );
}
