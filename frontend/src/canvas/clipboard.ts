import { send } from "../api/client";
import type { Copied, Paste } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { say, type Words } from "../ui/words";
import { rounded, uncovered } from "./adding";
import { type Bench, chosen, step } from "./bench";
import type { Place } from "./layout";
import { spot } from "./useDropping";

const W = {
  barred: [
    "The browser gives no access to the clipboard: press {keys} instead.",
    "浏览器不允许访问剪贴板，请改按 {keys}。",
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

/** Puts a text on the sheet; `sources`: with the links that its nodes had. */
export function paste(bench: Bench, text: string, at: Place | null, sources: boolean): void {
  if (!text.trim()) return;
  const edit: Paste = { do: "paste", level: bench.level.name, text, sources };
  step(bench, [{ ...edit, at: rounded(at ?? uncovered(bench.level, bench.places, spot(bench))) }]);
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
