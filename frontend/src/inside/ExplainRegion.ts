/** A part of a picture, in pixels of the input: x1, y1, x2, y2. */
export type Region = [number, number, number, number];
export type Size = readonly [width: number, height: number];

const STEP = 1 / 16;

/** The region between two points, given as shares of the picture; null: it is smaller than a pixel, a mere click. */
export function regionOf(
  from: readonly [number, number],
  to: readonly [number, number],
  [width, height]: Size,
): Region | null {
  const at = (share: number, size: number) => Math.round(Math.min(1, Math.max(0, share)) * size);
  const [x, y] = [
    [at(from[0], width), at(to[0], width)],
    [at(from[1], height), at(to[1], height)],
  ] as [[number, number], [number, number]];
  const region: Region = [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  return region[2] > region[0] && region[3] > region[1] ? region : null;
}

/** The region after an arrow key: moved, or with Shift made larger or smaller; of none the middle of the picture. */
export function nudged(region: Region | null, key: string, grow: boolean, size: Size): Region | null {
  const [width, height] = size;
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!by) return region;
  if (!region) return regionOf([0.375, 0.375], [0.625, 0.625], size);
  const [dx, dy] = [by[0] as number, by[1] as number].map((sign, axis) =>
    sign === 0 ? 0 : sign * Math.max(1, Math.round((size[axis] as number) * STEP)),
  ) as [number, number];
  const [x1, y1, x2, y2] = region;
  if (grow)
    return [x1, y1, Math.min(width, Math.max(x1 + 1, x2 + dx)), Math.min(height, Math.max(y1 + 1, y2 + dy))];
  const right = Math.min(width - x2, Math.max(-x1, dx));
  const down = Math.min(height - y2, Math.max(-y1, dy));
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}
