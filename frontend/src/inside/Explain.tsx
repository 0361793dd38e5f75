import { Button } from "@mantine/core";
import { useState, useSyncExternalStore } from "react";
import type { Explanation } from "../api/messages";
import { Progress } from "../run/Progress";
import { isRight, type Try } from "../run/tries";
import { number } from "../ui/format";
import { Segments } from "../ui/Segments";
import { Slider } from "../ui/Slider";
import { Spinner } from "../ui/Spinner";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { opacity, useExplanation, useSeconds, useShare } from "./ExplainAsking";
import { Choices } from "./ExplainChoices";
import { ExplainPicture, type Over } from "./ExplainPicture";
import { Scores } from "./ExplainScores";
import { MaskLegend } from "./Masked";
import "./Explain.css";

const W = {
  title: ["Where it looked", "关注位置"],
  over: ["What lies over the picture", "图片上叠加的内容"],
  heat: ["Where it looked", "关注位置"],
  said: ["Predicted", "预测"],
  truth: ["True", "真实"],
  right: ["right", "正确"],
  wrong: ["wrong: it is {truth}", "错误：实际为 {truth}"],
  opacity: ["Opacity of the map", "热图不透明度"],
  busy: ["{seconds} s…", "{seconds} 秒…"],
  share: ["How much of it is computed", "计算进度"],
  stop: ["Stop", "停止"],
  stopped: ["Stopped.", "已停止。"],
  again: ["Ask again", "重新计算"],
  cold: ["little", "少"],
  hot: ["much", "多"],
  mattered: ["mattered", "影响"],
  distrust: [
    "This map hardly changes when the last layers are made random: do not trust it.",
    "把最后几层随机化后，这张图几乎不变：不要相信它。",
  ],
  trust: [
    "The map changes when the last layers are made random: it shows what the network has learned.",
    "把最后几层随机化后，这张图会改变：它反映了网络学到的内容。",
  ],
  correlation: ["Correlation of both maps: {value}", "两张图的相关系数：{value}"],
  neighbours: ["Training pictures that the network takes for similar", "网络认为相似的训练图片"],
} satisfies Record<string, Words>;

const PATIENCE = 1;

/** What the network says of a picture, where it looked, and what it takes for similar. */
export default function Explain({ run, one }: { run: string; one: Try }) {
  const say = useSay();
  const asked = useExplanation(run, one.source ?? {});
  const { found, wish, change, busy } = asked;
  const shade = useSyncExternalStore(opacity.subscribe, opacity.get);
  const [over, setOver] = useState<Over>("heat");
  const target = found?.scores.find(({ index }) => index === found.target);
  return (
    <section className="explain panel" aria-label={say(W.title)}>
      <div className="explain-left">
        <ExplainPicture
          picture={one.picture}
          found={found}
          name={target?.name ?? ""}
          over={over}
          opacity={shade}
          busy={busy}
          region={wish.region}
          onRegion={(region) => change({ region })}
        />
        {found?.said && <Overs over={over} truth={found.truth !== null} onOver={setOver} />}
        {found?.heat && over === "heat" && <Scale shade={shade} />}
        {found && over !== "heat" && <MaskLegend legend={found.legend} />}
      </div>
      <div className="explain-right">
        <Title one={one} label={found?.label ?? ""} />
        {one.refused && (
          <p role="alert">
            <Said text={one.refused} />
          </p>
        )}
        <Scores one={one} found={found} wish={wish} onTarget={(index) => change({ target: index })} />
        <Choices found={found} wish={wish} onChange={change} />
        <State run={run} asked={asked} onAgain={() => change({})} />
        {found && !busy && <Verdict found={found} />}
      </div>
      {found && <Neighbours found={found} />}
    </section>
  );
}

