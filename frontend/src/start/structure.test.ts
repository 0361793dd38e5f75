import { expect, test } from "vitest";
import type { TemplateLevel, TemplateNode } from "../api/messages";
import { structure } from "./structure";

const node = (
  name: string,
  type: string,
  sources: string[],
  more: Partial<TemplateNode> = {},
): TemplateNode => ({
  name,
  type,
  sources,
  repeat: 1,
  stride: 1,
  ...more,
});
const level = (name: string, ...nodes: TemplateNode[]): TemplateLevel => ({ name, nodes });

test("what a definition holds is drawn each time it is used, in a frame, with its short cut as an arc", () => {
  const found = structure([
    level("", node("blocks", "Block", ["input"], { repeat: 3 }), node("fc", "Linear", ["blocks"])),
    level(
      "Block",
      node("conv", "Conv2d", ["x"]),
      node("relu", "ReLU", ["conv"]),
      node("add", "add", ["relu", "x"]),
    ),
  ]);
  expect(found.blocks.map((block) => block.name)).toEqual([
    "input",
    ...Array(3).fill(["Conv2d", "ReLU", "add"]).flat(),
    "Linear",
  ]);
  expect(found.frames.map((frame) => frame.name)).toEqual(["Block", "Block", "Block"]);
  expect(found.arcs).toHaveLength(3);
});

test("pooling makes what follows lower, a transposed convolution higher again", () => {
  const found = structure([
    level(
      "",
      node("conv", "Conv2d", ["input"]),
      node("pool", "MaxPool2d", ["conv"]),
      node("up", "ConvTranspose2d", ["pool"], { stride: 2 }),
      node("cat", "cat", ["up", "conv"]),
    ),
  ]);
  const [, conv, pool, up] = found.blocks;
  expect(pool?.right).toBeLessThan(conv?.right as number);
  expect(up?.right).toBeCloseTo(conv?.right as number);
  expect(found.arcs).toHaveLength(1);
  expect(found.arcs[0]?.from).toBeLessThan(found.arcs[0]?.to as number);
});

test("a definition that holds itself ends", () => {
  const found = structure([
    level("", node("a", "A", ["input"])),
    level("A", node("a", "A", ["x"], { repeat: 6 })),
  ]);
  expect(found.blocks.length).toBeLessThan(20_000);
});
