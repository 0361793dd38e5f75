/** An axis: what is seen of it, and how. */
export interface Scale {
  min: number;
  max: number;
  log: boolean;
}

export interface Tick {
  at: number;
  label: string;
}

export type Unit = "number" | "time" | "duration";

/** ticks of an axis; more would be a mistake */
const MOST = 1000;

/** Pixels for values: `place(value)` lies between `from` (min) and `to` (max). */
export function placer(scale: Scale, from: number, to: number): (value: number) => number {
  const turn = scale.log ? Math.log10 : Number;
  const low = turn(scale.min);
  const factor = (to - from) / (turn(scale.max) - low || 1);
  return scale.log
    ? (value) => from + (Math.log10(value) - low) * factor
    : (value) => from + (value - low) * factor;
}

/** Values for pixels, the way back. */
export function reader(scale: Scale, from: number, to: number): (pixel: number) => number {
  const turn = scale.log ? Math.log10 : Number;
  const low = turn(scale.min);
  const factor = (turn(scale.max) - low) / (to - from || 1);
  return (pixel) => {
    const value = low + (pixel - from) * factor;
    return scale.log ? 10 ** value : value;
  };
}

/** About `count` ticks for a scale, at round values. */
export function ticks(scale: Scale, count: number, unit: Unit = "number"): Tick[] {
  if (unit !== "number") return clockTicks(scale, count, unit);
  return scale.log ? logTicks(scale, count) : linearTicks(scale, count);
}

function linearTicks({ min, max }: Scale, count: number): Tick[] {
  const step = niceStep((max - min) / Math.max(1, count));
  return multiples(min, max + step * 1e-9, step).map((at) => ({ at, label: plain(at, step) }));
}

/** The multiples of `step` from `min` to `max`; none where the numbers are too large to tell them apart. */
function multiples(min: number, max: number, step: number): number[] {
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step) - first + 1;
  if (!Number.isSafeInteger(first) || !(count > 0 && count <= MOST)) return [];
  return Array.from({ length: count }, (_, place) => (first + place) * step);
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
export function niceStep(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 5.0001 ? 5 : 10);
}

function logTicks(scale: Scale, count: number): Tick[] {
  const [low, high] = [Math.log10(scale.min), Math.log10(scale.max)];
  if (high - low < 0.9) return linearTicks(scale, count);
  const every = Math.max(1, Math.ceil((high - low) / Math.max(1, count)));
  const factors = every === 1 && high - low < count / 3 ? [1, 2, 5] : [1];
  const found: Tick[] = [];
  for (let power = Math.floor(low / every) * every; power <= high; power += every)
    for (const factor of factors) {
      const at = factor * 10 ** power;
      if (at >= scale.min * 0.9999 && at <= scale.max * 1.0001) found.push({ at, label: plain(at, at) });
    }
  return found;
}

const SUFFIXES = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** A tick's number with as many digits as its distance to the next one needs. */
export function plain(value: number, step: number): string {
  if (Math.abs(value) < step * 1e-6) return "0";
  const size = Math.abs(value);
  for (const [unit, suffix] of SUFFIXES)
    if (size >= 10 * unit || (size >= unit && unit > 1e3)) return digits(value / unit, step / unit) + suffix;
  if (size < 1e-3) return value.toExponential(exponentDigits(value, step)).replace("e-", "e-");
  return digits(value, step);
}

function digits(value: number, step: number): string {
  const places = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toFixed(places);
}

function exponentDigits(value: number, step: number): number {
  return Math.min(
    6,
    Math.max(0, Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step) + 1e-9)),
  );
}

const CLOCK = [
  0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600,
  43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000,
];

function clockTicks({ min, max }: Scale, count: number, unit: "time" | "duration"): Tick[] {
  const rough = (max - min) / Math.max(1, count);
  const step = CLOCK.find((length) => length >= rough) ?? niceStep(rough);
  const shift = unit === "time" ? -60 * new Date(min * 1000).getTimezoneOffset() : 0;
  return multiples(min + shift, max + shift, step).map((place) => {
    const at = place - shift;
    return { at, label: unit === "time" ? clock(at, step) : span(at, step) };
  });
}

function clock(at: number, step: number): string {
  const date = new Date(at * 1000);
  const pad = (value: number) => String(value).padStart(2, "0");
  if (step >= 86400)
    return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`.slice(2);
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return step >= 60 ? time : `${time}:${pad(date.getSeconds())}`;
}

/** A duration in the unit of its step: 0.5s, 30s, 5m, 1h30, 2d. */
export function span(seconds: number, step: number): string {
  if (Math.abs(seconds) < step * 1e-6) return "0";
  if (step >= 86400) return `${Math.round(seconds / 86400)}d`;
  if (seconds < 60 && seconds > -60) return `${plain(seconds, Math.min(step, 1))}s`;
  const [whole, sign] = [Math.round(Math.abs(seconds)), seconds < 0 ? "-" : ""];
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours) return `${sign}${hours}h${minutes ? String(minutes).padStart(2, "0") : ""}`;
  return `${sign}${minutes}m${rest ? String(rest).padStart(2, "0") : ""}`;
}
