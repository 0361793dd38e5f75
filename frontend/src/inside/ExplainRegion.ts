/** A part of a picture, in pixels of the input: x1, y1, x2, y2. */
export type Region = [number, number, number, number];
export type Size = readonly [width: number, height: number];

/** Whether it is one pixel. */
export function isPixel([x1, y1, x2, y2]: Region): boolean {
  return x2 - x1 === 1 && y2 - y1 === 1;
}

const STEP = 1 / 16;

/** The region between two points, given as shares of the picture; a mere click is of one pixel. */
export function regionOf(
  from: readonly [number, number],
  to: readonly [number, number],
  [width, height]: Size,
): Region {
  const [x1, x2] = between(from[0], to[0], width);
  const [y1, y2] = between(from[1], to[1], height);
  return [x1, y1, x2, y2];
}

/** The pixels of one axis that two shares of it lie in or between. */
function between(one: number, other: number, size: number): [number, number] {
  const [low, high] = [Math.min(one, other), Math.max(one, other)].map((share) =>
    Math.min(1, Math.max(0, share)),
  ) as [number, number];
  const begin = Math.min(size - 1, Math.floor(low * size));
  return [begin, Math.max(begin + 1, Math.min(size, Math.ceil(high * size)))];
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
