import { expect, it } from "vitest";
import { node } from "../canvas/testing";
import { anyField, definitionForm, foreseenNode, switching } from "./nodes";

it("shows a node as edits that wait will leave it", () => {
  const conv = { ...node("conv"), type: "Conv2d", args: { out_channels: 6, bias: false } };
  const found = foreseenNode(conv, "", [
    { do: "node", node: "conv", args: { out_channels: 8 }, unset: ["bias"] },
    { do: "node", node: "other", args: { out_channels: 9 } },
    { do: "node", level: "Block", node: "conv", repeat: 3 },
  ]);
  expect(found.args).toEqual({ out_channels: 8 });
  expect(found.repeat).toBe(1);
});

it("drops what another class does not know", () => {
  const conv = { ...node("conv"), type: "Conv2d", args: { out_channels: 6, groups: 2 } };
  expect(switching(conv, { name: "Linear", fields: [anyField("out_channels", null)] })).toEqual({
    part: "Linear",
    unset: ["groups"],
  });
});

it("makes a form of a definition's arguments: those without a default must be given", () => {
  const form = definitionForm({ name: "Block", arguments: { channels: null, stride: 1 } });
  expect(form.fields.map(({ name, required }) => [name, required])).toEqual([
    ["channels", true],
    ["stride", false],
  ]);
});
