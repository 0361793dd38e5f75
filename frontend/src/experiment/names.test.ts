import { expect, it } from "vitest";
import { isModelOnly, ownNames } from "./names";
import { placeAt } from "./place";

const TEXT = `data: {}
model:
  inputs: [picture, size]
  nodes:
    stem: {Conv2d: {out_channels: 4}}
    more:
      Block: {channels: 4}
      from: |here
  modules:
    Block:
      layers:
        - Conv2d: {out_channels: 4}
          name: first
        - {ReLU: {}, name: second}
        - {Dropout: {}, from: [|inside]}
        - |part
    Other: {layers: [ReLU]}
`;

/** What is offered at a mark. */
function at(mark: string): string[] {
  const text = TEXT.replaceAll(/\|(here|inside|part)/g, (whole, name) => (name === mark ? whole : ""));
  const position = text.indexOf("|");
  const clean = text.replace(`|${mark}`, "");
  const place = placeAt(clean, position);
  return place ? ownNames(clean, place).map(({ label }) => label) : [];
}

it("offers the nodes of the module around, and its inputs", () => {
  expect(at("here")).toEqual(["picture", "size", "stem", "more"]);
  expect(at("inside")).toEqual(["input", "first", "second"]);
});
it("offers the document's own modules where a part stands", () => {
  expect(at("part")).toEqual(["Block", "Other"]);
});
it("knows a model without data", () => {
  expect(isModelOnly(TEXT)).toBe(false);
  expect(isModelOnly("model:\n  layers: []\n")).toBe(true);
});
