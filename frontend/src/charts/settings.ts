import { useMemo } from "react";
import type { SeriesQuery } from "../api/messages";
import { setParams, useRoute } from "../ui/route";
import type { View } from "./curve";
import type { Extent } from "./range";
import type { Unit } from "./scale";

type Kind = SeriesQuery["x"];
type Overlap = SeriesQuery["overlap"];

/** How all charts are drawn; it stands in the address. */
export interface Settings {
  x: Kind;
  metric: string | null;
  smoothing: number;
  logX: boolean;
  logY: boolean;
  overlap: Overlap;
  outliers: boolean;
  search: string;
  /** the chart that has the page for itself */
  enlarged: string | null;
  hidden: readonly string[];
  zooms: ReadonlyMap<string, Extent>;
}

const METRIC = "metric:";
const KINDS: readonly string[] = ["step", "epoch", "time", "relative"];

export function readSettings(params: URLSearchParams): Settings {
  const x = params.get("x") ?? "step";
  const metric = x.startsWith(METRIC) ? x.slice(METRIC.length) : null;
  return {
    x: metric !== null ? "metric" : KINDS.includes(x) ? (x as Kind) : "step",
    metric,
    smoothing: Math.min(0.99, Math.max(0, Number(params.get("smooth")) || 0)),
    logX: params.get("logx") === "1",
    logY: params.get("logy") === "1",
    overlap: params.get("overlap") === "both" ? "both" : "last",
    outliers: params.get("outliers") !== "0",
    search: params.get("tag") ?? "",
    enlarged: params.get("chart"),
    hidden: params.getAll("hide"),
    zooms: new Map(params.getAll("zoom").flatMap(readZoom)),
  };
}

/** `step:100:250.5`; the axis may hold colons itself. */
function readZoom(text: string): [string, Extent][] {
  const found = /^(.+):(-?[\d.e+-]+):(-?[\d.e+-]+)$/i.exec(text);
  if (!found) return [];
  const [low, high] = [Number(found[2]), Number(found[3])];
  return Number.isFinite(low) && low < high ? [[found[1] as string, [low, high]]] : [];
}

export function useSettings(): Settings {
  const { params } = useRoute();
  return useMemo(() => readSettings(params), [params]);
}

/** The name of an x axis, as it stands in the address. */
export function axisName(x: Kind, metric: string | null): string {
  return x === "metric" ? METRIC + metric : x;
}

/** What of x is seen in all charts with this axis; null: everything. */
export function setZoom(settings: Settings, axis: string, zoom: Extent | null): void {
  const zooms = new Map(settings.zooms);
  if (zoom) zooms.set(axis, zoom);
  else zooms.delete(axis);
  setParams(
    { zoom: [...zooms].map(([name, [low, high]]) => `${name}:${short(low)}:${short(high)}`) },
    zoom === null,
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(15)));
}

/** The axis of one section: what the machine does is a matter of time, unless all charts show time. */
export function axisFor(section: string, settings: Settings): { x: Kind; metric: string | null } {
  const clock = settings.x === "time" || settings.x === "relative";
  return section === "system" && !clock ? { x: "relative", metric: null } : settings;
}

export function viewOf(settings: Settings, section: string, width: number): View {
  const { x, metric } = axisFor(section, settings);
  const zoom = settings.zooms.get(axisName(x, metric));
  return {
    x,
    metric,
    low: zoom?.[0] ?? null,
    high: zoom?.[1] ?? null,
    width: Math.max(16, Math.min(20_000, Math.round(width))),
    smoothing: settings.smoothing,
    overlap: settings.overlap,
  };
}

export function unitOf(x: Kind): Unit {
  return x === "time" ? "time" : x === "relative" ? "duration" : "number";
}
