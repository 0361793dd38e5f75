import { Badge, TextInput } from "@mantine/core";
import { send } from "../api/client";
import { useLive } from "../api/live";
import type { Job, Queue, Run } from "../api/messages";
import { Progress } from "../run/Progress";
import { progress } from "../run/status";
import { useQueueCall } from "../run/stopping";
import { labelIn } from "../runs/labels";
import { ago, duration } from "../ui/format";
import { Link } from "../ui/Link";
import { tellError } from "../ui/notices";
import { Popup } from "../ui/Popup";
import { address } from "../ui/route";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { counted, ordered } from "./order";
import "./jobs.css";

const W = {
  jobs: ["Trainings", "训练任务"],
  idle: ["Trainings: none running", "训练任务：当前没有运行"],
  running: ["{count} running", "{count} 个运行中"],
  queued: ["{count} waiting", "{count} 个排队"],
  atOnce: ["In parallel", "并行数"],
  stop: ["Stop", "停止"],
  stopNow: ["Stop now", "立即停止"],
  unqueue: ["Remove from the queue", "移出队列"],
  forget: ["Remove from the list", "从列表移除"],
  waiting: ["waiting for a free place", "等待空位"],
  starting: ["starting", "正在启动"],
  stopping: ["stopping, with a checkpoint", "正在保存检查点并停止"],
  ended: ["ended {time}", "{time}结束"],
  left: ["epoch {epoch}/{epochs} · {time} left", "第 {epoch}/{epochs} 轮 · 剩余 {time}"],
  none: [
    "No training was started from here. Open a document and press Train.",
    "这里还没有启动过训练。打开一个文档并点击“训练”。",
  ],
  progress: ["Progress", "进度"],
  devices: ["Devices: {list}", "设备：{list}"],
  cpu: ["Device: cpu", "设备：cpu"],
} satisfies Record<string, Words>;

const act = (call: Promise<Queue>) => call.then((queue) => useLive.setState({ queue }), tellError);

/** How many trainings run and wait, with a list of them, in the header. */
export function JobsMenu() {
  const say = useSay();
  const queue = useLive((live) => live.queue);
  if (!queue) return null;
  const { running, queued } = counted(queue.jobs);
  const words = [
    running > 0 && say(W.running, { count: running }),
    queued > 0 && say(W.queued, { count: queued }),
  ].filter(Boolean);
  return (
    <Popup
      label={words.join(" · ") || say(W.idle)}
      text={
        <>
          {running > 0 && <span className="jobs-lamp" />}
          {words.join(" · ") || say(W.jobs)}
        </>
      }
      panelClass="bare"
      panelWidth={380}
    >
      {(close) => <Jobs queue={queue} onLeave={close} />}
    </Popup>
  );
}

function Jobs({ queue, onLeave }: { queue: Queue; onLeave: () => void }) {
  const say = useSay();
  const setSlots = (slots: number) => {
    if (slots >= 1) act(send<Queue>("PUT", "jobs/slots", undefined, { slots }));
  };
  return (
    <section aria-label={say(W.jobs)}>
      <div className="jobs-head">
        <span className="faint">
          {queue.devices.length > 0 ? say(W.devices, { list: queue.devices.join(", ") }) : say(W.cpu)}
        </span>
        <label htmlFor="jobs-slots">{say(W.atOnce)}</label>
        <TextInput
          id="jobs-slots"
          type="number"
          value={queue.slots}
          onChange={(event) => setSlots(Number(event.currentTarget.value))}
          min={1}
          max={64}
          w={64}
        />
      </div>
      {queue.jobs.length === 0 && <p className="faint jobs-none">{say(W.none)}</p>}
      <ul className="jobs-list">
        {ordered(queue.jobs).map((job) => (
          <Entry key={job.id} job={job} onLeave={onLeave} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ job, onLeave }: { job: Job; onLeave: () => void }) {
  const run = useLive((live) => (job.run ? live.runs?.get(job.run) : undefined));
  const name = useLive((live) => (run ? labelIn(live.runs)(run) : (job.run ?? job.document)));
  const href = job.run ? address("/run", { run: job.run }) : address("/edit", { file: job.document });
  return (
    <li>
      <div className="jobs-row">
        <Link href={href} onClick={onLeave}>
          {name}
        </Link>
        {job.error && <Badge color="red">!</Badge>}
        <Stop job={job} />
      </div>
      {job.settings.length > 0 && <div className="faint mono jobs-small">{job.settings.join(" ")}</div>}
      {job.error ? (
        <p className="jobs-error">
          <Said text={job.error} />
        </p>
      ) : (
        <Advance job={job} run={run} />
      )}
    </li>
  );
}

/** Stops, and of what is being stopped already ends it at once. */
export function Stop({ job }: { job: Job }) {
  const say = useSay();
  const query = { id: job.id, at_once: job.state === "stopping" ? "true" : null };
  const stop = useQueueCall(() => send<Queue>("POST", "jobs/stop", undefined, query));
  const forget = useQueueCall(() => send<Queue>("DELETE", "jobs", undefined, { id: job.id }));
  if (job.state === "ended")
    return (
      <button type="button" className="linklike faint" {...forget}>
        {say(W.forget)}
      </button>
    );
  const words = { queued: W.unqueue, running: W.stop, stopping: W.stopNow }[job.state];
  return (
    <button type="button" className="linklike" {...stop}>
      {say(words)}
    </button>
  );
}

function Advance({ job, run }: { job: Job; run: Run | undefined }) {
  const say = useSay();
  if (job.state === "queued") return <div className="faint jobs-small">{say(W.waiting)}</div>;
  if (job.state === "ended")
    return <div className="faint jobs-small">{say(W.ended, { time: ago(job.ended) })}</div>;
  if (job.state === "stopping") return <div className="faint jobs-small">{say(W.stopping)}</div>;
  if (!run || run.epoch === null) return <div className="faint jobs-small">{say(W.starting)}</div>;
  const values = {
    epoch: run.epoch,
    epochs: run.epochs ?? "?",
    time: run.seconds_left === null ? "?" : duration(run.seconds_left),
  };
  return (
    <div className="jobs-row jobs-small faint">
      <Progress share={progress(run)} label={say(W.progress)} />
      {say(W.left, values)}
    </div>
  );
}
