import { expect, it } from "vitest";
import { filtered, flat, typed } from "./settings";

it("names nested settings by their path", () => {
  expect(flat({ seed: 1, optimizer: { Adam: { lr: 0.1 } }, clip: {} })).toEqual([
    ["seed", "1"],
    ["optimizer.Adam.lr", "0.1"],
    ["clip", "{}"],
  ]);
});
it("keeps lists of numbers whole and opens lists of parts", () => {
  expect(flat({ mean: [1, 2], layers: ["ReLU", { Linear: { out: 3 } }] })).toEqual([
    ["mean", "[1,2]"],
    ["layers[0]", "ReLU"],
    ["layers[1].Linear.out", "3"],
  ]);
});
it("filters by every word, in name or value", () => {
  expect(
    filtered(
      [
        ["optimizer.lr", "0.1"],
        ["train.epochs", "10"],
      ],
      "LR 0.1",
    ),
  ).toEqual([["optimizer.lr", "0.1"]]);
});
it("quotes what a shell would take apart", () => {
  expect(typed(["torchwork", "train", "my file.yaml", "it's"])).toBe(
    "torchwork train 'my file.yaml' 'it'\\''s'",
  );
});
