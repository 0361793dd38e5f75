import { expect, it } from "vitest";
import type { Job } from "../api/messages";
import { counted, ordered } from "./order";

const job = (id: string, state: Job["state"], ended = ""): Job => ({
  id,
  kind: "train",
  document: "a.yaml",
  run: null,
  state,
  created: "",
  started: "",
  ended,
  exit: null,
  error: "",
  settings: [],
});
const jobs = [
  job("old", "ended", "1"),
  job("q1", "queued"),
  job("new", "ended", "2"),
  job("r", "running"),
  job("q2", "queued"),
  job("s", "stopping"),
];

it("shows what runs first, the queue in its order, the last that ended first", () => {
  expect(ordered(jobs).map(({ id }) => id)).toEqual(["r", "s", "q1", "q2", "new", "old"]);
});
it("counts", () => {
  expect(counted(jobs)).toEqual({ running: 2, queued: 2 });
});
