import { expect, it } from "vitest";
import { classBars } from "./bars";

it("puts the counts of all splits beside each other, each as a share of its own largest class", () => {
  const bars = classBars(
    [
      { name: "train", samples: 150, counts: { ants: 100, bees: 50 }, damaged: [] },
      { name: "valid", samples: 4, counts: { bees: 4 }, damaged: [] },
      { name: "test", samples: 9, counts: {}, damaged: [] },
    ],
    ["ants", "bees"],
  );
  expect(bars.map(({ label, counts }) => [label, counts.map(({ share }) => share)])).toEqual([
    ["ants", [1, 0]],
    ["bees", [0.5, 1]],
  ]);
  expect(bars[0]?.counts.map(({ split }) => split)).toEqual(["train", "valid"]);
});
