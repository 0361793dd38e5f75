import type { Run } from "../api/messages";

/** A run for tests. */
export function run(id: string, fields: Partial<Run> = {}): Run {
  return {
    id,
    name: id,
    status: "done",
    own: true,
    document: true,
    started: "",
    updated: "",
    epoch: null,
    epochs: null,
    step: null,
    seconds_left: null,
    rate: null,
    last: {},
    best: {},
    settings: {},
    notes: "",
    tags: [],
    archived: false,
    error: null,
    problems: [],
    host: "",
    command: [],
    environment: {},
    ...fields,
  };
}
