"""What server and page exchange when a person looks into a run: layers, maps, explanations, predictions, the doctor."""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from torchwork.serve.drawings import Fix
from torchwork.serve.messages import Message, Number
from torchwork.serve.views import Over

# The live drawing


class Shape(Message):
    """How values are distributed: so many in each of equal bins from `low` to `high`, of the fullest one."""

    low: float
    high: float
    heights: list[float]


class LayerNumbers(Message):
    """What was measured last of one layer, by its module's name (`layer1.0.conv1`); what is unknown is left out."""

    name: str
    numbers: dict[str, Number]
    """output_mean, output_std, output_zeros, output_saturated, dead_units; gradient_norm, weight_norm and update_ratio
    of all its parameters together; milliseconds, memory (bytes)"""
    histograms: list[str] = []
    """tags of its histograms: weights/..., gradients/..., outputs/..."""
    pictures: list[str] = []
    """tags of its recorded feature maps: maps/..."""
    shape: Shape | None = None
    """of its outputs, as they were recorded last; null: they were not"""


class LiveLayers(Message):
    """All layers of a run as they were measured last; from its records alone, without torch."""

    run: str
    step: int | None = None
    """of the last look"""
    layers: list[LayerNumbers]
    document: str = ""
    """the text of its document, whose drawing is shown; empty: it was trained from Python"""


class HeatRow(Message):
    """One layer over time: `values[0]` is of column `begin`; null is NaN. Where none was measured, the last stands."""

    layer: str
    begin: int
    values: list[Number]


class LayerHeat(Message):
    """One number of all layers over time. Column c is of the steps up to `steps[c]`."""

    what: str
    steps: list[int]
    rows: list[HeatRow]


Heat = Literal["gradient_norm", "weight_norm", "update_ratio", "output_mean", "output_std", "output_zeros",
               "output_saturated", "dead_units"]  # fmt: skip


# Kernels and feature maps


class Layer(Message):
    """A layer of a trained network, and what can be seen of it. Costs are for one sample."""

    name: str
    type: str
    output: str = ""
    """`64×56×56`"""
    parameters: int = 0
    macs: int | None = None
    milliseconds: Number = None
    memory: int | None = None
    kernels: int = 0
    """so many kernels can be drawn; 0: it has none"""
    maps: int = 0
    """so many channels of its output can be drawn; 0: they have no place"""


class Layers(Message):
    """The layers of a run's network, in the order in which they are called."""

    layers: list[Layer]
    samples: int = 0
    """of the probe batch: validation samples whose feature maps can be seen"""
    notes: list[str] = []


class GridRequest(Message):
    """Kernels of a layer, or its feature maps for one sample of the probe batch."""

    run: str
    layer: str
    what: Literal["kernels", "maps"] = "maps"
    sample: Annotated[int, Field(ge=0)] = 0
    together: bool = False
    """all channels on one scale; else each on its own"""
    page: Annotated[int, Field(ge=0)] = 0
    weights: Literal["best", "last", "first"] = "best"
    """of which checkpoint; first: those that training began with"""


class Cell(Message):
    """One kernel or map: a picture as a data URL, with its smallest and largest value."""

    channel: int
    picture: str
    low: Number
    high: Number


class Grid(Message):
    """A page of them."""

    cells: list[Cell]
    pages: int
    total: int
    width: int
    """of one, in values"""
    height: int
    input: str = ""
    """the sample, as a data URL"""


# Explanations


class ExplainRequest(Message):
    """Where the network looked: at a validation sample, or at the picture that was sent before (`upload`)."""

    run: str
    sample: int | None = None
    split: str = ""
    """of `sample`; empty: validation"""
    upload: str = ""
    method: str = "grad-cam"
    layer: str = ""
    """empty: chosen"""
    target: int | None = None
    """the class; null: the one with the highest score"""
    region: tuple[int, int, int, int] | None = None
    """of a segmentation: x1, y1, x2, y2 in pixels of the input"""
    input: str = ""
    """of a network with several: the one that is looked at, by its name; empty: the first picture"""


class Progress(Message):
    """How much of an explanation is computed, 0 to 1; null: nobody knows."""

    share: float | None = None


class ClassScore(Message):
    """A class with its score."""

    name: str
    index: int
    score: Number


class Neighbour(Message):
    """A training sample that the network takes for similar."""

    index: int
    picture: str
    label: str = ""
    distance: Number


