import { expect, test } from "vitest";
import { chartsOf, matcher, metricOf, PINNED, sectionsOf } from "./plan";

test("train and valid of a metric share a chart, however they are named", () => {
  const charts = chartsOf([
    "train/loss",
    "valid/loss",
    "Loss/train",
    "Loss/test",
    "train_acc",
    "val_acc",
    "step/loss",
  ]);
  const lines = Object.fromEntries(charts.map((chart) => [chart.key, chart.lines.map((line) => line.tag)]));
  expect(lines).toEqual({
    loss: ["valid/loss", "train/loss"],
    Loss: ["Loss/train", "Loss/test"],
    acc: ["val_acc", "train_acc"],
    "step/loss": ["step/loss"],
  });
});

test("a metric alone keeps its whole tag as title, and its key when the other split comes", () => {
  const [alone] = chartsOf(["train/loss"]);
  const [both] = chartsOf(["train/loss", "valid/loss"]);
  expect([alone?.title, alone?.key, both?.title, both?.key]).toEqual(["train/loss", "loss", "loss", "loss"]);
});

test("words that only begin like a split are none", () => {
  expect(metricOf("training_rate").metric).toBe("rate");
  expect(metricOf("trainer/loss")).toEqual({ metric: "trainer/loss", split: "" });
  expect(metricOf("validity").split).toBe("");
});

test("pinned charts stand first and only there, clocks and the machine last", () => {
  const charts = chartsOf(["system/cpu", "time/rate", "b/x", "a/x", "valid/loss", "step/lr"]);
  const sections = sectionsOf(charts, ["step/lr"]);
  expect(sections.map((section) => section.name)).toEqual([PINNED, "", "a", "b", "time", "system"]);
  expect(sections.flatMap((section) => section.charts).length).toBe(charts.length);
});

test("numbers of layers stand behind other tags, before clocks and the machine", () => {
  const charts = chartsOf(["time/rate", "gradient_norm/a", "z/x", "valid/loss", "dead_units/b"]);
  const names = sectionsOf(charts, []).map((section) => section.name);
  expect(names).toEqual(["", "z", "dead_units", "gradient_norm", "time"]);
});

test("the search takes text and regular expressions, and half-typed ones as text", () => {
  expect(matcher("loss")("valid/LOSS")).toBe(true);
  expect(matcher("^step/.*lr$")("step/lr")).toBe(true);
  expect(matcher("a(")("x/a(b")).toBe(true);
  expect(matcher("a(")("x/ab")).toBe(false);
  expect(matcher(" ")("anything")).toBe(true);
});
