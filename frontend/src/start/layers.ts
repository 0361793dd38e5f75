/** A block of a network's picture, in units of the picture: `size` is its height, `left` and `right` of a funnel. */
export interface Block {
  kind:
    | "input"
    | "conv"
    | "linear"
    | "pool"
    | "flatten"
    | "norm"
    | "activation"
    | "attention"
    | "recurrent"
    | "other";
  name: string;
  x: number;
  width: number;
  left: number;
  right: number;
}

const KINDS: [RegExp, Block["kind"]][] = [
  [/^(Lazy)?Conv/, "conv"],
  [/Pool/, "pool"],
  [/^(Un)?[Ff]latten$/, "flatten"],
  [/Linear$/, "linear"],
  [/Norm/, "norm"],
  [/Attention|Transformer/, "attention"],
  [/^(LSTM|GRU|RNN)/, "recurrent"],
  [/(ReLU\d?|GELU|SiLU|Tanh|Sigmoid|ELU|Mish|Softmax|Hardswish|Dropout\dd?|Dropout)$/, "activation"],
];

const WIDTH: Partial<Record<Block["kind"], number>> = {
  norm: 3,
  activation: 3,
  pool: 9,
  flatten: 10,
  linear: 9,
  input: 3,
};
const GAP = 2.5;
const [TALLEST, LOWEST] = [56, 14];

export function kindOf(name: string): Block["kind"] {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

/** The blocks of a chain from left to right: convolutions grow thicker, pooling and flattening make what follows lower. */
export function blocks(layers: readonly string[]): Block[] {
  let [x, size, deep] = [0, startSize(layers), 7];
  const found: Block[] = [];
  for (const name of ["input", ...layers]) {
    const kind = name === "input" ? "input" : kindOf(name);
    const after = kind === "pool" ? Math.max(LOWEST, size * 0.68) : kind === "flatten" ? LOWEST * 2 : size;
    if (kind === "conv") deep = Math.min(16, deep + 2.5);
    const width = kind === "conv" ? deep : (WIDTH[kind] ?? 10);
    found.push({ kind, name, x, width, left: size, right: after });
    x += width + GAP;
    size = kind === "linear" ? Math.max(LOWEST, size * 0.8) : after;
  }
  return found;
}

/** Pictures are tall from the start; a chain of vectors is not. */
function startSize(layers: readonly string[]): number {
  return layers.some((name) => kindOf(name) === "conv") ? TALLEST : TALLEST * 0.7;
}
