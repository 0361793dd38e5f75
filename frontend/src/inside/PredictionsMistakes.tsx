import { Button } from "@mantine/core";
import { useState } from "react";
import type { PredictionsView } from "../api/messages";
import { number } from "../ui/format";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import { ANY, type Cell } from "./ConfusionCells";
import { usePicture } from "./PredictionsPictures";
import { countOf, type Listed, listed, type Order } from "./PredictionsSamples";

const W = {
  title: ["Mistakes", "错误"],
  errors: ["Largest errors", "误差最大的样本"],
  all: ["all {count} mistakes", "全部 {count} 个错误"],
  of: ["{label} taken for {predicted}: {count}", "{label} 被预测为 {predicted}：{count} 个"],
  class: ["samples of {label}: {count}", "{label} 的样本：{count} 个"],
  taken: ["taken for {predicted}: {count}", "被预测为 {predicted}：{count} 个"],
  clear: ["Show all mistakes", "显示全部错误"],
  order: ["Order", "排序"],
  loss: ["Worst first", "损失最大"],
  confidence: ["Most certain first", "最自信"],
  none: ["No mistakes: all samples of this split are recognised.", "没有错误：该划分的样本全部识别正确。"],
  empty: ["None of these samples is among those that are shown.", "这些样本不在可显示的范围内。"],
  more: ["Show more", "显示更多"],
  shown: [
    "{shown} of {count} are listed: the worst, and those in the drawing.",
    "列出 {count} 个中的 {shown} 个：损失最大的以及散点图中的样本。",
  ],
  open: [
    "Sample {index}: {label}, taken for {predicted}; see why",
    "样本 {index}：{label} 被预测为 {predicted}，查看原因",
  ],
  sure: ["{share} % sure", "置信度 {share} %"],
  lossOf: ["loss {loss}", "损失 {loss}"],
} satisfies Record<string, Words>;

const COUNT = 24;

interface Props {
  run: string;
  view: PredictionsView;
  cell: Cell;
  onCell: (cell: Cell) => void;
  onOpen: (index: number) => void;
}

/** Samples with their pictures: the mistakes, or those of a cell. */
export function Mistakes({ run, view, cell, onCell, onOpen }: Props) {
  const say = useSay();
  const [order, setOrder] = useState<Order>("loss");
  const [most, setMost] = useState(COUNT);
  const title = say(view.facts.length && !view.confusion.length ? W.errors : W.title);
  const list = listed(view, cell, order);
  const whole = cell.label === null && cell.predicted === null;
  const classed = view.confusion.length > 0;
  const places = view.counted === "places"; // whose table counts pixels, not samples
  const count = places || !classed ? list.length : whole ? wrong(view) : countOf(view.confusion, cell);
  const name = (index: number | null) => view.classes[index ?? -1] ?? "";
  const words = whole ? W.all : cell.predicted === null ? W.class : cell.label === null ? W.taken : W.of;
  return (
    <section className="panel predictions-part predictions-wide" aria-label={title}>
      <div className="predictions-head">
        <h2>{title}</h2>
        {classed && (
          <span role="status">
            {say(words, { count: number(count), label: name(cell.label), predicted: name(cell.predicted) })}
          </span>
        )}
        {!whole && <Button onClick={() => onCell(ANY)}>{say(W.clear)}</Button>}
        {classed && (
          <Segments<Order>
            label={say(W.order)}
            value={order}
            onChange={setOrder}
            data={(["loss", "confidence"] as const).map((value) => ({ value, label: say(W[value]) }))}
          />
        )}
      </div>
      {list.length === 0 && <p className="faint predictions-small">{say(count ? W.empty : W.none)}</p>}
      {list.length > 0 && list.length < count && (
        <p className="faint predictions-small">
          {say(W.shown, { shown: number(list.length), count: number(count) })}
        </p>
      )}
      <ul className="predictions-mistakes">
        {list.slice(0, most).map((one) => (
          <li key={one.index}>
            <Tile run={run} split={view.split} one={one} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {list.length > most && (
        <Button className="predictions-more" onClick={() => setMost(most + 2 * COUNT)}>
          {say(W.more)}
        </Button>
      )}
    </section>
  );
}

function wrong({ confusion }: PredictionsView): number {
  return confusion.reduce(
    (sum, row, label) =>
      sum + row.reduce((all, count, predicted) => all + (label === predicted ? 0 : count), 0),
    0,
  );
}

interface TileProps {
  run: string;
  split: string;
  one: Listed;
  onOpen: (index: number) => void;
}

function Tile({ run, split, one, onOpen }: TileProps) {
  const say = useSay();
  const { index, label, predicted, confidence, loss } = one;
  const numbers = [
    typeof confidence === "number" && say(W.sure, { share: number(100 * confidence, 3) }),
    loss !== undefined && say(W.lossOf, { loss: number(loss, 3) }),
  ].filter(Boolean);
  return (
    <button
      type="button"
      aria-label={say(W.open, { index, label, predicted })}
      data-tip={[`#${index}`, ...numbers].join(" · ")}
      onClick={() => onOpen(index)}
    >
      {one.picture ? <img src={one.picture} alt="" /> : <Fetched run={run} split={split} index={index} />}
      <span>{label}</span>
      {label !== predicted && <span className="run-wrong">→ {predicted}</span>}
      {numbers.length > 0 && <span className="faint">{numbers[0]}</span>}
    </button>
  );
}

/** A picture that did not come with the list. */
function Fetched({ run, split, index }: { run: string; split: string; index: number }) {
  const picture = usePicture(run, split, index);
  return picture ? <img src={picture} alt="" /> : <span className="run-row">#{index}</span>;
}
