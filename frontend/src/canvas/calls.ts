import type { PartForm } from "../api/messages";

/** A call as Python writes it, of which nothing runs: `self.conv = nn.Conv2d(3, 8, kernel_size=3)`. */
export interface Call {
  /** the last part of its name: `Conv2d` */
  name: string;
  /** what it is assigned to, without `self.` */
  label: string;
  values: unknown[];
  named: Record<string, unknown>;
}

class NotCalls extends Error {}

const TOKEN =
  /\s*(?:#.*\s*)*(?:(?<name>[A-Za-z_][\w.]*)|(?<number>-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)|(?<text>"[^"\n]*"|'[^'\n]*')|(?<sign>[()[\],=:;]))/y;
const CONSTANTS: Record<string, unknown> = { True: true, False: false, None: null };

/** The layers that a piece of Python makes, one after another; null: it is no such text. */
export function callsIn(text: string): Call[] | null {
  try {
    return new Reader(text).statements().flatMap(unfolded);
  } catch (error) {
    if (error instanceof NotCalls) return null;
    throw error;
  }
}

/** What `nn.Sequential` holds stands in a row anyway. */
function unfolded(call: Call): Call[] {
  if (call.name !== "Sequential") return [call];
  if (Object.keys(call.named).length || !call.values.every(isCall)) throw new NotCalls();
  return call.values.flatMap(unfolded);
}

const isCall = (value: unknown): value is Call =>
  typeof value === "object" && value !== null && "label" in value && "values" in value;

/** Reads calls whose arguments are plain values, or calls again. */
class Reader {
  private tokens: [kind: string, text: string][] = [];

  constructor(text: string) {
    const scan = new RegExp(TOKEN);
    for (let end = text.trimEnd().length; scan.lastIndex < end; ) {
      const groups = scan.exec(text)?.groups;
      const found = groups && Object.entries(groups).find(([, words]) => words !== undefined);
      if (!found) throw new NotCalls();
      this.tokens.push(found);
      end = text.trimEnd().length;
    }
  }

  statements(): Call[] {
    const calls: Call[] = [];
    while (this.tokens.length) {
      const label = this.peek(1) === "=" ? this.take("name").replace(/^self\./, "") : "";
      if (label) this.take("sign", "=");
      const call = this.value();
      if (!isCall(call)) throw new NotCalls();
      calls.push({ ...call, label });
      while (this.peek() === "," || this.peek() === ";") this.take("sign");
    }
    if (!calls.length) throw new NotCalls();
    return calls;
  }

  private peek(ahead = 0): string {
    return this.tokens[ahead]?.[1] ?? "";
  }

  private take(kind: string, text?: string): string {
    const found = this.tokens.shift();
    if (found?.[0] !== kind || (text !== undefined && found[1] !== text)) throw new NotCalls();
    return found[1];
  }

  private value(): unknown {
    const [kind, text] = this.tokens.shift() ?? [];
    if (kind === "number") return Number(text);
    if (kind === "text") return text?.slice(1, -1);
    if (text === "(") return this.list(")");
    if (text === "[") return this.list("]");
    if (kind !== "name" || text === undefined) throw new NotCalls();
    if (text in CONSTANTS) return CONSTANTS[text];
    this.take("sign", "(");
    return this.call(text);
  }

  private list(end: string): unknown[] {
    const values: unknown[] = [];
    while (this.peek() !== end) {
      values.push(this.value());
      if (this.peek() !== end) this.take("sign", ",");
    }
    this.take("sign", end);
    return values;
  }

  private call(name: string): Call {
    const made: Call = { name: name.split(".").at(-1) ?? "", label: "", values: [], named: {} };
    while (this.peek() !== ")") {
      const key = this.peek(1) === "=" ? this.take("name") : "";
      if (key) this.take("sign", "=");
      if (key) made.named[key] = this.value();
      else made.values.push(this.value());
      if (this.peek() !== ")") this.take("sign", ",");
    }
    this.take("sign", ")");
    return made;
  }
}

/** The part that a call makes, as a document writes it; null: it has more values than the part has arguments, or other ones. */
export function partOfCall(call: Call, form: Pick<PartForm, "name" | "order">): unknown {
  const names = form.order;
  const args = {
    ...Object.fromEntries(call.values.map((value, at) => [names[at] ?? "", value])),
    ...call.named,
  };
  const plain = Object.values(args).every((value) => !isCall(value));
  if (!plain || Object.keys(args).some((name) => !names.includes(name))) return null;
  return Object.keys(args).length ? { [form.name]: args } : form.name;
}

/** Parts in a row, in the words of the clipboard; the first takes from `source`. */
export function clipOf(parts: readonly { part: unknown; label: string }[], source: string): string {
  const nodes: Record<string, unknown> = {};
  let before = source;
  for (const [at, { part, label }] of parts.entries()) {
    const key = label && !(label in nodes) ? label : `pasted_${at}`;
    const body = typeof part === "string" ? { [part]: {} } : (part as object);
    nodes[key] = { ...body, ...(key === label ? {} : { name: "" }), from: before };
    before = key;
  }
  return JSON.stringify({ "torchwork-nodes": 1, nodes });
}
