import type { DrawnNode, PartForm } from "../api/messages";

/** Long names of arguments that everybody knows by a shorter one. */
const SHORT: Record<string, string> = {
  out_channels: "out",
  out_features: "out",
  in_channels: "in",
  in_features: "in",
  kernel_size: "kernel",
  num_features: "features",
  normalized_shape: "shape",
  num_embeddings: "count",
  embedding_dim: "dim",
  hidden_size: "hidden",
  input_size: "in",
  output_size: "size",
  negative_slope: "slope",
  num_heads: "heads",
  embed_dim: "dim",
  start_dim: "from",
  end_dim: "to",
};

function valueText(value: unknown): string {
  if (Array.isArray(value))
    return value.every((one) => typeof one === "number") ? value.join("×") : JSON.stringify(value);
  if (value !== null && typeof value === "object") return Object.keys(value).join(", ");
  return String(value);
}

/** The arguments in one line: `out 6 · kernel 5`; one that is handed on under its own name is said once. */
export function argsText(args: Record<string, unknown>): string {
  return Object.entries(args)
    .map(([name, value]) => [SHORT[name] ?? name, valueText(value)])
    .map(([name, value]) => (name === value ? name : `${name} ${value}`))
    .join(" · ");
}

/** The colour of a part: what kind of thing it is, at a glance. */
export function hueOf(node: DrawnNode, group: string): string {
  if (node.kind !== "layer" && node.kind !== "use") return node.kind;
  const found = HUES.find(([words]) => words.test(group || node.type));
  return found?.[1] ?? "layer";
}

const HUES: [RegExp, string][] = [
  [/conv|fold/i, "conv"],
  [/norm/i, "norm"],
  [/pool|upsampl|pixel|vision|pad/i, "pool"],
  [/drop/i, "drop"],
  [/linear|embed|sparse/i, "linear"],
  [/recurr|rnn|lstm|gru|transformer|attention/i, "recurrent"],
  [/activ|relu|sigmoid|tanh|gelu|silu|softmax/i, "activation"],
];

/** The colour of a part that is only offered yet. */
export function hueOfPart({ name, kind, group }: Pick<PartForm, "name" | "kind" | "group">): string {
  if (kind !== "layer") return kind === "tensor" ? "tensor" : "operation";
  return HUES.find(([words]) => words.test(group || name))?.[1] ?? "layer";
}

/** About how wide a text of 12 pixels is: nobody knows the fonts of the one who looks at it. */
export function wide(words: string): number {
  let width = 0;
  for (const sign of words)
    width += (sign.codePointAt(0) as number) > 0x2e7f ? 12 : /[A-Z×MW]/.test(sign) ? 8 : 6.3;
  return width;
}
