import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { PartForm } from "../api/messages";
import { ranked } from "../canvas/ranking";
import { type PartWords, told } from "./wordsOfParts";

const words: PartWords = JSON.parse(readFileSync("../torchwork/words/parts-zh.json", "utf8"));

const field = (name: string) => ({
  name,
  kind: "int",
  expected: "an int",
  default: null,
  required: false,
  choices: [],
  low: null,
  high: null,
  help: `${name} in English`,
  inferred: false,
  likely: true,
});
const part = (name: string, kind: PartForm["kind"], group: string, summary: string, ...fields: string[]) =>
  ({
    name,
    kind,
    group,
    summary,
    link: "",
    inputs: [],
    fields: fields.map(field),
    order: fields,
    common: true,
  }) as PartForm;

const parts = [
  part("Conv2d", "layer", "convolution", "Applies a 2D convolution.", "stride", "padding", "unheard_of"),
  part("MaxPool2d", "layer", "pooling", "Applies a 2D max pooling."),
  part("BatchNorm2d", "layer", "normalisation", "Applies Batch Normalization.", "momentum"),
  part("MultiheadAttention", "layer", "attention", "Allows the model to jointly attend."),
  part("Linear", "layer", "linear", "Applies an affine linear transformation."),
  part("SGD", "optimizer", "", "Implements stochastic gradient descent.", "momentum"),
  part("Layer9d", "layer", "other", "Of another torch."),
];
const found = (typed: string, language: PartWords | null) =>
  ranked(
    typed,
    told(parts, language).map(({ name, words = "", also }) => ({ name, words, also })),
  ).map(({ name }) => name);

test.each([
  ["卷积", "Conv2d"],
  ["池化", "MaxPool2d"],
  ["归一化", "BatchNorm2d"],
  ["注意力", "MultiheadAttention"],
  ["自注意力", "MultiheadAttention"],
  ["全连接", "Linear"],
  ["随机梯度下降", "SGD"],
  ["pooling", "MaxPool2d"],
])("%s finds %s in Chinese", (typed, name) => {
  expect(found(typed, words)[0]).toBe(name);
});

test("other names find parts in English too", () => {
  expect(found("fully connected", null)).toEqual(["Linear"]);
  expect(found("fc", null)[0]).toBe("Linear");
  expect(found("池化", null)).toEqual([]);
});

test("an argument is told by its part, its kind, its name; what has no Chinese stays", () => {
  const help = Object.fromEntries(
    told(parts, words).flatMap(({ name, fields }) => fields.map((one) => [`${name}.${one.name}`, one.help])),
  );
  expect(help["Conv2d.padding"]).toContain("'same'");
  expect(help["Conv2d.stride"]).toBe("步长：窗口每次移动的距离");
  expect(help["Conv2d.unheard_of"]).toBe("unheard_of in English");
  expect(help["SGD.momentum"]).not.toBe(help["BatchNorm2d.momentum"]);
  expect(told(parts, words).at(-1)?.summary).toBe("Of another torch.");
  expect(told(parts, words)[0]?.heading).toBe("卷积");
});
