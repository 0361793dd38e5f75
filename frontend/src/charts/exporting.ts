import { url } from "../api/client";
import { type DrawnCurve, drawFigure, type Figure, INK } from "./draw";
import { CanvasPen, type Pen, SvgPen } from "./pen";
import type { Split } from "./plan";
import type { Scale, Unit } from "./scale";

/** A chart as one publishes it: with its title, the names of its axes and a legend. */
export interface Print {
  title: string;
  xName: string;
  x: Scale;
  y: Scale;
  unit: Unit;
  smoothing: boolean;
  curves: readonly (DrawnCurve & { label: string })[];
}

const WIDTH = 640;
const PLOT = 300;
const SIZE = 12;
const ROW = 18;
const LEFT = 62;
const DASHES: Record<Split, readonly number[]> = { "": [], valid: [], train: [5, 3], test: [1.5, 2.5] };

function layout(print: Print): { height: number; figure: Figure; rows: number } {
  const rows = Math.ceil(print.curves.length / 2);
  const box = { left: LEFT, top: 34, width: WIDTH - LEFT - 18, height: PLOT };
  const figure = { ...print, box, ink: { ...INK.light, faint: "#495057", grid: "#e3e6eb" }, size: SIZE };
  return { height: 34 + PLOT + 50 + rows * ROW + 8, figure, rows };
}

function draw(pen: Pen, print: Print): void {
  const { figure, rows } = layout(print);
  const { box, ink } = figure;
  pen.text(print.title, box.left + box.width / 2, 20, {
    color: ink.text,
    size: 14,
    align: "middle",
    bold: true,
  });
  drawFigure(pen, figure);
  pen.begin();
  pen.move(box.left + 0.5, box.top);
  pen.line(box.left + 0.5, box.top + box.height + 0.5);
  pen.line(box.left + box.width, box.top + box.height + 0.5);
  pen.stroke({ color: ink.faint, width: 1 });
  const foot = box.top + box.height;
  pen.text(print.xName, box.left + box.width / 2, foot + 36, {
    color: ink.text,
    size: SIZE,
    align: "middle",
  });
  for (const [place, curve] of print.curves.entries()) {
    const x = box.left + (place < rows ? 0 : box.width / 2);
    const y = foot + 50 + ROW * (place % rows) + 8;
    pen.begin();
    pen.move(x, y);
    pen.line(x + 22, y);
    pen.stroke({ color: curve.color, width: 2, dash: DASHES[curve.split] });
    pen.text(fitted(curve.label, 44), x + 28, y + 4, { color: ink.text, size: SIZE });
  }
}

function fitted(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most / 2 - 1)}…${text.slice(-most / 2)}`;
}

export function toSvg(print: Print): string {
  const pen = new SvgPen();
  draw(pen, print);
  return pen.document(WIDTH, layout(print).height);
}

/** Twice as sharp as on the screen. */
export function toPng(print: Print): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  const { height } = layout(print);
  canvas.width = 3 * WIDTH;
  canvas.height = 3 * height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.scale(3, 3);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, WIDTH, height);
  draw(new CanvasPen(context), print);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Hand a file to the browser's downloads. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  click(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Every recorded point of these curves, from the server. */
export function saveCsv(runs: readonly string[], tags: readonly string[], name: string): void {
  click(url("scalars.csv", { run: runs, tag: tags }), name);
}

function click(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/** A title as the name of a file, on every system. */
export function fileName(title: string, extension: string): string {
  const name = title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "");
  return `${name.slice(0, 80) || "chart"}.${extension}`;
}
