import { describe, expect, it } from "vitest";
import type { Level, ParameterView } from "../api/messages";
import {
  begun,
  changed,
  common,
  freezer,
  frozen,
  matched,
  type Rule,
  setting,
  treeOf,
  typesOf,
} from "./rules";

const parameter = (name: string, more: Partial<ParameterView> = {}): ParameterView => ({
  name,
  node: name.split(".").slice(0, -1).join("."),
  shape: [2],
  count: 2,
  trained: true,
  rules: [],
  settings: {},
  optimizer: "",
  init: "",
  tied: "",
  ...more,
});

describe("rules", () => {
  it("are made, changed and dropped by exactly their pattern", () => {
    const first = changed([], "0.*", (rule) => frozen(rule, true));
    expect(first).toEqual([{ match: "0.*", freeze: true }]);
    const both = changed(first, "0.*", (rule) => setting(rule, "lr", 0.1));
    expect(both).toEqual([{ match: "0.*", freeze: true, set: { lr: 0.1 } }]);
    const left = changed(both, "0.*", (rule) => frozen(rule, false));
    expect(left).toEqual([{ match: "0.*", set: { lr: 0.1 } }]);
    expect(changed(left, "0.*", (rule) => setting(rule, "lr", undefined))).toEqual([]);
  });
  it("leave others alone, and make none that says nothing", () => {
    const rules: Rule[] = [{ match: "*.bias", set: { weight_decay: 0 } }];
    expect(changed(rules, "1.bias", (rule) => frozen(rule, false))).toEqual(rules);
    expect(changed(rules, "1.bias", (rule) => begun(rule, "zeros_"))).toEqual([
      ...rules,
      { match: "1.bias", init: "zeros_" },
    ]);
  });
  it("tell how many parameters they match, and which of them freezes one", () => {
    const parameters = [parameter("0.weight", { rules: [0, 1] }), parameter("0.bias", { rules: [1] })];
    expect(matched(parameters, 3)).toEqual([1, 2, 0]);
    const rules: Rule[] = [
      { match: "0.weight", freeze: true },
      { match: "0.*", freeze: true },
    ];
    expect(freezer(rules, parameters[0] as ParameterView, "0.*")).toBe(0);
    expect(freezer(rules, parameters[1] as ParameterView, "0.*")).toBe(-1);
  });
});

describe("the tree of parameters", () => {
  it("has each node before what is in it, with the pattern that is just this line", () => {
    const lines = treeOf(
      ["layer1.0.conv.weight", "layer1.0.conv.bias", "layer1.1.conv.weight", "scale"].map((name) =>
        parameter(name),
      ),
    );
    expect(lines.map(({ match, depth }) => [match, depth])).toEqual([
      ["layer1.*", 0],
      ["layer1.0.*", 1],
      ["layer1.0.conv.*", 2],
      ["layer1.0.conv.weight", 3],
      ["layer1.0.conv.bias", 3],
      ["layer1.1.*", 1],
      ["layer1.1.conv.*", 2],
      ["layer1.1.conv.weight", 3],
      ["scale", 0],
    ]);
    expect(lines[0]?.parameters).toHaveLength(3);
    expect(lines[4]?.around).toEqual(["layer1", "layer1.0", "layer1.0.conv"]);
  });
  it("knows what nodes are, in each place where a definition is used", () => {
    const level = (name: string, instances: string[], nodes: [string, string][]) =>
      ({ name, instances, nodes: nodes.map(([node, type]) => ({ name: node, type })) }) as Level;
    const types = typesOf([
      level("", [], [["layer1", "Block"]]),
      level("Block", ["layer1.0", "layer1.1"], [["conv", "Conv2d"]]),
    ]);
    expect(types.get("layer1")).toBe("Block");
    expect(types.get("layer1.1.conv")).toBe("Conv2d");
  });
});

it("finds what all have in common", () => {
  expect(common([1, 1])).toBe(1);
  expect(common([1, 2])).toBeNull();
  expect(common([])).toBeNull();
});
