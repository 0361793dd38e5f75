import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { get } from "../api/client";
import type { Point, PredictionsView } from "../api/messages";
import { useSize } from "../runs/useSize";
import { tellError } from "../ui/notices";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import { ANY, type Cell } from "./ConfusionCells";
import { type Colouring, colourOf, paint, spotsOf } from "./EmbeddingPaint";
import { type Paint, usePaper } from "./paper";
import { SampleCard } from "./SampleCard";
import { useSpots } from "./spots";

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

/** In a wide window it is higher: both axes are alike. */
const heightOf = (width: number) => Math.round(Math.min(560, Math.max(360, width * 0.3)));

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
  const { width } = useSize(box);
  const height = heightOf(width);
  const [colouring, setColouring] = useState<Colouring>("label");
  const [projection, setProjection] = useState(view.projection);
  const { points, busy } = usePoints(run, view, projection);
  const spots = useMemo(() => spotsOf(points, width, height), [points, width, height]);
  const { near, props } = useSpots(
    spots,
    say(W.keys),
    (place) => points[place] && onOpen(points[place].index),
  );
  const point = points[near ?? -1];
  const drawn = useCallback<Paint>(
    (pen, look) => paint(pen, points, spots, { colouring, cell, near }, look),
    [points, spots, colouring, cell, near],
  );
  const canvas = usePaper([width, height], drawn);
  const several = points.some(({ label }) => label !== points[0]?.label); // of masks often all is ground
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
      <div ref={box} {...props}>
        <canvas ref={canvas} style={{ width: "100%", height }} />
        {point && near !== null && (
          <SampleCard
            run={run}
            split={split}
            index={point.index}
            at={spots[near] ?? [0, 0]}
            size={[width, height]}
          >
            #{point.index} {classes[point.label]}
            {point.label !== point.predicted && <b className="run-wrong"> → {classes[point.predicted]}</b>}
          </SampleCard>
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
