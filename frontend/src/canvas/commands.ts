import type { SetNode } from "../api/messages";
import type { Words } from "../ui/words";
import { after } from "./adding";
import { addPart, type Bench, chosen, leaveLevel, middleOf, openNode, reveal, screenOf, step } from "./bench";
import { copy, cut, duplicate, pasteFromMenu } from "./clipboard";
import { memory } from "./memory";
import { flow, pictured, select, side, useDesk } from "./state";
import { inside } from "./trail";

/** Something that a person can do, by its keys, in the palette and in the menu. */
export interface Command {
  id: string;
  words: Words;
  keys: string[];
  /** keys that the browser itself turns into what is done */
  hint?: string;
  /** where it stands in the menu; others are in the palette only */
  menu?: number;
  /** it changes the document */
  edits?: boolean;
  danger?: boolean;
  ready?: (bench: Bench) => boolean;
  run: (bench: Bench) => void;
}

const some = (bench: Bench) => chosen(bench).length > 0;
const one = (bench: Bench) => chosen(bench).length === 1;
const nodeOf = (bench: Bench) => bench.level.nodes.find((node) => node.name === chosen(bench)[0]);
const isModule = (bench: Bench) => one(bench) && nodeOf(bench)?.kind === "module";
const opens = (bench: Bench) => {
  const node = one(bench) ? nodeOf(bench) : undefined;
  return node !== undefined && inside(bench.drawing, node) !== null;
};
const level = (bench: Bench) => bench.level.name;

/** Asks for a part: behind the selected node, on the selected wire, or in the middle. */
export function askPart(bench: Bench): void {
  const { wire } = useDesk.getState();
  const name = chosen(bench)[0];
  const found = bench.wires.find((item) => item.id === wire);
  const link = found
    ? { source: found.source, feeds: [[found.node, found.input] as [string, number]] }
    : name && one(bench)
      ? after(bench.level, bench.wires, name)
      : { source: "", feeds: [] };
  const screen = name && one(bench) ? screenOf(bench, name) : middleOf(bench);
  const at =
    link.source || !bench.flow ? null : bench.flow.screenToFlowPosition({ x: screen[0], y: screen[1] });
  useDesk.setState({ adding: { screen, at: at && [at.x - 98, at.y - 30], ...link } });
}

function setNode(bench: Bench, part: Partial<SetNode>): void {
  const node = chosen(bench)[0];
  if (node) step(bench, [{ do: "node", level: level(bench), node, ...part }]);
}

/** Places of their own go out of the text; without any, what stands where it was seen last is laid out anew. */
function tidy(bench: Bench): void {
  if (!bench.level.nodes.some((node) => node.at)) memory.get(bench.sheet)?.delete(level(bench));
  step(bench, [{ do: "tidy", level: level(bench) }]);
}

function remove(bench: Bench): void {
  const { wire } = useDesk.getState();
  const found = bench.wires.find((item) => item.id === wire);
  if (found) step(bench, [{ do: "disconnect", level: level(bench), node: found.node, input: found.input }]);
  else if (some(bench)) step(bench, [{ do: "remove", level: level(bench), nodes: chosen(bench) }]);
}

const W = {
  group: ["Name of the new module", "新模块的名称"],
  repeat: ["How many in a row, each with its own weights", "重复多少次（各自独立权重）"],
  note: ["Note", "备注"],
} satisfies Record<string, Words>;

function group(bench: Bench): void {
  const nodes = chosen(bench);
  const done = (name: string) => step(bench, [{ do: "group", level: level(bench), nodes, name }]);
  useDesk.setState({ asked: { words: W.group, value: freeModule(bench), done } });
}

function freeModule({ drawing }: Bench): string {
  const taken = new Set(drawing.levels.map((one) => one.name));
  let number = 1;
  while (taken.has(number > 1 ? `Block${number}` : "Block")) number += 1;
  return number > 1 ? `Block${number}` : "Block";
}

