import { Badge } from "@mantine/core";
import { send } from "../api/client";
import type { Run, RunChange } from "../api/messages";
import { RunDoctor } from "../inside/Doctor";
import { duration, moment, number } from "../ui/format";
import { tellError } from "../ui/notices";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { InPlace } from "./InPlace";
import { Metrics } from "./Metrics";
import { saveNotes } from "./notes";
import { Progress } from "./Progress";
import { RunActions } from "./RunActions";
import { nextOf, progress, STATUS } from "./status";
import { useJobOf } from "./stopping";

const W = {
  name: ["Rename the run", "重命名运行"],
  notes: ["Notes", "备注"],
  addNotes: ["Add notes", "添加备注"],
  tags: ["Tags, with commas between them", "标签，用逗号分隔"],
  addTags: ["Add tags", "添加标签"],
  epoch: ["epoch {epoch} of {epochs}", "第 {epoch} / {epochs} 轮"],
  epochs: ["epoch {epoch}", "第 {epoch} 轮"],
  step: ["step {step}", "第 {step} 步"],
  left: ["{time} left", "剩余 {time}"],
  rate: ["{rate} samples/s", "{rate} 样本/秒"],
  progress: ["Progress", "进度"],
  error: ["What went wrong", "出错原因"],
  queued: ["waiting in the queue", "正在排队"],
  started: ["started {time}", "开始于 {time}"],
  foreign: ["log of other software", "来自其他软件的日志"],
  problems: ["What could not be read", "无法读取的部分"],
} satisfies Record<string, Words>;

/** Name, status, progress and last numbers of a run, and what can be done with it. */
export function RunHead({ run }: { run: Run }) {
  const say = useSay();
  const [status, next] = [STATUS[run.status], nextOf(run)];
  const queued = useJobOf(run.id)?.state === "queued";
  const readOnly = useReadOnly();
  return (
    <section className="run-head panel">
      <div className="run-head-row run-head-top">
        <h1>
          <InPlace value={run.name} label={say(W.name)} onSave={(name) => change(run, { name })} />
        </h1>
        <Badge color={status.color}>{say(status.name)}</Badge>
        {queued && (
          <Badge color="blue" variant="outline">
            {say(W.queued)}
          </Badge>
        )}
        {!run.own && (
          <Badge color="gray" variant="outline">
            {say(W.foreign)}
          </Badge>
        )}
        <RunDoctor run={run} readOnly={readOnly} />
        <Advance run={run} />
        <RunActions run={run} />
      </div>
      {run.error && (
        <pre className="run-error" role="alert" aria-label={say(W.error)}>
          <Said text={run.error} />
        </pre>
      )}
      {next && !queued && <p className="faint run-next">{say(next)}</p>}
      <Problems list={run.problems} label={say(W.problems)} />
      <div className="run-head-row">
        <Metrics run={run} />
        <Remarks run={run} />
      </div>
    </section>
  );
}

function Problems({ list, label }: { list: readonly string[]; label: string }) {
  if (list.length === 0) return null;
  return (
    <ul className="run-problems" aria-label={label}>
      {list.map((problem) => (
        <li key={problem}>
          <Said text={problem} />
        </li>
      ))}
    </ul>
  );
}

/** The bar and the words beside it; they keep their place when numbers change. */
function Advance({ run }: { run: Run }) {
  const say = useSay();
  const words: string[] = [];
  if (run.epoch !== null && run.epochs) words.push(say(W.epoch, { epoch: run.epoch, epochs: run.epochs }));
  else if (run.epoch !== null) words.push(say(W.epochs, { epoch: run.epoch }));
  if (run.step !== null) words.push(say(W.step, { step: number(run.step) }));
  const active = run.status === "running";
  if (active && run.seconds_left !== null) words.push(say(W.left, { time: duration(run.seconds_left) }));
  if (run.rate !== null) words.push(say(W.rate, { rate: number(run.rate, 3) }));
  if (!active && run.started) words.push(say(W.started, { time: moment(run.started) }));
  const share = progress(run);
  return (
    <div className="run-advance">
      {share !== null && run.status !== "done" && <Progress share={share} label={say(W.progress)} />}
      <span className="faint">{words.join(" · ")}</span>
    </div>
  );
}

function Remarks({ run }: { run: Run }) {
  const say = useSay();
  const setTags = (text: string) => change(run, { tags: tagsOf(text) });
  return (
    <div className="run-remarks">
      <InPlace value={run.tags.join(", ")} label={say(W.tags)} empty={`+ ${say(W.addTags)}`} onSave={setTags}>
        {run.tags.length > 0 ? (
          <span className="run-tags">
            {run.tags.map((tag) => (
              <Badge key={tag} color="gray">
                {tag}
              </Badge>
            ))}
          </span>
        ) : null}
      </InPlace>
      <InPlace
        value={run.notes}
        label={say(W.notes)}
        empty={`+ ${say(W.addNotes)}`}
        lines
        onSave={(notes, before) => void saveNotes(run.id, notes, before)}
      />
    </div>
  );
}

/** Tags of a text with commas, Chinese ones too, each once. */
export function tagsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,，、]/)
        .map((tag) => tag.trim())
        .filter(Boolean),
    ),
  ];
}

function change(run: Run, values: Partial<RunChange>): void {
  send("PATCH", "run", values, { run: run.id }).catch(tellError);
}
