import { expect, test } from "vitest";
import { axisFor, readSettings, setZoom, viewOf } from "./settings";

const read = (text: string) => readSettings(new URLSearchParams(text));

test("the address says how charts are drawn, and nonsense in it is harmless", () => {
  const settings = read("x=metric:a:b&smooth=0.5&logy=1&overlap=both&outliers=0&zoom=metric:a:b:1:2.5");
  expect(settings).toMatchObject({ x: "metric", metric: "a:b", smoothing: 0.5, logY: true, overlap: "both" });
  expect(viewOf(settings, "", 400)).toMatchObject({ low: 1, high: 2.5, width: 400 });
  expect(read("x=nonsense&smooth=7&zoom=step:5:1&zoom=step")).toMatchObject({ x: "step", smoothing: 0.99 });
  expect(read("zoom=step:5:1").zooms.size).toBe(0);
});

test("the machine is shown over time, and zooms for itself", () => {
  const settings = read("zoom=step:1:2");
  expect(axisFor("system", settings).x).toBe("relative");
  expect(viewOf(settings, "system", 400)).toMatchObject({ x: "relative", low: null });
  expect(axisFor("system", read("x=time")).x).toBe("time");
});

test("a zoom comes back from the address as it was", () => {
  setZoom(read(""), "step", [0.1 + 0.2, 1e6]);
  const [low, high] = read(location.search).zooms.get("step") ?? [];
  expect(low).toBeCloseTo(0.3, 12);
  expect(high).toBe(1e6);
});
