import { describe, expect, it } from "vitest";
import type { Job } from "../api/messages";
import { blocks, kindOf } from "./layers";
import { points } from "./Sparkline";
import { freeName, setting } from "./templates";
import { began, sameDocument } from "./training";

const job = (fields: Partial<Job>): Job => ({
  id: "a",
  kind: "train",
  document: "shapes.yaml",
  run: null,
  state: "running",
  created: "",
  started: "",
  ended: "",
  exit: null,
  error: "",
  settings: [],
  ...fields,
});
const queue = (fields: Partial<Job>) => ({ jobs: [job(fields)], slots: 1, devices: [] });

describe("start", () => {
  it("finds a free name", () => {
    expect(freeName("shapes", new Set())).toBe("shapes.yaml");
    expect(freeName("shapes", new Set(["shapes.yaml", "shapes-2.yaml"]))).toBe("shapes-3.yaml");
  });

  it("quotes what a person typed, so that YAML reads it as text", () => {
    expect(setting("data.root", 'C:\\my "data" #1')).toBe('data.root="C:\\\\my \\"data\\" #1"');
    expect(setting("data.download", true)).toBe("data.download=true");
  });

  it("follows a job to its run or its end", () => {
    expect(began(null, "a").state).toBe("starting");
    expect(began(queue({ state: "queued" }), "a").state).toBe("queued");
    expect(began(queue({ run: "runs/shapes-1" }), "a")).toEqual({ state: "run", run: "runs/shapes-1" });
    expect(began(queue({ state: "ended", error: "no data" }), "a")).toEqual({
      state: "failed",
      error: "no data",
    });
  });

  it("knows a document that was never changed, whatever it is called", () => {
    const template = "# train experiment.yaml\nname: shapes\nseed: 1\n";
    expect(sameDocument("# train shapes-2.yaml\nname: shapes-2\nseed: 1\n", template)).toBe(true);
    expect(sameDocument("name: shapes\nseed: 2\n", template)).toBe(false);
  });

  it("draws a small curve, without what is no number", () => {
    expect(points([0, Number.NaN, 1, Infinity, 2])).toBe("1.0,16.5 32.0,9.0 63.0,1.5");
    expect([points([]), points([1])]).toEqual(["", ""]);
    expect(points([3, 3])).toBe("1.0,9.0 63.0,9.0");
  });

  it("draws what pooling and flattening leave lower", () => {
    const drawn = blocks(["Conv2d", "MaxPool2d", "Flatten", "Linear"]);
    expect(drawn.map(({ kind }) => kind)).toEqual(["input", "conv", "pool", "flatten", "linear"]);
    const [, conv, pool, flatten] = drawn;
    expect(pool?.right).toBeLessThan(conv?.right ?? 0);
    expect(flatten?.right).toBeLessThan(pool?.right ?? 0);
    expect(drawn.every((block, place) => place === 0 || block.x > (drawn[place - 1]?.x ?? 0))).toBe(true);
    expect(["AdaptiveAvgPool2d", "LSTM", "GELU", "MyOwn"].map(kindOf)).toEqual([
      "pool",
      "recurrent",
      "activation",
      "other",
    ]);
  });
});
