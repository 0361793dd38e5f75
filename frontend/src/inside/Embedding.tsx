import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Point } from "../api/messages";
import { useSize } from "../runs/useSize";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import { lookOf } from "./Confusion";
import { ANY, type Cell } from "./ConfusionCells";
import { beyond, type Colouring, colourOf, nearest, paint, spotsOf } from "./EmbeddingPaint";
import { usePicture } from "./PredictionsPictures";

const W = {
  title: ["Samples by what the network makes of them", "网络眼中的样本分布"],
  layer: ["outputs of {layer} in two dimensions: near means alike", "{layer} 的输出降至二维，距离近表示相似"],
  near: ["in two dimensions: near means alike", "降至二维，距离近表示相似"],
  colour: ["Colours", "着色"],
  label: ["True class", "真实类别"],
  predicted: ["Predicted", "预测类别"],
  mistakes: ["Mistakes", "错误"],
  right: ["right", "正确"],
  wrong: ["wrong", "错误"],
  keys: [
    "Samples as points; arrows go from one to the next, Enter opens it",
    "样本散点图：方向键移动到相邻样本，Enter 打开",
  ],
  legend: ["Classes; a click shows one alone", "类别，点击可单独显示"],
} satisfies Record<string, Words>;

const HEIGHT = 360;

interface Props {
  run: string;
  split: string;
  points: readonly Point[];
  classes: readonly string[];
  layer: string;
  cell: Cell;
  onCell: (cell: Cell) => void;
  onOpen: (index: number) => void;
}

/** The samples as points in a plane, coloured by class; what is under the pointer shows its picture. */
export function Embedding({ run, split, points, classes, layer, cell, onCell, onOpen }: Props) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const [colouring, setColouring] = useState<Colouring>("label");
  const [near, setNear] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const spots = useMemo(() => spotsOf(points, width, HEIGHT), [points, width]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    paint(canvas.current, [width, HEIGHT], points, spots, { colouring, cell, near }, lookOf(canvas.current));
  }, [width, points, spots, colouring, cell, near, scheme]);
  const point = near === null ? undefined : points[near];
  const open = () => point && onOpen(point.index);
  const move = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setNear(nearest(spots, event.clientX - left, event.clientY - top));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") open();
    else {
      const next =
        near === null ? (event.key.startsWith("Arrow") ? 0 : null) : beyond(spots, near, event.key);
      if (next === null) return;
      setNear(next);
    }
    event.preventDefault();
  };
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
        <Segments<Colouring>
          label={say(W.colour)}
          value={colouring}
          onChange={setColouring}
          data={(["label", "predicted", "mistakes"] as const).map((value) => ({
            value,
            label: say(W[value]),
          }))}
        />
      </div>
      <p className="faint predictions-small">{layer ? say(W.layer, { layer }) : say(W.near)}</p>
      <div
        ref={box}
        className={point ? "embedding over" : "embedding"}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from point to point
        tabIndex={0}
        aria-label={say(W.keys)}
        onPointerMove={move}
        onPointerLeave={() => setNear(null)}
        onBlur={() => setNear(null)}
        onKeyDown={press}
        onClick={open}
      >
        <canvas ref={canvas} style={{ width: "100%", height: HEIGHT }} />
        {point && near !== null && (
          <Card
            run={run}
            split={split}
            point={point}
            classes={classes}
            at={spots[near] ?? [0, 0]}
            width={width}
          />
        )}
      </div>
      <Legend colouring={colouring} classes={classes} cell={cell} onCell={onCell} />
    </section>
  );
}

interface CardProps {
  run: string;
  split: string;
  point: Point;
  classes: readonly string[];
  at: readonly [number, number];
  width: number;
}

/** What the point under the pointer is. */
function Card({ run, split, point, classes, at: [x, y], width }: CardProps) {
  const picture = usePicture(run, split, point.index);
  const [label, predicted] = [classes[point.label] ?? "", classes[point.predicted] ?? ""];
  return (
    <div
      className="embedding-card panel"
      role="status"
      style={{ left: x > width / 2 ? x - 152 : x + 16, top: Math.max(0, Math.min(HEIGHT - 130, y - 40)) }}
    >
      {picture ? <img src={picture} alt="" /> : <span className="embedding-wait" />}
      <span>
        #{point.index} {label}
        {label !== predicted && <b className="run-wrong"> → {predicted}</b>}
      </span>
    </div>
  );
}

interface LegendProps {
  colouring: Colouring;
  classes: readonly string[];
  cell: Cell;
  onCell: (cell: Cell) => void;
}

function Legend({ colouring, classes, cell, onCell }: LegendProps) {
  const say = useSay();
  if (colouring === "mistakes")
    return (
      <ul className="embedding-legend">
        {([W.right, W.wrong] as const).map((words, wrong) => (
          <li key={words[0]}>
            <i style={{ background: colourOf(wrong ? 3 : 0) }} className={`shape${wrong ? 2 : 0}`} />
            {say(words)}
          </li>
        ))}
      </ul>
    );
  return (
    <ul className="embedding-legend" aria-label={say(W.legend)}>
      {classes.map((name, index) => {
        const alone = cell[colouring] === index;
        return (
          <li key={name}>
            <button
              type="button"
              aria-pressed={alone}
              onClick={() => onCell(alone ? ANY : { ...ANY, [colouring]: index })}
            >
              <i style={{ background: colourOf(index) }} className={`shape${Math.floor(index / 10) % 4}`} />
              {name}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
