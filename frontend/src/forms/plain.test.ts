import { expect, it } from "vitest";
import { plainFields } from "./plain";

const schema = {
  properties: {
    train: { $ref: "#/$defs/Train", description: "how long" },
    name: { type: "string", default: "experiment" },
  },
  $defs: {
    Train: {
      type: "object",
      properties: {
        epochs: { type: "integer", default: 10, exclusiveMinimum: 0, description: "passes" },
        precision: { type: "string", enum: ["float32", "bf16"], default: "float32" },
        ema: { anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }], default: null },
        workers: {
          anyOf: [
            { const: "auto", type: "string" },
            { type: "integer", minimum: 0 },
          ],
          default: "auto",
        },
        compile: { type: "boolean", default: false },
      },
    },
  },
};

it("makes fields of the schema: kinds, ranges, defaults and choices", () => {
  const fields = plainFields(schema, ["train"]);
  const short = fields.map(({ name, kind, low, choices }) => [name, kind, low, choices]);
  expect(short).toEqual([
    ["epochs", "int", 1, []],
    ["precision", "choice", null, ["float32", "bf16"]],
    ["ema", "float", null, []],
    ["workers", "any", 0, ["auto"]],
    ["compile", "bool", null, []],
  ]);
  expect(fields[0]).toMatchObject({ default: 10, help: "passes", required: false });
});

it("takes the wanted ones in the wanted order, and none before the schema is there", () => {
  expect(plainFields(schema, [], ["name", "nothing"]).map(({ name }) => name)).toEqual(["name"]);
  expect(plainFields(null, ["train"])).toEqual([]);
});
