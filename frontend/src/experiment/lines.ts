/** A line of a comparison: in both texts, only in the first, or only in the second. */
export interface DiffLine {
  kind: "both" | "first" | "second";
  text: string;
}

const MOST = 4_000_000;

/** The lines of two texts with what was taken away and added, by the longest common subsequence. */
export function compared(first: string, second: string): DiffLine[] {
  const [a, b] = [first.split("\n"), second.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const both = (lines: string[]): DiffLine[] => lines.map((text) => ({ kind: "both", text }));
  return [
    ...both(a.slice(0, start)),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...both(end ? a.slice(-end) : []),
  ];
}

function middle(a: string[], b: string[]): DiffLine[] {
  // Far too much to compare line by line: all of the one, then all of the other.
  const table = a.length * b.length > MOST ? null : lengths(a, b);
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (table && left !== undefined && left === right) {
      found.push({ kind: "both", text: left });
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined || !table || down(table, i, j) >= across(table, i, j))
    ) {
      found.push({ kind: "first", text: left });
      i++;
    } else {
      found.push({ kind: "second", text: right ?? "" });
      j++;
    }
  }
  return found;
}

const down = (table: number[][], i: number, j: number) => table[i + 1]?.[j] ?? 0;
const across = (table: number[][], i: number, j: number) => table[i]?.[j + 1] ?? 0;

/** How many lines the rests from i and j on have in common. */
function lengths(a: string[], b: string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      (table[i] as number[])[j] =
        a[i] === b[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(down(table, i, j), across(table, i, j));
  return table;
}

/** The smallest single replacement that makes one text of another, so that cursors elsewhere stay. */
export function replacement(before: string, after: string): { from: number; to: number; insert: string } {
  let from = 0;
  const shorter = Math.min(before.length, after.length);
  while (from < shorter && before[from] === after[from]) from++;
  let end = 0;
  while (end < shorter - from && before.at(-1 - end) === after.at(-1 - end)) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
