import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Run } from "../api/messages";
import { go, setParams } from "../ui/route";
import { useScheme } from "../ui/Shell";
import { type Axis, type Brushes, brushed } from "./axes";
import { titleOf } from "./columns";
import { useLabels } from "./labels";
import { RunName } from "./RunName";
import { openRun } from "./RunsList";
import type { Runs } from "./state";
import { useSize } from "./useSize";

const [TOP, HEIGHT, BOTTOM, SIDE] = [34, 270, 26, 70];
const NEAR = 7;

interface Props {
  runs: Runs;
  /** the runs with a value on some axis */
  drawn: Run[];
  axes: Axis[];
  color: (id: string) => string;
  missing: string;
}

/** A line for each run through its values on the axes. A run without a value passes below the axis. */
export function ParallelPlot({ runs, drawn, axes, color, missing }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const [brushes, brush] = useBrushes(runs, drawn, axes);
  const [near, setNear] = useState<Run | null>(null);
  const label = useLabels();
  const scheme = useScheme();
  const place = useMemo(() => placesOf(axes, width), [axes, width]);
  const paths = useMemo(
    () =>
      drawn.map((run) => ({
        run,
        points: axes.map((axis, at) => [place(at), low(axis, run)] as const),
      })),
    [drawn, axes, place],
  );
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (!canvas.current || !width) return;
      const faint = scheme === "dark" ? "#8884" : "#8883";
      const lit = (run: Run) => !runs.explicit || runs.selected.has(run.id);
      draw(canvas.current, width, paths, (run) => (lit(run) ? color(run.id) : faint), lit, near);
    });
    return () => cancelAnimationFrame(frame);
  });
  return (
    <div ref={box} className="panel runs-parallel">
      <canvas ref={canvas} style={{ width, height: TOP + HEIGHT + BOTTOM }} aria-hidden />
      {/* biome-ignore lint/a11y: a shortcut for the mouse; lists and tables hold the same links for the keyboard */}
      <svg
        width={width}
        height={TOP + HEIGHT + BOTTOM}
        aria-label={axes.map((axis) => titleOf(axis.field)).join(", ")}
        onPointerMove={(event) => setNear(nearest(paths, offset(event)))}
        onPointerLeave={() => setNear(null)}
        onClick={() => near && go(openRun(near.id))}
      >
        {width > 0 &&
          axes.map((axis, at) => (
            <AxisMarks
              key={axis.field}
              axis={axis}
              axes={axes}
              x={place(at)}
              room={axes.length > 1 ? place(1) - place(0) : width}
              part={brushes.get(axis.field)}
              onBrush={brush}
            />
          ))}
        {width > 0 && paths.some(({ points }) => points.some(([, y]) => y > TOP + HEIGHT)) && (
          <text x={4} y={TOP + HEIGHT + 18} className="runs-tick">
            {missing}
          </text>
        )}
      </svg>
      {near && (
        <span className="runs-near">
          <RunName name={label(near)} />
        </span>
      )}
    </div>
  );
}

type OnBrush = (field: string, part: readonly [number, number] | null, done: boolean) => void;

/** The brushed parts; what they hold is chosen when a brush is done, and all is as before when the last is gone. */
function useBrushes(runs: Runs, drawn: readonly Run[], axes: readonly Axis[]): [Brushes, OnBrush] {
  const [brushes, setBrushes] = useState<Brushes>(new Map());
  const brush: OnBrush = (field, part, done) => {
    const next = new Map(brushes);
    if (part) next.set(field, part);
    else next.delete(field);
    setBrushes(next);
    if (!done) return;
    if (next.size) runs.only(brushed(drawn, axes, next));
    else setParams({ sel: null, not: null });
  };
  return [brushes, brush];
}

type Path = { run: Run; points: (readonly [number, number])[] };

function placesOf(axes: readonly Axis[], width: number): (at: number) => number {
  return (at) => (axes.length > 1 ? SIDE + (at * (width - 2 * SIDE)) / (axes.length - 1) : width / 2);
}

function low(axis: Axis, run: Run): number {
  const share = axis.share(run);
  return share === null ? TOP + HEIGHT + 14 : TOP + (1 - share) * HEIGHT;
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  paths: readonly Path[],
  color: (run: Run) => string,
  lit: (run: Run) => boolean,
  near: Run | null,
): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const scale = window.devicePixelRatio || 1;
  const height = TOP + HEIGHT + BOTTOM;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const line = ({ run, points }: Path, thick: number) => {
    pen.strokeStyle = color(run);
    pen.lineWidth = thick;
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(x, y);
    pen.stroke();
  };
  const dense = paths.length > 200;
  pen.globalAlpha = dense ? 0.5 : 0.85;
  for (const path of paths) if (!lit(path.run)) line(path, 1);
  for (const path of paths) if (lit(path.run)) line(path, dense ? 1 : 1.5);
  pen.globalAlpha = 1;
  const shown = paths.find((path) => path.run.id === near?.id);
  if (shown) line(shown, 3);
}

