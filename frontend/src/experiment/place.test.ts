import { describe, expect, it } from "vitest";
import { placeAt } from "./place";

/** The place of `|` in a text. */
function at(text: string) {
  const position = text.indexOf("|");
  const place = placeAt(text.replace("|", ""), position);
  return place && { path: place.path.join("."), at: place.at, word: place.word, before: place.before };
}

describe("in block style", () => {
  it("begins at the top", () => {
    expect(at("torchwork: 1\nda|")).toEqual({ path: "", at: "start", word: "da", before: ["torchwork"] });
  });
  it("knows the mapping by the column of the cursor", () => {
    expect(at("data:\n  seed: 1\n  |")).toEqual({ path: "data", at: "start", word: "", before: ["seed"] });
    expect(at("train:\n  clip:\n    |\nloss: x")).toMatchObject({ path: "train.clip", at: "start" });
    expect(at("train:\n  clip:\n    norm: 1\n  ep|")).toMatchObject({ path: "train", before: ["clip"] });
  });
  it("knows the value behind a key", () => {
    expect(at("optimizer: Ad|")).toMatchObject({ path: "optimizer", at: "value", word: "Ad" });
    expect(at("train:\n  device: |")).toMatchObject({ path: "train.device", at: "value", word: "" });
  });
  it("counts dashes, at their parent's column too", () => {
    expect(at("model:\n  layers:\n    - Con|")).toMatchObject({
      path: "model.layers.[]",
      at: "start",
      word: "Con",
    });
    expect(at("layers:\n- ReLU\n- Con|")).toMatchObject({ path: "layers.[]", at: "start" });
    expect(at("layers:\n- ReLU\nout|")).toMatchObject({ path: "", before: ["layers"] });
    expect(at("layers:\n  - |")).toMatchObject({ path: "layers.[]", at: "start", word: "" });
  });
  it("knows further keys of a list's mapping", () => {
    expect(at("layers:\n  - Conv2d: {out: 3}\n    fr|")).toEqual({
      path: "layers.[]",
      at: "start",
      word: "fr",
      before: ["Conv2d"],
    });
    expect(at("layers:\n  - Conv2d:\n      ker|")).toMatchObject({ path: "layers.[].Conv2d", at: "start" });
  });
});

describe("in brackets", () => {
  it("knows keys and values", () => {
    expect(at("optimizer: {AdamW: {lr: 1, we|")).toEqual({
      path: "optimizer.AdamW",
      at: "key",
      word: "we",
      before: ["lr"],
    });
    expect(at("optimizer: {|}")).toMatchObject({ path: "optimizer", at: "key" });
    expect(at("train: {device: cp|, epochs: 3}")).toMatchObject({
      path: "train.device",
      at: "value",
      word: "cp",
    });
  });
  it("comes back out of them", () => {
    expect(at("a: {b: [1, {c: 2}], d|")).toMatchObject({ path: "a", at: "key", before: ["b"] });
    expect(at("a: {b: 1}\nc: |")).toMatchObject({ path: "c", at: "value" });
  });
  it("goes over lines and over quoted brackets", () => {
    expect(at("a: {b: '}',\n  c: [x,\n  |")).toMatchObject({ path: "a.c.[]", at: "value" });
  });
});

it("is nowhere in comments, strings and literal texts", () => {
  expect(at("a: 1  # se|")).toBeNull();
  expect(at("# |")).toBeNull();
  expect(at('notes: "some|')).toBeNull();
  expect(at("notes: |".replace("|", ">\n  text\n  mo|"))).toBeNull();
  expect(at("a: {b: 'x|")).toBeNull();
  expect(at("notes: >\n  text\nse|")).toMatchObject({ path: "" });
});