function Title({ one, label }: { one: Try; label: string }) {
  const say = useSay();
  const truth = one.truth ?? (label || null);
  const right = isRight({ ...one, truth });
  return (
    <div className="run-tried-name">
      <span className="faint run-tried-file" title={one.name}>
        {one.name}
      </span>
      {right !== null && (
        <span className={right ? "run-right" : "run-wrong"}>
          {right ? `✓ ${say(W.right)}` : `✗ ${say(W.wrong, { truth: truth ?? "" })}`}
        </span>
      )}
    </div>
  );
}

/** What lies over the picture of which every pixel has a class. */
function Overs({ over, truth, onOver }: { over: Over; truth: boolean; onOver: (over: Over) => void }) {
  const say = useSay();
  const all: Over[] = truth ? ["heat", "said", "truth"] : ["heat", "said"];
  return (
    <div className="explain-overs">
      <Segments<Over>
        label={say(W.over)}
        value={over}
        onChange={onOver}
        data={all.map((value) => ({ value, label: say(W[value]) }))}
      />
    </div>
  );
}

/** From cold to hot, and how strongly it is painted. */
function Scale({ shade }: { shade: number }) {
  const say = useSay();
  return (
    <div className="explain-scale">
      <span className="faint">{say(W.cold)}</span>
      <span className="explain-ramp" role="img" aria-label={say(W.mattered)} />
      <span className="faint">{say(W.hot)}</span>
      <Slider
        aria-label={say(W.opacity)}
        data-tip={say(W.opacity)}
        min={0}
        max={1}
        step={0.05}
        value={shade}
        onChange={opacity.set}
      />
    </div>
  );
}

interface StateProps {
  run: string;
  asked: ReturnType<typeof useExplanation>;
  onAgain: () => void;
}

/** That it is computed, for how long, and how to leave it. */
function State({ run, asked, onAgain }: StateProps) {
  const say = useSay();
  const going = asked.busy && !asked.stopped;
  const seconds = useSeconds(going);
  const share = useShare(run, going);
  if (asked.stopped)
    return (
      <p className="explain-state">
        {say(W.stopped)} <Button onClick={onAgain}>{say(W.again)}</Button>
      </p>
    );
  if (asked.refused && !asked.busy)
    return (
      <p className="explain-state" role="alert">
        <Said text={asked.refused} />
      </p>
    );
  if (!asked.busy || seconds < PATIENCE) return null;
  return (
    <p className="faint explain-state" role="status">
      <Spinner /> {say(W.busy, { seconds })}
      {share !== null && <Progress share={share} label={say(W.share)} />}
      <Button onClick={asked.stop}>{say(W.stop)}</Button>
    </p>
  );
}

function Verdict({ found }: { found: Explanation }) {
  const say = useSay();
  if (!found.heat)
    return found.why ? (
      <p className="explain-verdict doubt">
        <Said text={found.why} />
      </p>
    ) : null;
  // the server's sentence names the layers that were made random: it stands in the tip
  const { trusted, correlation } = found;
  return (
    <>
      {trusted !== null && (
        <p
          className={trusted ? "explain-verdict" : "explain-verdict doubt"}
          data-tip={say(W.correlation, { value: number(correlation, 2) })}
        >
          {trusted ? "✓" : "!"} {say(trusted ? W.trust : W.distrust)}
        </p>
      )}
      {trusted === null &&
        found.notes.map((note) => (
          <p key={note} className="faint explain-verdict">
            <Said text={note} />
          </p>
        ))}
    </>
  );
}

function Neighbours({ found }: { found: Explanation }) {
  const say = useSay();
  if (!found.neighbours.length) return null;
  return (
    <div className="explain-near">
      <h3>{say(W.neighbours)}</h3>
      <ul className="explain-neighbours">
        {found.neighbours.map(({ index, picture, label, distance }) => (
          <li key={index} data-tip={`#${index} · ${number(distance, 3)}`}>
            {picture ? <img src={picture} alt="" /> : <span className="run-row">#{index}</span>}
            <span>{label}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
