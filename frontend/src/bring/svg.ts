import type { Drawing, DrawnNode, Level, PartForm, Port } from "../api/messages";
import { edgesOf } from "../canvas/edges";
import { argsText, wide } from "../canvas/face";
import { type Anchor, anchorOf } from "../canvas/labels";
import { arranged, type Direction, type Seen } from "../canvas/layout";
import { portAt } from "../canvas/ports";
import { pathOf, placeOn } from "../canvas/route";
import { nodesOf, type SheetNode } from "../canvas/scene";
import type { WireFlowEdge } from "../canvas/WireEdge";
import { wiresOf } from "../canvas/wires";
import { counted } from "../experiment/counts";
import { say, type Words } from "../ui/words";

const W = { output: ["output", "输出"] } satisfies Record<string, Words>;

/** The colours of paper, whatever theme the page has. */
const HUES: Record<string, string> = {
  conv: "#1c6dd0",
  norm: "#8158a8",
  activation: "#b87900",
  pool: "#0b8a6a",
  linear: "#c2500f",
  drop: "#8a6d4f",
  recurrent: "#b0467f",
  module: "#37475e",
  code: "#37475e",
};
const INK = {
  text: "#1f2329",
  faint: "#6b7280",
  line: "#cfd5dd",
  wire: "#98a1b0",
  other: "#7d8694",
  bad: "#c92a2a",
};
const FONT = "Inter, 'Helvetica Neue', Arial, 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";
const MARGIN = 24;
const SIZE = 12;
/** How much wider bold letters are, in the widest of the fonts that a viewer may take instead */
const BOLD = 1.2;
/** room for a shape beside a wire */
const BESIDE = 84;

export interface Sheet {
  drawing: Drawing;
  level: Level;
  direction: Direction;
  /** where the nodes stood when the page showed them last */
  seen?: Seen | undefined;
  parts: ReadonlyMap<string, PartForm>;
}

/** A picture of one level as one prints it: boxes, wires and texts as shapes of their own, in light colours. */
export function svgOf(sheet: Sheet): string {
  const { level, drawing, direction } = sheet;
  const wires = wiresOf(level, drawing.faults);
  const places = arranged(level, wires, direction, sheet.seen);
  const nodes = nodesOf({ ...sheet, places, pictures: {}, rename: () => {} }, new Map());
  const edges = edgesOf(level, wires, nodes, direction);
  const drawn = new Map(nodes.map((node) => [node.id, node]));
  const lines = edges.map((edge) => edgeOf(edge, drawn, direction));
  const shapes = nodes.map((node) => (node.type === "rail" ? railOf(node) : boxOf(node)));
  const [x, y, width, height] = frameOf(nodes, edges);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}" font-family="${escaped(FONT)}" font-size="${SIZE}">`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5L8 4L0 7.5Z" fill="${INK.wire}"/></marker></defs>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#ffffff"/>`,
    ...lines.map((line) => line.path),
    ...shapes,
    ...lines.map((line) => line.label),
    "</svg>",
    "",
  ]
    .filter((line, at, all) => line || at === all.length - 1)
    .join("\n");
}

/** Everything that is drawn, with a margin around it; lanes may lead past all nodes. */
function frameOf(
  nodes: readonly SheetNode[],
  edges: readonly WireFlowEdge[],
): [number, number, number, number] {
  const lanes = edges.flatMap(({ data }) => (data?.way ? [[data.way.lane, data.direction] as const] : []));
  const across = lanes.filter(([, direction]) => direction === "TB").map(([lane]) => lane);
  const along = lanes.filter(([, direction]) => direction === "LR").map(([lane]) => lane);
  const left =
    Math.min(...nodes.map((node) => node.position.x), ...across.map((lane) => lane - BESIDE)) - MARGIN;
  const top = Math.min(...nodes.map((node) => node.position.y), ...along.map((lane) => lane - 20)) - MARGIN;
  const right = Math.max(
    ...nodes.map((node) => node.position.x + (node.width ?? 0)),
    ...across.map((lane) => lane + BESIDE),
  );
  const bottom = Math.max(
    ...nodes.map((node) => node.position.y + (node.height ?? 0)),
    ...along.map((lane) => lane + 20),
  );
  return [
    Math.round(left),
    Math.round(top),
    Math.round(right - left + MARGIN),
    Math.round(bottom - top + MARGIN),
  ];
}

