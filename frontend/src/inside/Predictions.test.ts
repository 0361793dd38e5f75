import { expect, it } from "vitest";
import type { PredictionsView } from "../api/messages";
import { verdictOf } from "./Calibration";
import { nextCell, shares, strength } from "./ConfusionCells";
import { gridOf, heightOf } from "./ConfusionPaint";
import { spotsOf } from "./EmbeddingPaint";
import { finite, rangeOf, spotsOfPairs } from "./PairsPaint";
import { sorted } from "./PredictionsRows";
import { beyond, nearest } from "./spots";

const view: PredictionsView = {
  split: "valid",
  splits: ["train", "valid"],
  samples: 8,
  classes: ["cat", "dog"],
  accuracy: 0.5,
  counted: "samples",
  confusion: [
    [3, 1],
    [3, 1],
  ],
  rows: [],
  bins: [],
  calibration_error: null,
  legend: [],
  pairs: [],
  points: [
    { index: 1, x: 0, y: 0, label: 0, predicted: 0 },
    { index: 4, x: 1, y: 0, label: 1, predicted: 0 },
    { index: 7, x: 0, y: 1, label: 1, predicted: 0 },
    { index: 8, x: 4, y: 4, label: 1, predicted: 1 },
  ],
  projection: "pca",
  layer: "fc",
  facts: [],
  notes: [],
};

it("sorts classes with what is not known last, whichever way", () => {
  const row = (name: string, f1: number | null) => ({
    name,
    samples: 1,
    predicted: 1,
    precision: 1,
    recall: 1,
    f1,
    iou: null,
  });
  const rows = [row("a", 0.5), row("b", null), row("c", 0.1)];
  expect(sorted(rows, "f1", false).map(({ name }) => name)).toEqual(["c", "a", "b"]);
  expect(sorted(rows, "f1", true).map(({ name }) => name)).toEqual(["a", "c", "b"]);
  expect(sorted(rows, "name", true).map(({ index }) => index)).toEqual([2, 1, 0]);
});
it("makes shares of rows, also of a class that has no sample, and still shows rare confusions", () => {
  expect(
    shares([
      [1, 3],
      [0, 0],
    ]),
  ).toEqual([
    [0.25, 0.75],
    [0, 0],
  ]);
  expect(strength(0)).toBe(0);
  expect(strength(0.001)).toBeGreaterThan(0.1);
  expect(strength(1)).toBe(1);
});
it("keeps the keyboard's cell within the matrix", () => {
  expect(nextCell([0, 0], "ArrowUp", 3)).toEqual([0, 0]);
  expect(nextCell([0, 0], "ArrowRight", 3)).toEqual([0, 1]);
  expect(nextCell([2, 2], "ArrowDown", 3)).toEqual([2, 2]);
  expect(nextCell([2, 2], "a", 3)).toBeNull();
});
it("draws a matrix of any number of classes within its width", () => {
  for (const count of [1, 10, 100, 200]) {
    const names = Array.from({ length: count }, (_, place) => `class ${place}`);
    const { left, cell } = gridOf(500, names);
    expect(left + count * cell).toBeLessThanOrEqual(500);
    expect(heightOf(500, names)).toBeLessThanOrEqual(502);
  }
});
it("puts points into the drawing, up is up, and finds them again", () => {
  const spots = spotsOf(view.points, 200, 100);
  expect(spots.every(([x, y]) => x >= 0 && x <= 200 && y >= 0 && y <= 100)).toBe(true);
  const [first, second, third] = spots;
  expect((second as readonly number[])[0]).toBeGreaterThan((first as readonly number[])[0] as number);
  expect((third as readonly number[])[1]).toBeLessThan((first as readonly number[])[1] as number);
  expect(
    nearest(spots, (first as readonly number[])[0] as number, (first as readonly number[])[1] as number),
  ).toBe(0);
  expect(nearest(spots, -100, -100)).toBeNull();
  expect(beyond(spots, 0, "ArrowRight")).toBe(1);
  expect(beyond(spots, 0, "ArrowUp")).toBe(2);
  expect(beyond(spots, 0, "ArrowLeft")).toBeNull();
});
it("says which way certainties are wrong", () => {
  const bin = (confidence: number, accuracy: number) => ({
    low: 0,
    high: 1,
    samples: 10,
    confidence,
    accuracy,
  });
  expect(verdictOf([bin(0.9, 0.6)], 0.3)[0]).toContain("surer");
  expect(verdictOf([bin(0.6, 0.9)], 0.3)[0]).toContain("more often");
  expect(verdictOf([bin(0.6, 0.61)], 0.01)[0]).toContain("their word");
});
it("puts exact predictions on the diagonal, and leaves out what is no number", () => {
  const pairs = finite([
    { index: 0, truth: 1, predicted: 1 },
    { index: 1, truth: 3, predicted: 3 },
    { index: 2, truth: 3, predicted: 1 },
    { index: 3, truth: 3, predicted: null },
  ]);
  expect(pairs.map(({ index }) => index)).toEqual([0, 1, 2]);
  const [low, high] = rangeOf(pairs);
  expect(low).toBeLessThan(1);
  expect(high).toBeGreaterThan(3);
  const spots = spotsOfPairs(pairs, [low, high], [300, 300]) as [number, number][];
  const [a, b, c] = spots as [[number, number], [number, number], [number, number]];
  expect(b[0]).toBeGreaterThan(a[0]);
  expect(b[1]).toBeLessThan(a[1]); // more is up
  expect(c).toEqual([b[0], a[1]]);
  expect(rangeOf([])).toEqual([0, 1]);
});
