import { Button } from "@mantine/core";
import { useState } from "react";
import type { ScheduleView, ViewRequest } from "../api/messages";
import { Late } from "../forms/Late";
import { Skeleton } from "../forms/Skeleton";
import { useAnswer } from "../forms/useAnswer";
import { duration, number } from "../ui/format";
import { Spinner } from "../ui/Spinner";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { RateChart } from "./RateChart";

const W = {
  title: ["Learning rate over the whole run", "整个训练过程的学习率"],
  perEpoch: ["Steps per epoch", "每轮步数"],
  epochs: ["Epochs", "轮数"],
  steps: ["Steps in all", "总步数"],
  warmup: ["Warm-up", "预热"],
  time: ["Expected time", "预计时间"],
  unknown: ["not known yet", "尚不清楚"],
  measure: ["Measure", "测量"],
  measuring: ["Measuring…", "正在测量…"],
  inSteps: ["{count} steps", "{count} 步"],
  trouble: ["The run cannot be foreseen yet", "暂时无法预估此训练"],
} satisfies Record<string, Words>;

/** What training will do: its learning rates, its steps, how long it takes. */
export function SchedulePane({ view }: { view: ViewRequest }) {
  const say = useSay();
  const said = useSaid();
  const [measured, setMeasured] = useState("");
  const { value, busy, refused } = useAnswer<ScheduleView>("schedule", view);
  const trial = useAnswer<ScheduleView>(
    "schedule",
    measured === view.text ? { ...view, measure: true } : null,
  );
  const measuring = trial.busy && measured === view.text;
  const timed = value?.seconds == null && measured === view.text ? trial.value : value;
  if (refused) return <p className="form-fault">{said(refused)}</p>;
  if (!value) return <Skeleton rows={6} height={26} />;
  const rows: [string, string][] = [
    [say(W.perEpoch), number(value.steps_per_epoch)],
    [say(W.epochs), number(value.epochs)],
    [say(W.steps), number(value.steps_per_epoch * value.epochs)],
    ...(value.warmup
      ? [[say(W.warmup), say(W.inSteps, { count: number(value.warmup) })] as [string, string]]
      : []),
  ];
  return (
    <section className="train-schedule" aria-busy={busy}>
      <h2>
        {say(W.title)} {busy && <Late />}
      </h2>
      {value.curves.length > 0 ? <RateChart view={value} /> : <Problems view={value} />}
      {value.steps_per_epoch > 0 && (
        <dl className="train-numbers">
          {rows.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          <div>
            <dt>{say(W.time)}</dt>
            <dd>
              {timed?.seconds != null ? (
                <>
                  {duration(timed.seconds)} <span className="faint">{said(timed.basis)}</span>
                </>
              ) : (
                <>
                  <span className="faint">{measuring ? <Spinner /> : say(W.unknown)}</span>{" "}
                  <Button disabled={measuring} onClick={() => setMeasured(view.text)}>
                    {say(measuring ? W.measuring : W.measure)}
                  </Button>
                </>
              )}
            </dd>
          </div>
        </dl>
      )}
      {[...value.notes, ...(trial.refused ? [trial.refused] : [])].map((note) => (
        <p key={note} className="faint train-note">
          {said(note)}
        </p>
      ))}
    </section>
  );
}

function Problems({ view }: { view: ScheduleView }) {
  const say = useSay();
  const said = useSaid();
  return (
    <div className="train-trouble">
      <p>{say(W.trouble)}</p>
      {view.problems.slice(0, 5).map((problem) => (
        <p key={problem.place + problem.message}>
          <span className="mono faint">{problem.place}</span> {said(problem.message)}
        </p>
      ))}
    </div>
  );
}