function offset(event: PointerEvent<SVGSVGElement>): [number, number] {
  const box = event.currentTarget.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The run whose line passes nearest under the pointer. */
function nearest(paths: readonly Path[], [x, y]: [number, number]): Run | null {
  let [found, best]: [Run | null, number] = [null, NEAR];
  for (const { run, points } of paths) {
    const at = points.findIndex(([next]) => next >= x);
    const [to, from] = [points[at], points[at - 1]];
    if (!to || !from) continue;
    const far = Math.abs(from[1] + ((x - from[0]) / (to[0] - from[0])) * (to[1] - from[1]) - y);
    if (far < best) [found, best] = [run, far];
  }
  return found;
}

interface MarksProps {
  axis: Axis;
  axes: Axis[];
  x: number;
  room: number;
  part: readonly [number, number] | undefined;
  onBrush: OnBrush;
}

/** An axis with its name and marks; dragging along it brushes. */
function AxisMarks({ axis, axes, x, room, part, onBrush }: MarksProps) {
  const title = titleOf(
    axis.field,
    axes.map((other) => other.field),
  );
  const letters = Math.max(6, Math.floor(room / 6.6));
  return (
    <g>
      <text x={x} y={16} textAnchor="middle" className="runs-axis-name">
        {title.length > letters ? `${title.slice(0, letters - 1)}…` : title}
        <title>{axis.field.replace(/^\w+:/, "")}</title>
      </text>
      <line x1={x} x2={x} y1={TOP} y2={TOP + HEIGHT} className="runs-axis" />
      {axis.ticks.map((tick) => (
        <text
          key={tick.share}
          x={x - 6}
          y={TOP + (1 - tick.share) * HEIGHT + 3.5}
          textAnchor="end"
          className="runs-tick"
        >
          {tick.text.length > 11 ? `${tick.text.slice(0, 10)}…` : tick.text}
          <title>{tick.text}</title>
        </text>
      ))}
      {part && (
        <rect
          x={x - 5}
          width={10}
          y={TOP + (1 - part[1]) * HEIGHT}
          height={(part[1] - part[0]) * HEIGHT}
          className="runs-brush"
        />
      )}
      <Brush axis={axis} x={x} title={title} part={part} onBrush={onBrush} />
    </g>
  );
}

/** Where an axis is taken hold of, by mouse and by keyboard. */
function Brush({ axis, x, title, part, onBrush }: Omit<MarksProps, "axes" | "room"> & { title: string }) {
  const from = useRef<number | null>(null);
  const shareAt = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return snapped(1 - (event.clientY - box.top - 8) / HEIGHT);
  };
  const partTo = (share: number): [number, number] => {
    const start = from.current ?? share;
    return [Math.min(start, share), Math.max(start, share)];
  };
  const up = (event: PointerEvent<SVGRectElement>) => {
    if (from.current === null) return;
    const found = partTo(shareAt(event));
    onBrush(axis.field, found[1] - found[0] < 0.01 ? null : found, true);
    from.current = null;
  };
  return (
    <rect
      x={x - 12}
      width={24}
      y={TOP - 8}
      height={HEIGHT + 16}
      className="runs-brushing"
      role="slider"
      tabIndex={0}
      aria-label={title}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((part?.[0] ?? 0) * 100)}
      aria-valuetext={part ? part.map((share) => `${Math.round(share * 100)} %`).join(" – ") : "0 – 100 %"}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = shareAt(event);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) onBrush(axis.field, partTo(shareAt(event)), false);
      }}
      onPointerUp={up}
      onKeyDown={(event) => {
        const next = pressed(event, part ?? [0, 1]);
        if (next === undefined) return;
        event.preventDefault();
        onBrush(axis.field, next, true);
      }}
      onClick={(event) => event.stopPropagation()}
    />
  );
}

const EDGE = 0.04;

/** The ends of an axis are hard to hit, and most often meant. */
function snapped(share: number): number {
  return share < EDGE ? 0 : share > 1 - EDGE ? 1 : share;
}

const STEP = 0.05;

/** Arrows move the lower end of a brush, with Shift the upper one; Escape lets go. */
function pressed(event: KeyboardEvent, [low, high]: readonly [number, number]) {
  if (event.key === "Escape") return null;
  const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
  if (!step) return undefined;
  const next = event.shiftKey
    ? ([low, Math.min(1, Math.max(low, high + step))] as const)
    : ([Math.max(0, Math.min(high, low + step)), high] as const);
  return next[0] === 0 && next[1] === 1 ? null : next;
}
