import { foldable, getIndentation, syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { yaml } from "./yaml";

const stateOf = (doc: string) => EditorState.create({ doc, extensions: [yaml] });

function tokens(doc: string): string[] {
  const found: string[] = [];
  syntaxTree(stateOf(doc)).iterate({
    enter: (node) => {
      if (!node.type.isTop) found.push(`${node.name}:${doc.slice(node.from, node.to)}`);
    },
  });
  return found.filter((one) => !one.startsWith("punctuation"));
}

it("tells keys, numbers, strings and comments apart", () => {
  expect(tokens("lr: 0.1 # rate")).toEqual(["propertyName:lr", "number:0.1", "comment:# rate"]);
  expect(tokens("a: {b-c: [1, x1, true], 'd e': \"f: g\"}")).toEqual([
    "propertyName:a",
    "propertyName:b-c",
    "number:1",
    "number:true",
    "propertyName:'d e'",
    'string:"f: g"',
  ]);
});
it("leaves literal texts alone until they end", () => {
  expect(tokens("notes: |\n  lr: 1\n\n  more\nseed: 2")).toEqual([
    "propertyName:notes",
    "string:lr: 1",
    "string:more",
    "propertyName:seed",
    "number:2",
  ]);
});
it("indents behind a key and stays in a list", () => {
  const text = "model:\n  layers:\n    - ReLU";
  expect(getIndentation(stateOf(text), "model:".length)).toBe(2);
  expect(getIndentation(stateOf(text), text.length)).toBe(4);
  expect(getIndentation(stateOf("a:\n  - name: x"), 14)).toBe(4);
  expect(getIndentation(stateOf("a:\n  - name:"), 12)).toBe(6);
  expect(getIndentation(stateOf("a:\n  - Linear: {out: 3}"), 23)).toBe(2);
});
it("folds what is deeper", () => {
  const state = stateOf("a:\n  b: 1\n\n  c: 2\nd: 3");
  const line = state.doc.line(1);
  expect(foldable(state, line.from, line.to)).toEqual({ from: 2, to: 17 });
});
