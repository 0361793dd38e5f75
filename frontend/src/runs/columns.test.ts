import { expect, it } from "vitest";
import { columnOf, defaultColumns, fitted } from "./columns";
import { run } from "./samples";

const log = run("others/log", { own: false, status: "unknown", last: { loss: 1 } });

it("shows no column in which no run has a value, but those that a person fills", () => {
  expect(defaultColumns([log])).toEqual(["name", "status", "last:loss", "tags", "notes"]);
  const ours = run("a", { epoch: 1, started: "2026-01-01T00:00:00Z", updated: "2026-01-01T00:00:09Z" });
  expect(defaultColumns([log, ours])).toEqual(
    expect.arrayContaining(["epoch", "started", "duration", "tags"]),
  );
});
it("makes words narrower where all columns fit then, and lets the table scroll where they do not", () => {
  const fields = ["name", "status", "last:loss", "started", "duration", "tags", "notes"];
  const columns = fields.map((field) => columnOf(field, fields, [log]));
  const widths = (room: number) => fitted(columns, room).map(({ width }) => width);
  const whole = columns.map(({ width }) => width);
  const sum = (list: number[]) => list.reduce((total, width) => total + width, 0);
  expect(widths(2000)).toEqual(whole);
  expect(sum(widths(sum(whole) - 100))).toBeLessThanOrEqual(sum(whole) - 100);
  expect(widths(sum(whole) - 100)[2]).toBe(whole[2]);
  expect(widths(300)).toEqual(whole);
});
