import { expect, it } from "vitest";
import type { Mistake, PredictionsView } from "../api/messages";
import { verdictOf } from "./Calibration";
import { ANY, nextCell, shares, strength } from "./ConfusionCells";
import { gridOf, heightOf } from "./ConfusionPaint";
import { beyond, nearest, spotsOf } from "./EmbeddingPaint";
import { countOf, listed, ordered, sorted } from "./PredictionsSamples";

const mistake = (
  index: number,
  label: string,
  predicted: string,
  loss: number | null,
  confidence = 0.5,
): Mistake => ({
  index,
  picture: "p",
  label,
  predicted,
  confidence,
  loss,
});
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
  mistakes: [
    mistake(4, "dog", "cat", 1, 0.9),
    mistake(2, "cat", "dog", 3, 0.6),
    mistake(5, "dog", "cat", null),
  ],
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

it("lists mistakes worst first; a loss that is no number is the worst", () => {
  expect(listed(view, ANY, "loss").map(({ index }) => index)).toEqual([5, 2, 4]);
  expect(ordered(view.mistakes, "confidence").map(({ index }) => index)).toEqual([4, 2, 5]);
});
it("lists a cell's samples from mistakes and points, each once, and a class with its mistakes first", () => {
  expect(listed(view, { label: 1, predicted: 0 }, "loss").map(({ index }) => index)).toEqual([5, 4, 7]);
  expect(listed(view, { label: 1, predicted: null }, "loss").map(({ index }) => index)).toEqual([5, 4, 7, 8]);
  expect(countOf(view.confusion, { label: 1, predicted: null })).toBe(4);
  expect(countOf(view.confusion, { label: 0, predicted: 1 })).toBe(1);
});
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
