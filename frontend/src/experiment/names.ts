import { type Entry, entriesOf, ITEM, type Place } from "./place";
import type { Option } from "./schema";

/** Names that the document itself gives: nodes where a value is taken from, definitions where a part may stand. */
export function ownNames(text: string, place: Place): Option[] {
  const path = place.path.at(-1) === ITEM ? place.path.slice(0, -1) : place.path;
  const entries = entriesOf(text);
  if (["from", "use", "outputs"].includes(path.at(-1) ?? ""))
    return nodes(entries, moduleOf(path)).map(value);
  const within = ["layers", "nodes"].includes(place.path.at(-2) ?? "");
  return within && place.at !== "key" ? definitions(entries).map(part) : [];
}

/** A text without data describes a model alone. */
export function isModelOnly(text: string): boolean {
  return /^["']?model["']?\s*:/m.test(text) && !/^["']?data["']?\s*:/m.test(text);
}

/** The module around a place: `model`, or one of its definitions. */
function moduleOf(path: readonly string[]): readonly string[] {
  const at = Math.max(path.lastIndexOf("nodes"), path.lastIndexOf("layers"), path.lastIndexOf("outputs"));
  return path.slice(0, Math.max(0, at));
}

function nodes(entries: readonly Entry[], module: readonly string[]): string[] {
  const found = new Set<string>();
  let inputs = "input";
  for (const { path, value } of entries) {
    if (!module.every((step, at) => path[at] === step)) continue;
    const [section, second, third] = path.slice(module.length);
    const depth = path.length - module.length;
    if (section === "inputs" && depth === 1 && value) inputs = value;
    if (section === "nodes" && depth === 2) found.add(second as string);
    if (section === "layers" && second === ITEM && third === "name" && depth === 3 && value) found.add(value);
  }
  const given = inputs.replace(/[[\]]/g, "").split(",");
  return [...given.map((name) => name.trim()).filter(Boolean), ...found];
}

function definitions(entries: readonly Entry[]): string[] {
  const found = entries
    .filter(({ path }) => path.at(-2) === "modules" && path.length <= 3)
    .map(({ path }) => path.at(-1) as string);
  return [...new Set(found)];
}

function value(label: string): Option {
  return { label, kind: "value", detail: "", info: "", apply: label };
}

function part(label: string): Option {
  return { ...value(label), kind: "part" };
}
