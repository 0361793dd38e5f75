import { expect, test } from "vitest";
import { following, named } from "./following";
import { chain, drawing, level, node } from "./testing";

test("a chain that branches names its nodes, and what waits speaks of them by those names", () => {
  const before = drawing("a", [{ ...chain("0", "1", "2"), chain: true }]);
  const after = drawing("b", [level([node("conv1"), node("side"), node("relu"), node("fc")])], {
    selected: ["side"],
  });
  const renames = named(before, after);
  expect(renames.map(({ node, name }) => `${node} ${name}`)).toEqual(["0 conv1", "1 relu", "2 fc"]);
  const bypass = renames.reduce(following, { do: "bypass", nodes: ["2", "0"], on: true } as const);
  expect(bypass).toEqual({ do: "bypass", nodes: ["fc", "conv1"], on: true });
});

test("names of one's own stay, and where nodes went nothing is guessed", () => {
  const before = drawing("a", [{ ...chain("stem", "1"), chain: true }]);
  const stays = drawing("b", [level([node("stem"), node("relu")])]);
  expect(named(before, stays).map(({ node }) => node)).toEqual(["1"]);
  expect(named(before, drawing("b", [level([node("relu")])]))).toEqual([]);
  expect(named(drawing("a", [chain("0")]), stays)).toEqual([]);
});
