import type { ClassRow, Mistake, PredictionsView } from "../api/messages";
import { type Cell, isMeant } from "./ConfusionCells";

export type Order = "loss" | "confidence";

/** A sample of a list; of one that is known from its point alone neither certainty nor loss are known. */
export interface Listed extends Omit<Mistake, "confidence" | "loss"> {
  confidence: Mistake["confidence"] | undefined;
  loss: Mistake["loss"] | undefined;
}

/** The samples of a cell, mistakes in the wanted order first; without a cell all mistakes. */
export function listed(view: PredictionsView, cell: Cell, order: Order): Listed[] {
  const place = new Map(view.classes.map((name, index) => [name, index]));
  const meant = (one: Mistake) => {
    const [label, predicted] = [place.get(one.label), place.get(one.predicted)];
    if (label === undefined || predicted === undefined) return cell.label === null && cell.predicted === null;
    return isMeant(cell, label, predicted);
  };
  const mistakes = ordered(view.mistakes.filter(meant), order);
  if (cell.label === null && cell.predicted === null) return mistakes;
  const known = new Set(mistakes.map(({ index }) => index));
  const rest = view.points
    .filter((point) => isMeant(cell, point.label, point.predicted) && !known.has(point.index))
    .map(({ index, label, predicted }) => ({
      index,
      picture: "",
      label: view.classes[label] ?? "",
      predicted: view.classes[predicted] ?? "",
      confidence: undefined,
      loss: undefined,
    }));
  // wrong ones before right ones, where a whole class is meant
  return [
    ...mistakes,
    ...rest.sort((a, b) => Number(a.label === a.predicted) - Number(b.label === b.predicted)),
  ];
}

/** The largest losses or certainties first; a loss that is no number is the largest. */
export function ordered(mistakes: readonly Mistake[], order: Order): Mistake[] {
  const size = (one: Mistake) => (one[order] === null ? Number.POSITIVE_INFINITY : Number(one[order]));
  return [...mistakes].sort((a, b) => size(b) - size(a) || a.index - b.index);
}

/** How many samples a cell holds. */
export function countOf(confusion: readonly (readonly number[])[], cell: Cell): number {
  let sum = 0;
  for (const [label, row] of confusion.entries())
    for (const [predicted, count] of row.entries()) if (isMeant(cell, label, predicted)) sum += count;
  return sum;
}

export type Column = "name" | "samples" | "precision" | "recall" | "f1" | "iou";

/** Rows by a column; numbers that are not known come last. */
export function sorted(
  rows: readonly ClassRow[],
  column: Column,
  down: boolean,
): (ClassRow & { index: number })[] {
  const all = rows.map((row, index) => ({ ...row, index }));
  const sign = down ? -1 : 1;
  if (column === "name") return down ? all.reverse() : all;
  return all.sort((a, b) => {
    const [one, other] = [a[column], b[column]];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (Number(one) - Number(other)) || a.index - b.index;
  });
}