function repeat(bench: Bench): void {
  const done = (value: string) => setNode(bench, { repeat: Math.max(1, Math.round(Number(value)) || 1) });
  useDesk.setState({
    asked: { words: W.repeat, value: String(nodeOf(bench)?.repeat ?? 1), number: true, done },
  });
}

function note(bench: Bench): void {
  const done = (value: string) => setNode(bench, { note: value });
  useDesk.setState({ asked: { words: W.note, value: nodeOf(bench)?.note ?? "", done } });
}

function bypass(bench: Bench): void {
  const nodes = chosen(bench);
  const on = bench.level.nodes.some((node) => nodes.includes(node.name) && !node.bypass);
  step(bench, [{ do: "bypass", level: level(bench), nodes, on }]);
}

/** The second of two nodes calls the module of the first. */
function share(bench: Bench): void {
  const [of, node] = chosen(bench);
  if (of && node) step(bench, [{ do: "share", level: level(bench), node, of }]);
}

function again(bench: Bench): void {
  const node = nodeOf(bench);
  if (node)
    addPart(
      bench,
      { use: node.use || node.name },
      { at: null, ...after(bench.level, bench.wires, node.name) },
    );
}

function fit({ flow: canvas, drawing, level: shown }: Bench): void {
  const nodes = useDesk.getState().selected.map((id) => ({ id }));
  const all = nodes.length < 2 || drawing.levels.every((one) => one !== shown);
  canvas?.fitView({ padding: 0.12, maxZoom: 1, ...(all ? {} : { nodes }) });
}

function leave(bench: Bench): void {
  const { selected, wire } = useDesk.getState();
  if (selected.length || wire) select([]);
  else leaveLevel(bench);
}

