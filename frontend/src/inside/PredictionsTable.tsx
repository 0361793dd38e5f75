import { useState } from "react";
import type { ClassRow, PredictionsView } from "../api/messages";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { ANY, type Cell } from "./ConfusionCells";
import { type Column, sorted } from "./PredictionsRows";

const W = {
  title: ["Classes", "各类别"],
  name: ["Class", "类别"],
  samples: ["Samples", "样本数"],
  precision: ["Precision", "精确率"],
  recall: ["Recall", "召回率"],
  f1: ["F1", "F1"],
  iou: ["IoU", "IoU"],
  iouTip: ["intersection over union", "交并比"],
  places: ["Pixels", "像素数"],
  precisionTip: ["of all that is taken for it, so much is it", "被预测为该类的样本中，确实属于该类的比例"],
  recallTip: ["of all that is it, so much is recognised", "属于该类的样本中，被正确识别的比例"],
  f1Tip: ["the harmonic mean of precision and recall", "精确率与召回率的调和平均"],
  samplesTip: ["samples of this class in the split", "该划分中此类别的样本数"],
  nameTip: ["in the order of the data", "按数据中的顺序"],
} satisfies Record<string, Words>;

const COLUMNS: readonly Column[] = ["name", "samples", "precision", "recall", "f1", "iou"];

interface Props {
  rows: readonly ClassRow[];
  counted: PredictionsView["counted"];
  cell: Cell;
  onCell: (cell: Cell) => void;
}

/** How each class is recognised; a click on a head sorts, one on a class lists its samples. */
export function ClassTable({ rows, counted, cell, onCell }: Props) {
  const say = useSay();
  const [by, setBy] = useState<[Column, boolean]>(["f1", false]);
  const [column, down] = by;
  const columns = COLUMNS.filter((name) => name !== "iou" || rows.some(({ iou }) => iou !== null));
  const headOf = (name: Column) => (name === "samples" && counted === "places" ? W.places : W[name]);
  const sort = (next: Column) => setBy([next, next === column && !down]);
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
      </div>
      <div className="predictions-scroll">
        <table className="predictions-table">
          <thead>
            <tr>
              {columns.map((name) => (
                <th
                  key={name}
                  scope="col"
                  aria-sort={name !== column ? "none" : down ? "descending" : "ascending"}
                >
                  <button type="button" data-tip={say(W[`${name}Tip`])} onClick={() => sort(name)}>
                    {say(headOf(name))}
                    <span aria-hidden>{name !== column ? "" : down ? " ↓" : " ↑"}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted(rows, column, down).map((row) => {
              const chosen = cell.label === row.index && cell.predicted === null;
              return (
                <tr key={row.index} className={chosen ? "chosen" : undefined}>
                  <th scope="row">
                    <button
                      type="button"
                      aria-pressed={chosen}
                      onClick={() => onCell(chosen ? ANY : { label: row.index, predicted: null })}
                    >
                      {row.name}
                    </button>
                  </th>
                  <td>{number(row.samples)}</td>
                  <Share value={row.precision} />
                  <Share value={row.recall} />
                  <Share value={row.f1} />
                  {columns.includes("iou") && <Share value={row.iou} />}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A share as a number with a bar behind it. */
function Share({ value }: { value: ClassRow["f1"] }) {
  if (typeof value !== "number") return <td className="faint">–</td>;
  return (
    <td className="share">
      <i className="share-bar" style={{ width: `${100 * value}%` }} aria-hidden />
      <span>{value.toFixed(3)}</span>
    </td>
  );
}
