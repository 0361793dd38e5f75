import { expect, test } from "vitest";
import { percentiles, rebin, ridges } from "./histograms";

const sum = (row: Float64Array) => row.reduce((a, b) => a + b, 0);

test("rebinning keeps the count, whatever the bins", () => {
  const from = [
    { low: 0, high: 1, count: 3 },
    { low: 1, high: 4, count: 6 },
    { low: 2, high: 2, count: 1 },
  ];
  for (const bins of [1, 3, 7, 100]) expect(sum(rebin(from, 0, 4, bins))).toBeCloseTo(10, 9);
  expect([...rebin(from, 0, 4, 4)]).toEqual([3, 2, 3, 2]);
});

test("open bins lie at their other edge, as TensorBoard writes them", () => {
  const found = ridges(
    {
      tag: "w",
      steps: [1],
      times: [1],
      edges: [[-1.7976931348623157e308, 0, 1, "Infinity"]],
      counts: [[2, 4, 1]],
      problems: [],
    },
    10,
  );
  expect([found.low, found.high]).toEqual([0, 1]);
  expect(sum(found.heights[0] as Float64Array)).toBeCloseTo(7, 9);
});

test("an empty distribution, and one of a single value", () => {
  const one = {
    tag: "w",
    steps: [1, 2],
    times: [1, 2],
    edges: [[0], [3, 3]],
    counts: [[], [5]],
    problems: [],
  };
  const found = ridges(one, 8);
  expect(found.low).toBeLessThan(3);
  expect(found.high).toBeGreaterThan(3);
  expect(found.heights.map(sum)).toEqual([0, 5]);
  expect(percentiles([0], [], [0.5])).toEqual([]);
});

test("percentiles lie between the edges by the counts", () => {
  expect(percentiles([0, 1, 3], [2, 2], [0, 0.25, 0.5, 0.75, 1])).toEqual([0, 0.5, 1, 2, 3]);
});
