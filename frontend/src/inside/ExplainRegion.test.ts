import { expect, it } from "vitest";
import { nudged, regionOf } from "./ExplainRegion";

const size = [100, 50] as const;

it("makes a region of a drag in any direction, within the picture", () => {
  expect(regionOf([0.1, 0.2], [0.5, 0.6], size)).toEqual([10, 10, 50, 30]);
  expect(regionOf([0.5, 0.6], [0.1, 0.2], size)).toEqual([10, 10, 50, 30]);
  expect(regionOf([-1, -1], [2, 2], size)).toEqual([0, 0, 100, 50]);
  expect(regionOf([0.3, 0.3], [0.302, 0.3], size)).toBeNull();
});
it("moves and grows a region by keys, and never beyond the picture", () => {
  expect(nudged(null, "ArrowLeft", false, size)).toEqual([38, 19, 63, 31]);
  expect(nudged([0, 0, 10, 10], "ArrowLeft", false, size)).toEqual([0, 0, 10, 10]);
  expect(nudged([0, 0, 10, 10], "ArrowRight", false, size)).toEqual([6, 0, 16, 10]);
  expect(nudged([88, 40, 98, 50], "ArrowRight", false, size)).toEqual([90, 40, 100, 50]);
  expect(nudged([0, 0, 10, 10], "ArrowDown", true, size)).toEqual([0, 0, 10, 13]);
  expect(nudged([0, 0, 2, 2], "ArrowLeft", true, size)).toEqual([0, 0, 1, 2]);
  expect(nudged([0, 0, 2, 2], "a", true, size)).toEqual([0, 0, 2, 2]);
});
