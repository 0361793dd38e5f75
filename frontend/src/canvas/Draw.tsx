import "@xyflow/react/dist/base.css";
import "./canvas.css";
import "./nodes.css";
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Checked, Drawing } from "../api/messages";
import type { OpenDocument } from "../experiment/document";
import { setParams, useRoute } from "../ui/route";
import { Splitter } from "../ui/Splitter";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";
import { AddBox } from "./AddBox";
import { Ask } from "./Ask";
import { type Bench, type Flow, reveal } from "./bench";
import { Canvas } from "./Canvas";
import { CodePane } from "./CodePane";
import { ContextMenu } from "./ContextMenu";
import { FaultCard, Faults } from "./Faults";
import { Inspector } from "./Inspector";
import { arranged, type Direction, type Place, type Places, type Seen, shapeOf } from "./layout";
import { memory } from "./memory";
import { Palette } from "./Palette";
import type { Sheet, Shown } from "./sheet";
import { clearDesk, flow as direction, pictured, select, side, sideWidth, useDesk } from "./state";
import { Tools } from "./Tools";
import { useKeys } from "./useKeys";
import { useParts } from "./useParts";
import { usePictures } from "./usePictures";
import { useSheet } from "./useSheet";
import { levelOf, type Wire, wiresOf } from "./wires";

const RANGE = [240, 900] as const;
const W = {
  width: ["Width of the side", "侧栏宽度"],
  wait: ["Drawing… the first time loads torch, about 3 s.", "正在绘制…首次需要加载 torch，约 3 秒。"],
  away: ["The server does not answer; it is drawn when it is back.", "服务器没有响应，恢复后会自动绘制。"],
  empty: ["Double-click, or press A, to add the first layer.", "双击或按 A 添加第一层。"],
  unreadable: [
    "This text cannot be drawn yet: mend it in the text view.",
    "该文本暂时无法绘制，请在文本视图中修正。",
  ],
} satisfies Record<string, Words>;

interface Props {
  folder: string;
  document: OpenDocument;
  onChecked: (checked: Checked) => void;
  onSave: () => void;
  onTrain: () => void;
}

/** The network of a document as a drawing. */
export default function Draw({ folder, document, onChecked, onSave, onTrain }: Props) {
  const say = useSay();
  const { sheet, shown } = useSheet(folder, document);
  const { drawing } = shown;
  useEffect(() => clearDesk, []);
  useAddress(sheet, shown);
  useEffect(() => {
    if (drawing) onChecked(drawing.checked);
  }, [drawing, onChecked]);
  if (!drawing)
    return (
      <p className="draw-empty">
        {shown.refused ? <Said text={shown.refused} /> : say(shown.away ? W.away : W.wait)}
      </p>
    );
  return (
    <Table
      sheet={sheet}
      shown={shown}
      drawing={drawing}
      path={document.path}
      onSave={onSave}
      onTrain={onTrain}
    />
  );
}

/** The level in the address is the one that is asked for; a step may lead to another one. */
function useAddress(sheet: Sheet, shown: Shown): void {
  const { params } = useRoute();
  const level = params.get("level") ?? "";
  const instance = params.get("instance") ?? "";
  const selected = useDesk((desk) => desk.selected);
  useEffect(() => sheet.look(instance ? { [level]: instance } : {}), [sheet, level, instance]);
  const [before] = useState(sheet.stood);
  useEffect(() => sheet.stand({ level, selected: [...selected] }), [sheet, level, selected]);
  const drawn = shown.drawing !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when there is something that can be selected
  useEffect(() => {
    if (drawn && before.level === level && !useDesk.getState().selected.length) select(before.selected);
  }, [drawn]);
  const { landed } = shown;
  useEffect(() => {
    if (!landed) return;
    const now = new URLSearchParams(location.search).get("level") ?? "";
    if (landed.level !== now) setParams({ level: landed.level || null, instance: null });
    if (landed.selected.length || landed.level !== now) select(landed.selected);
    else prune(sheet);
  }, [landed, sheet]);
}

/** What is gone is not selected any more. */
function prune(sheet: Sheet): void {
  const { selected, wire } = useDesk.getState();
  const name = new URLSearchParams(location.search).get("level") ?? "";
  const level = levelOf(sheet.get().drawing, name);
  if (level)
    select(
      selected.filter((one) => level.nodes.some((node) => node.name === one)),
      wire,
    );
}

interface TableProps {
  sheet: Sheet;
  shown: Shown;
  drawing: Drawing;
  path: string;
  onSave: () => void;
  onTrain: () => void;
}

