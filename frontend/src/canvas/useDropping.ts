import type { DragEvent, MouseEvent, RefObject } from "react";
import { useMemo } from "react";
import { isLoose, ontoWire, rounded } from "./adding";
import { addPart, type Bench, middleOf, step } from "./bench";
import { type Place, room } from "./layout";
import { distance } from "./route";
import type { SheetNode } from "./scene";
import { type Adding, select, useDesk } from "./state";
import type { WireFlowEdge } from "./WireEdge";
import type { Wire } from "./wires";

export const PART = "application/x-torchwork-part";
/** How near a wire is meant: by the pointer, and by a node that is put on it. */
const [NEAR, COVERED] = [22, 56];

/** Nodes that are moved, parts that are dragged onto the sheet, and the menu where one asks for it. */
export function useDropping(latest: RefObject<Bench | null>, dragging: RefObject<boolean>) {
  return useMemo(() => {
    const flow = {
      onNodeDragStart: () => {
        dragging.current = true;
      },
      onNodeDrag: (_: unknown, node: SheetNode, nodes: SheetNode[]) => {
        const bench = latest.current;
        if (!bench || nodes.length !== 1 || !isLoose(bench.wires, node.id)) return;
        const onto = wireAt(bench, centreOf(node), COVERED)?.id ?? "";
        if (useDesk.getState().onto !== onto) useDesk.setState({ onto });
      },
      onNodeDragStop: (_: unknown, __: SheetNode, nodes: SheetNode[]) => {
        dragging.current = false;
        if (latest.current) putDown(latest.current, nodes);
      },
      onSelectionDragStart: () => {
        dragging.current = true;
      },
      onSelectionDragStop: (_: unknown, nodes: SheetNode[]) => {
        dragging.current = false;
        if (latest.current) putDown(latest.current, nodes);
      },
      onPaneContextMenu: (event: MouseEvent | globalThis.MouseEvent) => menu(event, "", ""),
      onNodeContextMenu: (event: MouseEvent, node: SheetNode) =>
        node.type === "layer" && menu(event, node.id, ""),
      onEdgeContextMenu: (event: MouseEvent, edge: WireFlowEdge) => menu(event, "", edge.id),
      onSelectionContextMenu: (event: MouseEvent) => menu(event, useDesk.getState().selected[0] ?? "", ""),
    };
    const board = {
      onPointerMove: (event: MouseEvent) => {
        const board = latest.current?.board;
        if (board) pointer.set(board, [event.clientX, event.clientY]);
      },
      onPointerLeave: () => {
        const board = latest.current?.board;
        if (board) pointer.delete(board);
      },
      onDoubleClick: (event: MouseEvent) => {
        const bench = latest.current;
        if (bench && isPane(event.target)) ask(bench, [event.clientX, event.clientY]);
      },
      onDragOver: (event: DragEvent) => {
        if (!event.dataTransfer.types.includes(PART)) return;
        event.preventDefault();
        const bench = latest.current;
        const onto = (bench && wireAt(bench, pointOf(bench, event))?.id) ?? "";
        if (useDesk.getState().onto !== onto) useDesk.setState({ onto });
      },
      onDrop: (event: DragEvent) => {
        const part = event.dataTransfer.getData(PART);
        const bench = latest.current;
        if (!part || !bench) return;
        event.preventDefault();
        addPart(bench, JSON.parse(part), placeAt(bench, pointOf(bench, event)));
        useDesk.setState({ adding: null, onto: "" });
      },
    };
    return { flow, board };
  }, [latest, dragging]);
}

/** Where the pointer is over a sheet, in the window. */
const pointer = new WeakMap<HTMLElement, Place>();

/** Where something comes that has no place: below the pointer, or in the middle of the view. */
export function spot(bench: Bench): Place {
  const [x, y] = (bench.board && pointer.get(bench.board)) ?? middleOf(bench);
  const found = pointOf(bench, { clientX: x, clientY: y });
  return [found[0] - 98, found[1] - 30];
}

