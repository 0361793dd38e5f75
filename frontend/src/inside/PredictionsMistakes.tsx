import { Button } from "@mantine/core";
import { useState } from "react";
import type { Mistake, PredictionsView } from "../api/messages";
import { number } from "../ui/format";
import { Segments } from "../ui/Segments";
import { Spinner } from "../ui/Spinner";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { ANY, type Cell } from "./ConfusionCells";
import { type Mask, MaskChoice, Masked, MaskLegend } from "./Masked";
import { type Order, useMistakes } from "./PredictionsAsking";

const W = {
  title: ["Mistakes", "错误"],
  errors: ["Largest errors", "误差最大的样本"],
  all: ["all {count} mistakes", "全部 {count} 个错误"],
  of: ["{label} taken for {predicted}: {count}", "{label} 被预测为 {predicted}：{count} 个"],
  class: ["samples of {label}: {count}", "{label} 的样本：{count} 个"],
  taken: ["taken for {predicted}: {count}", "被预测为 {predicted}：{count} 个"],
  wrong: ["{count} with wrong pixels", "{count} 个有错误像素的样本"],
  mixed: [
    "{count} in which {label} is mostly taken for {predicted}",
    "{count} 个样本的主要混淆：{label} 被预测为 {predicted}",
  ],
  mixedOf: ["{count} in which mostly {label} is mistaken", "{count} 个样本中主要是 {label} 被误判"],
  mixedAs: [
    "{count} in which something is mostly taken for {predicted}",
    "{count} 个样本中主要误判为 {predicted}",
  ],
  clear: ["Show all mistakes", "显示全部错误"],
  order: ["Order", "排序"],
  loss: ["Worst first", "损失最大"],
  confidence: ["Most certain first", "最自信"],
  none: ["No mistakes: all samples of this split are recognised.", "没有错误：该划分的样本全部识别正确。"],
  empty: ["There is no such sample.", "没有这样的样本。"],
  more: ["Show more", "显示更多"],
  shown: ["{shown} of {count}", "{shown} / {count}"],
  open: [
    "Sample {index}: {label}, taken for {predicted}; see why",
    "样本 {index}：{label} 被预测为 {predicted}，查看原因",
  ],
  sure: ["{share} % sure", "置信度 {share} %"],
  lossOf: ["loss {loss}", "损失 {loss}"],
} satisfies Record<string, Words>;

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
  const [mask, setMask] = useState<Mask>("said");
  const { total, list, refused, busy, more } = useMistakes(run, view.split, cell, order);
  const classed = view.classes.length > 0;
  const title = say(classed ? W.title : W.errors);
  const whole = cell.label === null && cell.predicted === null;
  const name = (index: number | null) => view.classes[index ?? -1] ?? "";
  const words = wordsOf(view, cell);
  const masks = list.some(({ said }) => said !== null);
  return (
    <section className="panel predictions-part predictions-wide" aria-label={title} aria-busy={busy}>
      <div className="predictions-head">
        <h2>{title}</h2>
        {classed && (
          <span role="status">
            {busy && !list.length ? (
              <Spinner />
            ) : (
              say(words, { count: number(total), label: name(cell.label), predicted: name(cell.predicted) })
            )}
          </span>
        )}
        {!whole && <Button onClick={() => onCell(ANY)}>{say(W.clear)}</Button>}
        {masks && <MaskLegend legend={view.legend} />}
        <span className="predictions-choices">
          {masks && <MaskChoice mask={mask} onMask={setMask} />}
          {classed && (
            <Segments<Order>
              label={say(W.order)}
              value={order}
              onChange={setOrder}
              data={(["loss", "confidence"] as const).map((value) => ({ value, label: say(W[value]) }))}
            />
          )}
        </span>
      </div>
      {refused && (
        <p role="alert">
          <Said text={refused} />
        </p>
      )}
      {total === 0 && !busy && !refused && (
        <p className="faint predictions-small">{say(whole ? W.none : W.empty)}</p>
      )}
      <ul className="predictions-mistakes">
        {list.map((one) => (
          <li key={one.index}>
            <Tile one={one} mask={mask} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {list.length < total && list.length > 0 && (
        <p className="predictions-more">
          <Button onClick={more} loading={busy}>
            {say(W.more)}
          </Button>{" "}
          <span className="faint">{say(W.shown, { shown: number(list.length), count: number(total) })}</span>
        </p>
      )}
    </section>
  );
}

/** What is counted: of masks, the samples in which a confusion is the most frequent one. */
function wordsOf({ counted }: PredictionsView, { label, predicted }: Cell): Words {
  const places = counted === "places";
  if (label === null && predicted === null) return places ? W.wrong : W.all;
  if (predicted === null) return places ? W.mixedOf : W.class;
  if (label === null) return places ? W.mixedAs : W.taken;
  return places ? W.mixed : W.of;
}

function Tile({ one, mask, onOpen }: { one: Mistake; mask: Mask; onOpen: (index: number) => void }) {
  const say = useSay();
  const { index, label, predicted, confidence, loss } = one;
  const numbers = [
    typeof confidence === "number" && say(W.sure, { share: number(100 * confidence, 3) }),
    say(W.lossOf, { loss: number(loss, 3) }),
  ].filter(Boolean);
  return (
    <button
      type="button"
      aria-label={say(W.open, { index, label, predicted })}
      data-tip={[`#${index}`, ...numbers].join(" · ")}
      onClick={() => onOpen(index)}
    >
      {one.picture ? (
        <Masked picture={one.picture} masks={one} mask={mask} />
      ) : (
        <span className="run-row">#{index}</span>
      )}
      <span>{label}</span>
      {label !== predicted && <span className="run-wrong">→ {predicted}</span>}
      <span className="faint">{numbers[0]}</span>
    </button>
  );
}
