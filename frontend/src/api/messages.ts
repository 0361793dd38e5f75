// Made by `make types` from torchwork/serve/messages.py: change the messages there, never this file.

/** Check a text as the file `path`. */
export interface CheckRequest {
  text: string;
  path: string;
}

/** What `torchwork check` says; `problems` empty: it can be trained. */
export interface Checked {
  problems: Problem[];
  layers: CheckedLayer[];
  facts: [string, string][];
  notes: string[];
}

/** A row of the summary. */
export interface CheckedLayer {
  name: string;
  type: string;
  output: string;
  parameters: number;
  macs: number | null;
  depth: number;
}

/** More of a run's console, from byte `begin` to `offset`: of what overlaps the page drops what it has. */
export interface ConsoleText {
  type: "console";
  run: string;
  begin: number;
  offset: number;
  text: string;
  restart: boolean;
}

/** The tags of a run. */
export interface Contents {
  run: string;
  scalars: string[];
  items: Items[];
  problems: string[];
}

/** Runs that were moved to the trash; `undo` brings them back. */
export interface Deleted {
  undo: string;
  runs: string[];
}

/** What differs between two documents, in words. */
export interface Difference {
  lines: string[];
}

/** An experiment or model document below the opened folder. */
export interface DocumentFile {
  path: string;
  name: string;
  modified: string;
  size: number;
}

/** Make `path` from a template, or from a run's document. */
export interface DocumentNew {
  path: string;
  template: string | null;
  run: string | null;
  settings: string[];
}

/** Save a text over the `base` version of a file; empty for a new file. */
export interface DocumentSave {
  path: string;
  text: string;
  base: string;
  force: boolean;
}

/** The text of a document; `version` names this content, so that two editors do not overwrite each other. */
export interface DocumentText {
  path: string;
  text: string;
  version: string;
}

/** The documents now. */
export interface DocumentsChanged {
  type: "documents";
  documents: DocumentFile[];
}

/** A recorded graph; names nest by `/`. */
export interface Graph {
  nodes: GraphNode[];
  truncated: boolean;
}

/** A node of a recorded graph. */
export interface GraphNode {
  name: string;
  operation: string;
  inputs: string[];
  shape: string;
}

/** The first words of the server on each connection. */
export interface Hello {
  type: "hello";
  session: Session;
}

/** The distributions of a tag over time (at most so many as asked for, the first and last always). */
export interface Histograms {
  tag: string;
  steps: number[];
  times: number[];
  edges: ((number | "Infinity" | "-Infinity" | null)[])[];
  counts: number[][];
  problems: string[];
}

/** What a run holds under a tag that is no curve. */
export interface Items {
  tag: string;
  kind: string;
  shown: boolean;
  steps: number[];
  times: number[];
  version: number;
}

/** A process of training: queued, running, or ended with a run or an error. */
export interface Job {
  id: string;
  kind: "train" | "resume";
  document: string;
  run: string | null;
  state: "queued" | "running" | "stopping" | "ended";
  created: string;
  started: string;
  ended: string;
  exit: number | null;
  error: string;
  settings: string[];
}

/** Train a document (with `settings`, as `--set` takes them), or go on with a run. */
export interface JobRequest {
  document: string | null;
  resume: string | null;
  settings: string[];
  epochs: number | null;
}

/** The tags of a run have changed, or there are more items under them. */
export interface NewContents {
  type: "contents";
  contents: Contents;
}

/** Points of a tag as they were written; `first` points were written before them. So a chart drops those that its `SeriesPart.recorded` counts already, and sees a gap. */
export interface NewPoints {
  first: number;
  steps: number[];
  times: number[];
  values: (number | "Infinity" | "-Infinity" | null)[];
}

/** Precision and recall for each threshold. */
export interface PRCurve {
  step: number;
  thresholds: number[];
  precision: number[];
  recall: number[];
  counts: Record<string, number[]>;
}

/** New points of a run. `restart`: earlier points were replaced, ask for the curves again. */
export interface Points {
  type: "points";
  run: string;
  cursor: string;
  restart: boolean;
  series: Record<string, NewPoints>;
}

