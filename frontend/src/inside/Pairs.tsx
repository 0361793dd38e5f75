import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Pair } from "../api/messages";
import { useSize } from "../runs/useSize";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { lookOf } from "./Confusion";
import { beyond, nearest } from "./EmbeddingPaint";
import { finite, paintPairs, rangeOf, spotsOfPairs } from "./PairsPaint";

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

/** A point for each sample of which one number is predicted: what is true to the right, what is said upwards. */
export function Pairs({ pairs: all, onOpen }: { pairs: readonly Pair[]; onOpen: (index: number) => void }) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = Math.min(WIDEST, useSize(box).width);
  const [near, setNear] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const pairs = useMemo(() => finite(all), [all]);
  const range = useMemo(() => rangeOf(pairs), [pairs]);
  const spots = useMemo(() => spotsOfPairs(pairs, range, [width, HEIGHT]), [pairs, range, width]);
  const words = [say(W.true), say(W.predicted)] as const;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    paintPairs(canvas.current, [width, HEIGHT], { range, spots, near, words }, lookOf(canvas.current));
  }, [width, range, spots, near, words[0], scheme]);
  const one = near === null ? undefined : pairs[near];
  const open = () => one && onOpen(one.index);
  const move = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setNear(nearest(spots, event.clientX - left, event.clientY - top));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") open();
    else {
      const first = event.key.startsWith("Arrow") && spots.length ? 0 : null;
      const next = near === null ? first : beyond(spots, near, event.key);
      if (next === null) return;
      setNear(next);
    }
    event.preventDefault();
  };
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
      </div>
      <p className="faint predictions-small">{say(W.what)}</p>
      <div
        ref={box}
        className={one ? "embedding over" : "embedding"}
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
        <canvas ref={canvas} style={{ width, height: HEIGHT }} />
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
