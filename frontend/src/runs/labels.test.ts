import { expect, it } from "vitest";
import { labelled } from "./labels";
import { run } from "./samples";

const labels = (...runs: [id: string, name: string][]) =>
  Object.fromEntries(labelled(runs.map(([id, name]) => run(id, { name }))));

it("puts the folder before names that two runs have, and before no other", () => {
  const runs = ["projA/runs/first-1", "projB/runs/first-1", "runs/first-1", "runs/first-2"];
  expect(labels(...runs.map((id) => [id, id.split("/").at(-1) ?? ""] as [string, string]))).toEqual({
    "projA/runs/first-1": "projA/runs/first-1",
    "projB/runs/first-1": "projB/runs/first-1",
    "runs/first-1": "runs/first-1",
  });
});
it("leaves away the folders that they have in common", () => {
  expect(labels(["all/a/x", "x"], ["all/b/x", "x"])).toEqual({ "all/a/x": "a/x", "all/b/x": "b/x" });
  expect(labels(["x", "x"], ["old/x", "x"])).toEqual({ x: "./x", "old/x": "old/x" });
});
it("tells renamed runs of one folder apart by their own folders", () => {
  expect(labels(["runs/a-1", "best"], ["runs/a-2", "best"])).toEqual({
    "runs/a-1": "a-1/best",
    "runs/a-2": "a-2/best",
  });
});
