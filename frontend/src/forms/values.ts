import type { PartField } from "../api/messages";

/** Kinds whose words are texts as they stand; of the others a word is a number, a list of them, or an expression. */
const TEXTS = new Set(["text", "choice", "dtype", "function"]);
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const WORDS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  none: null,
  "~": null,
};

/** A value as it stands in its field: a list without brackets, nothing for what is not written. */
export function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return value.map(textOf).join(", ");
  return JSON.stringify(value);
}

/** What was typed, as a document holds it; undefined: nothing, so that the default holds. */
export function valueTyped(text: string, kind: string): unknown {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (TEXTS.has(kind)) return typed === "null" ? null : typed;
  if (/^[[{]/.test(typed)) return parsed(typed);
  return isList(typed) ? items(typed) : scalar(typed);
}

/** A comma outside of parentheses: `3, 3`, and not `max(3, width)`. */
function isList(typed: string): boolean {
  return split(typed).length > 1;
}

function split(typed: string): string[] {
  return typed.split(/,(?![^(]*\))/).map((item) => item.trim());
}

function items(typed: string): unknown[] {
  return split(typed).filter(Boolean).map(scalar);
}

function parsed(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed.startsWith("[") && typed.endsWith("]") ? items(typed.slice(1, -1)) : typed;
  }
}

function scalar(word: string): unknown {
  if (NUMBER.test(word)) return Number(word);
  return word.toLowerCase() in WORDS ? WORDS[word.toLowerCase()] : word;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What a field should hold after somebody typed: its default is not written, unless it must be given. */
export function stored(field: Pick<PartField, "default" | "required">, value: unknown): unknown {
  return !field.required && value !== undefined && same(value, field.default) ? undefined : value;
}

/** A number one step up or down: whole ones by `by`, others in their last digit, so that 0.01 becomes 0.009 and 0.02. */
export function stepped(
  value: number,
  up: boolean,
  field: Pick<PartField, "kind" | "low" | "high">,
  by = 1,
): number {
  const next = field.kind === "float" ? inLastDigit(value, up) : value + (up ? by : -by);
  return Math.min(
    field.high ?? Number.POSITIVE_INFINITY,
    Math.max(field.low ?? Number.NEGATIVE_INFINITY, next),
  );
}

function inLastDigit(value: number, up: boolean): number {
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent) - Math.max(0, digits.replace("-", "").length - 2);
  const leading =
    value !== 0 && Math.abs(value) === 10 ** Number(exponent) && digits.replace("-", "") === "1";
  const finer = leading && (up ? value < 0 : value > 0) ? power - 1 : value === 0 ? -1 : power;
  return Number((value + (up ? 1 : -1) * 10 ** finer).toPrecision(12));
}
