import { expect, test } from "vitest";
import type { LayerHeat } from "../api/messages";
import { colorAt, NOT_FINITE, scaleOf, under } from "./heat";

const heat = (what: string, values: LayerHeat["rows"][number]["values"]): LayerHeat => ({
  what,
  steps: [9, 19, 29],
  rows: [{ layer: "a", begin: 1, values }],
});

test("norms have a logarithmic scale of what there is, shares one from 0 to 1", () => {
  expect(scaleOf(heat("gradient_norm", [1e-3, null, 10]))).toEqual({ low: 1e-3, high: 10, log: true });
  expect(scaleOf(heat("gradient_norm", [0, 1e-30, 1]))).toEqual({ low: 1e-8, high: 1, log: true });
  expect(scaleOf(heat("dead_units", [0.2]))).toEqual({ low: 0, high: 1, log: false });
  expect(scaleOf(heat("output_mean", [2, 2]))).toEqual({ low: 1, high: 3, log: false });
  expect(scaleOf(heat("output_mean", [null]))).toEqual({ low: 0, high: 1, log: false });
});

test("a larger value is lighter, and what is no number has a colour of its own", () => {
  const scale = { low: 1e-4, high: 1, log: true };
  const light = (value: number) => Number(/rgb\((\d+)/.exec(colorAt(value, scale))?.[1]);
  expect([1e-9, 1e-4, 1e-2, 1, 5].map(light)).toEqual([0, 0, light(1e-2), 253, 253]);
  expect(light(1e-2)).toBeGreaterThan(90);
  expect(colorAt(Number.NaN, scale)).toBe(NOT_FINITE);
});

test("the pointer reads layer, step and value; before the first measurement there is none", () => {
  const found = heat("gradient_norm", [0.5, 0.25]);
  expect(under(found, 299, 5, 300, 16)).toEqual({ layer: "a", step: 29, value: 0.25 });
  expect(under(found, 10, 5, 300, 16)).toEqual({ layer: "a", step: 9, value: undefined });
  expect(under(found, 10, 40, 300, 16)).toBeNull();
});
