import { useLive } from "../api/live";

/** Colours of curves: ten that people with any colour vision tell apart, on light and on dark. */
export const PALETTE = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#cc79a7",
  "#56b4e9",
  "#8c6bb1",
  "#b8a800",
  "#7f7f7f",
  "#a65628",
] as const;

const given = new Map<string, string>();

/** The colour of a run: the same wherever it is drawn. The oldest get theirs first, so that a new run changes none. */
export function colorOf(run: string): string {
  if (!given.has(run)) {
    const known = [...(useLive.getState().runs?.values() ?? [])];
    const oldest = known.sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0));
    for (const id of [...oldest.map((one) => one.id), run]) give(id);
  }
  return given.get(run) as string;
}

function give(run: string): void {
  if (!given.has(run)) given.set(run, PALETTE[given.size % PALETTE.length] as string);
}

/** A colour from blue over grey to orange for `share` in 0..1, for settings that are numbers. */
export function ramp(share: number): string {
  const [low, middle, high] = [
    [0, 90, 181],
    [150, 150, 150],
    [220, 90, 20],
  ] as const;
  const [from, to] = share < 0.5 ? [low, middle] : [middle, high];
  const part = share < 0.5 ? share * 2 : share * 2 - 1;
  const mixed = from.map((value, place) => Math.round(value + ((to[place] as number) - value) * part));
  return `rgb(${mixed.join(" ")})`;
}
