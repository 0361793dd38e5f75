import type { Drawing, DrawnNode, Fault, Level, PartForm } from "../api/messages";
import { hueOf } from "./face";
import type { LayerData, LayerFlowNode } from "./LayerNode";
import type { Direction, Place, Places } from "./layout";
import { handlesOf } from "./ports";
import type { RailFlowNode } from "./RailNode";
import type { Box } from "./route";
import { type Share, sharesOf } from "./shares";
import { RAIL_HEIGHT, sizeOf, WIDTH } from "./sizes";
import { inside } from "./trail";
import { wiresOf } from "./wires";

export type SheetNode = LayerFlowNode | RailFlowNode;

export const [IN, OUT] = ["#in", "#out"];
const RAIL_GAP = 34;
const NONE: readonly Fault[] = [];

export interface Scenery {
  drawing: Drawing;
  level: Level;
  places: Places;
  direction: Direction;
  parts: ReadonlyMap<string, PartForm>;
  pictures: Readonly<Record<string, string>>;
  rename: (node: string, name: string) => void;
}

/** The nodes as React Flow wants them; data that is as it was stays the same object, so that nothing is drawn in vain. */
export function nodesOf(scenery: Scenery, before: ReadonlyMap<string, SheetNode>): SheetNode[] {
  const { level, places, direction } = scenery;
  const data = datas(scenery);
  const nodes: SheetNode[] = level.nodes.map((node) => {
    const [x, y] = places.get(node.name) ?? [0, 0];
    const old = before.get(node.name);
    const next = data.get(node.name) as LayerData;
    const made = {
      id: node.name,
      type: "layer",
      position: { x, y },
      ...sizeOf(node),
      data: old?.type === "layer" && same(old.data, next) ? old.data : next,
      selected: old?.selected ?? false,
      measured: sizeOf(node),
    } as LayerFlowNode;
    return { ...made, handles: handlesOf(made, direction) };
  });
  return [...nodes, ...rails(level, places, direction, before)];
}

function datas({ drawing, level, direction, parts, pictures, rename }: Scenery): Map<string, LayerData> {
  const faults = new Map<string, Fault[]>();
  for (const fault of drawing.faults)
    if (fault.level === level.name && fault.node)
      faults.set(fault.node, [...(faults.get(fault.node) ?? []), fault]);
  const wrong = wrongLevels(drawing);
  const shares = sharesOf(level.nodes);
  const wholes = new Set(wiresOf(level, []).map((wire) => wire.source));
  return new Map(
    level.nodes.map((node) => [
      node.name,
      {
        node,
        hue: hueOf(node, parts.get(node.type)?.group ?? ""),
        share: shares.get(node.name) as Share,
        faults: faults.get(node.name) ?? NONE,
        wrongInside: wrong.size > 0 && wrong.has(inside(drawing, node)?.name ?? ""),
        uses: inside(drawing, node)?.instances.length ?? 0,
        direction,
        picture: pictures[node.name] ?? "",
        whole: wholes.has(node.name),
        rename: (name) => rename(node.name, name),
      },
    ]),
  );
}

/** The definitions in which something is wrong, at whatever depth. */
export function wrongLevels(drawing: Drawing): ReadonlySet<string> {
  const wrong = new Set(drawing.faults.map(({ level }) => level).filter(Boolean));
  for (let before = 0; before < wrong.size; ) {
    before = wrong.size;
    for (const { name, nodes } of drawing.levels)
      if (name && nodes.some((node) => wrong.has(inside(drawing, node)?.name ?? ""))) wrong.add(name);
  }
  return wrong;
}

/** `rename` is always another function, and always does the same. */
function same({ rename: _, ...a }: LayerData, { rename: __, ...b }: LayerData): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What comes in stands before everything, what goes out behind it. */
function rails(
  level: Level,
  places: Places,
  direction: Direction,
  before: ReadonlyMap<string, SheetNode>,
): RailFlowNode[] {
  const boxes = boxesOf(level.nodes, places);
  const wires = wiresOf(level, []);
  const inputs = new Set(level.inputs.map((port) => port.name));
  const first = wires.filter((wire) => inputs.has(wire.from)).map((wire) => wire.node);
  const last = wires.filter((wire) => !wire.node).map((wire) => wire.from);
  return (["in", "out"] as const).map((side) => {
    const ports = side === "in" ? level.inputs : level.outputs.length ? level.outputs : [EMPTY];
    const id = side === "in" ? IN : OUT;
    const size = railSize(ports.length, direction);
    const near = new Set(side === "in" ? first : last);
    const [x, y] = railAt(boxes, near, side, size, direction);
    const old = before.get(id);
    const data = { side, ports, direction };
    const kept = old?.type === "rail" && JSON.stringify(old.data) === JSON.stringify(data);
    const made = {
      id,
      type: "rail",
      position: { x, y },
      ...size,
      data: kept ? old.data : data,
      draggable: false,
      selectable: false,
      measured: size,
    } as RailFlowNode;
    return { ...made, handles: handlesOf(made, direction) };
  });
}

const EMPTY = { name: "", source: "", shape: "", needed: true };

function railSize(ports: number, direction: Direction) {
  const count = Math.max(1, ports);
  return direction === "TB"
    ? { width: 176 * count, height: RAIL_HEIGHT }
    : { width: 150, height: (RAIL_HEIGHT + 12) * count };
}

function railAt(
  boxes: readonly Box[],
  near: ReadonlySet<string>,
  side: "in" | "out",
  size: { width: number; height: number },
  direction: Direction,
): Place {
  const along = direction === "TB" ? 1 : 0;
  const length = (box: Box) => (along ? box.height : box.width);
  const breadth = (box: Box) => (along ? box.width : box.height);
  const own = along ? size.height : size.width;
  const close = boxes.filter((box) => near.has(box.name));
  const centres = (close.length ? close : boxes).map(
    (box) => box.at[(1 - along) as 0 | 1] + breadth(box) / 2,
  );
  const centre = centres.length ? centres.reduce((sum, one) => sum + one, 0) / centres.length : WIDTH / 2;
  const place: Place = [0, 0];
  place[(1 - along) as 0 | 1] = Math.round(centre - (along ? size.width : size.height) / 2);
  const start = Math.min(...boxes.map((box) => box.at[along]));
  const end = Math.max(...boxes.map((box) => box.at[along] + length(box)));
  if (!boxes.length) place[along] = side === "in" ? -140 : 140;
  else place[along] = side === "in" ? start - own - RAIL_GAP : end + RAIL_GAP;
  return place;
}

function boxesOf(nodes: readonly DrawnNode[], places: Places): Box[] {
  return nodes.map((node) => ({ name: node.name, at: places.get(node.name) ?? [0, 0], ...sizeOf(node) }));
}
