"""Everything that passes between server and page; the page's TypeScript types are made from these classes.

Numbers that are not finite cannot stand in JSON: NaN comes as null, infinities as the words of `Number`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = float | Literal["Infinity", "-Infinity"] | None
"""A measured number as JSON: null is NaN."""
Status = Literal["new", "running", "done", "stopped", "failed", "interrupted", "unknown", "damaged"]
Kind = Literal["step", "time", "relative", "epoch", "metric"]
Overlap = Literal["last", "both"]


class Message(BaseModel):
    """Frozen, and strict about names: a misspelt field is an error on either side."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Message):
    """One thing that is wrong, in words: where in the document, its line, and what mends it."""

    message: str
    place: str = ""
    line: int | None = None
    fix: str = ""


class Refusal(Message):
    """The body of every answer that is no success: one sentence, and the problems of a document if it is one."""

    message: str
    problems: list[Problem] = []
    stored: str | None = None
    """the notes as they are, where a change of them was refused because somebody else changed them meanwhile"""


# Runs


class Run(Message):
    """One run as tables show it; `id` is its folder below the opened one, with `/`; times are ISO 8601 in UTC."""

    id: str
    name: str
    status: Status
    own: bool
    """made by torchwork: it can be renamed and stopped; a foreign one can be watched and compared"""
    document: bool = False
    """what it was trained from lies there: it can be opened, resumed, tried; not so a run of somebody's own loop"""
    started: str = ""
    updated: str = ""
    epoch: int | None = None
    epochs: int | None = None
    """planned"""
    step: int | None = None
    seconds_left: float | None = None
    rate: float | None = None
    """samples a second"""
    last: dict[str, Number] = {}
    best: dict[str, Number] = {}
    settings: dict[str, Any] = {}
    notes: str = ""
    tags: list[str] = []
    archived: bool = False
    error: str | None = None
    problems: list[str] = []
    """what could not be read of it"""
    host: str = ""
    command: list[str] = []
    environment: dict[str, Any] = {}


class RunChange(Message):
    """What a person changes of a run; what is left out stays."""

    name: str | None = None
    notes: str | None = None
    notes_before: str | None = None
    """the notes that were edited: others by now are not replaced, but sent back in the refusal (409)"""
    tags: list[str] | None = None
    archived: bool | None = None


class Deleted(Message):
    """Runs that were moved to the trash; `undo` brings them back."""

    undo: str
    runs: list[str]


class Items(Message):
    """What a run holds under a tag that is no curve."""

    tag: str
    kind: str
    """histogram, image, audio, text, hparams, pr_curves, graph, or the name of what cannot be shown"""
    shown: bool
    steps: list[int]
    times: list[float]
    version: int = 0
    """grows when earlier items were replaced"""


class Contents(Message):
    """The tags of a run."""

    run: str
    scalars: list[str]
    items: list[Items]
    problems: list[str] = []


# Curves: `POST /api/series` answers with bytes: u32 length, a JSON `SeriesHeader`, padding to 8, then float64 columns.


class SeriesQuery(Message):
    """One curve of a chart. Several runs are one curve: their mean, with `low` and `high` at one standard deviation."""

    runs: list[str]
    tag: str
    x: Kind = "step"
    metric: str | None = None
    """the tag that is x, when x is `metric`"""
    low: float | None = None
    high: float | None = None
    """the part of x that is seen; null: all"""
    width: Annotated[int, Field(ge=16, le=20_000)] = 800
    """in pixels: about two points each, more are drawn as a mean with a band of minimum and maximum"""
    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    overlap: Overlap = "last"


class SeriesQueries(Message):
    """Curves of one chart or many."""

    queries: list[SeriesQuery]


class SeriesPart(Message):
    """What the bytes behind the header hold for one query: the columns in this order, `count` float64 each."""

    count: int
    columns: list[Literal["x", "y", "low", "high", "smooth", "step", "time"]]
    """`low` and `high` only when points were put together; `smooth` only when asked for"""
    total: int
    """points recorded in the asked range"""
    exact: bool
    """every point is there as it was recorded"""
    smooth_last: float = 0.0
    smooth_count: int = 0
    """the state of the moving average, so that the page goes on with new points"""
    nonfinite: list[tuple[float, Literal["NaN", "Infinity", "-Infinity"]]] = []
    """x of points that are no numbers (at most 1000); they are no points of the columns"""
    recorded: int = 0
    """points of this tag in the run's files so far, in the order of writing: `NewPoints.first` goes on there"""
    cursor: str = ""
    """up to here: what comes later over the socket is behind it"""
    error: str | None = None


class SeriesHeader(Message):
    """The head of an answer with curves."""

    parts: list[SeriesPart]


# What is not a curve


class Histograms(Message):
    """The distributions of a tag over time (at most so many as asked for, the first and last always)."""

    tag: str
    steps: list[int]
    times: list[float]
    edges: list[list[Number]]
    counts: list[list[float]]
    problems: list[str] = []


class Texts(Message):
    """Texts of one step; `columns` when they are a table's rows."""

    step: int
    texts: list[str]
    columns: int = 0


class PRCurve(Message):
    """Precision and recall for each threshold."""

    step: int
    thresholds: list[float]
    precision: list[float]
    recall: list[float]
    counts: dict[str, list[float]] = {}