class Explanation(Message):
    """What the network says of an input, and where it looked."""

    scores: list[ClassScore]
    """best first; of all classes, so that one can ask for each"""
    picture: str
    """the input, as a data URL"""
    size: tuple[int, int] = (0, 0)
    """width and height of the input, in which a region is given; the picture may be larger"""
    places: bool = False
    """it says something of each place, as a segmentation does: a region can be asked for"""
    heat: str = ""
    """the map over it, as a data URL with transparency; empty: there is none (see `why`)"""
    why: str = ""
    method: str
    layer: str = ""
    layers: list[Layer] = []
    """others that could be looked at, best first"""
    target: int = 0
    inputs: list[str] = []
    """names of those that are pictures, where there are several to choose from"""
    input: str = ""
    """the one of them that was looked at"""
    label: str = ""
    """the true class, where it is known"""
    trusted: bool | None = None
    """whether the map changes when the last layers are made random again; null: not tried"""
    correlation: Number = None
    """of the two maps"""
    notes: list[str] = []
    neighbours: list[Neighbour] = []
    truth: Over | None = None
    """what is true of each pixel, of samples whose pixels have classes"""
    said: Over | None = None
    """what the network says of each pixel"""
    legend: list[tuple[str, str]] = []
    """classes of pixels with their colours; `transparent`: it is not painted"""


class Uploaded(Message):
    """A picture that was sent, by a name of its own."""

    upload: str
    picture: str


# Predictions


class ClassRow(Message):
    """How one class is recognised; null where there is nothing that could be right."""

    name: str
    samples: int
    predicted: int
    precision: Number
    recall: Number
    f1: Number
    iou: Number = None
    """intersection over union, the usual measure of masks"""


class Bin(Message):
    """Predictions of like certainty: how sure they were on average, and how many were right."""

    low: float
    high: float
    samples: int
    confidence: Number
    accuracy: Number


class Mistake(Message):
    """A sample that is taken for something else; of masks, the two classes that are mixed up most in it."""

    index: int
    picture: str = ""
    label: str
    predicted: str
    confidence: Number
    loss: Number
    truth: Over | None = None
    """the true mask"""
    said: Over | None = None
    """the predicted one"""


class Mistakes(Message):
    """A page of the samples that are mistaken, or of those of a cell, right ones too."""

    total: int
    mistakes: list[Mistake]


class Pair(Message):
    """A sample of which one number is predicted."""

    index: int
    truth: Number
    predicted: Number


class Point(Message):
    """A sample among its neighbours, by the network's last hidden layer, in two dimensions."""

    index: int
    x: float
    y: float
    label: int
    predicted: int


class PredictionsView(Message):
    """What a run's best weights say of a whole split."""

    split: str
    splits: list[str]
    samples: int
    classes: list[str]
    accuracy: Number = None
    counted: Literal["samples", "places"] = "samples"
    """what `confusion`, `rows` and `bins` count: samples, or the places of each, such as the pixels of masks"""
    confusion: list[list[int]] = []
    """rows: true class; columns: predicted class; empty where there are too many classes to be drawn"""
    rows: list[ClassRow] = []
    bins: list[Bin] = []
    calibration_error: Number = None
    """expected calibration error over 15 bins"""
    legend: list[tuple[str, str]] = []
    """classes of pixels with their colours; `transparent`: it is not painted"""
    pairs: list[Pair] = []
    """of one predicted number: the truth beside it, of some samples, evenly spread"""
    points: list[Point] = []
    projection: Literal["pca", "t-sne"] = "pca"
    """how `points` were brought to two dimensions"""
    layer: str = ""
    """the last one with weights: `points` are what it gets"""
    facts: list[tuple[str, str]] = []
    """of tasks without classes: mean error and others"""
    notes: list[str] = []


# The doctor


class DoctorRequest(Message):
    """A document's text, and where it stands, from which its data are found."""

    text: str
    path: str = "experiment.yaml"
    tried: bool = False
    """whether the network is also tried on some of its samples, for half a minute at most"""


class FindingView(Message):
    """One thing that is wrong; `fixes` change the run's document."""

    rule: str
    severity: Literal["alarm", "warning", "note"]
    sentence: str
    because: str
    advice: str
    layers: list[str] = []
    step: int | None = None
    tags: list[str] = []
    source: str = ""
    fixes: list[Fix] = []


class Diagnosis(Message):
    """What the doctor says of a run or a document; without findings it says what it looked at."""

    findings: list[FindingView]
    checked: int = 0
    """rules that had what they need"""
    skipped: list[str] = []
    """rules that had not, and why: `dead units: no statistics were recorded`"""
