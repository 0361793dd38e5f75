import { expect, test } from "vitest";
import { useLive } from "../api/live";
import { run } from "../runs/samples";
import { colorOf, PALETTE } from "./colors";

test("the oldest run has the first colour whatever is drawn first, and a new run changes none", () => {
  const all = ["2026-01-03", "2026-01-01", "2026-01-02"].map((started, place) =>
    run(`r${place}`, { started }),
  );
  useLive.setState({ runs: new Map(all.map((one) => [one.id, one])) });
  expect(["r0", "r1", "r2"].map(colorOf)).toEqual([PALETTE[2], PALETTE[0], PALETTE[1]]);
  const later = run("r3", { started: "2026-01-04" });
  useLive.setState({ runs: new Map([later, ...all].map((one) => [one.id, one])) });
  expect([colorOf("r3"), colorOf("r1")]).toEqual([PALETTE[3], PALETTE[0]]);
});
