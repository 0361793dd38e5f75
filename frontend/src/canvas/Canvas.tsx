import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type NodeChange,
  ReactFlow,
  type Viewport,
} from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSay, type Words } from "../ui/words";
import { type Bench, type Flow, openNode, step } from "./bench";
import { edgesOf } from "./edges";
import { LayerNode } from "./LayerNode";
import { Overview } from "./Overview";
import { RailNode } from "./RailNode";
import { nodesOf, type SheetNode } from "./scene";
import { select, useDesk } from "./state";
import { useDropping } from "./useDropping";
import { useWiring } from "./useWiring";
import { makeLine, TieEdge, WireEdge, type WireFlowEdge } from "./WireEdge";

const W = {
  sheet: [
    "Sheet: arrows go along the wires, A adds, Ctrl+K shows all commands",
    "画布：方向键沿连线移动，A 添加，Ctrl+K 显示所有命令",
  ],
} satisfies Record<string, Words>;

const NODES = { layer: LayerNode, rail: RailNode };
const EDGES = { wire: WireEdge, tie: TieEdge };
const PRO = { hideAttribution: true };
/** More are only drawn where they are in view. */
const MANY = 100;
/** Below this zoom no text can be read: nodes are drawn as plain boxes. */
const FAR = 0.4;

interface Props {
  bench: Bench;
  pictures: Readonly<Record<string, string>>;
  latest: RefObject<Bench | null>;
  onFlow: (flow: Flow | null) => void;
  onBoard: (board: HTMLElement | null) => void;
}

/** The sheet of one level. */
export function Canvas({ bench, pictures, latest, onFlow, onBoard }: Props) {
  const say = useSay();
  const { drawing, level, places, direction, wires, catalog, readOnly } = bench;
  const [nodes, setNodes] = useNodes(bench, pictures, latest);
  const dragging = useRef(false);
  const shown = useMemo(() => new Map(nodes.map((node) => [node.id, node])), [nodes]);
  const scene = useRef<SheetNode[]>(nodes);
  // While one drags, wires keep their lanes: they are chosen anew when the node is put down.
  if (!dragging.current && !sameScene(scene.current, nodes)) scene.current = nodes;
  const edges = useWires(bench, scene.current);
  const line = useMemo(() => makeLine(wires, direction), [wires, direction]);
  const wiring = useWiring(latest);
  const dropping = useDropping(latest, dragging);
  const change = useCallback(
    (changes: NodeChange<SheetNode>[]) => {
      const moves = changes.filter((one) => one.type !== "select" && one.type !== "remove");
      if (moves.length) setNodes((before) => applyNodeChanges(moves, before));
      picked(changes);
    },
    [setNodes],
  );
  useView(bench, shown.size);
  useEffect(() => () => onFlow(null), [onFlow]);
  return (
    <div
      ref={onBoard}
      className="draw-board"
      role="application"
      aria-label={say(W.sheet)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is reached by the keyboard as a whole
      tabIndex={0}
      data-level={level.name}
      data-text-length={drawing.text.length}
      // a ring tells who comes by Tab where the keyboard is; who draws sees it on the chosen node
      onKeyUp={(event) => event.key === "Tab" && event.currentTarget.classList.add("tabbed")}
      onBlur={(event) => event.currentTarget.classList.remove("tabbed")}
      {...dropping.board}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        onNodesChange={change}
        onInit={onFlow}
        onMove={(_, { zoom }) => bench.board?.classList.toggle("far", zoom < FAR)}
        onMoveEnd={(event, view) => event && views.set(viewOf(bench), view)}
        onNodeDoubleClick={(_, node) => openNode(bench, node.id) || rename(bench, node)}
        onNodeMouseEnter={hover}
        onNodeMouseLeave={leave}
        onEdgeClick={(_, edge) => select([], edge.id)}
        onPaneClick={() => select([])}
        connectionLineComponent={line}
        connectionRadius={24}
        nodesFocusable={false}
        edgesFocusable={false}
        nodesDraggable={readOnly === undefined}
        nodesConnectable={readOnly === undefined}
        edgesReconnectable={readOnly === undefined}
        disableKeyboardA11y
        deleteKeyCode={null}
        zoomOnDoubleClick={false}
        panOnScroll
        selectNodesOnDrag={false}
        onlyRenderVisibleElements={nodes.length > MANY}
        minZoom={0.1}
        maxZoom={2}
        proOptions={PRO}
        defaultViewport={{ x: 0, y: 0, zoom: 1 }}
        {...wiring}
        {...dropping.flow}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--draw-dots)" />
        {nodes.length > 12 && <Overview nodes={nodes} />}
      </ReactFlow>
      {catalog.list.length === 0 && <span hidden />}
      <Place places={places.size} />
    </div>
  );
}

