import { shares, strength } from "./ConfusionCells";
import type { Look } from "./paper";

export interface Matrix {
  confusion: readonly (readonly number[])[];
  classes: readonly string[];
  /** numbers are shares of the row, else counts */
  shared: boolean;
  /** row and column, of the pointer or the keyboard */
  near: readonly [number, number] | null;
  /** row and column whose samples are listed */
  chosen: readonly [number | null, number | null];
}

/** Blue is right, orange is wrong: told apart with any colour vision, and in both schemes. */
export const [RIGHT, WRONG] = ["#0072b2", "#d55e00"] as const;
/** How strongly a cell is painted on which white is read best, on light ground. */
const DARK = 0.72;
const [ROOM, LETTER, LEGIBLE, LARGE, NUMBERS, GAP] = [110, 8, 11, 48, 27, 6];
/** Of few classes the whole is at least so wide, and a cell at most so large. */
const [WIDE, LARGEST] = [280, 96];

/** Where the cells of a matrix of these classes are on a square of `width` pixels. */
export function gridOf(
  width: number,
  classes: readonly string[],
): { left: number; top: number; cell: number } {
  const longest = Math.max(0, ...classes.map((name) => name.length));
  const wanted = Math.min(ROOM, LETTER * longest + 2 * GAP);
  const room = (width - wanted) / classes.length >= LEGIBLE ? wanted : 2;
  const cell = (width - room - 2) / Math.max(1, classes.length);
  const largest = Math.max(LARGE, Math.min(LARGEST, WIDE / Math.max(1, classes.length)));
  return { left: room, top: room, cell: Math.max(0.5, Math.min(largest, cell)) };
}

/** The height of the drawing: its cells may stop growing before its width does. */
export function heightOf(width: number, classes: readonly string[]): number {
  const { top, cell } = gridOf(width, classes);
  return Math.ceil(top + cell * classes.length + 2);
}

export function paint(pen: CanvasRenderingContext2D, width: number, matrix: Matrix, look: Look): void {
  pen.font = look.font;
  pen.textBaseline = "middle";
  paintCells(pen, width, matrix, look);
  paintNames(pen, width, matrix, look);
  paintFrames(pen, width, matrix, look);
}

function paintCells(pen: CanvasRenderingContext2D, width: number, matrix: Matrix, look: Look): void {
  const { left, top, cell } = gridOf(width, matrix.classes);
  const parts = shares(matrix.confusion);
  const between = cell > 8 ? 1 : 0;
  pen.textAlign = "center";
  for (const [row, counts] of matrix.confusion.entries())
    for (const [column, count] of counts.entries()) {
      const [x, y, share] = [left + column * cell, top + row * cell, parts[row]?.[column] ?? 0];
      pen.fillStyle = look.line;
      pen.globalAlpha = 0.35;
      pen.fillRect(x, y, cell - between, cell - between);
      pen.fillStyle = row === column ? RIGHT : WRONG;
      pen.globalAlpha = strength(share);
      pen.fillRect(x, y, cell - between, cell - between);
      pen.globalAlpha = 1;
      if (!count || cell < NUMBERS) continue;
      pen.fillStyle = strength(share) > DARK ? "#ffffff" : look.text;
      pen.fillText(numberOf(count, share, matrix.shared), x + cell / 2, y + cell / 2);
    }
}

/** What stands in a cell: at most four letters. */
function numberOf(count: number, share: number, shared: boolean): string {
  if (shared) return share < 0.01 ? "<1" : String(Math.round(share * 100));
  return count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;
}

function paintNames(
  pen: CanvasRenderingContext2D,
  width: number,
  { classes, near }: Matrix,
  look: Look,
): void {
  const { left, top, cell } = gridOf(width, classes);
  if (cell < LEGIBLE) return;
  for (const [place, name] of classes.entries()) {
    const [fits, middle] = [fitting(pen, name, ROOM - 2 * GAP), (place + 0.5) * cell];
    pen.fillStyle = near?.[0] === place ? look.text : look.faint;
    pen.textAlign = "right";
    pen.fillText(fits, left - GAP, top + middle);
    pen.fillStyle = near?.[1] === place ? look.text : look.faint;
    pen.save();
    pen.translate(left + middle, top - GAP);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = "left";
    pen.fillText(fits, 0, 0);
    pen.restore();
  }
}

function fitting(pen: CanvasRenderingContext2D, name: string, room: number): string {
  if (pen.measureText(name).width <= room) return name;
  let end = name.length;
  while (end > 1 && pen.measureText(`${name.slice(0, end)}…`).width > room) end -= 1;
  return `${name.slice(0, end)}…`;
}

function paintFrames(pen: CanvasRenderingContext2D, width: number, matrix: Matrix, look: Look): void {
  const { classes, near, chosen } = matrix;
  const { left, top, cell } = gridOf(width, classes);
  pen.strokeStyle = look.text;
  const [row, column] = chosen;
  if (row !== null || column !== null) {
    const [x, w] = column === null ? [0, classes.length] : [column, 1];
    const [y, h] = row === null ? [0, classes.length] : [row, 1];
    pen.lineWidth = 2;
    pen.strokeRect(left + x * cell, top + y * cell, w * cell - 1, h * cell - 1);
  }
  if (!near) return;
  pen.lineWidth = 1;
  pen.strokeRect(left + near[1] * cell - 0.5, top + near[0] * cell - 0.5, cell, cell);
}
