/** A tag as a line of a chart; `split` is the part of the data that it was measured on, empty when it names none. */
export interface Line {
  tag: string;
  split: Split;
}

export type Split = "" | "train" | "valid" | "test";

/** A chart: all splits of one metric. Its key stays the same while tags come. */
export interface ChartPlan {
  key: string;
  title: string;
  section: string;
  lines: Line[];
}

export interface Section {
  name: string;
  charts: ChartPlan[];
}

/** Metrics of the whole model: they belong to no group of tags. */
export const METRICS = "";
export const PINNED = "\u0000pinned";
/** Numbers of each layer: of a large network they are hundreds of charts. */
export const OF_LAYERS: ReadonlySet<string> = new Set([
  "gradient_norm",
  "weight_norm",
  "update_ratio",
  "output_mean",
  "output_std",
  "output_zeros",
  "output_saturated",
  "dead_units",
  "layer_time",
  "layer_memory",
]);

/** Whether a tag is a number of one layer. */
export const ofLayer = (tag: string) => OF_LAYERS.has(tag.slice(0, tag.indexOf("/")));

const WORDS = "train(?:ing)?|val(?:id(?:ation)?)?|eval(?:uation)?|test(?:ing)?";
const BEFORE = new RegExp(`^(${WORDS})[/_](.+)$`, "i");
const AFTER = new RegExp(`^(.+)[/_](${WORDS})$`, "i");
const ORDER: Split[] = ["valid", "train", "test", ""];
const LAST = ["time", "system"];
const sorter = new Intl.Collator("en", { numeric: true });

function split(word: string): Split {
  const first = word.toLowerCase();
  return first.startsWith("train") ? "train" : first.startsWith("test") ? "test" : "valid";
}

/** What a tag measures, and on which split: `train/loss`, `Loss/train` and `train_loss` are the loss on train. */
export function metricOf(tag: string): { metric: string; split: Split } {
  const before = BEFORE.exec(tag);
  if (before) return { metric: before[2] as string, split: split(before[1] as string) };
  const after = AFTER.exec(tag);
  if (after) return { metric: after[1] as string, split: split(after[2] as string) };
  return { metric: tag, split: "" };
}

function sectionOf(metric: string): string {
  if (metric === "epoch") return "time";
  const slash = metric.indexOf("/");
  return slash > 0 ? metric.slice(0, slash) : METRICS;
}

/** The charts for these tags, one for each metric, in the order in which a person looks at them. */
export function chartsOf(tags: Iterable<string>): ChartPlan[] {
  const charts = new Map<string, ChartPlan>();
  for (const tag of new Set(tags)) {
    const { metric, split } = metricOf(tag);
    const chart = charts.get(metric) ?? { key: metric, title: metric, section: sectionOf(metric), lines: [] };
    chart.lines.push({ tag, split });
    charts.set(metric, chart);
  }
  for (const chart of charts.values()) {
    chart.lines.sort(
      (a, b) => ORDER.indexOf(a.split) - ORDER.indexOf(b.split) || sorter.compare(a.tag, b.tag),
    );
    if (chart.lines.length === 1) chart.title = chart.lines[0]?.tag as string;
  }
  return [...charts.values()].sort((a, b) => rank(a) - rank(b) || sorter.compare(a.key, b.key));
}

/** Losses come first, then accuracies. */
function rank(chart: ChartPlan): number {
  const name = chart.key.split("/").at(-1) as string;
  return /^loss$/i.test(name) ? 0 : /loss/i.test(name) ? 1 : /^acc/i.test(name) ? 2 : 3;
}

/** Pinned charts come first, then metrics; layers, clocks and the machine last. */
function place(section: string): number {
  const rank = [PINNED, METRICS].indexOf(section);
  if (rank >= 0) return rank;
  return OF_LAYERS.has(section) ? 3 : LAST.includes(section) ? 4 + LAST.indexOf(section) : 2;
}

/** Charts by section; pinned ones are only there. */
export function sectionsOf(charts: readonly ChartPlan[], pinned: readonly string[]): Section[] {
  const found = new Map<string, ChartPlan[]>();
  for (const chart of charts) {
    const name = pinned.includes(chart.key) ? PINNED : chart.section;
    found.set(name, [...(found.get(name) ?? []), chart]);
  }
  const names = [...found.keys()].sort((a, b) => place(a) - place(b) || sorter.compare(a, b));
  return names.map((name) => ({ name, charts: found.get(name) as ChartPlan[] }));
}

/** Whether a name fits what was typed: as it stands in it, or as a regular expression. */
export function matcher(typed: string): (name: string) => boolean {
  const text = typed.trim().toLowerCase();
  if (!text) return () => true;
  let pattern: RegExp | null = null;
  try {
    pattern = new RegExp(typed.trim(), "i");
  } catch {
    // half-typed expressions are looked for as plain text
  }
  return (name) => name.toLowerCase().includes(text) || (pattern?.test(name) ?? false);
}
