import type { ReactFlowInstance } from "@xyflow/react";
import type { Drawing, Edit, Level } from "../api/messages";
import { setParams } from "../ui/route";
import { additions, pinned } from "./adding";
import type { Direction, Place, Places } from "./layout";
import type { SheetNode } from "./scene";
import type { Sheet } from "./sheet";
import { type Adding, select, useDesk } from "./state";
import { inside, instanceOf, trailOf } from "./trail";
import type { Catalog } from "./useParts";
import type { WireFlowEdge } from "./WireEdge";
import type { Wire } from "./wires";

export type Flow = ReactFlowInstance<SheetNode, WireFlowEdge>;

/** Everything that a command may need: made anew for each drawing. */
export interface Bench {
  path: string;
  sheet: Sheet;
  drawing: Drawing;
  level: Level;
  wires: readonly Wire[];
  places: Places;
  direction: Direction;
  catalog: Catalog;
  flow: Flow | null;
  /** the element of the sheet */
  board: HTMLElement | null;
  readOnly: string | undefined;
  save: () => void;
  train: () => void;
}

/** One step of a person, on the level that is shown. */
export function step(bench: Bench, edits: Edit[]): void {
  if (bench.readOnly !== undefined || !edits.length) return;
  const { selected } = useDesk.getState();
  const all = pinned(bench.level, bench.places, edits);
  bench.sheet.edit(all, { level: bench.level.name, selected: [...selected] });
}

export function addPart(bench: Bench, part: unknown, adding: Pick<Adding, "at" | "source" | "feeds">): void {
  const { level, wires, places, direction } = bench;
  step(bench, additions(level, wires, places, direction, part, adding));
}

/** Shows another level; the way there stands in the address, so that the back button leads home. */
export function openLevel(level: string, instance: string): void {
  select([]);
  setParams({ level: level || null, instance: instance || null }, false);
}

/** Opens what is inside a node; false: it is one layer. */
export function openNode({ drawing, level }: Bench, name: string): boolean {
  const node = level.nodes.find((one) => one.name === name);
  const found = node && inside(drawing, node);
  if (!node || !found) return false;
  const of = node.use && node.kind === "use" ? node.use : name;
  openLevel(found.name, instanceOf(found, level.instance, of));
  return true;
}

/** One level up; the node that one was in is selected. */
export function leaveLevel({ drawing, level }: Bench): void {
  const trail = trailOf(drawing, level.name, level.instance);
  const [to, from] = [trail.at(-2), trail.at(-1)];
  if (!to || !from) return;
  openLevel(to.level, to.instance);
  if (from.node) select([from.node]);
}

/** Goes to a node wherever it is. */
export function showNode(bench: Bench, level: string, node: string): void {
  if (level !== bench.level.name) {
    const found = bench.drawing.levels.find((one) => one.name === level);
    openLevel(level, found?.instances[0] ?? "");
  }
  select(node ? [node] : []);
  requestAnimationFrame(() => requestAnimationFrame(() => node && reveal(bench, [node], true)));
}

/** Brings nodes into view, moving no more than it must; `centre`: into the middle. */
export function reveal({ flow, board }: Bench, names: readonly string[], centre = false): void {
  const node = flow?.getNode(names[0] ?? "");
  if (!flow || !board || !node) return;
  const { zoom, x, y } = flow.getViewport();
  const { width, height } = board.getBoundingClientRect();
  const left = node.position.x * zoom + x;
  const top = node.position.y * zoom + y;
  const [w, h] = [(node.width ?? 0) * zoom, (node.height ?? 0) * zoom];
  const margin = 24;
  const inView = left >= margin && top >= margin && left + w <= width - margin && top + h <= height - margin;
  if (inView && !centre) return;
  if (centre) {
    flow.setCenter(node.position.x + (node.width ?? 0) / 2, node.position.y + (node.height ?? 0) / 2, {
      zoom: Math.max(zoom, 0.7),
    });
    return;
  }
  const shift = (low: number, high: number, room: number) =>
    low < margin ? margin - low : high > room - margin ? Math.max(margin - low, room - margin - high) : 0;
  flow.setViewport({ zoom, x: x + shift(left, left + w, width), y: y + shift(top, top + h, height) });
}

/** The point of the sheet below the middle of the window. */
export function middleOf({ board }: Bench): Place {
  const { left, top, width, height } = board?.getBoundingClientRect() ?? new DOMRect();
  return [left + width / 2, top + height / 2];
}

/** The selected nodes that are on the shown level. */
export function chosen({ level }: Bench): string[] {
  const { selected } = useDesk.getState();
  return selected.filter((name) => level.nodes.some((node) => node.name === name));
}

/** Where a node is in the window. */
export function screenOf({ flow, places }: Bench, name: string): Place {
  const [x, y] = places.get(name) ?? [0, 0];
  const found = flow?.flowToScreenPosition({ x, y: y + 70 });
  return found ? [found.x, found.y] : [0, 0];
}
