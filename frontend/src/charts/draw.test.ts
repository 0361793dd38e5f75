import { expect, test } from "vitest";
import { CurveData } from "./curve";
import { marksOf, trace } from "./draw";
import { fileName, toSvg } from "./exporting";
import { type Pen, SvgPen } from "./pen";

function recorded(draw: (pen: Pen) => void): [number, number][] {
  const found: [number, number][] = [];
  const pen = new SvgPen();
  pen.move = pen.line = (x, y) => void found.push([x, y]);
  draw(pen);
  return found;
}

test("a pixel column with many points keeps its first, lowest, highest and last", () => {
  const xs = Float64Array.from([0, 0.1, 0.2, 0.3, 5]);
  const ys = Float64Array.from([2, 9, -4, 3, 1]);
  const drawn = recorded((pen) => trace(pen, xs, ys, 0, 5, Number, Number));
  expect(drawn.map(([, y]) => y)).toEqual([2, -4, 9, 3, 1]);
});

test("what cannot stand on a log axis is left out of the line", () => {
  const xs = Float64Array.from([0, 1, 2]);
  const ys = Float64Array.from([1, 0, 10]);
  const drawn = recorded((pen) => trace(pen, xs, ys, 0, 3, (x) => x * 100, Math.log10));
  expect(drawn).toEqual([
    [0, 0],
    [200, 1],
  ]);
});

test("points that are no numbers are counted where they are close", () => {
  const marks = marksOf(
    [
      [1, "NaN"],
      [2, "NaN"],
      [2, "Infinity"],
      [90, "NaN"],
    ],
    Number,
  );
  expect(marks.map(({ kind, count }) => [kind, count])).toEqual([
    ["NaN", 2],
    ["Infinity", 1],
    ["NaN", 1],
  ]);
});

test("the SVG of a chart is well-formed, whatever runs and tags are called", () => {
  const data = new CurveData(
    {
      count: 2,
      columns: ["x", "y"],
      total: 2,
      exact: true,
      smooth_last: 0,
      smooth_count: 0,
      nonfinite: [[1, "NaN"]],
      recorded: 2,
      cursor: "",
      error: null,
      data: { x: Float64Array.from([0, 1]), y: Float64Array.from([1, 2]) },
    },
    { x: "step", metric: null, low: null, high: null, width: 100, smoothing: 0, overlap: "last" },
  );
  const curve = {
    data,
    color: "#0072b2",
    split: "valid" as const,
    weight: 1,
    group: false,
    label: '<b>&"\u0001',
  };
  const scale = { min: 0, max: 2, log: false };
  const svg = toSvg({
    title: "a<b & c",
    xName: "step",
    x: scale,
    y: scale,
    unit: "number",
    smoothing: false,
    curves: [curve],
  });
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
  expect(parsed.querySelector("parsererror")).toBeNull();
  const texts = [...parsed.querySelectorAll("text")].map((text) => text.textContent);
  expect(texts).toContain("a<b & c");
  expect(texts).toContain('<b>&"');
});

test("file names hold on every system", () => {
  expect(fileName("valid/loss: 学习率?", "svg")).toBe("valid-loss-学习率.svg");
  expect(fileName("///", "png")).toBe("chart.png");
});
