import { Button } from "@mantine/core";
import { useState } from "react";
import { get } from "../api/client";
import type { PredictionsView } from "../api/messages";
import { SPLITS } from "../data/splits";
import { addressOf } from "../run/tries";
import { number } from "../ui/format";
import { setParams, useParam } from "../ui/route";
import { Segments } from "../ui/Segments";
import { Spinner } from "../ui/Spinner";
import { Said, useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Calibration } from "./Calibration";
import { Confusion } from "./Confusion";
import { ANY, type Cell } from "./ConfusionCells";
import { Embedding } from "./Embedding";
import { useSeconds } from "./ExplainAsking";
import { Pairs } from "./Pairs";
import { Mistakes } from "./PredictionsMistakes";
import { ClassTable } from "./PredictionsTable";
import { useAsked } from "./told";
import "./Predictions.css";

const W = {
  split: ["Split", "划分"],
  accuracy: ["right", "正确"],
  samples: ["{count} samples, by the best weights", "{count} 个样本，使用最佳权重"],
  busy: [
    "The network looks at every sample of the split… {seconds} s",
    "网络正在逐个查看该划分的样本…{seconds} 秒",
  ],
  leave: ["Stop", "停止"],
  stopped: ["Stopped.", "已停止。"],
  again: ["Ask again", "重新计算"],
  numbers: ["Errors", "误差"],
} satisfies Record<string, Words>;

/** What the best weights of a run say of a whole split: how often they are right, and where they are not. */
export default function Predictions({ run }: { run: string }) {
  const say = useSay();
  const [split, setSplit] = useParam("of", "valid");
  const [stopped, setStopped] = useState(false);
  const asked = useAsked(`${run}\n${split}`, {
    on: !stopped,
    ask: (signal) => get<PredictionsView>("inside/predictions", { run, split }, signal),
  });
  const { value: view, refused, busy } = asked;
  const seconds = useSeconds(busy);
  const splits = view?.splits ?? [];
  return (
    <div className="predictions">
      <div className="predictions-top">
        {splits.length > 1 && (
          <Segments<string>
            label={say(W.split)}
            value={busy ? split : (view?.split ?? split)}
            onChange={(next) => {
              setStopped(false);
              setSplit(next);
            }}
            data={splits.map((value) => ({ value, label: SPLITS[value] ? say(SPLITS[value]) : value }))}
          />
        )}
        {view && !busy && <Summary view={view} />}
        {busy && seconds > 0 && (
          <span className="faint predictions-busy" role="status">
            <Spinner /> {say(W.busy, { seconds })}{" "}
            <Button onClick={() => setStopped(true)}>{say(W.leave)}</Button>
          </span>
        )}
        {stopped && (
          <span className="faint predictions-busy">
            {say(W.stopped)} <Button onClick={() => setStopped(false)}>{say(W.again)}</Button>
          </span>
        )}
      </div>
      {refused && !busy && (
        <p className="panel run-pad" role="alert">
          <Said text={refused} />
        </p>
      )}
      {view && (
        <div className={busy ? "predictions-parts old" : "predictions-parts"} aria-busy={busy}>
          <Parts key={view.split} run={run} view={view} />
        </div>
      )}
    </div>
  );
}

function Summary({ view }: { view: PredictionsView }) {
  const say = useSay();
  return (
    <>
      {typeof view.accuracy === "number" && (
        <span>
          <b className="predictions-large">{number(100 * view.accuracy, 4)} %</b> {say(W.accuracy)}
        </span>
      )}
      <span className="faint">{say(W.samples, { count: number(view.samples) })}</span>
      {view.notes.map((note) => (
        <span key={note} className="faint">
          <Said text={note} />
        </span>
      ))}
    </>
  );
}

function Parts({ run, view }: { run: string; view: PredictionsView }) {
  const [cell, setCell] = useState<Cell>(ANY);
  const open = (index: number) =>
    setParams({ tab: "try", ...addressOf({ sample: index, split: view.split }) }, false);
  const classed = view.rows.length > 0;
  const embedding = view.points.length > 0 && (
    <Embedding
      run={run}
      view={view}
      cell={cell}
      wide={view.pairs.length === 0}
      onCell={setCell}
      onOpen={open}
    />
  );
  return (
    <>
      {view.facts.length > 0 && <Facts facts={view.facts} />}
      {view.confusion.length > 0 && (
        <Confusion
          counted={view.counted}
          confusion={view.confusion}
          classes={view.classes}
          cell={cell}
          onCell={setCell}
        />
      )}
      {(view.rows.length > 0 || view.bins.length > 0) && (
        <div className="predictions-column">
          {view.rows.length > 0 && (
            <ClassTable rows={view.rows} counted={view.counted} cell={cell} onCell={setCell} />
          )}
          {view.bins.length > 0 && <Calibration bins={view.bins} error={view.calibration_error} />}
        </div>
      )}
      {view.pairs.length > 0 && <Pairs run={run} split={view.split} pairs={view.pairs} onOpen={open} />}
      {!classed && embedding}
      {(classed || view.facts.length > 0) && (
        <Mistakes run={run} view={view} cell={cell} onCell={setCell} onOpen={open} />
      )}
      {classed && embedding}
    </>
  );
}

function Facts({ facts }: { facts: PredictionsView["facts"] }) {
  const say = useSay();
  const said = useSaid();
  return (
    <section className="panel predictions-part predictions-wide" aria-label={say(W.numbers)}>
      <dl className="predictions-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{said(name)}</dt>
            <dd>{said(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
