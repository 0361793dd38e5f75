import { type KeyboardEvent, type MouseEvent, useCallback, useId, useRef, useState } from "react";
import type { PredictionsView } from "../api/messages";
import { useSize } from "../runs/useSize";
import { number } from "../ui/format";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import { ANY, type Cell, nextCell } from "./ConfusionCells";
import { gridOf, heightOf, paint } from "./ConfusionPaint";
import { type Paint, usePaper } from "./paper";

const W = {
  title: ["Confusion matrix", "混淆矩阵"],
  what: ["Rows: true class; columns: predicted class", "行：真实类别；列：预测类别"],
  numbers: ["Numbers", "数值"],
  shares: ["Shares, %", "占比 %"],
  counts: ["Counts", "数量"],
  places: [
    "{count} of {all} pixels of {label} are taken for {predicted} ({share} %)",
    "{label} 的 {all} 个像素中有 {count} 个被预测为 {predicted}（{share} %）",
  ],
  cell: [
    "{count} of {all} samples of {label} are taken for {predicted} ({share} %)",
    "{label} 的 {all} 个样本中有 {count} 个被预测为 {predicted}（{share} %）",
  ],
  hint: ["A click lists the samples of a cell.", "点击单元格可列出其中的样本。"],
  keys: [
    "Confusion matrix; arrows go from cell to cell, Enter lists its samples",
    "混淆矩阵：方向键移动，Enter 列出样本",
  ],
} satisfies Record<string, Words>;

const WIDEST = 640;

interface Props {
  confusion: readonly (readonly number[])[];
  classes: readonly string[];
  /** what is counted */
  counted: PredictionsView["counted"];
  cell: Cell;
  onCell: (cell: Cell) => void;
}

/** Which class is taken for which; a cell lists its samples. */
export function Confusion({ confusion, classes, counted, cell, onCell }: Props) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const width = Math.min(WIDEST, useSize(box).width);
  const [shared, setShared] = useState(true);
  const [near, setNear] = useState<readonly [number, number] | null>(null);
  const reading = useId();
  const height = width ? heightOf(width, classes) : 200;
  const drawn = useCallback<Paint>(
    (pen, look) => {
      const chosen = [cell.label, cell.predicted] as const;
      paint(pen, width, { confusion, classes, shared, near, chosen }, look);
    },
    [width, confusion, classes, shared, near, cell],
  );
  const canvas = usePaper([width, height], drawn);
  const at = (event: MouseEvent): readonly [number, number] | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const grid = gridOf(width, classes);
    const row = Math.floor((event.clientY - top - grid.top) / grid.cell);
    const column = Math.floor((event.clientX - left - grid.left) / grid.cell);
    return confusion[row]?.[column] === undefined ? null : [row, column];
  };
  const choose = (place: readonly [number, number] | null) => {
    if (!place) return;
    const same = cell.label === place[0] && cell.predicted === place[1];
    onCell(same ? ANY : { label: place[0], predicted: place[1] });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") choose(near);
    else {
      const next = near
        ? nextCell(near, event.key, classes.length)
        : event.key.startsWith("Arrow")
          ? ([0, 0] as const)
          : null;
      if (!next) return;
      setNear(next);
    }
    event.preventDefault();
  };
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
        <Segments
          label={say(W.numbers)}
          value={shared ? "shares" : "counts"}
          onChange={(value) => setShared(value === "shares")}
          data={[
            { value: "shares", label: say(W.shares) },
            { value: "counts", label: say(W.counts) },
          ]}
        />
      </div>
      <p className="faint predictions-small">{say(W.what)}</p>
      <div
        ref={box}
        className="confusion"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from cell to cell
        tabIndex={0}
        aria-label={say(W.keys)}
        aria-describedby={reading}
        onKeyDown={press}
        onPointerMove={(event) => setNear(at(event))}
        onPointerLeave={() => setNear(null)}
        onClick={(event) => choose(at(event))}
        onBlur={() => setNear(null)}
      >
        <canvas ref={canvas} style={{ width, height }} />
      </div>
      <p id={reading} className="faint predictions-small predictions-reading" aria-live="polite">
        {near ? reads(say, counted, near, confusion, classes) : say(W.hint)}
      </p>
    </section>
  );
}

function reads(
  say: ReturnType<typeof useSay>,
  counted: Props["counted"],
  [row, column]: readonly [number, number],
  confusion: Props["confusion"],
  classes: readonly string[],
): string {
  const counts = confusion[row] ?? [];
  const [count, all] = [counts[column] ?? 0, counts.reduce((sum, one) => sum + one, 0)];
  return say(counted === "places" ? W.places : W.cell, {
    count: number(count),
    all: number(all),
    label: classes[row] ?? "",
    predicted: classes[column] ?? "",
    share: all ? number((100 * count) / all, 3) : 0,
  });
}
