import { describe, expect, it } from "vitest";
import { axisOf, brushed, decades, defaultAxes, steps } from "./axes";
import { csv, moved } from "./columns";
import { flat } from "./DifferencesView";
import { run } from "./samples";

const runs = [0.1, 0.01, 0.001].map((lr, place) =>
  run(`r${place}`, {
    settings: { lr, loss: place ? "L1" : "MSE", width: 8 + place },
    last: { acc: place ? 0.5 : null },
  }),
);
const axis = (field: string) => {
  const found = axisOf(field, runs);
  if (!found) throw new Error(`no axis of ${field}`);
  return found;
};

describe("axes", () => {
  it("are logarithmic over decades, linear else, names for texts", () => {
    expect(axis("set:lr").kind).toBe("log");
    expect(axis("set:lr").share(runs[1] as never)).toBeCloseTo(0.5);
    expect(axis("set:width").kind).toBe("linear");
    expect(axis("set:loss").ticks.map(({ text }) => text)).toEqual(["L1", "MSE"]);
    expect(axisOf("set:nothing", runs)).toBeNull();
  });

  it("have no place for NaN", () => {
    expect(axis("last:acc").share(runs[0] as never)).toBeNull();
  });

  it("are marked at round numbers", () => {
    expect(steps(0.02, 0.98)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(steps(-3, 3)).toEqual([-2, 0, 2]);
    expect(steps(5, 5)).toEqual([5]);
    expect(decades(0.001, 0.2)).toEqual([0.001, 0.01, 0.1]);
    expect(decades(2, 50)).toEqual([2, 5, 10, 20, 50]);
    expect(decades(2.1, 4)).toEqual([2.1, 4]);
  });

  it("select what lies inside every brush", () => {
    const axes = [axis("set:lr"), axis("set:loss")];
    expect(brushed(runs, axes, new Map([["set:lr", [0, 0.6]]]))).toEqual(["r1", "r2"]);
    expect(
      brushed(
        runs,
        axes,
        new Map([
          ["set:lr", [0.4, 1]],
          ["set:loss", [0, 0.2]],
        ]),
      ),
    ).toEqual(["r1"]);
  });

  it("begin with what differs", () => {
    expect(defaultAxes(runs, ["acc"])).toEqual(["set:lr", "set:loss", "set:width", "last:acc"]);
  });
});

describe("columns", () => {
  it("are moved onto each other", () => {
    expect(moved(["a", "b", "c"], "a", "c")).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
  });

  it("become CSV that keeps quotes, lines and formulas as text", () => {
    const odd = run("r", { name: '=1+1,"x"\n', notes: "-5" });
    expect(csv([odd], ["name", "notes"]).split("\r\n")[1]).toBe(`"'=1+1,""x""\n",'-5`);
  });
});

it("environments are flat lines", () => {
  expect(flat({ python: "3.11", cpu: { cores: 2 }, gpus: [] })).toEqual([
    ["python", "3.11"],
    ["cpu.cores", "2"],
    ["gpus", ""],
  ]);
});
