import { language } from "./words";

/** A measured number in few digits: 0.8953, 1.2e-5, 12 345. */
export function number(value: number | string | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return "NaN";
  if (typeof value === "string") return value.replace("Infinity", "∞");
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e9)
    return value.toLocaleString("en").replaceAll(",", "\u202f");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return value.toExponential(digits - 2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(digits)));
}

/** A metric in a column of others: always as many digits, so that one can read down the column: 0.9800, 0.3325. */
export function measure(value: number | string | null | undefined, digits = 4): string {
  const size = Math.abs(Number(value));
  const plain = typeof value === "number" && !Number.isInteger(value) && size >= 1e-3 && size < 10 ** digits;
  return plain ? value.toPrecision(digits) : number(value, digits);
}

/** Seconds as a person says them: 43 s, 5 min 12 s, 2 h 03 min, 4 d 7 h. */
export function duration(seconds: number): string {
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds % 60),
  ];
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  if (minutes) return `${minutes} min ${String(rest).padStart(2, "0")} s`;
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : `${rest} s`;
}

/** How long ago a time (ISO 8601) was. */
export function ago(time: string, now = Date.now()): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (Number.isNaN(seconds)) return "";
  const words = new Intl.RelativeTimeFormat(language() === "zh" ? "zh" : "en", {
    numeric: "auto",
    style: "short",
  });
  const units = [
    ["year", 31536000],
    ["month", 2592000],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ] as const;
  for (const [unit, length] of units)
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  return words.format(-Math.max(0, Math.floor(seconds)), "second");
}

/** A time (ISO 8601) in the person's own zone. */
export function moment(time: string): string {
  const found = new Date(time);
  const locale = language() === "zh" ? "zh-CN" : "en-GB";
  return Number.isNaN(found.getTime())
    ? ""
    : found.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

/** Bytes as kB, MB, GB. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let place = 0;
  while (count >= 1000 && place < units.length - 1) {
    count /= 1000;
    place += 1;
  }
  return `${count >= 100 || place === 0 ? Math.round(count) : count.toFixed(1)} ${units[place]}`;
}
