import { expect, it } from "vitest";
import { isPixel, nudged, regionOf } from "./ExplainRegion";

const size = [100, 50] as const;

it("makes a region of a drag in any direction, within the picture", () => {
  expect(regionOf([0.1, 0.2], [0.5, 0.6], size)).toEqual([10, 10, 50, 30]);
  expect(regionOf([0.5, 0.6], [0.1, 0.2], size)).toEqual([10, 10, 50, 30]);
  expect(regionOf([-1, -1], [2, 2], size)).toEqual([0, 0, 100, 50]);
  const click = regionOf([0.304, 0.3], [0.304, 0.3], size);
  expect(click).toEqual([30, 15, 31, 16]);
  expect(isPixel(click)).toBe(true);
  expect(regionOf([1, 1], [1, 1], size)).toEqual([99, 49, 100, 50]);
});
it("moves and grows a region by keys, and never beyond the picture", () => {
  expect(nudged(null, "ArrowLeft", false, size)).toEqual([37, 18, 63, 32]);
  expect(nudged([0, 0, 10, 10], "ArrowLeft", false, size)).toEqual([0, 0, 10, 10]);
  expect(nudged([0, 0, 10, 10], "ArrowRight", false, size)).toEqual([6, 0, 16, 10]);
  expect(nudged([88, 40, 98, 50], "ArrowRight", false, size)).toEqual([90, 40, 100, 50]);
  expect(nudged([0, 0, 10, 10], "ArrowDown", true, size)).toEqual([0, 0, 10, 13]);
  expect(nudged([0, 0, 2, 2], "ArrowLeft", true, size)).toEqual([0, 0, 1, 2]);
  expect(nudged([0, 0, 2, 2], "a", true, size)).toEqual([0, 0, 2, 2]);
});