function boxOf(found: SheetNode): string {
  const { x, y } = found.position;
  const [width, height] = [found.width ?? 0, found.height ?? 0];
  const node = (found.data as unknown as { node: DrawnNode }).node;
  const hue = HUES[(found.data as unknown as { hue: string }).hue] ?? INK.other;
  const wrong = node.state === "wrong";
  const stroke = wrong ? INK.bad : node.kind === "module" || node.kind === "code" ? "#9aa6b8" : INK.line;
  const dash = node.kind === "use" ? ' stroke-dasharray="4 3"' : "";
  const outline = `rx="6" stroke="${stroke}"${dash}`;
  const behind =
    node.kind === "module" || node.kind === "code"
      ? `<rect x="${x + 3}" y="${y + 3}" width="${width}" height="${height}" fill="#ffffff" rx="6" stroke="${stroke}"/>`
      : "";
  const rows = [
    argsText(node.args) && text(argsText(node.args), x + 12, 0, width - 20, INK.faint),
    "",
    node.note && text(node.note, x + 12, 0, width - 20, INK.faint, "italic"),
  ];
  const count = node.parameters > 0 ? counted(node.parameters) : "";
  rows[1] = foot(node.outputs.join(", "), count, x, width);
  const head = headOf(node, x, y, width);
  const lines = rows.filter(Boolean).map((row, at) => row?.replaceAll("@y", String(y + 37 + 17 * at)));
  return [
    `<g${node.bypass ? ' opacity="0.5"' : ""}>`,
    behind,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${node.kind === "operation" || node.kind === "tensor" ? "#fafbfc" : "#ffffff"}" ${outline}/>`,
    `<path d="M${x + 5} ${y}H${x + 6}A6 6 0 0 0 ${x} ${y + 6}V${y + height - 6}A6 6 0 0 0 ${x + 5} ${y + height}Z" fill="${hue}"/>`,
    head,
    ...lines,
    "</g>",
  ].join("");
}

function headOf(node: DrawnNode, x: number, y: number, width: number): string {
  const type = node.repeat > 1 ? `${node.type} ×${node.repeat}` : node.type;
  const room = Math.min(wide(type) * BOLD, width - 20);
  return (
    text(type, x + 12, y + 19, width - 20, INK.text, "bold") +
    (width - 28 - room > 20
      ? text(node.name, x + width - 8, y + 19, width - 28 - room, INK.faint, "", "end")
      : "")
  );
}

function foot(shape: string, count: string, x: number, width: number): string {
  const room = width - 20 - (count ? wide(count) + 8 : 0);
  return (
    (shape ? text(shape, x + 12, 0, room, INK.text) : "") +
      (count ? text(count, x + width - 8, 0, 60, INK.faint, "", "end") : "") || " "
  );
}

function railOf(found: SheetNode): string {
  const { x, y } = found.position;
  const { ports, direction, side } = found.data as unknown as {
    ports: Port[];
    direction: Direction;
    side: "in" | "out";
  };
  const [width, height] = [found.width ?? 0, found.height ?? 0];
  return ports
    .map((port, at) => {
      const [w, h] = direction === "TB" ? [width / ports.length, height] : [width, height / ports.length];
      const [left, top] = direction === "TB" ? [x + at * w, y] : [x, y + at * h];
      const middle = top + h / 2 + 4;
      // one output has no name of its own: its port says which node gives it
      const name = side === "out" && ports.length < 2 ? say(W.output) : port.name;
      return [
        `<rect x="${left + 4}" y="${top + 2}" width="${w - 8}" height="${h - 4}" rx="${(h - 4) / 2}" fill="#f1f3f6" stroke="${INK.line}"/>`,
        `<text x="${left + w / 2}" y="${middle}" text-anchor="middle" fill="${INK.text}"><tspan font-weight="600">${escaped(name)}</tspan><tspan fill="${INK.faint}"> ${escaped(port.shape)}</tspan></text>`,
      ].join("");
    })
    .join("");
}

function edgeOf(edge: WireFlowEdge, nodes: ReadonlyMap<string, SheetNode>, direction: Direction) {
  const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
  if (!source || !target) return { path: "", label: "" };
  const from = portAt(source, "out", edge.sourceHandle ?? "", direction);
  const to = portAt(target, "in", edge.targetHandle ?? "0", direction);
  if (edge.type === "tie" || !edge.data)
    return {
      path: `<path d="M${from.join(" ")}L${to.join(" ")}" stroke="${INK.line}" stroke-dasharray="3 4" fill="none"/>`,
      label: "",
    };
  const { wire, way, label } = edge.data;
  const color = wire.wrong ? INK.bad : INK.wire;
  const path = `<path d="${pathOf(from, to, way, direction)}" stroke="${color}" stroke-width="1.5" fill="none" marker-end="url(#tip)"/>`;
  if (!label) return { path, label: "" };
  const [x, y] = placeOn(from, to, way, label, direction);
  return { path, label: labelOf(wire.shape, x, y + 4, anchorOf(label, direction)) };
}

function labelOf(words: string, x: number, y: number, anchor: Anchor): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="11" fill="${INK.faint}" stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round">${escaped(words)}</text>`;
}

function text(
  words: string,
  x: number,
  y: number,
  room: number,
  color: string,
  style = "",
  anchor: "start" | "end" = "start",
): string {
  const look = style === "bold" ? ' font-weight="600"' : style === "italic" ? ' font-style="italic"' : "";
  const end = anchor === "end" ? ' text-anchor="end"' : "";
  return `<text x="${round(x)}" y="${y || "@y"}" fill="${color}"${look}${end}>${escaped(fitted(words, room))}</text>`;
}

export function fitted(words: string, room: number): string {
  if (wide(words) <= room) return words;
  let kept = "";
  for (const sign of words) {
    if (wide(`${kept}${sign}…`) > room) break;
    kept += sign;
  }
  return `${kept.trimEnd()}…`;
}

const SIGNS: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escaped(words: string): string {
  return words.replace(UNWRITABLE, "").replace(/[&<>"]/g, (sign) => SIGNS[sign] as string);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
