import { expect, it } from "vitest";
import { rateAt, usable } from "./rates";

it("reads a rate between the points of a curve", () => {
  const curve = usable({ name: "all", steps: [1, 11, 12], rates: [0, 1, 0.1] });
  expect(rateAt(curve, 6)).toBeCloseTo(0.5);
  expect(rateAt(curve, 11)).toBe(1);
  expect(rateAt(curve, 1)).toBe(0);
  expect(rateAt(curve, 40)).toBe(0.1);
});

it("leaves out what is no number", () => {
  expect(usable({ name: "all", steps: [1, 2, 3], rates: [1, "Infinity", null] })).toEqual({
    name: "all",
    steps: [1],
    rates: [1],
  });
});