const isPane = (target: EventTarget) =>
  target instanceof Element && target.classList.contains("react-flow__pane");

function pointOf({ flow }: Bench, event: { clientX: number; clientY: number }): Place {
  const { x, y } = flow?.screenToFlowPosition({ x: event.clientX, y: event.clientY }) ?? { x: 0, y: 0 };
  return [x, y];
}

function centreOf({ position, width = 0, height = 0 }: SheetNode): Place {
  return [position.x + width / 2, position.y + height / 2];
}

/** On a wire what is dropped there comes between its ends. */
function placeAt(bench: Bench, point: Place): Pick<Adding, "at" | "source" | "feeds"> {
  const wire = wireAt(bench, point);
  if (wire) return { at: null, source: wire.source, feeds: [[wire.node, wire.input]] };
  return { at: [point[0] - 98, point[1] - 30], source: "", feeds: [] };
}

/** The box that asks for a part, at a point of the window. */
export function ask(bench: Bench, screen: Place): void {
  if (bench.readOnly !== undefined) return;
  const found = placeAt(bench, pointOf(bench, { clientX: screen[0], clientY: screen[1] }));
  useDesk.setState({ adding: { screen, ...found } });
}

function wireAt({ flow, direction }: Bench, point: Place, near = NEAR): Wire | null {
  for (const edge of flow?.getEdges() ?? []) {
    const [from, to] = [flow?.getNode(edge.source), flow?.getNode(edge.target)];
    if (!from || !to || edge.type !== "wire" || !edge.data) continue;
    const [a, b] = [centreOf(from), centreOf(to)];
    const half = direction === "TB" ? 1 : 0;
    a[half] += (half ? (from.height ?? 0) : (from.width ?? 0)) / 2;
    b[half] -= (half ? (to.height ?? 0) : (to.width ?? 0)) / 2;
    if (distance(point, a, b, edge.data.way, direction) < near) return edge.data.wire;
  }
  return null;
}

/** Where nodes were put; one that hung in the air and lies on a wire now is put in. */
function putDown(bench: Bench, nodes: readonly SheetNode[]): void {
  const { onto } = useDesk.getState();
  const places = nodes
    .filter((node) => node.type === "layer")
    .map((node): [string, Place] => [node.id, rounded([node.position.x, node.position.y])])
    .filter(([name, [x, y]]) => bench.places.get(name)?.[0] !== x || bench.places.get(name)?.[1] !== y);
  if (!places.length) return;
  const level = bench.level.name;
  const wire = bench.wires.find((one) => one.id === onto);
  const name = nodes[0]?.id ?? "";
  if (wire && nodes.length === 1) putOnto(bench, name, wire);
  else step(bench, [{ do: "move", level, places: Object.fromEntries(places) }]);
  useDesk.setState({ onto: "" });
}

/** The node comes between the ends of the wire, and those behind it step back. */
function putOnto(bench: Bench, name: string, wire: Wire): void {
  const level = { ...bench.level, nodes: bench.level.nodes.filter((node) => node.name !== name) };
  const places = new Map([...bench.places].filter(([one]) => one !== name));
  const takers = wire.node ? [wire.node] : [];
  const found = room(level, bench.wires, places, bench.direction, wire.source, takers);
  const moved = [...found.moved, [name, found.at] as const].map(([one, at]) => [one, rounded(at)]);
  const move = { do: "move", level: level.name, places: Object.fromEntries(moved) } as const;
  step(bench, [move, ...ontoWire(level.name, name, wire)]);
}

function menu(event: MouseEvent | globalThis.MouseEvent, node: string, wire: string): void {
  event.preventDefault();
  const { selected } = useDesk.getState();
  if (wire) select([], wire);
  else if (node && !selected.includes(node)) select([node]);
  const open = () => useDesk.setState({ menu: { screen: [event.clientX, event.clientY], node, wire } });
  // Where the button is still down (Linux, macOS), letting it go would close what opens now.
  if (!event.buttons) open();
  else document.addEventListener("pointerup", () => setTimeout(open), { once: true });
}
