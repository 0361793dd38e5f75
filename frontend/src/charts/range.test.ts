import { expect, test } from "vitest";
import { ahead, around, steady } from "./range";

test("an axis stays as long as its curves fit in and fill it", () => {
  const first = steady(null, [0, 10], false);
  expect(steady(first, [0.1, 10.2], false)).toBe(first);
  const grown = steady(first, [0, 20], false);
  expect(grown.max).toBeGreaterThan(20);
  expect(steady(grown, [0, 3], false).max).toBeLessThan(5);
});

test("one value, none, and log", () => {
  expect(around([3, 3], false)).toEqual({ min: 2.7, max: 3.3, log: false });
  expect(around([0, 0], false)).toEqual({ min: -1, max: 1, log: false });
  expect(around([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], true).min).toBeGreaterThan(0);
  expect(around([1, 100], true).min).toBeGreaterThan(0);
});

test("x fits exactly, and moves in strides while it grows", () => {
  const still = ahead(null, [0, 100], false, false);
  expect(still).toEqual({ min: 0, max: 100, log: false });
  const moved = ahead(still, [0, 101], false, true);
  expect(moved.max).toBeGreaterThan(101);
  expect(ahead(moved, [0, 102], false, true)).toBe(moved);
});

test("a constant that smoothing has rounded differently gets room as one value does", () => {
  const scale = around([0.01, 0.01 + 3.5e-18], false);
  expect(scale.max - scale.min).toBeGreaterThan(0.001);
  expect(around([1e9, 1e9 + 1e-7], false).max).toBeGreaterThan(1.05e9);
});
