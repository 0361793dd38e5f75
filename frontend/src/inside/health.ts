import type { LayerNumbers, Shape } from "../api/messages";

export type Verdict = "" | "warn" | "bad";
type Value = LayerNumbers["numbers"][string];

/** What was measured last of a node: of a layer, or of all layers in it together. */
export interface Measured {
  numbers: Record<string, number>;
  shape: Shape | null;
  layers: string[];
}

/** A number of the server: null is NaN, infinities are words. */
export function plain(value: Value | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** What was measured of each layer, and of everything that holds layers, by its path. */
export function byPath(layers: readonly LayerNumbers[]): Map<string, Measured> {
  const inside = new Map<string, LayerNumbers[]>();
  for (const layer of layers)
    for (const path of pathsOf(layer.name)) inside.set(path, [...(inside.get(path) ?? []), layer]);
  return new Map([...inside].map(([path, held]) => [path, together(held)]));
}

/** `a.b.c` is in `a`, in `a.b`, and is itself. */
function pathsOf(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, at) => parts.slice(0, at + 1).join("."));
}

function together(layers: readonly LayerNumbers[]): Measured {
  const last = layers.findLast((layer) => "output_std" in layer.numbers);
  const numbers: Record<string, number> = {};
  const all = (what: string) =>
    layers.flatMap(({ numbers }) => (what in numbers ? [plain(numbers[what])] : []));
  const put = (what: string, fold: (values: number[]) => number) => {
    const values = all(what);
    if (values.length) numbers[what] = fold(values);
  };
  put("gradient_norm", norm);
  put("weight_norm", norm);
  put("output_zeros", most);
  put("output_saturated", most);
  put("dead_units", most);
  put("milliseconds", sum);
  put("memory", sum);
  const updated = layers.filter(({ numbers }) => "update_ratio" in numbers);
  if (updated.length) numbers.update_ratio = ratio(updated);
  for (const what of ["output_mean", "output_std"])
    if (last && what in last.numbers) numbers[what] = plain(last.numbers[what]);
  return { numbers, shape: last?.shape ?? null, layers: layers.map(({ name }) => name) };
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a));
const norm = (values: readonly number[]) => Math.sqrt(sum(values.map((one) => one * one)));

/** The change of all weights together, as a share of them. */
function ratio(layers: readonly LayerNumbers[]): number {
  if (layers.length === 1) return plain(layers[0]?.numbers.update_ratio);
  const weights = layers.map(({ numbers }) => plain(numbers.weight_norm ?? 1));
  const changes = layers.map(({ numbers }, at) => plain(numbers.update_ratio) * (weights[at] as number));
  return norm(changes) / norm(weights);
}

/** The bands in which networks that learn are, wide ones: what lies outside is worth a look. */
export const BANDS: Record<string, readonly [low: number, high: number]> = {
  update_ratio: [1e-6, 5e-2],
  dead_units: [0, 0.4],
  output_saturated: [0, 0.5],
  output_std: [1e-6, 1e4],
};
const BAD: Record<string, number> = { update_ratio: 0.3, dead_units: 0.6 };
/** times the middle one of all layers, and what it must be besides */
const FAINT = { part: 1e-3, below: 1e-4 };
const LOUD = { part: 100, above: 10 };

/** The middle gradient norm and update ratio of all layers: those of one layer are seen beside them. */
export interface Middles {
  gradient_norm: number;
  update_ratio: number;
}

export const UNKNOWN: Middles = { gradient_norm: Number.NaN, update_ratio: Number.NaN };

/** Whether a number lies outside its band. Updates of all layers fade at the end of a schedule: that is no fault. */
export function verdict(what: string, value: number | undefined, middles = UNKNOWN): Verdict {
  if (value === undefined) return "";
  if (!Number.isFinite(value)) return what in BANDS || what === "gradient_norm" ? "bad" : "";
  if (what === "gradient_norm") {
    const middle = middles.gradient_norm;
    const faint = value < FAINT.part * middle && value < FAINT.below;
    const loud = value > LOUD.part * middle && value > LOUD.above;
    return value === 0 || faint || loud ? "warn" : "";
  }
  const [low, high] = BANDS[what] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value > (BAD[what] ?? Number.POSITIVE_INFINITY)) return "bad";
  if (what === "update_ratio" && value < low) return value < FAINT.part * middles.update_ratio ? "warn" : "";
  return value < low || value > high ? "warn" : "";
}

/** The worst of all that is said of a node. */
export function worst({ numbers }: Measured, middles: Middles): Verdict {
  const said = Object.entries(numbers).map(([what, value]) => verdict(what, value, middles));
  return said.includes("bad") ? "bad" : said.includes("warn") ? "warn" : "";
}

export function middlesOf(layers: readonly LayerNumbers[]): Middles {
  const middle = (what: string) => {
    const values = layers.flatMap(({ numbers }) => (what in numbers ? [plain(numbers[what])] : []));
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return { gradient_norm: middle("gradient_norm"), update_ratio: middle("update_ratio") };
}

/** Where a number lies between the ends of its logarithmic scale, 0 to 1. */
export function onScale(value: number, [low, high]: readonly [number, number]): number {
  if (!(value > 0)) return 0;
  const share = Math.log(value / low) / Math.log(high / low);
  return Math.min(1, Math.max(0, share));
}
