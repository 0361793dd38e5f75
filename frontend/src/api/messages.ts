// Made by `make types` from the messages of torchwork/serve and torchwork/draw, never by hand.

/** A new node. `feeds` are the inputs (node and number) that take from it from now on: so it comes onto a wire. */
export interface Add {
  do: "add";
  level?: string;
  part: unknown;
  name?: string;
  sources?: string[];
  feeds?: [string, number][];
  at?: [number, number] | null;
}

/** An argument of a class or function; `default` as written, empty where it must be given. */
export interface Argument {
  name: string;
  default: string;
  required: boolean;
}

/** One training sample, augmented several times. */
export interface AugmentRequest {
  text: string;
  path: string;
  index: number;
  draws: number;
  seed: number;
}

/** The sample as it is, and as the network would get it: each draw, its numbers turned back into a picture. */
export interface Augmented {
  original: string;
  pictures: string[];
  original_over: Over | null;
  over: Over[];
  seed: number;
  label: string | null;
  notes: string[];
}

/** Predictions of like certainty: how sure they were on average, and how many were right. */
export interface Bin {
  low: number;
  high: number;
  samples: number;
  confidence: number | "Infinity" | "-Infinity" | null;
  accuracy: number | "Infinity" | "-Infinity" | null;
}

/** Nodes let their first input through, as if they were not there. */
export interface Bypass {
  do: "bypass";
  level?: string;
  nodes: string[];
  on?: boolean;
}

/** One kernel or map: a picture as a data URL, with its smallest and largest value. */
export interface Cell {
  channel: number;
  picture: string;
  low: number | "Infinity" | "-Infinity" | null;
  high: number | "Infinity" | "-Infinity" | null;
}

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

/** How one class is recognised; null where there is nothing that could be right. */
export interface ClassRow {
  name: string;
  samples: number;
  predicted: number;
  precision: number | "Infinity" | "-Infinity" | null;
  recall: number | "Infinity" | "-Infinity" | null;
  f1: number | "Infinity" | "-Infinity" | null;
  iou: number | "Infinity" | "-Infinity" | null;
}

/** A class with its score. */
export interface ClassScore {
  name: string;
  index: number;
  score: number | "Infinity" | "-Infinity" | null;
}

