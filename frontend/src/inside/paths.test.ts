import { expect, test } from "vitest";
import type { Drawing, DrawnNode, Level } from "../api/messages";
import { pathOf, roomy, whereIs } from "./paths";

const node = (
  name: string,
  type = "Conv2d",
  kind: DrawnNode["kind"] = "layer",
  more: Partial<DrawnNode> = {},
) => ({ name, type, kind, use: "", at: null, args: {}, note: "", ...more }) as DrawnNode;
const level = (name: string, nodes: DrawnNode[], instances: string[] = []) =>
  ({ name, nodes, instances, instance: instances[0] ?? "" }) as Level;
const drawing = {
  levels: [
    level("", [
      node("stem"),
      node("block", "Block", "module", { repeat: 2 }),
      node("wide", "Stage", "module"),
      node("again", "Conv2d", "use", { use: "stem" }),
    ]),
    level("Stage", [node("first", "Block", "module")], ["wide"]),
    level("Block", [node("conv")], ["block.0", "block.1", "wide.first"]),
  ],
  faults: [],
} as unknown as Drawing;

test("modules are named as the network calls them", () => {
  expect(pathOf({ instance: "" }, node("stem"))).toBe("stem");
  expect(pathOf({ instance: "wide.first" }, node("conv"))).toBe("wide.first.conv");
  expect(pathOf({ instance: "" }, node("again", "Conv2d", "use", { use: "stem" }))).toBe("stem");
});

test("a layer is found on its level, in the very instance", () => {
  expect(whereIs(drawing, "stem")).toEqual({ level: "", instance: "", node: "stem" });
  expect(whereIs(drawing, "block.1.conv")).toEqual({ level: "Block", instance: "block.1", node: "conv" });
  expect(whereIs(drawing, "wide.first.conv")).toEqual({
    level: "Block",
    instance: "wide.first",
    node: "conv",
  });
  expect(whereIs(drawing, "block")).toEqual({ level: "", instance: "", node: "block" });
});

test("what is not drawn is in the node around it, or nowhere", () => {
  expect(whereIs(drawing, "stem.inner.weight")).toEqual({ level: "", instance: "", node: "stem" });
  expect(whereIs(drawing, "gone")).toBeNull();
});

test("nodes get room for what is measured of them; those with places of their own move apart", () => {
  const [conv, flat, sum] = roomy(
    level("", [
      node("conv", "Conv2d", "layer", { at: [10, 100] }),
      node("flat", "Flatten"),
      node("sum", "add", "operation"),
    ]),
    true,
  ).nodes as (DrawnNode & { room?: number })[];
  expect(conv?.room).toBeGreaterThan(30);
  expect(conv?.at).toEqual([10, 160]);
  expect([flat?.room, sum?.room]).toEqual([undefined, undefined]);
});
