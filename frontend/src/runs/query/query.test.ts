import { describe, expect, it } from "vitest";
import { run } from "../samples";
import { complete } from "./complete";
import { matches, namesOf, quantity, resembles, unknownName } from "./match";
import { parse } from "./parse";
import { QueryError } from "./tokens";

const lenet = run("lenet-1", {
  status: "running",
  tags: ["baseline"],
  last: { "valid/accuracy": 0.95, "valid/loss": null },
  settings: { "optimizer.Adam.lr": 0.01, loss: "CrossEntropyLoss", seed: 1 },
});
const vit = run("vit 大模型", {
  status: "done",
  notes: "lr too high (again)",
  started: "2026-11-01T10:00:00Z",
  updated: "2026-11-01T10:20:00Z",
  last: { "valid/accuracy": 0.5, "valid/loss": "Infinity" },
  settings: { "optimizer.SGD.lr": 0.1, seed: 2 },
});

const found = (text: string) => [lenet, vit].filter((one) => matches(parse(text), one)).map(({ id }) => id);
const error = (text: string): [number, number] => {
  try {
    parse(text);
  } catch (wrong) {
    if (wrong instanceof QueryError) return [wrong.at, wrong.end];
  }
  throw new Error(`${text} was read`);
};

describe("filter", () => {
  it.each([
    ["valid/accuracy > 0.9 and optimizer.Adam.lr <= 0.01", ["lenet-1"]],
    ["valid/accuracy>90%", ["lenet-1"]],
    ["status = running", ["lenet-1"]],
    ["status != running", ["vit 大模型"]],
    ["name ~ LENET", ["lenet-1"]],
    ["name !~ le*1", ["vit 大模型"]],
    ["tag = baseline", ["lenet-1"]],
    ["not tag = baseline", ["vit 大模型"]],
    ["lr >= 0.01", ["lenet-1", "vit 大模型"]],
    ["lr = 1e-2", ["lenet-1"]],
    ["optimizer.Adam.lr != 0.01", ["vit 大模型"]],
    ["accuracy < 0.6", ["vit 大模型"]],
    ["valid/loss = nan", ["lenet-1"]],
    ["valid/loss > 1e9", ["vit 大模型"]],
    ["duration > 10min", ["vit 大模型"]],
    ["started < 2026-11-02", ["vit 大模型"]],
    ['"name" = "vit 大模型"', ["vit 大模型"]],
    ["大模型", ["vit 大模型"]],
    ['"too high (again)"', ["vit 大模型"]],
    ["baseline", ["lenet-1"]],
    ["seed = 1 or seed = 2 and status = done", ["lenet-1", "vit 大模型"]],
    ["(seed = 1 or seed = 2) and status = done", ["vit 大模型"]],
    ["seed = 2 status = done", ["vit 大模型"]],
    ["not (seed = 1 or seed = 2)", []],
    ["! seed = 1 && lr > 0", ["vit 大模型"]],
    ["  ", ["lenet-1", "vit 大模型"]],
    ["constructor = 1", []],
  ])("%s", (text, ids) => {
    expect(found(text)).toEqual(ids);
  });

  it.each([
    ["lr >", [3, 4]],
    ["(lr > 1", [0, 1]],
    ["lr > 1)", [6, 7]],
    ["> 3", [0, 1]],
    ["a and", [2, 5]],
    ['name = "x', [7, 9]],
    ["a & b", [2, 3]],
    ["()", [1, 2]],
  ])("%s is refused at its place", (text, place) => {
    expect(error(text)).toEqual(place);
  });

  it("names what no run has, and what is near", () => {
    const runs = [lenet, vit];
    const wrong = unknownName(parse("seed = 1 and valid/acuracy > 1"), runs, namesOf(runs));
    expect(wrong?.values).toEqual({ name: "valid/acuracy", near: "valid/accuracy" });
    expect([wrong?.at, wrong?.end]).toEqual([13, 26]);
    expect(unknownName(parse("lr > 1 or tag = x"), runs, namesOf(runs))).toBeNull();
  });

  it("reads quantities", () => {
    expect(["90%", "2h", "-1.5e3", ".5", "-inf"].map(quantity)).toEqual([0.9, 7200, -1500, 0.5, -Infinity]);
    expect(["x", "1 2", "", "1e", "0x10"].map(quantity)).toEqual(Array(5).fill(Number.NaN));
  });

  it("matches many stars at once", () => {
    expect(resembles("a".repeat(5000), `${"a*".repeat(200)}b`)).toBe(false);
  });
});

describe("completion", () => {
  const runs = [lenet, vit];
  const at = (text: string) => complete(text, text.length, namesOf(runs), runs);

  it("offers names by their parts", () => {
    expect(at("seed = 1 and lr").options).toEqual(["optimizer.Adam.lr", "optimizer.SGD.lr"]);
    expect(at("seed = 1 and lr").at).toBe(13);
    expect(at("val").options.slice(0, 2)).toEqual(["valid/accuracy", "valid/loss"]);
  });

  it("offers the values of a name, quoted where they must be", () => {
    expect(at("status = ").options).toEqual(["running", "done"]);
    expect(at("name = v").options).toEqual(['"vit 大模型"']);
    expect(at("loss = Cr").options).toEqual(["CrossEntropyLoss"]);
  });
});