/** Input `input` of a node (empty: what the level returns) takes from `source`; one behind the last is new. */
export interface Connect {
  do: "connect";
  level?: string;
  source: string;
  node: string;
  input?: number;
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

/** What goes to the clipboard: YAML that a person can read, and `Paste` takes. */
export interface Copied {
  text: string;
}

/** Nodes as text for the clipboard, with the definitions that they need. */
export interface CopyRequest {
  text: string;
  level: string;
  nodes: string[];
}

/** Data below the opened folder, a folder of pictures or a file, and the source that reads them. */
export interface DataFolder {
  path: string;
  kind: "pictures" | "masks" | "table" | "arrays";
  source: Record<string, Record<string, string>>;
  splits: string[];
  classes: string[];
  files: number;
  more: boolean;
}

/** A sample before augmentation: a picture as a data URL, or its values as text. */
export interface DataSample {
  index: number;
  name: string;
  picture: string;
  text: string;
  label: string | null;
  over: Over | null;
}

/** Samples in order, and how many there are. */
export interface DataSamples {
  samples: DataSample[];
  total: number;
}

/** The data of a document, opened. */
export interface DataView {
  splits: SplitView[];
  inputs: string[];
  target: string;
  classes: string[];
  attached: "" | "mask" | "labels" | "box";
  legend: [string, string][];
  mean: (number | "Infinity" | "-Infinity" | null)[];
  std: (number | "Infinity" | "-Infinity" | null)[];
  facts: [string, string][];
  notes: string[];
  problems: Problem[];
}

/** Runs that were moved to the trash; `undo` brings them back. */
export interface Deleted {
  undo: string;
  runs: string[];
}

/** What the doctor says of a run or a document; without findings it says what it looked at. */
export interface Diagnosis {
  findings: FindingView[];
  checked: number;
  skipped: string[];
}

/** What differs between two documents, in words. */
export interface Difference {
  lines: string[];
}

/** Input `input` of a node takes nothing. */
export interface Disconnect {
  do: "disconnect";
  level?: string;
  node: string;
  input?: number;
}

/** A document's text, and where it stands, from which its data are found. */
export interface DoctorRequest {
  text: string;
  path: string;
  tried: boolean;
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

/** The drawing of a text; with `edits` of what they make of it. `instances`: whose shapes a level shows. */
export interface DrawRequest {
  text: string;
  path: string;
  edits: (Add | Remove | Connect | Disconnect | SetValue | UnsetValue | SetNode | Rename | Move | Tidy | Bypass | Group | Unpack | Unique | Share | Tie | Paste | Inputs | NameModule | SetArguments)[];
  instances: Record<string, string>;
}

/** Everything that is seen of a document. */
export interface Drawing {
  text: string;
  document: unknown;
  levels: Level[];
  faults: Fault[];
  checked: Checked;
  code: string;
  can_train: boolean;
  selected: string[];
  level: string;
}

/** A node as it is drawn. Counts are for one sample, of all it holds. */
export interface DrawnNode {
  name: string;
  place: string;
  kind: "layer" | "module" | "code" | "operation" | "tensor" | "use" | "unknown";
  type: string;
  args: Record<string, unknown>;
  inferred: Record<string, unknown>;
  inputs: Port[];
  grows: boolean;
  outputs: string[];
  state: "right" | "wrong" | "behind" | "unknown";
  parameters: number;
  trained: number;
  macs: number | null;
  memory: number;
  repeat: number;
  use: string;
  bypass: boolean;
  note: string;
  at: [number, number] | null;
  lines: [number, number] | null;
  made: number | null;
}

/** Where the network looked: at a validation sample, or at the picture that was sent before (`upload`). */
export interface ExplainRequest {
  run: string;
  sample: number | null;
  split: string;
  upload: string;
  method: string;
  layer: string;
  target: number | null;
  region: [number, number, number, number] | null;
  input: string;
}

/** What the network says of an input, and where it looked. */
export interface Explanation {
  scores: ClassScore[];
  picture: string;
  size: [number, number];
  places: boolean;
  heat: string;
  why: string;
  method: string;
  layer: string;
  layers: Layer[];
  target: number;
  inputs: string[];
  input: string;
  label: string;
  trusted: boolean | null;
  correlation: number | "Infinity" | "-Infinity" | null;
  notes: string[];
  neighbours: Neighbour[];
  truth: Over | null;
  said: Over | null;
  legend: [string, string][];
}

/** A text as Python: the whole `script`, or the classes of its `network` alone. */
export interface ExportRequest {
  text: string;
  path: string;
  to: "script" | "network";
}

/** A file to take away. */
export interface Exported {
  name: string;
  text: string;
}

/** A problem on the drawing: the node (`level` and `node`; empty: the document), its field, and ways out. */
export interface Fault {
  message: string;
  place: string;
  line: number | null;
  fix: string;
  level: string;
  node: string;
  field: string;
  input: number | null;
  fixes: Fix[];
}

/** One thing that is wrong; `fixes` change the run's document. */
export interface FindingView {
  rule: string;
  severity: "alarm" | "warning" | "note";
  sentence: string;
  because: string;
  advice: string;
  layers: string[];
  step: number | null;
  tags: string[];
  source: string;
  fixes: Fix[];
}

/** Names of parts that run on what comes there, the likely ones first. */
export interface Fits {
  names: string[];
  likely: string[];
}

/** Which parts could stand behind `source` of a level (empty: anything), and before inputs: pairs (node, place). */
export interface FitsRequest {
  text: string;
  path: string;
  level: string;
  instance: string;
  source: string;
  feeds: [string, number][];
}

/** A way out by one click: what the button says, and what it does. */
export interface Fix {
  label: string;
  edits: (Add | Remove | Connect | Disconnect | SetValue | UnsetValue | SetNode | Rename | Move | Tidy | Bypass | Group | Unpack | Unique | Share | Tie | Paste | Inputs | NameModule | SetArguments)[];
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

/** A page of them. */
export interface Grid {
  cells: Cell[];
  pages: number;
  total: number;
  width: number;
  height: number;
  input: string;
}

/** Kernels of a layer, or its feature maps for one sample of the probe batch. */
export interface GridRequest {
  run: string;
  layer: string;
  what: "kernels" | "maps";
  sample: number;
  together: boolean;
  page: number;
  weights: "best" | "last" | "first";
}

/** Nodes become a definition of their own, and one node that uses it; places inside stay. */
export interface Group {
  do: "group";
  level?: string;
  nodes: string[];
  name?: string;
}

/** One layer over time: `values[0]` is of column `begin`; null is NaN. Where none was measured, the last stands. */
export interface HeatRow {
  layer: string;
  begin: number;
  values: (number | "Infinity" | "-Infinity" | null)[];
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

/** An import, while it runs and when it has ended: `done` with a document, or `failed` with a sentence. */
export interface Import {
  id: string;
  title: string;
  state: "running" | "done" | "failed" | "stopped";
  seconds: number;
  limit: number;
  stage: "loading" | "recording" | "rebuilding" | "comparing";
  error: string;
  path: string;
  weights: string;
  classes: ImportedClass[];
  editable: number;
  proof: ImportProof | null;
  notes: string[];
  taken: string[];
  lost: string[];
}

/** What this machine lets an import have: seconds in all, bytes of memory for a process (0: no limit here). */
export interface ImportLimits {
  seconds: number;
  memory: number;
  network: boolean;
}

/** Largest relative differences to the original: of outputs and of a training step's gradients; null: not compared. `limit` says where the rebuilt model is known to differ, `apart` what the comparison of gradients leaves out. */
export interface ImportProof {
  holds: boolean;
  outputs: number | null;
  step: number | null;
  sizes: string[];
  problem: string;
  limit: string;
  apart: string;
}

/** What to import: a `model` of torchvision, or `name` of a `file` (empty for a script that torchwork exported). */
export interface ImportRequest {
  model: string;
  file: PythonFile | null;
  name: string;
  arguments: string;
  input: string;
  weights: string;
  trust: boolean;
  network: boolean;
  path: string;
}

/** A class or function of a file that may give a module, as its text says; nothing was run. */
export interface Importable {
  name: string;
  kind: "class" | "function";
  arguments: Argument[];
  takes: string[];
  summary: string;
  free: boolean;
}

/** What became of a class: nodes (`native`), nodes of one way through it (`recorded`), or itself (`code`). */
export interface ImportedClass {
  name: string;
  way: "native" | "recorded" | "code";
  instances: number;
  definitions: string[];
  frozen: string[];
  reason: string;
}

/** The names of what a level is called with; `renamed` ones keep their links. */
export interface Inputs {
  do: "inputs";
  level?: string;
  names: string[];
  renamed?: Record<string, string>;
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

/** A layer of a trained network, and what can be seen of it. Costs are for one sample. */
export interface Layer {
  name: string;
  type: string;
  output: string;
  parameters: number;
  macs: number | null;
  milliseconds: number | "Infinity" | "-Infinity" | null;
  memory: number | null;
  kernels: number;
  maps: number;
}

/** One number of all layers over time. Column c is of the steps up to `steps[c]`. */
export interface LayerHeat {
  what: string;
  steps: number[];
  rows: HeatRow[];
}

/** What was measured last of one layer, by its module's name (`layer1.0.conv1`); what is unknown is left out. */
export interface LayerNumbers {
  name: string;
  numbers: Record<string, number | "Infinity" | "-Infinity" | null>;
  histograms: string[];
  pictures: string[];
  shape: Shape | null;
}

/** The layers of a run's network, in the order in which they are called. */
export interface Layers {
  layers: Layer[];
  samples: number;
  notes: string[];
}

/** One sheet: the model (`name` empty) or a definition. Shapes are those of one of its `instances`. */
export interface Level {
  name: string;
  place: string;
  inputs: Port[];
  outputs: Port[];
  nodes: DrawnNode[];
  chain: boolean;
  arguments: Record<string, unknown>;
  instances: string[];
  instance: string;
  code: string;
}

/** All layers of a run as they were measured last; from its records alone, without torch. */
export interface LiveLayers {
  run: string;
  step: number | null;
  layers: LayerNumbers[];
  document: string;
}

/** Files below the opened folder that can be brought in, by their paths, and what limits hold for those that run. */
export interface LocalFiles {
  python: string[];
  weights: string[];
  limits: ImportLimits;
}

/** What a Python file holds: the likeliest first. `exported`: torchwork printed it, and reads it without running. */
export interface LookedAt {
  found: Importable[];
  exported: boolean;
  does: string;
}

/** A sample that is taken for something else; of masks, the two classes that are mixed up most in it. */
export interface Mistake {
  index: number;
  picture: string;
  label: string;
  predicted: string;
  confidence: number | "Infinity" | "-Infinity" | null;
  loss: number | "Infinity" | "-Infinity" | null;
  truth: Over | null;
  said: Over | null;
}

/** A page of the samples that are mistaken, or of those of a cell, right ones too. */
export interface Mistakes {
  total: number;
  mistakes: Mistake[];
}

/** Where nodes stand on the sheet; null: wherever the layout puts them. */
export interface Move {
  do: "move";
  level?: string;
  places: Record<string, [number, number] | null>;
}

/** A definition gets another name; its uses follow. */
export interface NameModule {
  do: "name_module";
  module: string;
  name: string;
}

/** A training sample that the network takes for similar. */
export interface Neighbour {
  index: number;
  picture: string;
  label: string;
  distance: number | "Infinity" | "-Infinity" | null;
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

/** By node, a PNG as a data URL; nodes whose output is no picture get a bar of their values. `why`: why none. */
export interface NodePictures {
  pictures: Record<string, string>;
  input: string;
  why: string;
}

/** What lies over a picture. */
export interface Over {
  mask: string;
  box: (number | "Infinity" | "-Infinity" | null)[];
  size: number[];
}

/** Precision and recall for each threshold. */
export interface PRCurve {
  step: number;
  thresholds: number[];
  precision: number[];
  recall: number[];
  counts: Record<string, number[]>;
}

/** A sample of which one number is predicted. */
export interface Pair {
  index: number;
  truth: number | "Infinity" | "-Infinity" | null;
  predicted: number | "Infinity" | "-Infinity" | null;
}

/** One parameter of the network, and what the rules make of it. */
export interface ParameterView {
  name: string;
  node: string;
  shape: number[];
  count: number;
  trained: boolean;
  rules: number[];
  settings: Record<string, number | boolean | string>;
  optimizer: string;
  init: string;
  tied: string;
}

/** All parameters in order. */
export interface ParametersView {
  parameters: ParameterView[];
  problems: Problem[];
}

/** One argument of a part, for its form. */
export interface PartField {
  name: string;
  kind: string;
  expected: string;
  default: unknown;
  required: boolean;
  choices: unknown[];
  low: number | null;
  high: number | null;
  help: string;
  inferred: boolean;
  likely: boolean;
}

/** What the installed torch offers under a name. */
export interface PartForm {
  name: string;
  kind: "layer" | "operation" | "tensor" | "loss" | "optimizer" | "scheduler" | "warmup" | "transform" | "source" | "initializer";
  group: string;
  summary: string;
  link: string;
  inputs: string[];
  fields: PartField[];
  order: string[];
  common: boolean;
}

/** The catalog. */
export interface Parts {
  torch: string;
  parts: PartForm[];
}

/** Nodes that were copied as text, here or in another window, with the definitions that they need. */
export interface Paste {
  do: "paste";
  level?: string;
  text: string;
  at?: [number, number] | null;
  sources?: boolean;
  feeds?: [string, number][];
}

/** Small pictures of what each node of a level gives on a real sample, before any training. */
export interface PictureRequest {
  text: string;
  path: string;
  level: string;
  instance: string;
  sample: number;
}

/** A sample among its neighbours, by the network's last hidden layer, in two dimensions. */
export interface Point {
  index: number;
  x: number;
  y: number;
  label: number;
  predicted: number;
}

/** New points of a run. `restart`: earlier points were replaced, ask for the curves again. */
export interface Points {
  type: "points";
  run: string;
  cursor: string;
  restart: boolean;
  series: Record<string, NewPoints>;
}

/** An input of a node: its name, what is connected (empty: nothing), what comes through. */
export interface Port {
  name: string;
  source: string;
  shape: string;
  needed: boolean;
}

/** What a run's model says of one input. */
export interface Prediction {
  name: string;
  scores: Score[];
  value: number[];
  places: boolean;
  truth: string | null;
}

/** What a run's best weights say of a whole split. */
export interface PredictionsView {
  split: string;
  splits: string[];
  samples: number;
  classes: string[];
  accuracy: number | "Infinity" | "-Infinity" | null;
  counted: "samples" | "places";
  confusion: number[][];
  rows: ClassRow[];
  bins: Bin[];
  calibration_error: number | "Infinity" | "-Infinity" | null;
  legend: [string, string][];
  pairs: Pair[];
  points: Point[];
  projection: "pca" | "t-sne";
  layer: string;
  facts: [string, string][];
  notes: string[];
}

/** One thing that is wrong, in words: where in the document, its line, and what mends it. */
export interface Problem {
  message: string;
  place: string;
  line: number | null;
  fix: string;
}

/** How much of an explanation is computed, 0 to 1; null: nobody knows. */
export interface Progress {
  share: number | null;
}

/** A Python file: one below the opened folder by its `path`, or the `text` of one called `file`. */
export interface PythonFile {
  path: string;
  file: string;
  text: string;
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

/** The learning rate of one group over the whole run, by step; points between which it is a straight line. */
export interface RateCurve {
  name: string;
  steps: number[];
  rates: (number | "Infinity" | "-Infinity" | null)[];
}

/** The body of every answer that is no success: one sentence, and the problems of a document if it is one. */
export interface Refusal {
  message: string;
  problems: Problem[];
  stored: string | null;
}

/** Nodes go; with `heal` those behind take from what stood before, where that is one thing. */
export interface Remove {
  do: "remove";
  level?: string;
  nodes: string[];
  heal?: boolean;
}

/** A node gets another name; whatever refers to it follows. */
export interface Rename {
  do: "rename";
  level?: string;
  node: string;
  name: string;
}

/** One run as tables show it; `id` is its folder below the opened one, with `/`; times are ISO 8601 in UTC. */
export interface Run {
  id: string;
  name: string;
  status: "new" | "running" | "done" | "stopped" | "failed" | "interrupted" | "unknown" | "damaged";
  own: boolean;
  document: boolean;
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
  notes_before: string | null;
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

/** A sample of a split, its picture as a data URL; empty: it is none. */
export interface Sample {
  index: number;
  picture: string;
  label: string | null;
}

/** Some samples of a split, of one class where it is given. */
export interface SamplesRequest {
  text: string;
  path: string;
  split: string;
  label: string | null;
  first: number;
  count: number;
}

/** `measure`: try a few real steps, for some seconds, where no run tells how long they take. */
export interface ScheduleRequest {
  text: string;
  path: string;
  measure: boolean;
}

/** What training will do, before it does. */
export interface ScheduleView {
  curves: RateCurve[];
  steps_per_epoch: number;
  epochs: number;
  warmup: number;
  seconds: number | null;
  basis: string;
  notes: string[];
  problems: Problem[];
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

/** The arguments of a definition with their defaults; null: must be given. */
export interface SetArguments {
  do: "arguments";
  module: string;
  arguments: Record<string, unknown>;
}

/** Properties and arguments of a node: `args` as they should be (null: as they are), a `part` of another name. */
export interface SetNode {
  do: "node";
  level?: string;
  node: string;
  part?: string | null;
  args?: Record<string, unknown>;
  unset?: string[];
  repeat?: number | null;
  note?: string | null;
}

/** The value at any place of the document, such as `model.layers[3].Linear.out_features`; missing sections come. */
export interface SetValue {
  do: "set";
  path: string;
  value: unknown;
}

/** How values are distributed: so many in each of equal bins from `low` to `high`, of the fullest one. */
export interface Shape {
  low: number;
  high: number;
  heights: number[];
}

/** A node calls the module of another: one instance, shared weights. */
export interface Share {
  do: "share";
  level?: string;
  node: string;
  of: string;
}

/** One split of the data. */
export interface SplitView {
  name: string;
  samples: number;
  counts: Record<string, number>;
  damaged: string[];
}

/** A document to begin from. */
export interface Template {
  name: string;
  title: string;
  text: string;
  layers: string[];
  levels: TemplateLevel[];
}

/** The network of a template (`name` empty), or one of its definitions. */
export interface TemplateLevel {
  name: string;
  nodes: TemplateNode[];
}

/** A node of a template, for its picture. */
export interface TemplateNode {
  name: string;
  type: string;
  sources: string[];
  repeat: number;
  stride: number;
}

/** Texts of one step; `columns` when they are a table's rows. */
export interface Texts {
  step: number;
  texts: string[];
  columns: number;
}

/** All nodes of a level stand where the layout puts them. */
export interface Tidy {
  do: "tidy";
  level?: string;
}

/** Two parameters are one, or not any more: full names, such as `decoder.weight`. */
export interface Tie {
  do: "tie";
  parameter: string;
  to: string | null;
}

/** Something that a person should know: a run that cannot be read any more. */
export interface Trouble {
  type: "trouble";
  run: string | null;
  message: string;
}

/** A node gets a definition of its own, a copy. */
export interface Unique {
  do: "unique";
  level?: string;
  node: string;
}

/** A node's definition is put in its place, with links and places; the definition goes when nobody uses it. */
export interface Unpack {
  do: "unpack";
  level?: string;
  node: string;
}

/** What stands at a place goes, so that the default holds; sections that become empty go with it. */
export interface UnsetValue {
  do: "unset";
  path: string;
}

/** A picture that was sent, by a name of its own. */
export interface Uploaded {
  upload: string;
  picture: string;
}

/** Files that were put below the opened folder, and the source that reads them. The body of the request is a zip file, or one file (its name in `file`), or with the content type `application/x-torchwork-files` many: each as a 4-byte little-endian length, JSON `{"path": ..., "size": ...}` of that length, and its bytes. */
export interface UploadedData {
  path: string;
  files: number;
  bytes: number;
  source: Record<string, Record<string, string>>;
  notes: string[];
}

/** A file of weights that is in its place now. */
export interface UploadedWeights {
  path: string;
  tensors: number;
  numbers: number;
}

/** What a text describes, as the file `path`. */
export interface ViewRequest {
  text: string;
  path: string;
}

/** A model of torchvision that can be imported, by the name that it is listed under. */
export interface VisionModel {
  name: string;
  target: string;
  group: "classification" | "segmentation" | "video";
  input: string;
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

/** The text that begins from these weights, and what of them does not fit; no problems: all of them do. */
export interface WeightsFit {
  text: string;
  problems: Problem[];
  tensors: number;
}

/** A file of weights for a text; empty: none. */
export interface WeightsRequest {
  text: string;
  path: string;
  weights: string;
}

export type News = Hello | RunsChanged | Points | NewContents | ConsoleText | QueueChanged | DocumentsChanged | Trouble;

export type Edit = Add | Remove | Connect | Disconnect | SetValue | UnsetValue | SetNode | Rename | Move | Tidy | Bypass | Group | Unpack | Unique | Share | Tie | Paste | Inputs | NameModule | SetArguments;
