import type { Drawing, DrawnNode, Level } from "../api/messages";
import { levelOf } from "./wires";

/** A step of the way from the model down to a level. */
export interface Crumb {
  level: string;
  instance: string;
  /** the node that was opened; empty: the model, or a definition that nobody uses */
  node: string;
}

/** The definition that a node opens; null: there is nothing in it to see. */
export function inside(drawing: Drawing, node: DrawnNode): Level | null {
  if (!["module", "code", "use"].includes(node.kind)) return null;
  return drawing.levels.find((level) => level.name && level.name === node.type) ?? null;
}

/** The instance of `level` that a node of the shown instance makes. */
export function instanceOf(level: Level, around: string, node: string): string {
  const path = around ? `${around}.${node}` : node;
  return (
    level.instances.find((one) => one === path) ??
    level.instances.find((one) => one.startsWith(`${path}.`)) ??
    level.instances[0] ??
    ""
  );
}

/** The way to an instance of a level, the model first. */
export function trailOf(drawing: Drawing, level: string, instance: string): Crumb[] {
  const root: Crumb = { level: "", instance: "", node: "" };
  if (!level) return [root];
  const way = descend(drawing, "", "", instance);
  const found = way?.at(-1)?.level === level ? way : [{ level, instance, node: "" }];
  return [root, ...found];
}

function descend(drawing: Drawing, name: string, done: string, path: string): Crumb[] | null {
  if (done === path) return [];
  const rest = done ? path.slice(done.length + 1) : path;
  for (const node of levelOf(drawing, name)?.nodes ?? []) {
    const opened = inside(drawing, node);
    const step = opened && stepOf(node, rest);
    if (!opened || !step) continue;
    const instance = done ? `${done}.${step}` : step;
    const further = descend(drawing, opened.name, instance, path);
    if (further) return [{ level: opened.name, instance, node: node.name }, ...further];
  }
  return null;
}

/** The head of a path that is a node, with the number of its repetition: those of a chain are called by numbers too. */
function stepOf({ name, repeat }: DrawnNode, path: string): string | null {
  if (path !== name && !path.startsWith(`${name}.`)) return null;
  return name + (repeat > 1 ? (/^\.\d+(?=\.|$)/.exec(path.slice(name.length))?.[0] ?? "") : "");
}
