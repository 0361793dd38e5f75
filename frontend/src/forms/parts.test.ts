import { describe, expect, it } from "vitest";
import type { PartField } from "../api/messages";
import { anyField } from "./nodes";
import { arranged, moved, partOf, switched, withArgument, written } from "./parts";

const field = (name: string, more: Partial<PartField> = {}): PartField => ({
  ...anyField(name, 0),
  likely: false,
  ...more,
});

describe("a part", () => {
  it("is read in each of its forms and written in the shortest", () => {
    for (const value of ["Adam", { Adam: { lr: 0.1 } }]) expect(written(partOf(value))).toEqual(value);
    expect(written(partOf({ Adam: null }))).toBe("Adam");
    expect(partOf(undefined).name).toBe("");
  });
  it("keeps what stands beside its name", () => {
    const value = { every: "step", StepLR: { step_size: 2 }, warmup: "untuned_linear" };
    const part = partOf(value, ["every", "monitor", "warmup"]);
    expect(part.name).toBe("StepLR");
    expect(part.beside).toEqual({ every: "step", warmup: "untuned_linear" });
    expect(written({ ...part, args: {} })).toEqual({ StepLR: {}, every: "step", warmup: "untuned_linear" });
  });
  it("keeps the arguments that its next class has too", () => {
    const part = partOf({ Adam: { lr: 0.1, betas: [0.9, 0.99] } });
    const next = switched(part, { name: "SGD", fields: [field("lr"), field("momentum")] });
    expect(written(next)).toEqual({ SGD: { lr: 0.1 } });
  });
  it("gets and loses single arguments", () => {
    const part = withArgument(partOf("Adam"), "lr", 0.1);
    expect(written(part)).toEqual({ Adam: { lr: 0.1 } });
    expect(written(withArgument(part, "lr", undefined))).toBe("Adam");
  });
});

it("shows what must be given first, then what is likely, written or wrong; the rest is folded", () => {
  const fields = [
    field("groups"),
    field("stride", { likely: true }),
    field("out_channels", { required: true }),
    field("dilation"),
    field("bias"),
  ];
  const { shown, more } = arranged(fields, { dilation: 2 }, (name) => name === "bias");
  expect(shown.map(({ name }) => name)).toEqual(["out_channels", "stride", "dilation", "bias"]);
  expect(more.map(({ name }) => name)).toEqual(["groups"]);
});

it("moves an item of a list, not beyond its ends", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b"], 0, 9)).toEqual(["b", "a"]);
});
