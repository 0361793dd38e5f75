import { expect, test } from "vitest";
import { duration, measure, number } from "./format";

test("measured values have as many digits as those above and below them, settings as few as they need", () => {
  expect([0.98, 0.3325, 1.9, 12.5].map((value) => measure(value))).toEqual([
    "0.9800",
    "0.3325",
    "1.900",
    "12.50",
  ]);
  expect([0.01, 0.003].map((value) => number(value))).toEqual(["0.01", "0.003"]);
  const odd = [1, 0, null, "Infinity", 1.2e-5].map((value) => measure(value));
  expect(odd).toEqual(["1", "0", "NaN", "∞", "1.2e-5"]);
});

test("long durations are said in days", () => {
  expect(duration(9.04)).toBe("9.0 s");
  expect(duration(2 * 3600 + 180)).toBe("2 h 03 min");
  expect(duration(47 * 3600)).toBe("47 h 00 min");
  expect(duration(6309 * 3600 + 120)).toBe("262 d 21 h");
});
