import { expect, it } from "vitest";
import { others, rows } from "./sides";
import { actions, nextOf, progress, suggestedEpochs } from "./status";

it("stops what runs and resumes what does not; a foreign log neither", () => {
  expect(actions({ status: "running", own: true, document: true })).toEqual({
    stop: true,
    resume: false,
    edit: true,
  });
  expect(actions({ status: "interrupted", own: true, document: true })).toEqual({
    stop: false,
    resume: true,
    edit: true,
  });
  expect(actions({ status: "running", own: false, document: false })).toEqual({
    stop: false,
    resume: false,
    edit: false,
  });
});
it("leaves a run of somebody's own loop to that loop", () => {
  const theirs = { status: "interrupted", own: true, document: false } as const;
  expect(actions(theirs)).toEqual({ stop: false, resume: false, edit: false });
  expect(nextOf(theirs)).toBeNull();
  expect(nextOf({ ...theirs, document: true })).not.toBeNull();
  expect(nextOf({ status: "unknown", own: false, document: false })).not.toBeNull();
});
it("knows how far a run is only when the end is known", () => {
  expect(progress({ status: "running", epoch: 2, epochs: 8 })).toBe(0.25);
  expect(progress({ status: "unknown", epoch: 2, epochs: null })).toBeNull();
  expect(progress({ status: "done", epoch: null, epochs: null })).toBe(1);
});
it("suggests the missing epochs, or more", () => {
  expect(suggestedEpochs({ epoch: 3, epochs: 8 })).toBe(8);
  expect(suggestedEpochs({ epoch: 8, epochs: 8 })).toBe(12);
});
it("puts training beside validation and marks the best", () => {
  const run = {
    last: { "valid/f1": 0.5, "train/loss": 1, "valid/loss": 2, "step/lr": 0.1, "dead_units/relu": 0.2 },
    best: { "valid/loss": 2, "valid/f1": 0.7 },
  };
  expect(rows(run)).toEqual([
    { metric: "loss", train: 1, valid: 2, best: 2, isBest: true },
    { metric: "f1", train: undefined, valid: 0.5, best: 0.7, isBest: false },
  ]);
  expect(others(run)).toEqual([["step/lr", 0.1]]);
});
