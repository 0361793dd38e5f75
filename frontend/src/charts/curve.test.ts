import { expect, test } from "vitest";
import type { Curve } from "../api/client";
import type { NewPoints } from "../api/messages";
import { CurveData, type View } from "./curve";

const VIEW: View = {
  x: "step",
  metric: null,
  low: null,
  high: null,
  width: 300,
  smoothing: 0,
  overlap: "last",
};

function part(y: number[], more: Partial<Curve> = {}): Curve {
  const steps = Float64Array.from(y.keys());
  const data = { x: steps, y: Float64Array.from(y), step: steps, time: steps.map((step) => 1000 + 2 * step) };
  return {
    count: y.length,
    columns: ["x", "y", "step", "time"],
    total: y.length,
    exact: true,
    smooth_last: 0,
    smooth_count: 0,
    nonfinite: [],
    recorded: y.length,
    cursor: "",
    error: null,
    data,
    ...more,
  };
}

function points(first: number, values: NewPoints["values"]): NewPoints {
  const steps = values.map((_, at) => first + at);
  return { first, steps, times: steps.map((step) => 1000 + 2 * step), values };
}

const shown = (curve: CurveData) => [...curve.y.subarray(0, curve.count)];

test("new points are appended, known ones dropped, so that nothing is doubled", () => {
  const curve = new CurveData(part([5, 4, 3]), VIEW);
  expect(curve.append(points(1, [4, 3, 2, 1]))).toBe("taken");
  expect(shown(curve)).toEqual([5, 4, 3, 2, 1]);
  expect(curve.append(points(0, [5, 4]))).toBe("known");
  expect(shown(curve)).toEqual([5, 4, 3, 2, 1]);
});

test("a gap asks for the curve again, and so does a step that goes back", () => {
  const curve = new CurveData(part([5, 4, 3]), VIEW);
  expect(curve.append(points(5, [0]))).toBe("again");
  expect(curve.append({ first: 3, steps: [1], times: [1], values: [9] })).toBe("again");
  expect(shown(curve)).toEqual([5, 4, 3]);
});

test("thousands of points one by one: room grows, order stays", () => {
  const curve = new CurveData(part([0]), VIEW);
  for (let at = 1; at < 3000; at++) expect(curve.append(points(at, [at]))).toBe("taken");
  expect(curve.count).toBe(3000);
  expect(curve.x[2999]).toBe(2999);
  expect(curve.tail).toBe(2999);
});

test("the moving average goes on as if the server had seen all points", () => {
  const [weight, values] = [0.7, [3, 1, 4, 1, 5, 9, 2, 6]];
  let last = 0;
  const all = values.map((value, at) => {
    last = last * weight + (1 - weight) * value;
    return last / (1 - weight ** (at + 1));
  });
  let state = 0;
  for (const value of values.slice(0, 4)) state = state * weight + (1 - weight) * value;
  const begun = part(values.slice(0, 4), { smooth_last: state, smooth_count: 4 });
  begun.data.smooth = Float64Array.from(all.slice(0, 4));
  const curve = new CurveData(begun, { ...VIEW, smoothing: weight });
  curve.append(points(4, values.slice(4)));
  const smooth = curve.smooth as Float64Array;
  for (const [at, wanted] of all.entries()) expect(smooth[at]).toBeCloseTo(wanted, 12);
});

test("what is no number is kept apart, at its x", () => {
  const curve = new CurveData(part([5]), VIEW);
  curve.append(points(1, [null, "Infinity", 2, "-Infinity"]));
  expect(shown(curve)).toEqual([5, 2]);
  expect(curve.nonfinite).toEqual([
    [1, "NaN"],
    [2, "Infinity"],
    [4, "-Infinity"],
  ]);
  expect(curve.recorded).toBe(5);
});

test("of a part of x only what lies in it is taken, but all is counted", () => {
  const curve = new CurveData(part([5, 4]), { ...VIEW, low: 0, high: 3 });
  curve.append(points(2, [3, 2, 1, 0]));
  expect(shown(curve)).toEqual([5, 4, 3, 2]);
  expect(curve.append(points(6, [1]))).toBe("taken");
});

test("running time goes on from where the run began; epochs only the server knows", () => {
  const begun = part([5, 4]);
  begun.data.x = Float64Array.from([10, 12]);
  const curve = new CurveData(begun, { ...VIEW, x: "relative" });
  curve.append(points(2, [3]));
  expect(curve.x[2]).toBe(14);
  expect(new CurveData(part([5]), { ...VIEW, x: "epoch" }).append(points(1, [4]))).toBe("again");
});

test("nearest finds the closer neighbour, between takes one point more on each side", () => {
  const curve = new CurveData(part([0, 0, 0, 0, 0]), VIEW);
  expect([curve.nearest(1.4), curve.nearest(1.6), curve.nearest(-9), curve.nearest(99)]).toEqual([
    1, 2, 0, 4,
  ]);
  expect(curve.between(1.5, 2.5)).toEqual([1, 5]);
  expect(new CurveData(part([]), VIEW).nearest(1)).toBe(-1);
});
