import { useEffect, useMemo } from "react";
import { create } from "zustand";
import { get } from "../api/client";
import type { PartForm } from "../api/messages";
import { language, useLanguage } from "./words";

/** What is said of parts in another language: `torchwork.words.parts`. */
export interface PartWords {
  groups: Readonly<Record<string, string>>;
  summaries: Readonly<Record<string, Readonly<Record<string, string>>>>;
  arguments: Readonly<Record<string, string>>;
}

/** A part in the person's language. */
export interface ToldPart extends PartForm {
  /** its group, as a heading */
  heading?: string;
  /** what it is found by, beside its name: in both languages */
  words?: string;
  also?: readonly string[] | undefined;
}

/** Other names by which people look for parts. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  Linear: ["fc", "dense", "fully connected", "mlp"],
  Conv2d: ["cnn", "convolution"],
  ConvTranspose2d: ["deconv", "deconvolution", "upconv", "反卷积"],
  BatchNorm2d: ["bn"],
  LayerNorm: ["ln"],
  GroupNorm: ["gn"],
  InstanceNorm2d: ["in"],
  SiLU: ["swish"],
  AdaptiveAvgPool2d: ["gap", "global average pooling", "全局平均池化"],
  MultiheadAttention: ["mha", "self-attention", "self attention", "自注意力"],
  scaled_dot_product_attention: ["sdpa", "flash attention"],
  Embedding: ["lookup", "word vectors", "词向量"],
  Upsample: ["resize", "插值"],
  Identity: ["noop", "skip"],
  add: ["residual", "skip connection", "残差"],
  cat: ["skip connection", "跳跃连接"],
  CrossEntropyLoss: ["ce", "classification", "分类"],
  MSELoss: ["l2", "regression", "回归"],
  L1Loss: ["mae"],
  BCEWithLogitsLoss: ["binary", "multilabel", "二分类", "多标签"],
};

/** The parts with summaries and help in the words of a language; English stays where there are none. */
export function told(parts: readonly PartForm[], words: PartWords | null): readonly ToldPart[] {
  return parts.map((part) => {
    const summary = words?.summaries[part.kind]?.[part.name] ?? part.summary;
    const heading = words?.groups[part.group] ?? part.group;
    const found = [
      heading,
      summary,
      (ALSO[part.name] ?? []).join(" "),
      words ? `${part.group} ${part.summary}` : "",
    ];
    const fields = part.fields.map((field) => ({
      ...field,
      help: helpOf(words, part, field.name) ?? field.help,
    }));
    return {
      ...part,
      summary,
      heading,
      words: found.join(" "),
      also: ALSO[part.name],
      fields: words ? fields : part.fields,
    };
  });
}

function helpOf(
  words: PartWords | null,
  { kind, name }: { kind: string; name: string },
  field: string,
): string | undefined {
  const keys = [`${name}.${field}`, `${kind}.${field}`, field];
  return keys.map((key) => words?.arguments[key]).find((text) => text !== undefined);
}

/** What is said of a part, or of an argument of the part `within`, where only names are known. */
export function saidOfPart(name: string, within = ""): string | undefined {
  if (language() !== "zh") return;
  loadPartWords();
  const { words } = usePartWords.getState();
  const part = within || name;
  const [kind, known] = Object.entries(words?.summaries ?? {}).find(([, found]) => part in found) ?? [];
  return within && kind ? helpOf(words, { kind, name: within }, name) : known?.[name];
}

const usePartWords = create<{ words: PartWords | null }>(() => ({ words: null }));
const AGAIN = 5000;
let asked = false;
let last: { parts: readonly PartForm[]; words: PartWords | null; told: readonly ToldPart[] } | undefined;

/** `told` in the person's language; its words come when somebody wants them. */
export function useTold(parts: readonly PartForm[]): readonly ToldPart[] {
  const chinese = useLanguage() === "zh";
  const words = usePartWords((found) => found.words);
  useEffect(() => {
    if (chinese) load();
  }, [chinese]);
  return useMemo(() => once(parts, chinese ? words : null), [parts, chinese, words]);
}

/** Many forms ask for the same. */
function once(parts: readonly PartForm[], words: PartWords | null): readonly ToldPart[] {
  if (last?.parts !== parts || last.words !== words) last = { parts, words, told: told(parts, words) };
  return last.told;
}

/** Fetches what is said of parts, where the person reads another language than English. */
export function loadPartWords(): void {
  if (language() === "zh") load();
}

async function load(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    usePartWords.setState({ words: await get<PartWords>("words/parts", { language: "zh" }) });
  } catch {
    setTimeout(() => {
      asked = false;
      load();
    }, AGAIN);
  }
}
