import { expect, test } from "vitest";
import type { LayerNumbers } from "../api/messages";
import { byPath, middlesOf, onScale, plain, UNKNOWN, verdict, worst } from "./health";

const layer = (name: string, numbers: LayerNumbers["numbers"]): LayerNumbers => ({
  name,
  numbers,
  histograms: [],
  pictures: [],
  shape: null,
});

test("what holds layers has their numbers together", () => {
  const found = byPath([
    layer("block.0.conv", { gradient_norm: 3, weight_norm: 6, update_ratio: 0.5, milliseconds: 1 }),
    layer("block.0.relu", { dead_units: 0.1, output_std: 2, milliseconds: 2 }),
    layer("block.1.conv", { gradient_norm: 4, weight_norm: 8, update_ratio: 0.5, dead_units: 0.7 }),
    layer("head", { gradient_norm: 1 }),
  ]);
  const block = found.get("block")?.numbers;
  expect(block).toMatchObject({ gradient_norm: 5, weight_norm: 10, milliseconds: 3, dead_units: 0.7 });
  expect(block?.update_ratio).toBeCloseTo(0.5);
  expect(block?.output_std).toBe(2);
  expect(found.get("block.0")?.layers).toEqual(["block.0.conv", "block.0.relu"]);
  expect(found.get("head")?.numbers).toEqual({ gradient_norm: 1 });
});

test("one layer that is no number makes the whole none", () => {
  const found = byPath([
    layer("a.x", { gradient_norm: null, dead_units: null }),
    layer("a.y", { gradient_norm: 1, dead_units: 1 }),
  ]);
  expect(found.get("a")?.numbers).toEqual({ gradient_norm: Number.NaN, dead_units: Number.NaN });
  expect(plain("-Infinity")).toBe(Number.NEGATIVE_INFINITY);
});

test("healthy runs are quiet, and what is broken is told", () => {
  for (const ratio of [1e-5, 0.009, 0.027]) expect(verdict("update_ratio", ratio)).toBe("");
  expect([verdict("update_ratio", 0.1), verdict("update_ratio", 2)]).toEqual(["warn", "bad"]);
  expect([0.3, 0.5, 0.9].map((share) => verdict("dead_units", share))).toEqual(["", "warn", "bad"]);
  expect(verdict("output_zeros", 0.7)).toBe("");
  expect(verdict("output_std", Number.POSITIVE_INFINITY)).toBe("bad");
  expect(verdict("milliseconds", 1e9)).toBe("");
});

test("one layer that is not updated is told, all of them at the end of a schedule are not", () => {
  expect(verdict("update_ratio", 0, { ...UNKNOWN, update_ratio: 1e-3 })).toBe("warn");
  expect(verdict("update_ratio", 3e-7, { ...UNKNOWN, update_ratio: 4e-7 })).toBe("");
  expect(verdict("update_ratio", 0, { ...UNKNOWN, update_ratio: 0 })).toBe("");
});

const beside = (norm: number) => ({ ...UNKNOWN, gradient_norm: norm });

test("a gradient is seen beside those of other layers", () => {
  expect(verdict("gradient_norm", 1e-5, beside(1))).toBe("warn");
  expect(verdict("gradient_norm", 1e-5, beside(2e-5))).toBe("");
  expect(verdict("gradient_norm", 500, beside(1))).toBe("warn");
  expect(verdict("gradient_norm", Number.NaN, beside(1))).toBe("bad");
  const layers = [1, 2, 3].map((norm) => layer(String(norm), { gradient_norm: norm }));
  expect(middlesOf([...layers, layer("x", { gradient_norm: null })]).gradient_norm).toBe(2);
  const ill = byPath([layer("a", { gradient_norm: 1, dead_units: 0.9 })]).get("a");
  expect(ill && worst(ill, beside(1))).toBe("bad");
});

test("a scale is logarithmic and ends", () => {
  expect(onScale(1e-2, [1e-4, 1])).toBeCloseTo(0.5);
  expect([onScale(0, [1, 2]), onScale(99, [1, 2])]).toEqual([0, 1]);
});
