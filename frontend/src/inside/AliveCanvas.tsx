import "@xyflow/react/dist/base.css";
import "../canvas/canvas.css";
import "../canvas/nodes.css";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { send } from "../api/client";
import { useLive } from "../api/live";
import type { Drawing, DrawnNode, Level } from "../api/messages";
import { type Bench, type Flow, openLevel, reveal } from "../canvas/bench";
import { Canvas } from "../canvas/Canvas";
import { arranged } from "../canvas/layout";
import { Marks as MarksContext } from "../canvas/marks";
import { Sheet } from "../canvas/sheet";
import { clearDesk, flow as kept, select, useDesk } from "../canvas/state";
import { useParts } from "../canvas/useParts";
import { levelOf, wiresOf } from "../canvas/wires";
import { setParams, useRoute } from "../ui/route";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { Marks } from "./Marks";
import { hasMarks, pathOf, roomy, whereIs } from "./paths";

const W = {
  readOnly: ["The drawing of a run is a record", "运行的结构图是记录，不可修改"],
  wait: ["Drawing… the first time loads torch, about 3 s.", "正在绘制…首次需要加载 torch，约 3 秒。"],
  away: ["The server does not answer; it is drawn when it is back.", "服务器没有响应，恢复后会自动绘制。"],
  unreadable: ["The document of this run cannot be drawn.", "该运行的文档无法绘制。"],
} satisfies Record<string, Words>;

const NO_PICTURES = {};
const nothing = () => {};
const sheets = new Map<string, { text: string; sheet: Sheet }>();

/** The sheet of a run's document, which nobody writes. */
function sheetOf(run: string, text: string): Sheet {
  const known = sheets.get(run);
  if (known?.text === text) return known.sheet;
  const document = { path: "experiment.yaml", text: () => text, write: nothing, subscribe: () => nothing };
  const sheet = new Sheet(
    document,
    `run\n${run}`,
    (request, signal) => send<Drawing>("POST", "draw", request, {}, signal),
    nothing,
  );
  sheets.set(run, { text, sheet });
  return sheet;
}

interface Props {
  run: string;
  text: string;
  layer: string;
  onLayer: (layer: string) => void;
  onDrawn: (place: { drawing: Drawing; level: Level } | null) => void;
}

/** The drawing of a run's document, alive: what was measured stands in its nodes. */
export function AliveCanvas({ run, text, layer, onLayer, onDrawn }: Props) {
  const say = useSay();
  const sheet = useMemo(() => sheetOf(run, text), [run, text]);
  const shown = useSyncExternalStore(sheet.subscribe, sheet.get);
  const { params } = useRoute();
  const [name, instance] = [params.get("level") ?? "", params.get("instance") ?? ""];
  const connection = useLive((live) => live.connection);
  useEffect(() => clearDesk, []);
  useEffect(() => sheet.watch(), [sheet]);
  useEffect(() => sheet.look(instance ? { [name]: instance } : {}), [sheet, name, instance]);
  useEffect(() => {
    if (connection === "open") sheet.wake();
  }, [sheet, connection]);
  const { drawing } = shown;
  const level = levelOf(drawing, name) ?? levelOf(drawing, "");
  useEffect(() => onDrawn(drawing && level ? { drawing, level } : null), [drawing, level, onDrawn]);
  if (drawing && level)
    return <Board run={run} sheet={sheet} drawing={drawing} drawn={level} layer={layer} onLayer={onLayer} />;
  if (drawing) return <p className="draw-empty">{say(W.unreadable)}</p>;
  return shown.refused ? (
    <p className="draw-empty">
      <Said text={shown.refused} />
    </p>
  ) : (
    <Skeleton words={say(shown.away ? W.away : W.wait)} />
  );
}

function Skeleton({ words }: { words: string }) {
  return (
    <div className="inside-waiting" role="status">
      {[0, 1, 2, 3].map((at) => (
        <i key={at} className="skeleton" />
      ))}
      <p>{words}</p>
    </div>
  );
}

interface BoardProps {
  run: string;
  sheet: Sheet;
  drawing: Drawing;
  drawn: Level;
  layer: string;
  onLayer: (layer: string) => void;
}

function Board({ run, sheet, drawing, drawn, layer, onLayer }: BoardProps) {
  const say = useSay();
  const direction = useSyncExternalStore(kept.subscribe, kept.get);
  const catalog = useParts();
  const [flow, setFlow] = useState<Flow | null>(null);
  const [board, setBoard] = useState<HTMLElement | null>(null);
  const latest = useRef<Bench | null>(null);
  const level = useMemo(() => roomy(drawn, direction === "TB"), [drawn, direction]);
  const wires = useMemo(() => wiresOf(level, drawing.faults), [level, drawing]);
  const places = useMemo(() => arranged(level, wires, direction), [level, wires, direction]);
  const readOnly = say(W.readOnly);
  const bench = useMemo<Bench>(
    () => ({
      path: `run ${run}`,
      sheet,
      drawing: without(drawing, level),
      level,
      wires,
      places,
      direction,
      catalog,
      flow,
      board,
      readOnly,
      save: nothing,
      train: nothing,
    }),
    [run, sheet, drawing, level, wires, places, direction, catalog, flow, board, readOnly],
  );
  latest.current = bench;
  useChosen(bench, layer, onLayer);
  const marks = useMemo(() => {
    const { instance } = level;
    return (node: DrawnNode) => hasMarks(node) && <Marks path={pathOf({ instance }, node)} />;
  }, [level]);
  return (
    <MarksContext value={marks}>
      <Canvas
        key={`${level.name} ${direction}`}
        bench={bench}
        pictures={NO_PICTURES}
        latest={latest}
        onFlow={setFlow}
        onBoard={setBoard}
      />
    </MarksContext>
  );
}

/** With the level as it is shown: what opens a node looks it up there. */
function without(drawing: Drawing, level: Level): Drawing {
  return { ...drawing, levels: drawing.levels.map((one) => (one.name === level.name ? level : one)) };
}

/** The layer of the address is the selected node, on whatever level it is; a click on another chooses that. */
function useChosen(bench: Bench, layer: string, onLayer: (layer: string) => void): void {
  const { drawing, level, flow } = bench;
  const selected = useDesk((desk) => desk.selected);
  const latest = useRef({ bench, layer, onLayer });
  latest.current = { bench, layer, onLayer };
  useEffect(() => {
    const { bench, layer, onLayer } = latest.current;
    const node = bench.level.nodes.find((one) => one.name === selected.at(-1));
    if (!node) return;
    const path = pathOf(bench.level, node);
    if (!(layer === path || (layer.startsWith(`${path}.`) && isDeepest(bench, layer, node)))) onLayer(path);
  }, [selected]);
  const drawn = flow !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a layer that is chosen elsewhere is shown once
  useEffect(() => {
    const found = layer && drawn ? whereIs(drawing, layer) : null;
    if (!found) return;
    if (found.level !== level.name || found.instance !== level.instance) {
      openLevel(found.level, found.instance);
      setParams({ layer });
    }
    select([found.node]);
    // once the panel has its place
    requestAnimationFrame(() => requestAnimationFrame(() => reveal(latest.current.bench, [found.node])));
  }, [layer, drawn]);
}

function isDeepest({ drawing }: Bench, layer: string, node: DrawnNode): boolean {
  return whereIs(drawing, layer)?.node === node.name;
}
