import type { LayerHeat } from "../api/messages";
import { plain } from "./health";

/** Dark blue over grey to yellow: its lightness rises evenly, so that every colour vision reads it. */
const STOPS = [
  [0, 32, 81],
  [30, 58, 112],
  [72, 82, 114],
  [106, 108, 117],
  [138, 134, 121],
  [172, 162, 112],
  [212, 194, 90],
  [253, 234, 69],
] as const;
/** of what is no number */
export const NOT_FINITE = "#d55e00";

export interface HeatScale {
  low: number;
  high: number;
  log: boolean;
}

const SHARES: readonly string[] = ["dead_units", "output_zeros", "output_saturated"];
const LOGS: readonly string[] = ["gradient_norm", "weight_norm", "update_ratio", "output_std"];
const DECADES = 8;

/** From the smallest to the largest, at most eight powers of ten below it; shares from 0 to 1. */
export function scaleOf({ what, rows }: LayerHeat): HeatScale {
  if (SHARES.includes(what)) return { low: 0, high: 1, log: false };
  const values = rows.flatMap((row) => row.values.map(plain)).filter(Number.isFinite);
  const log = LOGS.includes(what);
  const known = log ? values.filter((value) => value > 0) : values;
  const low = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(low <= high)) return { low: log ? 1e-6 : 0, high: 1, log };
  if (low === high)
    return log ? { low: low / 10, high: high * 10, log } : { low: low - 1, high: high + 1, log };
  return { low: log ? Math.max(low, high / 10 ** DECADES) : low, high, log };
}

/** The colour of a value. */
export function colorAt(value: number, scale: HeatScale): string {
  if (!Number.isFinite(value)) return NOT_FINITE;
  const share = scale.log
    ? Math.log(Math.max(value, scale.low) / scale.low) / Math.log(scale.high / scale.low)
    : (value - scale.low) / (scale.high - scale.low);
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const [from, to] = [STOPS[Math.floor(place)], STOPS[Math.ceil(place)]] as [Stop, Stop];
  const part = place - Math.floor(place);
  return `rgb(${from.map((one, at) => Math.round(one + ((to[at] as number) - one) * part)).join(" ")})`;
}

type Stop = (typeof STOPS)[number];

/** The colours of the scale, for its legend. */
export function gradientOf(): string {
  return `linear-gradient(90deg, ${STOPS.map((stop) => `rgb(${stop.join(" ")})`).join(", ")})`;
}

/** Paints rows of `height` pixels across the width of the canvas. */
export function paint(canvas: HTMLCanvasElement, heat: LayerHeat, width: number, height: number): void {
  const sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(heat.rows.length * height * sharp);
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = scaleOf(heat);
  const column = canvas.width / heat.steps.length;
  for (const [at, row] of heat.rows.entries()) {
    const [top, bottom] = [at, at + 1].map((edge) => Math.round(edge * height * sharp)) as [number, number];
    for (const [place, value] of row.values.entries()) {
      const left = Math.floor((row.begin + place) * column);
      context.fillStyle = colorAt(plain(value), scale);
      context.fillRect(left, top, Math.ceil((row.begin + place + 1) * column) - left, bottom - top - 1);
    }
  }
}

/** What lies under a point of the painting. */
export function under(heat: LayerHeat, x: number, y: number, width: number, height: number) {
  const row = heat.rows[Math.floor(y / height)];
  const column = Math.floor((x / width) * heat.steps.length);
  const step = heat.steps[column];
  if (!row || step === undefined) return null;
  return { layer: row.layer, step, value: row.values[column - row.begin] };
}