/** Tests and screen readers see how many nodes there are. */
function Place({ places }: { places: number }) {
  return <span className="draw-unseen" data-nodes={places} />;
}

const hover = (_: unknown, node: SheetNode) => useDesk.setState({ hovered: node.id });
const leave = () => useDesk.setState({ hovered: "" });
function rename(bench: Bench, node: SheetNode): void {
  if (node.type === "layer" && bench.readOnly === undefined) useDesk.setState({ renaming: node.id });
}

/** What React Flow selects is selected on the desk. */
function picked(changes: readonly NodeChange<SheetNode>[]): void {
  const picks = changes.filter((one) => one.type === "select");
  if (!picks.length) return;
  const now = new Set(useDesk.getState().selected);
  for (const { id, selected } of picks)
    if (selected) now.add(id);
    else now.delete(id);
  select([...now]);
}

/** The nodes of the drawing, with what a person is just doing with them. */
function useNodes(bench: Bench, pictures: Readonly<Record<string, string>>, latest: RefObject<Bench | null>) {
  const { drawing, level, places, direction, catalog } = bench;
  const selected = useDesk((desk) => desk.selected);
  const make = (before: readonly SheetNode[]) => {
    const chosen = new Set(useDesk.getState().selected);
    const known = new Map(before.map((node) => [node.id, node]));
    const rename = (node: string, name: string) =>
      latest.current &&
      step(latest.current, [{ do: "rename", level: latest.current.level.name, node, name }]);
    const scenery = { drawing, level, places, direction, parts: catalog.byName, pictures, rename };
    return nodesOf(scenery, known).map((node) => {
      const old = known.get(node.id);
      if (old?.dragging) return { ...node, position: old.position, dragging: true };
      return { ...node, selected: chosen.has(node.id) };
    });
  };
  const [nodes, setNodes] = useState<SheetNode[]>(() => make([]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what they are made of
  useEffect(() => setNodes(make), [drawing, level, places, direction, catalog, pictures]);
  useEffect(() => {
    const wanted = new Set(selected);
    setNodes((before) =>
      before.map((node) =>
        (node.selected ?? false) === wanted.has(node.id) ? node : { ...node, selected: wanted.has(node.id) },
      ),
    );
  }, [selected]);
  return [nodes, setNodes] as const;
}

/** Nodes that are only selected otherwise leave all wires as they are. */
function sameScene(before: readonly SheetNode[], now: readonly SheetNode[]): boolean {
  return (
    before.length === now.length &&
    now.every((node, at) => {
      const old = before[at];
      const { x, y } = node.position;
      return old?.id === node.id && old.data === node.data && old.position.x === x && old.position.y === y;
    })
  );
}

function useWires({ level, wires, direction }: Bench, standing: readonly SheetNode[]): WireFlowEdge[] {
  const wire = useDesk((desk) => desk.wire);
  const edges = useMemo(
    () => edgesOf(level, wires, standing, direction),
    [level, wires, standing, direction],
  );
  return useMemo(
    () => (wire ? edges.map((edge) => (edge.id === wire ? { ...edge, selected: true } : edge)) : edges),
    [edges, wire],
  );
}

/** A level that comes into view is shown whole, or from its beginning where it is too long to be read. */
function useView(bench: Bench, count: number): void {
  const { flow, board, places, direction } = bench;
  const seen = useRef<Flow | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each sheet
  useEffect(() => {
    if (!flow || !board || seen.current === flow || count < 2) return;
    seen.current = flow;
    const known = views.get(viewOf(bench));
    if (known) flow.setViewport(known);
    else begin(flow, board, places, direction);
  }, [flow, board, count]);
}

/** Where one was on each sheet: who comes back finds it so. */
const views = new Map<string, Viewport>();
const viewOf = ({ path, level, direction }: Bench) => `${path}\n${level.name}\n${direction}`;

const [READABLE, EDGE] = [0.8, 28];

function begin(flow: Flow, board: HTMLElement, places: Bench["places"], direction: Bench["direction"]): void {
  const { width, height } = board.getBoundingClientRect();
  const all = flow.getNodesBounds(flow.getNodes());
  if (!places.size) {
    flow.setViewport({ x: width / 2 - 98, y: height / 2 - 20, zoom: 1 });
    return;
  }
  const whole = Math.min((width - 2 * EDGE) / all.width, (height - 2 * EDGE) / all.height, 1);
  const zoom = Math.max(READABLE, whole);
  const centre = (room: number, low: number, size: number) => room / 2 - (low + size / 2) * zoom;
  const start = (low: number) => EDGE - low * zoom;
  const x = direction === "LR" && all.width * zoom > width ? start(all.x) : centre(width, all.x, all.width);
  const y =
    direction === "TB" && all.height * zoom > height ? start(all.y) : centre(height, all.y, all.height);
  flow.setViewport({ x, y, zoom });
}
