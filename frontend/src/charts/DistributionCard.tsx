import { type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { get, RefusedError } from "../api/client";
import type { Histograms, Items } from "../api/messages";
import { number } from "../ui/format";
import { Said, useSaid } from "../ui/said";
import { useSay } from "../ui/words";
import { INK } from "./draw";
import { bandRows, bandScales, drawBands, drawRidges, ridgePlaces, type Sheet } from "./drawHistograms";
import { onFrame } from "./frames";
import { type Ridges, ridges } from "./histograms";
import { CanvasPen } from "./pen";
import { useVisible } from "./useVisible";
import { D } from "./words";

export type Manner = "ridges" | "bands";

interface Props {
  run: string;
  name: string;
  color: string;
  item: Items;
  manner: Manner;
  scheme: "light" | "dark";
  /** several runs are shown: say whose this is */
  several: boolean;
}

const HEIGHT = 240;
const BINS: readonly [least: number, most: number] = [24, 100];
const MOST = { ridges: 40, bands: 200 };
const AGAIN = 2000;

/** The distributions of one tag of one run over time. */
export function DistributionCard({ run, name, color, item, manner, scheme, several }: Props) {
  const say = useSay();
  const said = useSaid();
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const { found, error } = useHistograms(run, item, MOST[manner], visible);
  return (
    <article ref={card} className="chart panel" aria-label={`${item.tag} ${name}`}>
      <div className="chart-head">
        <h4 title={item.tag}>{item.tag}</h4>
        {several && (
          <span className="chart-run" title={run}>
            <i className="chart-swatch" style={{ background: color }} />
            {name}
          </span>
        )}
        {!!found?.problems.length && (
          <span className="chart-nonfinite" title={found.problems.map(said).join("\n")}>
            ▲ {say(D.damaged, { count: found.problems.length })}
          </span>
        )}
      </div>
      <div className="chart-body" style={{ height: HEIGHT }}>
        {visible && found && <DistributionPlot found={found} color={color} manner={manner} scheme={scheme} />}
        {error && (
          <p className="chart-note">
            <Said text={error} />
          </p>
        )}
      </div>
    </article>
  );
}

/** Asked for when it comes into view, and again when there is more, at most every two seconds. */
function useHistograms(run: string, item: Items, most: number, visible: boolean) {
  const [found, setFound] = useState<Histograms | null>(null);
  const [error, setError] = useState("");
  const asked = useRef(0);
  const version = `${item.steps.length} ${item.steps.at(-1)} ${item.version}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another answer
  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    const wait = Math.max(0, asked.current + AGAIN - performance.now());
    const timer = setTimeout(
      async () => {
        asked.current = performance.now();
        try {
          setFound(await get<Histograms>("histograms", { run, tag: item.tag, most }, stop.signal));
          setError("");
        } catch (refused) {
          if (!stop.signal.aborted)
            setError(refused instanceof RefusedError ? refused.message : String(refused));
        }
      },
      asked.current ? wait : 0,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [run, item.tag, most, visible, version]);
  return { found, error };
}

interface PlotProps {
  found: Histograms;
  color: string;
  manner: Manner;
  scheme: "light" | "dark";
}

function DistributionPlot({ found, color, manner, scheme }: PlotProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [pointer, setPointer] = useState<{ x: number; y: number } | null>(null);
  const grid = useMemo(() => ridges(found, binCount(found)), [found]);
  const marked = pointer ? markedAt(found, manner, width, pointer) : null;
  useLayoutEffect(() => {
    const element = canvas.current?.parentElement as HTMLElement;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const sheet = { width, height: HEIGHT, ink: INK[scheme], color };
    const stop = onFrame(() => {
      const pen = width && canvas.current ? prepared(canvas.current, sheet) : null;
      if (!pen) return;
      if (manner === "ridges") drawRidges(pen, sheet, grid, marked);
      else drawBands(pen, sheet, found, marked);
    });
    return () => void stop();
  }, [found, grid, manner, color, scheme, width, marked]);
  const move = (event: PointerEvent<HTMLElement>) => {
    const edge = event.currentTarget.getBoundingClientRect();
    setPointer({ x: event.clientX - edge.left, y: event.clientY - edge.top });
  };
  return (
    <div className="distribution-plot" onPointerMove={move} onPointerLeave={() => setPointer(null)}>
      <canvas ref={canvas} style={{ width: "100%", height: HEIGHT }} />
      {pointer && marked !== null && (
        <DistributionTip
          found={found}
          grid={grid}
          at={marked}
          manner={manner}
          width={width}
          pointer={pointer}
        />
      )}
    </div>
  );
}

/** As many bins as were recorded: fewer would hide, more would invent. */
function binCount(found: Histograms): number {
  const recorded = Math.max(0, ...found.counts.map((counts) => counts.length));
  return Math.min(BINS[1], Math.max(BINS[0], recorded));
}

function prepared(canvas: HTMLCanvasElement, { width, height }: Sheet): CanvasPen {
  const sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  return new CanvasPen(context);
}

/** Which distribution the pointer means: the ridge at its height, or the step at its place. */
function markedAt(
  found: Histograms,
  manner: Manner,
  width: number,
  pointer: { x: number; y: number },
): number | null {
  if (!found.steps.length) return null;
  if (manner === "ridges") return ridgePlaces({ width, height: HEIGHT }, found.steps.length).at(pointer.y);
  const { placeX } = bandScales({ width, height: HEIGHT }, bandRows(found));
  const far = found.steps.map((step) => Math.abs(placeX(step) - pointer.x));
  return far.indexOf(Math.min(...far));
}

interface TipProps {
  found: Histograms;
  grid: Ridges;
  at: number;
  manner: Manner;
  width: number;
  pointer: { x: number; y: number };
}

function DistributionTip({ found, grid, at, manner, width, pointer }: TipProps) {
  const say = useSay();
  const side =
    pointer.x + 190 > Math.max(width, 380) ? { right: width - pointer.x + 14 } : { left: pointer.x + 14 };
  return (
    <div className="chart-readings" style={side}>
      <strong>{say(D.step, { step: number(found.steps[at]) })}</strong>
      <br />
      {manner === "ridges" ? binText(grid, at, width, pointer.x, say) : bandText(found, at, say)}
    </div>
  );
}

function binText(grid: Ridges, at: number, width: number, x: number, say: ReturnType<typeof useSay>): string {
  const { left, right } = ridgePlaces({ width, height: HEIGHT }, grid.steps.length);
  const count = grid.heights[at]?.length ?? 0;
  const bin = Math.floor(((x - left) / (right - left)) * count);
  if (bin < 0 || bin >= count) return "";
  const size = (grid.high - grid.low) / count;
  const [low, high] = [grid.low + bin * size, grid.low + (bin + 1) * size];
  const held = number(grid.heights[at]?.[bin] ?? 0, 3);
  return say(D.bin, { low: number(low, 3), high: number(high, 3), count: held });
}

function bandText(found: Histograms, at: number, say: ReturnType<typeof useSay>): string {
  const row = bandRows(found).find((one) => one.step === found.steps[at]);
  if (!row) return "";
  const [least, , quarter, median, upper, , most] = row.values.map((value) => number(value, 3));
  return say(D.band, {
    least: least ?? "",
    quarter: quarter ?? "",
    median: median ?? "",
    upper: upper ?? "",
    most: most ?? "",
  });
}
