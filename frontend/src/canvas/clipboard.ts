import { RefusedError, send } from "../api/client";
import type { Copied, Edit, PartForm } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { say, type Words } from "../ui/words";
import { after, rounded, uncovered } from "./adding";
import { addPart, type Bench, chosen, step } from "./bench";
import { type Call, callsIn, clipOf, partOfCall } from "./calls";
import type { Place } from "./layout";
import { spot } from "./useDropping";
import { partsByName } from "./useParts";

const W = {
  barred: [
    "The browser gives no access to the clipboard: press {keys} instead.",
    "浏览器不允许访问剪贴板，请改按 {keys}。",
  ],
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

let turn: Promise<void> = Promise.resolve();

/** What was pasted, as the browser gives it, unless a copy is under way; one paste after another. */
export function pasteGiven(latest: () => Bench | null, given: string, sources: boolean): void {
  const copied = copying;
  turn = turn.then(async () => {
    const text = copied ? await copied.catch(() => given) : given;
    // Python goes behind what is selected: that is known when what was done before is drawn.
    if (callsIn(text) && (await latest()?.sheet.settled(false)))
      await new Promise((done) => setTimeout(done));
    const bench = latest();
    if (bench) await paste(bench, text, null, sources);
  });
  turn = turn.catch(tellError);
}

export async function cut(bench: Bench): Promise<void> {
  const nodes = chosen(bench);
  if (await copy(bench)) step(bench, [{ do: "remove", level: bench.level.name, nodes }]);
}

/** Puts a text on the sheet; `sources`: with the links that its nodes had. Layers that are written as Python are drawn. */
export async function paste(bench: Bench, text: string, at: Place | null, sources: boolean): Promise<void> {
  if (!text.trim()) return;
  const place = rounded(at ?? uncovered(bench.level, bench.places, spot(bench)));
  const calls = callsIn(text);
  if (calls) pasteCalls(bench, calls, place, await formsOf(bench));
  else step(bench, [{ do: "paste", level: bench.level.name, text, sources, at: place }]);
}

type Forms = ReadonlyMap<string, Pick<PartForm, "name" | "order">>;

/** What can be called: the parts, for which a page that was just opened waits, and the document's own modules. */
async function formsOf({ catalog, drawing }: Bench): Promise<Forms> {
  const parts = catalog.list.length ? catalog.byName : await partsByName();
  const own = drawing.levels.filter(({ name }) => name);
  return new Map([
    ...parts,
    ...own.map(({ name, arguments: given }) => [name, { name, order: Object.keys(given) }] as const),
  ]);
}

/** One layer comes as if it were chosen; several in a row, behind the selected node. */
function pasteCalls(bench: Bench, calls: readonly Call[], at: Place, forms: Forms): void {
  const parts: { part: unknown; label: string }[] = [];
  for (const call of calls) {
    const form = forms.get(call.name);
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
  else if (behind) step(bench, rowBehind(bench, parts, name ?? "", behind));
  else {
    const first = bench.level.nodes.length ? "" : (bench.level.inputs[0]?.name ?? "");
    const text = clipOf(parts, first);
    step(bench, [{ do: "paste", level: bench.level.name, text, sources: true, at }]);
  }
}

const BELOW = 96;

/** A row comes between a node and what took from it; where nodes have places of their own, those below make room. */
function rowBehind(
  { level, places }: Bench,
  parts: Parameters<typeof clipOf>[0],
  name: string,
  { source, feeds }: ReturnType<typeof after>,
): Edit[] {
  const text = clipOf(parts, source);
  const edit: Edit = { do: "paste", level: level.name, text, sources: true, feeds };
  if (!level.nodes.every((node) => node.at)) return [edit];
  const [x, y] = places.get(name) ?? [0, 0];
  const lower = [...places].filter(([, place]) => place[1] > y);
  const moved = lower.map(([key, [left, top]]) => [key, rounded([left, top + parts.length * BELOW])]);
  const moves: Edit[] = moved.length
    ? [{ do: "move", level: level.name, places: Object.fromEntries(moved) }]
    : [];
  return [...moves, { ...edit, at: rounded([x, y + BELOW]) }];
}

export async function pasteFromMenu(bench: Bench, at: Place | null, sources: boolean): Promise<void> {
  try {
    await paste(bench, await navigator.clipboard.readText(), at, sources);
  } catch (error) {
    if (error instanceof RefusedError) tellError(error);
    else notify(say(W.barred, { keys: sources ? "Ctrl+Shift+V" : "Ctrl+V" }), "error");
  }
}

/** The same nodes once more beside themselves, fed by what feeds them. */
export async function duplicate(bench: Bench): Promise<void> {
  const nodes = chosen(bench);
  if (!nodes.length) return;
  const at = nodes.map((name): Place => bench.places.get(name) ?? [0, 0]);
  const beside: Place = [Math.max(...at.map(([x]) => x)) + 236, Math.min(...at.map(([, y]) => y))];
  try {
    await paste(bench, await textOf(bench), uncovered(bench.level, bench.places, beside), true);
  } catch (error) {
    tellError(error);
  }
}
