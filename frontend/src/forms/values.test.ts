import { describe, expect, it } from "vitest";
import { stepped, stored, textOf, valueTyped } from "./values";

describe("what is typed", () => {
  it("becomes numbers, lists, words and expressions", () => {
    const typed = [
      "3",
      "1e-3",
      "-.5",
      "3, 5",
      "[1, 2]",
      "(1, 2)",
      "true",
      "None",
      "2*channels",
      "max(3, width)",
    ];
    expect(typed.map((text) => valueTyped(text, "values"))).toEqual([
      3,
      0.001,
      -0.5,
      [3, 5],
      [1, 2],
      "(1, 2)",
      true,
      null,
      "2*channels",
      "max(3, width)",
    ]);
  });
  it("stays a text where a text is wanted", () => {
    expect(valueTyped("2 epochs", "text")).toBe("2 epochs");
    expect(valueTyped("12", "text")).toBe("12");
    expect(valueTyped("0.95 ** epoch", "function")).toBe("0.95 ** epoch");
  });
  it("is nothing when it is empty", () => {
    expect(valueTyped("  ", "int")).toBeUndefined();
  });
  it("reads back as it was shown", () => {
    for (const value of [3, 0.001, [3, 5], "2*channels", true, null])
      expect(valueTyped(textOf(value), "values")).toEqual(value);
    expect(valueTyped(textOf([[0, 1], [2]]), "values")).toEqual([[0, 1], [2]]);
  });
});

describe("what is stored", () => {
  const field = { default: 0.01, required: false };
  it("is only what differs from the default", () => {
    expect(stored(field, 0.02)).toBe(0.02);
    expect(stored(field, 0.01)).toBeUndefined();
    expect(stored({ default: [1, 1], required: false }, [1, 1])).toBeUndefined();
  });
  it("is a required value even where it equals the default", () => {
    expect(stored({ default: null, required: true }, null)).toBeNull();
  });
});

describe("steps", () => {
  const whole = { kind: "int", low: 1, high: 8 };
  const free = { kind: "float", low: null, high: null };
  it("go by whole numbers and stop at the ends", () => {
    expect(stepped(3, true, whole)).toBe(4);
    expect(stepped(3, true, whole, 10)).toBe(8);
    expect(stepped(1, false, whole)).toBe(1);
  });
  it("go by the last digit of others, and never to zero at once", () => {
    expect(stepped(0.003, true, free)).toBe(0.004);
    expect(stepped(0.01, false, free)).toBe(0.009);
    expect(stepped(0.01, true, free)).toBe(0.02);
    expect(stepped(0.95, true, free)).toBe(0.96);
    expect(stepped(0.9, true, free)).toBe(1);
  });
});
