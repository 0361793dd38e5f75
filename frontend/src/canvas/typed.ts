import type { PartForm } from "../api/messages";

/** What a person typed to add: a name, and values behind it (`conv2d 6 5 padding=2`). */
export interface Typed {
  name: string;
  values: string[];
}

export function parseTyped(text: string): Typed {
  const words = text.replace(/[(),]/g, " ").trim().split(/\s+/).filter(Boolean);
  const at = words.findIndex((word, place) => place > 0 && /^[-+.\d]|=|^(true|false|null)$/i.test(word));
  const [names, values] = at < 0 ? [words, []] : [words.slice(0, at), words.slice(at)];
  return { name: names.join(" "), values };
}

function typedValue(word: string): unknown {
  try {
    return JSON.parse(word.toLowerCase());
  } catch {
    return word;
  }
}

/** The part as a document writes it; values without a name go to its arguments in order, those left out that torchwork fills in. */
export function partOf(form: Pick<PartForm, "name" | "fields">, values: readonly string[]): unknown {
  const free = form.fields.filter((field) => !field.inferred).map((field) => field.name);
  const args: Record<string, unknown> = {};
  let place = 0;
  for (const word of values) {
    const [, name, rest] = /^(\w+)=(.*)$/.exec(word) ?? [];
    const key = name ?? free[place++];
    if (key) args[key] = typedValue(rest ?? word);
  }
  return Object.keys(args).length ? { [form.name]: args } : form.name;
}
