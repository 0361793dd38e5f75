import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { PRCurve } from "../api/messages";
import { dot, INK } from "../charts/draw";
import { CanvasPen } from "../charts/pen";
import { number } from "../ui/format";
import { Slider } from "../ui/Slider";
import { Said } from "../ui/said";
import { useSay } from "../ui/words";
import { type ItemKey, useItem } from "./items";
import type { Named } from "./named";
import { itemAt, type Shelf } from "./steps";
import { W } from "./words";

const SIDE = 300;
const MARGIN = { left: 40, top: 10, right: 12, bottom: 34 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Precision against recall, with what a threshold gives. */
export function PRShelf({ shelf, step, named }: { shelf: Shelf; step: number; named: Named }) {
  const say = useSay();
  const [threshold, setThreshold] = useState(0.5);
  return (
    <article className="media-shelf panel" aria-label={shelf.tag}>
      <h4>{shelf.tag}</h4>
      <div className="media-threshold">
        {say(W.threshold)}
        <Slider
          aria-label={say(W.threshold)}
          min={0}
          max={1}
          step={0.01}
          value={threshold}
          onChange={setThreshold}
        />
        <output>{threshold.toFixed(2)}</output>
      </div>
      <div className="media-row">
        {shelf.holders.map(({ run, items }) => {
          const index = itemAt(items.steps, step);
          const key = { run, tag: shelf.tag, index, version: items.version };
          return index < 0 ? null : <PRItem key={run} item={key} threshold={threshold} named={named} />;
        })}
      </div>
    </article>
  );
}

/** The place of the highest threshold that is not above `wanted`. */
export function thresholdAt(thresholds: readonly number[], wanted: number): number {
  return Math.max(0, thresholds.filter((threshold) => threshold <= wanted + 1e-9).length - 1);
}

function PRItem({ item, threshold, named }: { item: ItemKey; threshold: number; named: Named }) {
  const say = useSay();
  const { found, error } = useItem<PRCurve>(item);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const canvas = useRef<HTMLCanvasElement>(null);
  const at = found ? thresholdAt(found.thresholds, threshold) : 0;
  const names: [string, string] = [say(W.recall), say(W.precision)];
  const color = named.color(item.run);
  useEffect(() => {
    if (found && canvas.current) drawCurve(canvas.current, found, at, color, scheme, names);
  });
  if (error)
    return (
      <p className="media-error">
        <Said text={error} />
      </p>
    );
  return (
    <figure className="media-item">
      <canvas ref={canvas} style={{ width: SIDE, height: SIDE }} />
      <figcaption>
        {named.several && <i className="chart-swatch" style={{ background: color }} />}
        {named.several && <span title={item.run}>{named.name(item.run)}</span>}
        {found && (
          <span className="faint">
            {say(W.at, { step: number(found.step) })} · {names[1]} {number(found.precision[at], 3)} ·{" "}
            {names[0]} {number(found.recall[at], 3)}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function drawCurve(
  canvas: HTMLCanvasElement,
  found: PRCurve,
  at: number,
  color: string,
  scheme: "light" | "dark",
  [across, upwards]: [string, string],
): void {
  const sharp = window.devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(SIDE * sharp);
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  const [pen, ink] = [new CanvasPen(context), INK[scheme]];
  const x = (value: number) => MARGIN.left + value * (SIDE - MARGIN.left - MARGIN.right);
  const y = (value: number) => SIDE - MARGIN.bottom - value * (SIDE - MARGIN.top - MARGIN.bottom);
  pen.begin();
  for (const tick of TICKS) {
    pen.move(x(tick), y(0));
    pen.line(x(tick), y(1));
    pen.move(x(0), y(tick));
    pen.line(x(1), y(tick));
  }
  pen.stroke({ color: ink.grid, width: 1 });
  for (const tick of TICKS) {
    pen.text(String(tick), x(tick), y(0) + 14, { color: ink.faint, size: 10.5, align: "middle" });
    pen.text(String(tick), x(0) - 6, y(tick) + 4, { color: ink.faint, size: 10.5, align: "end" });
  }
  pen.text(across, x(0.5), SIDE - 4, { color: ink.faint, size: 10.5, align: "middle" });
  pen.text(upwards, 10, y(0.5), { color: ink.faint, size: 10.5, align: "middle", upright: true });
  pen.begin();
  for (const [place, recall] of found.recall.entries())
    pen.line(x(recall), y(found.precision[place] as number));
  pen.stroke({ color, width: 1.8 });
  pen.begin();
  dot(pen, x(found.recall[at] ?? 0), y(found.precision[at] ?? 0), 4);
  pen.fill(ink.text);
}
