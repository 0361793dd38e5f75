import { expect, it } from "vitest";
import { said } from "../runs/fields";
import { literal } from "./literal";

it("reads what Python wrote of a value", () => {
  const layers = "[{'Conv2d': {'out_channels': 32, 'bias': True}}, 'ReLU', {'Linear': {'out': None}}]";
  expect(said(literal(layers))).toBe("Conv2d(out_channels=32, bias=true), ReLU, Linear(out=null)");
  expect(literal("(0.9, 0.999,)")).toEqual([0.9, 0.999]);
  expect(literal(`{'name': "it's", 'path': 'a\\\\b'}`)).toEqual({ name: "it's", path: "a\\b" });
});
it("leaves alone what is none", () => {
  for (const text of ["Adam", "True", "[not closed", "{x for x in y}", "(a, b)"])
    expect(literal(text)).toBe(text);
});
