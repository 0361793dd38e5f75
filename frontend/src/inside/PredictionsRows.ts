import type { ClassRow } from "../api/messages";

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
