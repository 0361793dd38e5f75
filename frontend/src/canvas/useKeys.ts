import { type RefObject, useEffect } from "react";
import { type Bench, chosen, reveal, step } from "./bench";
import { pasteGiven } from "./clipboard";
import { COMMANDS, canRun } from "./commands";
import { comboOf, isWriting } from "./keys";
import { select, useDesk } from "./state";
import { type Arrow, firstOf, walk } from "./walk";

const KEYS = new Map(COMMANDS.flatMap((command) => command.keys.map((key) => [key, command] as const)));
const NUDGE = 20;
/** Also while a value is being written, which counts then. */
const EVERYWHERE = new Set(["Ctrl+S", "Ctrl+Enter"]);

/** Every command by its keys, arrows along the wires, and what is pasted. */
export function useKeys(latest: RefObject<Bench | null>): void {
  useEffect(() => {
    let links = false;
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "v") links = event.shiftKey;
      const bench = latest.current;
      if (!bench || event.defaultPrevented) return;
      if (EVERYWHERE.has(comboOf(event))) leaveField(event.target);
      else if (elsewhere(event, bench)) return;
      if (arrow(event, bench) || command(event, bench)) event.preventDefault();
    };
    const take = (event: ClipboardEvent) => {
      const bench = latest.current;
      if (!bench || isWriting(event.target)) return;
      event.preventDefault();
      pasteGiven(() => latest.current, event.clipboardData?.getData("text/plain") ?? "", links);
    };
    document.addEventListener("keydown", press);
    document.addEventListener("paste", take);
    return () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("paste", take);
    };
  }, [latest]);
}

function leaveField(target: EventTarget | null): void {
  if (isWriting(target) && target instanceof HTMLElement) target.blur();
}

/** Single keys act on the sheet only; those with Ctrl wherever nothing is written. */
function elsewhere(event: KeyboardEvent, { board }: Bench): boolean {
  const open = document.querySelector(":popover-open:not(.tip)") !== null;
  if (open || isWriting(event.target)) return true;
  const free = event.target === document.body || board?.contains(event.target as Node);
  return !free && !(event.ctrlKey || event.metaKey);
}

function command(event: KeyboardEvent, bench: Bench): boolean {
  const combo = comboOf(event);
  const found = KEYS.get(combo);
  if (!found || !canRun(found, bench)) return false;
  // Tab adds behind what is selected; with nothing selected it goes on through the page as everywhere.
  if (combo === "Tab" && !chosen(bench).length) return false;
  if ((combo === "Ctrl+C" || combo === "Ctrl+X") && !document.getSelection()?.isCollapsed) return false;
  found.run(bench);
  return true;
}

function arrow(event: KeyboardEvent, bench: Bench): boolean {
  if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey) return false;
  if (event.altKey) return nudge(event.key as Arrow, bench);
  const from = chosen(bench).at(-1);
  const to = from
    ? walk(from, event.key as Arrow, bench.wires, bench.places, bench.direction)
    : firstOf(bench.places);
  if (!to) return true;
  const { selected } = useDesk.getState();
  select(event.shiftKey ? [...selected.filter((name) => name !== to), to] : [to]);
  reveal(bench, [to]);
  return true;
}

function nudge(key: Arrow, bench: Bench): boolean {
  const [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key] as [
    number,
    number,
  ];
  const moved = chosen(bench).map((name): [string, [number, number]] => {
    const [x, y] = bench.places.get(name) ?? [0, 0];
    return [name, [x + NUDGE * dx, y + NUDGE * dy]];
  });
  if (moved.length) step(bench, [{ do: "move", level: bench.level.name, places: Object.fromEntries(moved) }]);
  return true;
}
