import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { get } from "../api/client";
import type { Point, PredictionsView } from "../api/messages";
import { useSize } from "../runs/useSize";
import { tellError } from "../ui/notices";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import { lookOf } from "./Confusion";
import { ANY, type Cell } from "./ConfusionCells";
import { beyond, type Colouring, colourOf, nearest, paint, spotsOf } from "./EmbeddingPaint";
import { usePicture } from "./PredictionsPictures";

const W = {
  title: ["Samples by what the network makes of them", "网络眼中的样本分布"],
  layer: [
    "what layer {layer} gets, brought to two dimensions: near means alike",
    "层 {layer} 的输入降至二维，距离近表示相似",
  ],
  near: ["brought to two dimensions: near means alike", "降至二维，距离近表示相似"],
  projection: ["Projection", "降维方法"],
  busy: ["Bringing near what is alike…", "正在计算…"],
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

type Projection = PredictionsView["projection"];

interface Props {
  run: string;
  view: PredictionsView;
  cell: Cell;
  /** of the whole width, else beside another part */
  wide: boolean;
  onCell: (cell: Cell) => void;
  onOpen: (index: number) => void;
}

/** The samples as points in a plane, coloured by class; what is under the pointer shows its picture. */
export function Embedding({ run, view, cell, wide, onCell, onOpen }: Props) {
  const { split, classes, layer } = view;
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const [colouring, setColouring] = useState<Colouring>("label");
  const [near, setNear] = useState<number | null>(null);
  const [projection, setProjection] = useState(view.projection);
  const { points, busy } = usePoints(run, view, projection);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const spots = useMemo(() => spotsOf(points, width, HEIGHT), [points, width]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    paint(canvas.current, [width, HEIGHT], points, spots, { colouring, cell, near }, lookOf(canvas.current));
  }, [width, points, spots, colouring, cell, near, scheme]);
  const several = points.some(({ label }) => label !== points[0]?.label); // of masks often all is ground
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
    <section
      className={wide ? "panel predictions-part predictions-wide" : "panel predictions-part"}
      aria-label={say(W.title)}
    >
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
        <Segments<Projection>
          label={say(W.projection)}
          value={projection}
          onChange={setProjection}
          data={[
            { value: "pca", label: "PCA" },
            { value: "t-sne", label: "t-SNE" },
          ]}
        />
        {several && (
          <Segments<Colouring>
            label={say(W.colour)}
            value={colouring}
            onChange={setColouring}
            data={(["label", "predicted", "mistakes"] as const).map((value) => ({
              value,
              label: say(W[value]),
            }))}
          />
        )}
      </div>
      <p className="faint predictions-small">{say(busy ? W.busy : layer ? W.layer : W.near, { layer })}</p>
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
      {several && <Legend colouring={colouring} classes={classes} cell={cell} onCell={onCell} />}
    </section>
  );
}

/** The points by another projection are asked for when somebody wants them; until then the others stay. */
function usePoints(run: string, view: PredictionsView, projection: Projection) {
  const { split } = view;
  const [other, setOther] = useState<{ of: Projection; points: readonly Point[] } | null>(null);
  const wanted = projection !== view.projection && other?.of !== projection;
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    get<PredictionsView>("inside/predictions", { run, split, projection }, abort.signal).then(
      ({ points }) => setOther({ of: projection, points }),
      (error) => abort.signal.aborted || tellError(error),
    );
    return () => abort.abort();
  }, [run, split, projection, wanted]);
  return { points: other?.of === projection ? other.points : view.points, busy: wanted };
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