function Table({ sheet, shown, drawing, path, onSave, onTrain }: TableProps) {
  const say = useSay();
  const { params } = useRoute();
  const level = levelOf(drawing, params.get("level") ?? "") ?? levelOf(drawing, "");
  const catalog = useParts();
  const readOnly = useReadOnly();
  const way = useSyncExternalStore(direction.subscribe, direction.get);
  const [flow, setFlow] = useState<Flow | null>(null);
  const [board, setBoard] = useState<HTMLElement | null>(null);
  const latest = useRef<Bench | null>(null);
  const wires = useMemo(() => (level ? wiresOf(level, drawing.faults) : []), [level, drawing]);
  const places = usePlaces(sheet, shown, level, wires, way);
  const bench = useMemo<Bench | null>(
    () =>
      level
        ? {
            path,
            sheet,
            drawing,
            level,
            wires,
            places,
            direction: way,
            catalog,
            flow,
            board,
            readOnly,
            save: onSave,
            train: onTrain,
          }
        : null,
    [path, sheet, drawing, level, wires, places, way, catalog, flow, board, readOnly, onSave, onTrain],
  );
  latest.current = bench;
  useKeys(latest);
  useLanding(shown, latest);
  const withPictures = useSyncExternalStore(pictured.subscribe, pictured.get);
  const pictures = usePictures(withPictures, path, drawing.text, level?.name ?? "", level?.instance ?? "");
  if (!bench || !level)
    return (
      <div className="draw">
        <p className="draw-empty">{say(W.unreadable)}</p>
        {drawing.faults.map((fault) => (
          <p key={fault.message} className="draw-empty">
            <Said text={fault.message} />
          </p>
        ))}
      </div>
    );
  return (
    <div className="draw">
      <Tools bench={bench} shown={shown} />
      <div className="draw-body">
        <div className="draw-main">
          <Canvas
            key={`${level.name} ${way}`}
            bench={bench}
            pictures={pictures.pictures}
            latest={latest}
            onFlow={setFlow}
            onBoard={setBoard}
          />
          {level.nodes.length === 0 && <p className="draw-hint">{say(W.empty)}</p>}
          {withPictures && pictures.why && (
            <p className="draw-why">
              <Said text={pictures.why} />
            </p>
          )}
          <Faults bench={bench} />
        </div>
        <Side bench={bench} />
      </div>
      <Overlays bench={bench} />
      <Telling bench={bench} />
    </div>
  );
}

/** Where a step has led to is brought into view, as soon as it is drawn. */
function useLanding({ landed }: Shown, latest: RefObject<Bench | null>): void {
  useEffect(() => {
    if (!landed?.selected.length) return;
    const show = () => latest.current && reveal(latest.current, landed.selected);
    requestAnimationFrame(() => requestAnimationFrame(show));
  }, [landed, latest]);
}

function Side({ bench }: { bench: Bench }) {
  const say = useSay();
  const open = useSyncExternalStore(side.subscribe, side.get);
  const width = useSyncExternalStore(sideWidth.subscribe, sideWidth.get);
  if (!open) return null;
  return (
    <>
      <Splitter
        label={say(W.width)}
        className="draw-splitter"
        width={width}
        range={RANGE}
        behind
        onChange={sideWidth.set}
      />
      <aside className="draw-side" style={{ width }}>
        <Inspector bench={bench} />
        <CodePane bench={bench} />
      </aside>
    </>
  );
}

function Overlays({ bench }: { bench: Bench }) {
  const adding = useDesk((desk) => desk.adding);
  const asked = useDesk((desk) => desk.asked);
  const choosing = useDesk((desk) => desk.choosing);
  return (
    <>
      {adding && <AddBox key={adding.screen.join()} bench={bench} adding={adding} />}
      {asked && <Ask bench={bench} asked={asked} />}
      {choosing && <Palette key={choosing} bench={bench} only={choosing} />}
      <ContextMenu bench={bench} />
      <FaultCard bench={bench} />
    </>
  );
}

/** Screen readers hear what is selected. */
function Telling({ bench }: { bench: Bench }) {
  const selected = useDesk((desk) => desk.selected);
  const node = bench.level.nodes.find((one) => one.name === selected.at(-1));
  return (
    <div className="draw-unseen" aria-live="polite">
      {node && `${node.name}, ${node.type}, ${node.outputs.join(", ")}`}
    </div>
  );
}

const NONE: Places = new Map();

/** Where the nodes stand: as the last drawing had them, as far as the new one allows, with moves that are not answered yet. */
function usePlaces(
  sheet: Sheet,
  shown: Shown,
  level: ReturnType<typeof levelOf>,
  wires: readonly Wire[],
  way: Direction,
): Places {
  return useMemo(() => {
    if (!level) return NONE;
    const seen = memory.get(sheet) ?? new Map<string, Seen>();
    memory.set(sheet, seen);
    const places = arranged(level, wires, way, seen.get(level.name));
    const placed = level.nodes.some((node) => node.at);
    seen.set(level.name, { direction: way, places, shape: shapeOf(level, wires), placed });
    const moves = shown.waiting ? Object.entries(sheet.places(level.name)) : [];
    const known = moves.filter((move): move is [string, Place] => places.has(move[0]) && move[1] !== null);
    return known.length ? new Map([...places, ...known]) : places;
  }, [sheet, shown.waiting, level, wires, way]);
}