class GraphNode(Message):
    """A node of a recorded graph."""

    name: str
    operation: str
    inputs: list[str] = []
    shape: str = ""


class Graph(Message):
    """A recorded graph; names nest by `/`."""

    nodes: list[GraphNode]
    truncated: bool = False


# Documents and templates


class DocumentFile(Message):
    """An experiment or model document below the opened folder."""

    path: str
    name: str
    modified: str
    size: int


class DocumentText(Message):
    """The text of a document; `version` names this content, so that two editors do not overwrite each other."""

    path: str
    text: str
    version: str


class DocumentSave(Message):
    """Save a text over the `base` version of a file; empty for a new file."""

    path: str
    text: str
    base: str = ""
    force: bool = False


class DocumentNew(Message):
    """Make `path` from a template, or from a run's document."""

    path: str
    template: str | None = None
    run: str | None = None
    settings: list[str] = []
    """written into its text, as `--set` takes them"""


class CheckRequest(Message):
    """Check a text as the file `path`."""

    text: str
    path: str = "experiment.yaml"


class CheckedLayer(Message):
    """A row of the summary."""

    name: str
    type: str
    output: str = ""
    parameters: int = 0
    macs: int | None = None
    depth: int = 0


class Checked(Message):
    """What `torchwork check` says; `problems` empty: it can be trained."""

    problems: list[Problem]
    layers: list[CheckedLayer] = []
    facts: list[tuple[str, str]] = []
    """name and value: samples, classes, parameters, memory..."""
    notes: list[str] = []


class Difference(Message):
    """What differs between two documents, in words."""

    lines: list[str]


# Jobs


class Job(Message):
    """A process of training: queued, running, or ended with a run or an error."""

    id: str
    kind: Literal["train", "resume"]
    document: str = ""
    run: str | None = None
    state: Literal["queued", "running", "stopping", "ended"]
    created: str
    started: str = ""
    ended: str = ""
    exit: int | None = None
    error: str = ""
    settings: list[str] = []


class JobRequest(Message):
    """Train a document (with `settings`, as `--set` takes them), or go on with a run."""

    document: str | None = None
    resume: str | None = None
    settings: list[str] = []
    epochs: int | None = None


class Queue(Message):
    """All jobs, and how many may run at once."""

    jobs: list[Job]
    slots: int
    devices: list[str]


# Trying a model


class Score(Message):
    """A class with its score."""

    label: str
    score: float


class Prediction(Message):
    """What a run's model says of one input."""

    name: str
    scores: list[Score]
    value: list[float] = []
    """of a regression"""
    places: bool = False
    """the scores are the shares of its places, such as pixels, that each class has: none of them is right alone"""
    truth: str | None = None


class Sample(Message):
    """A sample of a split, its picture as a data URL; empty: it is none."""

    index: int
    picture: str
    label: str | None = None


# The session and the live socket


class Session(Message):
    """What the page needs to know of its server."""

    version: str
    instance: str
    """another one after each start of the server"""
    folder: str
    name: str
    writable: bool = True


class Watch(Message):
    """Follow a run's curves from a cursor on; empty: only what is written from now on."""

    run: str
    cursor: str = ""
    tags: list[str] | None = None
    """null: all"""
    console: int | None = None
    """follow the console from this byte on"""


class Watching(Message):
    """All that a page follows now; each one replaces what it followed before."""

    type: Literal["watch"] = "watch"
    watch: list[Watch]
    runs: bool = True
    """the table of runs, the jobs and the documents too"""


class Points(Message):
    """New points of a run. `restart`: earlier points were replaced, ask for the curves again."""

    type: Literal["points"] = "points"
    run: str
    cursor: str
    restart: bool = False
    series: dict[str, NewPoints] = {}


class NewPoints(Message):
    """Points of a tag as they were written; `first` points were written before them.

    So a chart drops those that its `SeriesPart.recorded` counts already, and sees a gap.
    """

    first: int = 0
    steps: list[int]
    times: list[float]
    values: list[Number]


class NewContents(Message):
    """The tags of a run have changed, or there are more items under them."""

    type: Literal["contents"] = "contents"
    contents: Contents


class ConsoleText(Message):
    """More of a run's console, from byte `begin` to `offset`: of what overlaps the page drops what it has."""

    type: Literal["console"] = "console"
    run: str
    begin: int = 0
    offset: int
    text: str
    restart: bool = False


class RunsChanged(Message):
    """Runs that are new or changed, and the ids of those that are gone. `all`: there are no others."""

    type: Literal["runs"] = "runs"
    runs: list[Run]
    gone: list[str] = []
    all: bool = False


class QueueChanged(Message):
    """The queue now."""

    type: Literal["jobs"] = "jobs"
    queue: Queue


class DocumentsChanged(Message):
    """The documents now."""

    type: Literal["documents"] = "documents"
    documents: list[DocumentFile]


class Hello(Message):
    """The first words of the server on each connection."""

    type: Literal["hello"] = "hello"
    session: Session


class Trouble(Message):
    """Something that a person should know: a run that cannot be read any more."""

    type: Literal["trouble"] = "trouble"
    run: str | None = None
    message: str


News = Annotated[
    Hello | RunsChanged | Points | NewContents | ConsoleText | QueueChanged | DocumentsChanged | Trouble,
    Field(discriminator="type"),
]
"""What the server says over the socket."""

Points.model_rebuild()
