"""What passes between server and the pages of data and settings: counts, samples, augmentation, the schedule."""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from torchwork.serve.messages import Message, Number, Problem


class ViewRequest(Message):
    """What a text describes, as the file `path`."""

    text: str
    path: str = "experiment.yaml"


class SplitView(Message):
    """One split of the data."""

    name: str
    samples: int
    counts: dict[str, int] = {}
    """samples of each class, where there are classes; of masks its pixels"""
    damaged: list[str] = []
    """files that cannot be read, by name; they are left out"""


class DataView(Message):
    """The data of a document, opened."""

    splits: list[SplitView] = []
    inputs: list[str] = []
    """shapes of one sample's inputs: `3×224×224`"""
    target: str = ""
    classes: list[str] = []
    attached: Literal["", "mask", "labels", "box"] = ""
    """what lies over each picture, to be learnt: a mask of 0 and 1, the class of each pixel, a box"""
    legend: list[tuple[str, str]] = []
    """classes of masks and their colours: `("car", "#0072b2")`"""
    mean: list[Number] = []
    std: list[Number] = []
    """of each channel, as training uses them; empty: not normalised"""
    facts: list[tuple[str, str]] = []
    notes: list[str] = []
    problems: list[Problem] = []


class SamplesRequest(ViewRequest):
    """Some samples of a split, of one class where it is given."""

    split: str = "train"
    label: str | None = None
    first: int = 0
    count: Annotated[int, Field(ge=1, le=200)] = 48


class Over(Message):
    """What lies over a picture."""

    mask: str = ""
    """a translucent PNG of the same aspect as a data URL: each class in its colour; empty: none"""
    box: list[Number] = []
    """x1, y1, x2, y2 in pixels; empty: none"""
    size: list[int] = []
    """width and height of the picture in these pixels"""


class DataSample(Message):
    """A sample before augmentation: a picture as a data URL, or its values as text."""

    index: int
    """in its split"""
    name: str = ""
    picture: str = ""
    text: str = ""
    label: str | None = None
    over: Over | None = None


class DataSamples(Message):
    """Samples in order, and how many there are."""

    samples: list[DataSample]
    total: int


class AugmentRequest(ViewRequest):
    """One training sample, augmented several times."""

    index: int = 0
    draws: Annotated[int, Field(ge=1, le=64)] = 12
    seed: int = 0
    """another seed, other draws; the same one, the same"""


class Augmented(Message):
    """The sample as it is, and as the network would get it: each draw, its numbers turned back into a picture."""

    original: str
    pictures: list[str]
    original_over: Over | None = None
    over: list[Over] = []
    """of each draw, where something lies over the pictures: it moves with them"""
    seed: int
    label: str | None = None
    notes: list[str] = []


class RateCurve(Message):
    """The learning rate of one group over the whole run, by step; points between which it is a straight line."""

    name: str
    steps: list[int]
    rates: list[Number]


class ScheduleRequest(ViewRequest):
    """`measure`: try a few real steps, for some seconds, where no run tells how long they take."""

    measure: bool = False


class ScheduleView(Message):
    """What training will do, before it does."""

    curves: list[RateCurve] = []
    steps_per_epoch: int = 0
    epochs: int = 0
    warmup: int = 0
    """steps of warm-up"""
    seconds: float | None = None
    """expected for the whole run, on this machine; null: not known"""
    basis: str = ""
    """what the expectation rests on"""
    notes: list[str] = []
    """what the curves take for granted: that a watched metric always improves"""
    problems: list[Problem] = []


class ParameterView(Message):
    """One parameter of the network, and what the rules make of it."""

    name: str
    node: str
    """path of the node that has it: `layer1.0.conv1`"""
    shape: list[int]
    count: int
    trained: bool = True
    rules: list[int] = []
    """numbers of the rules in `parameters:` that match it"""
    settings: dict[str, float | int | bool | str] = {}
    """of the optimizer, where they differ: lr, weight_decay"""
    optimizer: str = ""
    init: str = ""
    tied: str = ""
    """the parameter that it is one with"""


class ParametersView(Message):
    """All parameters in order."""

    parameters: list[ParameterView]
    problems: list[Problem] = []


class DataFolder(Message):
    """Data below the opened folder, a folder of pictures or a file, and the source that reads them."""

    path: str
    kind: Literal["pictures", "masks", "table", "arrays"]
    source: dict[str, dict[str, str]]
    """as a document writes it: `{ImageFolder: {root: data/ants}}`"""
    splits: list[str] = []
    """of pictures, where they lie in folders of splits: train, val"""
    classes: list[str] = []
    """the first few"""
    files: int = 1
    """pictures that were counted; `more`: there are more"""
    more: bool = False


class UploadedData(Message):
    """Files that were put below the opened folder, and the source that reads them.

    The body of the request is a zip file, or one file (its name in `file`), or with the content type
    `application/x-torchwork-files` many: each as a 4-byte little-endian length, JSON `{"path": ..., "size": ...}` of
    that length, and its bytes.
    """

    path: str
    files: int
    bytes: int
    source: dict[str, dict[str, str]] = {}
    """as a document writes it: `{ImageFolder: {root: data/ants}}`; empty: nothing reads these"""
    notes: list[str] = []
