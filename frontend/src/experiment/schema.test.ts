import { describe, expect, it } from "vitest";
import { placeAt } from "./place";
import { help, options, type Schema } from "./schema";

const part = (description: string, properties: Record<string, Schema>): Schema => ({
  anyOf: [{ type: ["object", "null"], description, properties }, { type: "null" }],
});
const ROOT: Schema = {
  properties: {
    optimizer: { $ref: "#/$defs/Optimizer", default: "Adam", description: "how the weights change" },
    model: { properties: { layers: { anyOf: [{ items: { $ref: "#/$defs/Node" } }, { type: "null" }] } } },
    train: {
      properties: {
        epochs: { type: "integer", default: 10, description: "passes", title: "Epochs" } as Schema,
        device: { enum: ["auto", "cpu"], type: "string", default: "auto" },
        compile: { type: "boolean", default: false },
      },
    },
  },
  $defs: {
    Optimizer: {
      anyOf: [
        { type: "string", anyOf: [{ enum: ["Adam", "SGD"] }, { type: "string" }] },
        {
          properties: {
            Adam: part("Implements Adam.", {
              lr: { description: "a number. learning rate", default: 0.001 },
              foreach: { description: "true or false or null. fast", default: null },
            }),
            SGD: part("Implements SGD.", { lr: { description: "a number. rate", default: 0.001 } }),
          },
        },
      ],
    },
    Node: {
      anyOf: [
        { type: "string", enum: ["Conv2d", "ReLU"] },
        {
          properties: {
            repeat: { type: "integer", default: 1 },
            Conv2d: part("Convolution.", {
              out_channels: { description: "a positive int. how many", default: null },
              padding_mode: { description: "one of 'zeros', 'reflect'. how", default: "zeros" },
            }),
            ReLU: part("Rectifies.", { inplace: { description: "true or false. x", default: false } }),
          },
        },
      ],
    },
  },
};

function offered(text: string) {
  const position = text.indexOf("|");
  const place = placeAt(text.replace("|", ""), position);
  return Object.fromEntries((place ? options(ROOT, place) : []).map((option) => [option.label, option]));
}

describe("options", () => {
  it("are the keys that are not there yet", () => {
    expect(Object.keys(offered("train:\n  epochs: 3\n  |"))).toEqual(["device", "compile"]);
    expect(offered("train:\n  |").epochs).toMatchObject({
      detail: "integer = 10",
      info: "passes",
      apply: "epochs: |",
    });
  });
  it("are the names of parts, once each", () => {
    expect(offered("optimizer: |")).toMatchObject({
      Adam: { kind: "part", apply: "Adam", info: "Implements Adam." },
    });
    expect(Object.keys(offered("optimizer: |"))).toEqual(["Adam", "SGD"]);
    expect(offered("optimizer: {|").Adam?.apply).toBe("Adam: {|}");
  });
  it("open brackets for parts that need arguments", () => {
    const layers = offered("model:\n  layers:\n    - |");
    expect(layers.Conv2d?.apply).toBe("Conv2d: {|}");
    expect(layers.ReLU?.apply).toBe("ReLU");
    expect(layers.repeat?.kind).toBe("key");
  });
  it("are a part's arguments with type and default", () => {
    expect(offered("optimizer: {Adam: {|")).toMatchObject({
      lr: { detail: "a number = 0.001", info: "learning rate" },
    });
  });
  it("are the values that are known", () => {
    expect(Object.keys(offered("train: {device: |"))).toEqual(["auto", "cpu"]);
    expect(Object.keys(offered("train: {compile: |"))).toEqual(["true", "false"]);
    expect(Object.keys(offered("model: {layers: [{Conv2d: {padding_mode: |"))).toEqual(["zeros", "reflect"]);
    expect(Object.keys(offered("optimizer: {Adam: {foreach: |"))).toEqual(["true", "false", "null"]);
  });
  it("are none where the schema knows nothing", () => {
    expect(offered("nothing:\n  here:\n    |")).toEqual({});
  });
});

it("tells what a word is", () => {
  expect(help(ROOT, ["optimizer", "Adam"], "lr")).toEqual({
    label: "lr",
    kind: "key",
    detail: "a number = 0.001",
    info: "learning rate",
  });
  expect(help(ROOT, ["optimizer"], "Adam")?.info).toBe("Implements Adam.");
  expect(help(ROOT, [], "optimizer")?.info).toBe("how the weights change");
  expect(help(ROOT, [], "unheard")).toBeNull();
});
