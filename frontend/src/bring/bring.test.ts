import { describe, expect, test } from "vitest";
import type { Argument } from "../api/messages";
import { wide } from "../canvas/face";
import { drawing, level, node, port } from "../canvas/testing";
import { matches } from "./FromVision";
import { callOf, differ, missing } from "./importing";
import { fitted, svgOf } from "./svg";
import { writtenIn } from "./Weights";

const argument = (name: string, required = false): Argument => ({ name, default: "", required });

test("arguments become a call; what is empty keeps its default", () => {
  const args = [argument("width"), argument("blocks", true), argument("bias")];
  expect(callOf(args, { width: " ", blocks: " [2, 2] ", bias: "False" })).toBe("blocks=[2, 2], bias=False");
  expect(missing(args, { width: "3", blocks: " " })).toEqual(["blocks"]);
  expect(missing(args, { blocks: "2" })).toEqual([]);
});

test("a model is found by parts of its name, in any order", () => {
  expect(matches("resnet34", "34 res")).toBe(true);
  expect(matches("mobilenet_v3_small", "mobilenet-v3")).toBe(true);
  expect(matches("resnet34", "vgg")).toBe(false);
});

test("a difference of nothing is 0", () => {
  expect(differ(0)).toBe("0");
  expect(differ(3.2e-7)).toBe("3.2e-7");
  expect(differ(null)).toBe("");
});

test("the weights of a text are read whichever way they are written", () => {
  expect(writtenIn("model:\n  weights: weights/a.pt  # mine\n  layers: []\n")).toBe("weights/a.pt");
  expect(writtenIn('model:\n  weights: "a b.pt"\n')).toBe("a b.pt");
  expect(writtenIn("model:\n  weights: null\n")).toBe("");
  expect(writtenIn("model: {}\n")).toBe("");
});

describe("the picture of a level", () => {
  const made = (...nodes: ReturnType<typeof node>[]) => {
    const outputs = [port("", nodes.at(-1)?.name)];
    const found = level(nodes, { outputs });
    return svgOf({ drawing: drawing("", [found]), level: found, direction: "TB", parts: new Map() });
  };
  const parsed = (svg: string) => new DOMParser().parseFromString(svg, "image/svg+xml");

  test("holds names, classes, arguments, shapes and wires as text and paths, and is sound XML", () => {
    const conv = node("stem", ["input"], { type: "Conv2d", args: { out_channels: 6 }, parameters: 1500 });
    const odd = node("a<b", ["stem"], { type: "Odd & <Net>", note: 'say "hi"\u0001', repeat: 2 });
    const found = parsed(made(conv, odd));
    expect(found.querySelector("parsererror")).toBeNull();
    const words = [...found.querySelectorAll("text")].map((one) => one.textContent);
    expect(words).toEqual(
      expect.arrayContaining(["Conv2d", "stem", "out 6", "B×8", "1.5 k", "Odd & <Net> ×2", 'say "hi"']),
    );
    expect(found.querySelectorAll("path[marker-end]")).toHaveLength(3);
    expect(words.join()).not.toContain("@y");
  });

  test("has room for everything, wherever a person has put it", () => {
    const far = node("far", ["input"], { at: [-900, 40] });
    const near = node("near", ["far"], { at: [600, 900] });
    const [x = 0, y = 0, width = 0, height = 0] = (
      parsed(made(far, near)).documentElement.getAttribute("viewBox") ?? ""
    )
      .split(" ")
      .map(Number);
    expect(x).toBeLessThan(-900);
    expect(y).toBeLessThan(40);
    expect(x + width).toBeGreaterThan(600 + 196);
    expect(y + height).toBeGreaterThan(900);
  });

  test("an empty level is a picture too", () => {
    expect(parsed(made()).querySelector("parsererror")).toBeNull();
  });
});

test("a text that is too long ends with an ellipsis and fits", () => {
  const words = "kernel 3 · stride 2 · padding 1 · dilation 2";
  expect(fitted(words, 1000)).toBe(words);
  expect(wide(fitted(words, 100))).toBeLessThanOrEqual(106);
  expect(fitted(words, 100).endsWith("…")).toBe(true);
});
