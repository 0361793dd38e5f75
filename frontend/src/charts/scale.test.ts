import { expect, test } from "vitest";
import { niceStep, placer, reader, span, ticks } from "./scale";

const labels = (min: number, max: number, count: number, log = false) =>
  ticks({ min, max, log }, count).map((tick) => tick.label);

test("ticks stand at round values with as many digits as they need", () => {
  expect(labels(0, 1, 5)).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  expect(labels(2.301, 2.309, 4)).toEqual(["2.302", "2.304", "2.306", "2.308"]);
  expect(labels(0, 40000, 4)).toEqual(["0", "10k", "20k", "30k", "40k"]);
  expect(labels(-1, 1, 2)).toEqual(["-1", "0", "1"]);
});

test("steps are 1, 2 or 5 times a power of ten", () => {
  expect([niceStep(0.3), niceStep(7), niceStep(1), niceStep(0)]).toEqual([0.5, 10, 1, 1]);
});

test("log ticks: powers of ten, in between 2 and 5 where there is room, else round values", () => {
  expect(labels(1e-3, 10, 4, true)).toEqual(["0.001", "0.01", "0.1", "1", "10"]);
  expect(labels(1, 100, 8, true)).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
  expect(labels(2, 4, 4, true)).toEqual(["2.0", "2.5", "3.0", "3.5", "4.0"]);
});

test("durations", () => {
  expect(ticks({ min: 0, max: 7200, log: false }, 4, "duration").map((tick) => tick.label)).toEqual([
    "0",
    "30m",
    "1h",
    "1h30",
    "2h",
  ]);
  expect([span(90, 1), span(5, 1), span(-90, 1), span(200000, 86400)]).toEqual(["1m30", "5s", "-1m30", "2d"]);
});

test("from values to pixels and back, linear and log", () => {
  for (const log of [false, true]) {
    const scale = { min: 0.5, max: 800, log };
    const [there, back] = [placer(scale, 40, 340), reader(scale, 40, 340)];
    expect(there(0.5)).toBeCloseTo(40);
    expect(there(800)).toBeCloseTo(340);
    expect(back(there(17))).toBeCloseTo(17);
  }
});

test("what differs by rounding alone gets no endless ticks", () => {
  for (const value of [0.01, 1e9, -3])
    for (const unit of ["number", "time", "duration"] as const)
      expect(
        ticks({ min: value, max: value + Math.abs(value) * 3e-16, log: false }, 5, unit).length,
      ).toBeLessThan(20);
  expect(ticks({ min: 1e300, max: 1.0000001e300, log: false }, 5).length).toBeLessThan(20);
  expect(ticks({ min: Number.NaN, max: 1, log: false }, 5)).toEqual([]);
});
