/** A cell of a confusion matrix: samples of class `label` that were taken for `predicted`; null: of any. */
export interface Cell {
  label: number | null;
  predicted: number | null;
}

export const ANY: Cell = { label: null, predicted: null };

export function isMeant(cell: Cell, label: number, predicted: number): boolean {
  return (cell.label ?? label) === label && (cell.predicted ?? predicted) === predicted;
}

/** Counts as shares of their row: of all samples of a class. */
export function shares(confusion: readonly (readonly number[])[]): number[][] {
  return confusion.map((row) => {
    const sum = row.reduce((all, count) => all + count, 0);
    return row.map((count) => (sum ? count / sum : 0));
  });
}

/** How strongly a cell is painted: rare confusions are still seen. */
export function strength(share: number): number {
  return share <= 0 ? 0 : 0.08 + 0.92 * Math.sqrt(Math.min(1, share));
}

/** The most frequent confusions, the largest first: pairs of classes with their count. */
export function mostConfused(
  confusion: readonly (readonly number[])[],
  count: number,
): { label: number; predicted: number; count: number }[] {
  return confusion
    .flatMap((row, label) => row.map((found, predicted) => ({ label, predicted, count: found })))
    .filter((one) => one.label !== one.predicted && one.count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, count);
}

/** The cell that an arrow key leads to. */
export function nextCell(
  at: readonly [number, number],
  key: string,
  classes: number,
): readonly [number, number] | null {
  const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (!by) return null;
  const kept = (value: number) => Math.min(classes - 1, Math.max(0, value));
  return [kept(at[0] + (by[0] as number)), kept(at[1] + (by[1] as number))];
}
