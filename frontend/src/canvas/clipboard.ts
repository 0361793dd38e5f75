import { send } from "../api/client";
import type { Copied, PartForm } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { say, type Words } from "../ui/words";
import { after, rounded, uncovered } from "./adding";
import { addPart, type Bench, chosen, step } from "./bench";
import { type Call, callsIn, clipOf, partOfCall } from "./calls";
import type { Place } from "./layout";
import { spot } from "./useDropping";

const W = {
  barred: [
    "The browser gives no access to the clipboard: press {keys} instead.",
    "浏览器不允许访问剪贴板，请改按 {keys}。",
  ],
  wait: ["The list of layers is still loading: paste again in a moment.", "层列表仍在加载，请稍后再粘贴。"],
  unknown: [
    "{name} is no layer of torch or of this document, so it cannot be pasted as one.",
    "{name} 不是 torch 或本文档中的层，无法粘贴为层。",
  ],
  arguments: [
    "The arguments of {name} are not those that it takes, so it cannot be pasted.",
    "{name} 的参数与其定义不符，无法粘贴。",
  ],
} satisfies Record<string, Words>;

/** The selected nodes as text. */
async function textOf(bench: Bench): Promise<string> {
  const body = { text: bench.drawing.text, level: bench.level.name, nodes: chosen(bench) };
  return (await send<Copied>("POST", "copy", body)).text;
}

/** What is just being copied: who pastes at once pastes that. */
let copying: Promise<string> | null = null;

export async function copy(bench: Bench): Promise<boolean> {
  if (!chosen(bench).length) return false;
  const made = textOf(bench);
  copying = made;
  try {
    await navigator.clipboard.writeText(await made);
    return true;
  } catch (error) {
    if (error instanceof DOMException) notify(say(W.barred, { keys: "Ctrl+C" }), "error");
    else tellError(error);
    return false;
  } finally {
    if (copying === made) copying = null;
  }
}

/** What was pasted, as the browser gives it, unless a copy is under way. */
export async function pasteGiven(latest: () => Bench | null, given: string, sources: boolean): Promise<void> {
  const text = copying ? await copying.catch(() => given) : given;
  const bench = latest();
  if (bench) paste(bench, text, null, sources);
}

export async function cut(bench: Bench): Promise<void> {
  const nodes = chosen(bench);
  if (await copy(bench)) step(bench, [{ do: "remove", level: bench.level.name, nodes }]);
}

/** Puts a text on the sheet; `sources`: with the links that its nodes had. Layers that are written as Python are drawn. */
export function paste(bench: Bench, text: string, at: Place | null, sources: boolean): void {
  if (!text.trim()) return;
  const place = rounded(at ?? uncovered(bench.level, bench.places, spot(bench)));
  const calls = callsIn(text);
  if (calls) pasteCalls(bench, calls, place);
  else step(bench, [{ do: "paste", level: bench.level.name, text, sources, at: place }]);
}

/** One layer comes as if it were chosen; several in a row, behind the selected node. */
function pasteCalls(bench: Bench, calls: readonly Call[], at: Place): void {
  if (!bench.catalog.list.length) {
    notify(say(W.wait), "error");
    return;
  }
  const parts: { part: unknown; label: string }[] = [];
  for (const call of calls) {
    const form = formOf(bench, call.name);
    const part = form && partOfCall(call, form);
    if (!part) {
      notify(say(form ? W.arguments : W.unknown, { name: call.name }), "error");
      return;
    }
    parts.push({ part, label: call.label });
  }
  const [name, more] = chosen(bench);
  const behind = name && !more ? after(bench.level, bench.wires, name) : null;
  if (parts.length === 1)
    addPart(bench, parts[0]?.part, behind ? { at: null, ...behind } : { at, source: "", feeds: [] });
  else {
    const first = bench.level.nodes.length ? "" : (bench.level.inputs[0]?.name ?? "");
    const text = clipOf(parts, behind?.source || first);
    step(bench, [{ do: "paste", level: bench.level.name, text, sources: true, at }]);
  }
}

function formOf({ catalog, drawing }: Bench, name: string): Pick<PartForm, "name" | "order"> | undefined {
  const own = drawing.levels.find((level) => level.name === name && name);
  if (own) return { name, order: Object.keys(own.arguments) };
  return catalog.byName.get(name);
}

export async function pasteFromMenu(bench: Bench, at: Place | null, sources: boolean): Promise<void> {
  try {
    paste(bench, await navigator.clipboard.readText(), at, sources);
  } catch {
    notify(say(W.barred, { keys: sources ? "Ctrl+Shift+V" : "Ctrl+V" }), "error");
  }
}

/** The same nodes once more beside themselves, fed by what feeds them. */
export async function duplicate(bench: Bench): Promise<void> {
  const nodes = chosen(bench);
  if (!nodes.length) return;
  const at = nodes.map((name): Place => bench.places.get(name) ?? [0, 0]);
  const beside: Place = [Math.max(...at.map(([x]) => x)) + 236, Math.min(...at.map(([, y]) => y))];
  try {
    paste(bench, await textOf(bench), uncovered(bench.level, bench.places, beside), true);
  } catch (error) {
    tellError(error);
  }
}
