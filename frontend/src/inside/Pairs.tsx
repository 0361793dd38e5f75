import { useCallback, useMemo, useRef } from "react";
import type { Pair } from "../api/messages";
import { useSize } from "../runs/useSize";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { finite, paintPairs, rangeOf, spotsOfPairs } from "./PairsPaint";
import { type Paint, usePaper } from "./paper";
import { SampleCard } from "./SampleCard";
import { useSpots } from "./spots";

const W = {
  title: ["Predicted against true", "预测值与真实值"],
  what: [
    "On the dashed line a prediction is exact; the further from it, the larger its error.",
    "虚线上的预测完全准确，离虚线越远误差越大。",
  ],
  keys: [
    "Predictions as points; arrows go from one to the next, Enter opens it",
    "预测散点图：方向键移动到相邻样本，Enter 打开",
  ],
  reading: [
    "#{index}: {truth} is true, {predicted} predicted; off by {error}",
    "#{index}：真实值 {truth}，预测值 {predicted}，误差 {error}",
  ],
  true: ["true", "真实值"],
  predicted: ["predicted", "预测值"],
} satisfies Record<string, Words>;

const [HEIGHT, WIDEST] = [360, 640];

interface Props {
  run: string;
  split: string;
  pairs: readonly Pair[];
  onOpen: (index: number) => void;
}

/** A point for each sample of which one number is predicted: what is true to the right, what is said upwards. */
export function Pairs({ run, split, pairs: all, onOpen }: Props) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const width = Math.min(WIDEST, useSize(box).width);
  const pairs = useMemo(() => finite(all), [all]);
  const range = useMemo(() => rangeOf(pairs), [pairs]);
  const spots = useMemo(() => spotsOfPairs(pairs, range, [width, HEIGHT]), [pairs, range, width]);
  const { near, props } = useSpots(spots, say(W.keys), (place) => pairs[place] && onOpen(pairs[place].index));
  const one = pairs[near ?? -1];
  const [truth, predicted] = [say(W.true), say(W.predicted)];
  const paint = useCallback<Paint>(
    (pen, look) => paintPairs(pen, [width, HEIGHT], { range, spots, near, words: [truth, predicted] }, look),
    [width, range, spots, near, truth, predicted],
  );
  const canvas = usePaper([width, HEIGHT], paint);
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
      </div>
      <p className="faint predictions-small">{say(W.what)}</p>
      <div ref={box} {...props}>
        <canvas ref={canvas} style={{ width, height: HEIGHT }} />
        {one && near !== null && (
          <SampleCard
            run={run}
            split={split}
            index={one.index}
            at={spots[near] ?? [0, 0]}
            size={[width, HEIGHT]}
          >
            #{one.index} {number(one.truth, 3)} → {number(one.predicted, 3)}
          </SampleCard>
        )}
      </div>
      <p className="faint predictions-small predictions-reading" aria-live="polite">
        {one &&
          say(W.reading, {
            index: one.index,
            truth: number(one.truth),
            predicted: number(one.predicted),
            error: number(one.predicted - one.truth, 3),
          })}
      </p>
    </section>
  );
}
