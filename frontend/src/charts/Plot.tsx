import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useSay } from "../ui/words";
import type { Cursor } from "./cursor";
import type { Feed, Panel } from "./feed";
import { Plotter, type Reading, type Shown, type Status } from "./plotter";
import { Readings } from "./Readings";
import { setZoom } from "./settings";
import { W } from "./words";

const DRAG = 5;
const CLOSER = 0.6;

export interface PlotProps {
  shown: Omit<Shown, "width" | "height">;
  title: string;
  height: number;
  feed: Feed;
  cursor: Cursor;
  /** what the chart showed when it was in view before */
  earlier: { panel: Panel | null };
  onStatus: (status: Status) => void;
  onPlotter: (plotter: Plotter | null) => void;
  onPin: () => void;
  onEnlarge: () => void;
}

/** The curves of one chart, with what pointer and keys do in it. */
export function Plot(props: PlotProps) {
  const { shown, title, height, feed, cursor, earlier } = props;
  const say = useSay();
  const frame = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const plotter = useRef<Plotter | null>(null);
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const [width, setWidth] = useState(0);
  const [tip, setTip] = useState<{ left: number; across: number; readings: Reading[] } | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = frame.current as HTMLDivElement;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    setWidth(element.clientWidth);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    const readTip = () => {
      const now = plotter.current;
      if (!now || cursor.x === null || cursor.chart !== latest.current.shown.chart) return setTip(null);
      const readings = now.readings(pointer.current?.y ?? null);
      const left = pointer.current?.x ?? now.place ?? now.box.left;
      const across = left + (frame.current?.getBoundingClientRect().left ?? 0);
      setTip(readings.length ? { left, across, readings } : null);
    };
    const made = new Plotter(
      base.current as HTMLCanvasElement,
      over.current as HTMLCanvasElement,
      line.current as HTMLElement,
      feed,
      cursor,
      { ...latest.current.shown, width: 0, height: 0 },
      (status) => latest.current.onStatus(status),
      readTip,
    );
    plotter.current = made;
    latest.current.onPlotter(made);
    return () => {
      earlier.panel = made.panel;
      made.close();
      plotter.current = null;
      latest.current.onPlotter(null);
    };
  }, [feed, cursor, earlier]);

  useEffect(() => {
    if (width) plotter.current?.show({ ...shown, width, height }, earlier.panel);
  }, [shown, width, height, earlier]);

  const drag = useDrag(plotter, cursor, props, pointer);
  return (
    <section
      ref={frame}
      className="chart-plot"
      style={{ height }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the cursor in the focused chart
      tabIndex={0}
      aria-label={say(W.keys, { title })}
      onKeyDown={(event) => press(event, plotter.current, props, pointer)}
      onBlur={() => cursor.move(shown.chart, "", null)}
      {...drag}
    >
      <canvas ref={base} />
      <div ref={line} className="chart-line" />
      <canvas ref={over} />
      {tip && <Readings {...tip} width={width} shown={shown} />}
    </section>
  );
}

type Ref<T> = { current: T };
type Place = { x: number; y: number } | null;

/** Hover moves the cursor; dragging selects a part of x; a double click shows all of it again. */
function useDrag(plotter: Ref<Plotter | null>, cursor: Cursor, { shown }: PlotProps, pointer: Ref<Place>) {
  const from = useRef<number | null>(null);
  const at = (event: PointerEvent<HTMLElement>) => {
    const edge = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const clamp = (x: number, { box }: Plotter) => Math.min(box.left + box.width, Math.max(box.left, x));
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || !plotter.current) return;
      from.current = clamp(at(event).x, plotter.current);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const now = plotter.current;
      if (!now) return;
      const place = at(event);
      pointer.current = place;
      const start = from.current;
      const far = start !== null && Math.abs(place.x - start) > DRAG;
      if (far && !event.currentTarget.hasPointerCapture(event.pointerId))
        event.currentTarget.setPointerCapture(event.pointerId);
      now.selection = far ? span(start, clamp(place.x, now)) : null;
      const inside = place.x >= now.box.left - DRAG && place.x <= now.box.left + now.box.width + DRAG;
      cursor.move(shown.chart, now.axis, inside ? now.snap(place.x) : null);
      now.hover();
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const now = plotter.current;
      const start = from.current;
      from.current = null;
      if (!now || start === null) return;
      const end = clamp(at(event).x, now);
      now.selection = null;
      if (Math.abs(end - start) > DRAG) {
        const [low, high] = span(start, end);
        setZoom(shown.settings, now.axis, [now.valueAt(low), now.valueAt(high)]);
      }
      now.hover();
    },
    onPointerLeave: () => {
      pointer.current = null;
      cursor.move(shown.chart, "", null);
    },
    onDoubleClick: () => plotter.current && setZoom(shown.settings, plotter.current.axis, null),
  };
}

function span(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}

function press(event: KeyboardEvent, plotter: Plotter | null, props: PlotProps, pointer: Ref<Place>): void {
  if (!plotter || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget)
    return;
  const { shown, cursor } = props;
  const here = cursor.axis === plotter.axis ? cursor.x : null;
  const actions: Record<string, () => void> = {
    ArrowRight: () => cursor.move(shown.chart, plotter.axis, plotter.neighbour(here, 1) ?? here),
    ArrowLeft: () => cursor.move(shown.chart, plotter.axis, plotter.neighbour(here, -1) ?? here),
    Home: () => cursor.move(shown.chart, plotter.axis, plotter.neighbour(null, 1)),
    End: () => cursor.move(shown.chart, plotter.axis, plotter.neighbour(null, -1)),
    "+": () => zoomBy(plotter, props, CLOSER, here),
    "=": () => zoomBy(plotter, props, CLOSER, here),
    "-": () => zoomBy(plotter, props, 1 / CLOSER, here),
    "0": () => setZoom(shown.settings, plotter.axis, null),
    p: props.onPin,
    Enter: props.onEnlarge,
  };
  if (shown.settings.enlarged) actions.Escape = props.onEnlarge;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  pointer.current = null;
  action();
}

function zoomBy(plotter: Plotter, { shown }: PlotProps, factor: number, around: number | null): void {
  const { seen } = plotter;
  if (!seen) return;
  const [low, high] = seen;
  const middle = around !== null && around > low && around < high ? around : (low + high) / 2;
  setZoom(shown.settings, plotter.axis, [
    middle - (middle - low) * factor,
    middle + (high - middle) * factor,
  ]);
}
