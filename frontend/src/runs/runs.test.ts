import { describe, expect, it } from "vitest";
import { compareValues, differing, metricsOf, said, shortLabel, sorted } from "./fields";
import { colored, grouped, SEEDS, spansDecades } from "./groups";
import { run } from "./samples";
import { changed, chosen, written } from "./selection";

const seeds = [1, 2, 3].flatMap((seed) =>
  [0.1, 0.001].map((lr) =>
    run(`r${seed}-${lr}`, { settings: { seed, "optimizer.Adam.lr": lr, loss: "MSELoss" } }),
  ),
);

describe("fields", () => {
  it("finds the settings that differ, also where one lacks them", () => {
    expect(differing(seeds)).toEqual(["seed", "optimizer.Adam.lr"]);
    const others = [run("a", { settings: { x: 1, y: 1 } }), run("b", { settings: { y: 1 } })];
    expect(differing([...others, run("other", { own: false, settings: { z: 1 } })])).toEqual(["x"]);
  });

  it("puts NaN and what is missing last in both directions, and is stable", () => {
    const values = (order: string) =>
      sorted(
        [
          run("a", { last: { m: null } }),
          run("b", { last: { m: 2 } }),
          run("c"),
          run("d", { last: { m: "-Infinity" } }),
          run("e", { last: { m: 2 }, started: "2026-01-01T00:00:00Z" }),
        ],
        order,
      ).map(({ id }) => id);
    expect(values("last:m").slice(0, 3)).toEqual(["d", "e", "b"]);
    expect(values("-last:m").slice(0, 3)).toEqual(["e", "b", "d"]);
    expect(new Set(values("-last:m").slice(3))).toEqual(new Set(["a", "c"]));
  });

  it("counts in names", () => {
    expect(compareValues("run-9", "run-10")).toBeLessThan(0);
    expect(compareValues("run-9", "run-10", true)).toBeGreaterThan(0);
  });

  it("says settings as a person writes them", () => {
    expect(said([{ Conv2d: { out_channels: 6 } }, "ReLU", { a: 1, b: [2, 3] }])).toBe(
      "Conv2d(out_channels=6), ReLU, a=1, b=2, 3",
    );
    expect(shortLabel("a.lr", ["a.lr", "b.lr"])).toBe("a.lr");
    expect(shortLabel("optimizer.Adam.lr", ["optimizer.Adam.lr", "seed"])).toBe("lr");
  });

  it("puts what tells quality before what tells speed", () => {
    const last = { "time/rate": 1, "step/loss": 1, "train/loss": 1, "valid/loss": 1, "valid/accuracy": 1 };
    expect(metricsOf([run("a", { last })]).slice(0, 3)).toEqual([
      "valid/accuracy",
      "valid/loss",
      "train/loss",
    ]);
  });
});

describe("selection", () => {
  const runs = Array.from({ length: 30 }, (_, place) => run(`r${place}`));

  it("is the newest as long as nobody chose, and nothing when emptied", () => {
    expect(chosen({ sel: [], not: [] }, runs, runs)).toEqual(new Set(["r0", "r1", "r2", "r3", "r4"]));
    const none = written(new Set(), runs);
    expect(chosen(none, runs, runs).size).toBe(0);
  });

  it("keeps addresses short and comes back", () => {
    const all = new Set(runs.map(({ id }) => id));
    expect(written(all, runs)).toEqual({ sel: ["*"], not: [] });
    const less = changed(all, ["r3"], false);
    expect(written(less, runs)).toEqual({ sel: ["*"], not: ["r3"] });
    expect(chosen(written(less, runs), runs, runs)).toEqual(less);
    expect(chosen(written(new Set(["r7"]), runs), runs, runs)).toEqual(new Set(["r7"]));
  });

  it("forgets runs that are gone", () => {
    expect(chosen({ sel: ["gone", "r1"], not: [] }, runs, runs)).toEqual(new Set(["r1"]));
  });
});

describe("groups", () => {
  it("puts seeds together and names what is left", () => {
    const groups = grouped(seeds, [SEEDS], "all");
    expect(groups.map(({ name, runs }) => [name, runs.length])).toEqual([
      ["lr=0.1", 3],
      ["lr=0.001", 3],
    ]);
    expect(new Set(groups.map(({ color }) => color)).size).toBe(2);
  });

  it("groups by what is chosen", () => {
    expect(grouped(seeds, ["loss"], "all").map(({ name }) => name)).toEqual(["loss=MSELoss"]);
    expect(grouped([run("a"), run("b")], [SEEDS], "all")).toMatchObject([{ name: "all", runs: ["a", "b"] }]);
  });

  it("colours numbers by a ramp, names by kind", () => {
    const colors = colored(seeds, "set:optimizer.Adam.lr");
    expect(colors.get("r1-0.1")).toBe(colors.get("r2-0.1"));
    expect(colors.get("r1-0.1")).not.toBe(colors.get("r1-0.001"));
    expect(new Set(colored(seeds, "set:loss").values()).size).toBe(1);
  });

  it("uses a logarithm over decades of positive numbers", () => {
    expect([spansDecades([0.1, 0.001]), spansDecades([0, 100]), spansDecades([1, 2])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