export const COMMANDS: readonly Command[] = [
  { id: "add", words: ["Add a layer…", "添加层…"], keys: ["A", "Tab"], menu: 1, edits: true, run: askPart },
  {
    id: "open",
    words: ["Open the module", "打开模块"],
    keys: ["O"],
    menu: 1,
    ready: opens,
    run: (bench) => openNode(bench, chosen(bench)[0] ?? ""),
  },
  {
    id: "rename",
    words: ["Rename", "重命名"],
    keys: ["F2", "Enter"],
    menu: 1,
    edits: true,
    ready: one,
    run: (bench) => useDesk.setState({ renaming: chosen(bench)[0] ?? "" }),
  },
  { id: "note", words: ["Note…", "备注…"], keys: ["N"], menu: 1, edits: true, ready: one, run: note },
  { id: "cut", words: ["Cut", "剪切"], keys: ["Ctrl+X"], menu: 2, edits: true, ready: some, run: cut },
  { id: "copy", words: ["Copy", "复制"], keys: ["Ctrl+C"], menu: 2, ready: some, run: copy },
  {
    id: "paste",
    words: ["Paste", "粘贴"],
    keys: [],
    hint: "Ctrl+V",
    menu: 2,
    edits: true,
    run: (bench) => pasteFromMenu(bench, null, false),
  },
  {
    id: "links",
    words: ["Paste with links", "粘贴并保留连线"],
    keys: [],
    hint: "Ctrl+Shift+V",
    menu: 2,
    edits: true,
    run: (bench) => pasteFromMenu(bench, null, true),
  },
  {
    id: "duplicate",
    words: ["Duplicate", "创建副本"],
    keys: ["Ctrl+D"],
    menu: 2,
    edits: true,
    ready: some,
    run: duplicate,
  },
  {
    id: "group",
    words: ["Group into a module…", "组合为模块…"],
    keys: ["Ctrl+G"],
    menu: 3,
    edits: true,
    ready: some,
    run: group,
  },
  {
    id: "unpack",
    words: ["Unpack the module", "解开模块"],
    keys: ["Ctrl+Shift+G"],
    menu: 3,
    edits: true,
    ready: isModule,
    run: (bench) => step(bench, [{ do: "unpack", level: level(bench), node: chosen(bench)[0] ?? "" }]),
  },
  {
    id: "unique",
    words: ["Make unique (a definition of its own)", "设为独立（使用自己的定义）"],
    keys: [],
    menu: 3,
    edits: true,
    ready: isModule,
    run: (bench) => step(bench, [{ do: "unique", level: level(bench), node: chosen(bench)[0] ?? "" }]),
  },
  { id: "repeat", words: ["Repeat…", "重复…"], keys: ["R"], menu: 3, edits: true, ready: one, run: repeat },
  {
    id: "again",
    words: ["Use it once more (shared weights)", "再次调用（共享权重）"],
    keys: [],
    menu: 3,
    edits: true,
    ready: one,
    run: again,
  },
  {
    id: "share",
    words: ["Share weights of the two", "让这两个节点共享权重"],
    keys: [],
    menu: 3,
    edits: true,
    ready: (bench) => chosen(bench).length === 2,
    run: share,
  },
  { id: "bypass", words: ["Bypass", "旁路"], keys: ["B"], menu: 4, edits: true, ready: some, run: bypass },
  {
    id: "remove",
    words: ["Delete", "删除"],
    keys: ["Delete", "Backspace"],
    menu: 4,
    edits: true,
    danger: true,
    ready: (bench) => some(bench) || useDesk.getState().wire !== "",
    run: remove,
  },
  {
    id: "undo",
    words: ["Undo", "撤销"],
    keys: ["Ctrl+Z"],
    edits: true,
    ready: ({ sheet }) => sheet.get().undo,
    run: ({ sheet }) => sheet.undo(),
  },
  {
    id: "redo",
    words: ["Redo", "重做"],
    keys: ["Ctrl+Shift+Z", "Ctrl+Y"],
    edits: true,
    ready: ({ sheet }) => sheet.get().redo,
    run: ({ sheet }) => sheet.redo(),
  },
  {
    id: "all",
    words: ["Select all", "全选"],
    keys: ["Ctrl+A"],
    run: ({ level: { nodes } }) => select(nodes.map((node) => node.name)),
  },
  {
    id: "find",
    words: ["Find a node…", "查找节点…"],
    keys: ["Ctrl+F"],
    run: () => useDesk.setState({ choosing: "nodes" }),
  },
  {
    id: "commands",
    words: ["All commands…", "所有命令…"],
    keys: ["Ctrl+K"],
    run: () => useDesk.setState({ choosing: "commands" }),
  },
  { id: "fit", words: ["Fit into view", "适应窗口"], keys: [".", "F"], run: fit },
  { id: "in", words: ["Zoom in", "放大"], keys: ["+", "="], run: ({ flow: canvas }) => canvas?.zoomIn() },
  { id: "out", words: ["Zoom out", "缩小"], keys: ["-"], run: ({ flow: canvas }) => canvas?.zoomOut() },
  {
    id: "tidy",
    words: ["Tidy the layout", "整理布局"],
    keys: ["T"],
    edits: true,
    run: tidy,
  },
  {
    id: "direction",
    words: ["Flow to the right or down", "切换横向/纵向"],
    keys: ["L"],
    run: () => flow.set(flow.get() === "TB" ? "LR" : "TB"),
  },
  {
    id: "pictures",
    words: ["Pictures of outputs", "输出预览图"],
    keys: ["P"],
    run: () => pictured.set(!pictured.get()),
  },
  { id: "side", words: ["Code and details", "代码与详情"], keys: ["C"], run: () => side.set(!side.get()) },
  { id: "up", words: ["Leave the module", "返回上一层"], keys: ["Escape"], run: leave },
  {
    id: "show",
    words: ["Show the selection", "显示所选节点"],
    keys: ["Home"],
    ready: some,
    run: (bench) => reveal(bench, chosen(bench), true),
  },
  { id: "save", words: ["Save", "保存"], keys: ["Ctrl+S"], edits: true, run: ({ save }) => save() },
  { id: "train", words: ["Train", "训练"], keys: ["Ctrl+Enter"], edits: true, run: ({ train }) => train() },
];

export function canRun(command: Command, bench: Bench): boolean {
  return !(command.edits && bench.readOnly !== undefined) && (command.ready?.(bench) ?? true);
}
