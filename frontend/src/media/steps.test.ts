import { expect, test } from "vitest";
import type { Contents, Items } from "../api/messages";
import { itemAt, placeOf, shelves, stepsOf } from "./steps";
import { pruned, treeOf } from "./tree";

const items = (tag: string, steps: number[], kind = "image"): Items => ({
  tag,
  kind,
  shown: true,
  steps,
  times: steps,
  version: 0,
});
const contents = new Map<string, Contents>([
  ["a", { run: "a", scalars: [], items: [items("x/10", [0, 5]), items("x/9", [5])], problems: [] }],
  ["b", { run: "b", scalars: [], items: [items("x/10", [3]), items("x/10", [1], "text")], problems: [] }],
]);

test("a tag stands once with all runs that have it, of the wanted kinds, in natural order", () => {
  const found = shelves(["a", "b"], contents, ["image"]);
  expect(found.map((shelf) => [shelf.tag, shelf.holders.map(({ run }) => run)])).toEqual([
    ["x/9", ["a"]],
    ["x/10", ["a", "b"]],
  ]);
  expect(stepsOf(found)).toEqual([0, 3, 5]);
});

test("the last item that is not behind the step; before all, the first", () => {
  expect([itemAt([2, 4, 8], 5), itemAt([2, 4, 8], 8), itemAt([2, 4, 8], 0), itemAt([], 3)]).toEqual([
    1, 2, 0, -1,
  ]);
  expect([placeOf([0, 3, 5], 4), placeOf([0, 3, 5], Number.POSITIVE_INFINITY), placeOf([], 1)]).toEqual([
    1, 2, 0,
  ]);
});

test("a graph nests by names, and its search keeps the way to what fits", () => {
  const node = (name: string, operation = "op") => ({ name, operation, inputs: [], shape: "" });
  const tree = treeOf([
    node("net/conv/weight"),
    node("net/conv/out", "conv2d"),
    node("net/relu"),
    node("input"),
  ]);
  expect(tree.map(({ name, count }) => [name, count])).toEqual([
    ["net", 3],
    ["input", 1],
  ]);
  const [net] = pruned(tree, (text) => text === "conv2d");
  expect(net?.branches.map(({ name, branches }) => [name, branches.map((one) => one.name)])).toEqual([
    ["conv", ["out"]],
  ]);
});