/** What a run's model says of one input. */
export interface Prediction {
  name: string;
  scores: Score[];
  value: number[];
  truth: string | null;
}

/** One thing that is wrong, in words: where in the document, its line, and what mends it. */
export interface Problem {
  message: string;
  place: string;
  line: number | null;
  fix: string;
}

/** All jobs, and how many may run at once. */
export interface Queue {
  jobs: Job[];
  slots: number;
  devices: string[];
}

/** The queue now. */
export interface QueueChanged {
  type: "jobs";
  queue: Queue;
}

/** The body of every answer that is no success: one sentence, and the problems of a document if it is one. */
export interface Refusal {
  message: string;
  problems: Problem[];
}

/** One run as tables show it; `id` is its folder below the opened one, with `/`; times are ISO 8601 in UTC. */
export interface Run {
  id: string;
  name: string;
  status: "new" | "running" | "done" | "stopped" | "failed" | "interrupted" | "unknown" | "damaged";
  own: boolean;
  started: string;
  updated: string;
  epoch: number | null;
  epochs: number | null;
  step: number | null;
  seconds_left: number | null;
  rate: number | null;
  last: Record<string, number | "Infinity" | "-Infinity" | null>;
  best: Record<string, number | "Infinity" | "-Infinity" | null>;
  settings: Record<string, unknown>;
  notes: string;
  tags: string[];
  archived: boolean;
  error: string | null;
  problems: string[];
  host: string;
  command: string[];
  environment: Record<string, unknown>;
}

/** What a person changes of a run; what is left out stays. */
export interface RunChange {
  name: string | null;
  notes: string | null;
  tags: string[] | null;
  archived: boolean | null;
}

/** Runs that are new or changed, and the ids of those that are gone. `all`: there are no others. */
export interface RunsChanged {
  type: "runs";
  runs: Run[];
  gone: string[];
  all: boolean;
}

/** A picture of the validation set, as a data URL. */
export interface Sample {
  index: number;
  picture: string;
  label: string | null;
}

/** A class with its score. */
export interface Score {
  label: string;
  score: number;
}

/** The head of an answer with curves. */
export interface SeriesHeader {
  parts: SeriesPart[];
}

/** What the bytes behind the header hold for one query: the columns in this order, `count` float64 each. */
export interface SeriesPart {
  count: number;
  columns: ("x" | "y" | "low" | "high" | "smooth" | "step" | "time")[];
  total: number;
  exact: boolean;
  smooth_last: number;
  smooth_count: number;
  nonfinite: ([number, "NaN" | "Infinity" | "-Infinity"])[];
  recorded: number;
  cursor: string;
  error: string | null;
}

/** Curves of one chart or many. */
export interface SeriesQueries {
  queries: SeriesQuery[];
}

/** One curve of a chart. Several runs are one curve: their mean, with `low` and `high` at one standard deviation. */
export interface SeriesQuery {
  runs: string[];
  tag: string;
  x: "step" | "time" | "relative" | "epoch" | "metric";
  metric: string | null;
  low: number | null;
  high: number | null;
  width: number;
  smoothing: number;
  overlap: "last" | "both";
}

/** What the page needs to know of its server. */
export interface Session {
  version: string;
  instance: string;
  folder: string;
  name: string;
  writable: boolean;
}

/** A document to begin from. */
export interface Template {
  name: string;
  title: string;
  text: string;
  layers: string[];
}

/** Texts of one step; `columns` when they are a table's rows. */
export interface Texts {
  step: number;
  texts: string[];
  columns: number;
}

/** Something that a person should know: a run that cannot be read any more. */
export interface Trouble {
  type: "trouble";
  run: string | null;
  message: string;
}

/** Follow a run's curves from a cursor on; empty: only what is written from now on. */
export interface Watch {
  run: string;
  cursor: string;
  tags: string[] | null;
  console: number | null;
}

/** All that a page follows now; each one replaces what it followed before. */
export interface Watching {
  type: "watch";
  watch: Watch[];
  runs: boolean;
}

export type News = Hello | RunsChanged | Points | NewContents | ConsoleText | QueueChanged | DocumentsChanged | Trouble;
