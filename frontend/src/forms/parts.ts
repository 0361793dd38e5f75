import type { PartField, PartForm } from "../api/messages";

/** A part as a document writes it: its name, its arguments, and what stands beside them (`every` of a schedule). */
export interface Part {
  name: string;
  args: Record<string, unknown>;
  beside: Record<string, unknown>;
}

const NOTHING: Part = { name: "", args: {}, beside: {} };

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Adam`, `{Adam: {lr: 0.1}}` or `{StepLR: {...}, every: step}`, whose words beside the name are `extras`. */
export function partOf(value: unknown, extras: readonly string[] = []): Part {
  if (typeof value === "string") return { ...NOTHING, name: value };
  if (!isMapping(value)) return NOTHING;
  const name = Object.keys(value).find((key) => !extras.includes(key)) ?? "";
  const { [name]: args, ...beside } = value;
  return { name, args: isMapping(args) ? args : {}, beside };
}

/** The shortest way to write a part. */
export function written({ name, args, beside }: Part): unknown {
  const bare = Object.keys(args).length === 0;
  if (bare && Object.keys(beside).length === 0) return name;
  return { [name]: bare ? {} : args, ...beside };
}

/** The part with another name, with those arguments that both have. */
export function switched(part: Part, form: Pick<PartForm, "name" | "fields">): Part {
  const known = new Set(form.fields.map((field) => field.name));
  const args = Object.fromEntries(Object.entries(part.args).filter(([name]) => known.has(name)));
  return { ...part, name: form.name, args };
}

/** The part with one argument set, or without it. */
export function withArgument(part: Part, name: string, value: unknown): Part {
  const { [name]: _, ...rest } = part.args;
  return { ...part, args: value === undefined ? rest : { ...part.args, [name]: value } };
}

export interface Arranged {
  shown: PartField[];
  more: PartField[];
}

/** Fields in their order: those that must be given, are likely, are written or wrong; the others behind a fold. */
export function arranged(
  fields: readonly PartField[],
  args: Readonly<Record<string, unknown>>,
  wrong: (name: string) => boolean,
): Arranged {
  const first = fields.filter((field) => field.required);
  const rest = fields.filter((field) => !field.required);
  const open = (field: PartField) => field.likely || field.name in args || wrong(field.name);
  return { shown: [...first, ...rest.filter(open)], more: rest.filter((field) => !open(field)) };
}

/** A list with one item at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const left = list.filter((_, place) => place !== from);
  const at = Math.max(0, Math.min(left.length, to));
  return [...left.slice(0, at), list[from] as T, ...left.slice(at)];
}
