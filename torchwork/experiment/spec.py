"""The sections of the document as types. Every field is a setting, and there is no second place for a setting."""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

import fnmatch
import math
import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from torchwork.experiment.duration import DurationText
from torchwork.experiment.part import Part, Section
from torchwork.experiment.values import listed, shown

FORMAT = 1
"""Version of the document's format, written as `torchwork: 1`."""


def _matching(pattern: str, expected: str) -> tuple[AfterValidator, Any]:
    """Text of a form that is said in words to people, and as a pattern to editors."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected {expected}, got {shown(text)}")
        return text

    return AfterValidator(check), Field(json_schema_extra={"pattern": f"^{pattern}$"})


RunName = Annotated[
    str, *_matching(r"\w[\w .-]{0,59}", "a letter or digit and then up to 59 letters, digits, spaces, `.`, `_` or `-`")
]
PlainName = Annotated[str, *_matching(r"[\w-]+", "a name of letters, digits, `_` and `-`")]
NodeName = Annotated[
    str, *_matching(r"[\w-]+(\.[\w-]+)*", "a name of letters, digits, `_` and `-`, in a list of modules `convs.0`")
]
ClassName = Annotated[str, *_matching(r"[A-Za-z_]\w*", "the name of a class")]
DTYPES = "float16|bfloat16|float32|float64|complex64|complex128|u?int8|u?int16|u?int32|u?int64|bool"
TensorText = Annotated[
    str,
    *_matching(
        rf"(scalar|[0-9]{{1,9}}(x[0-9]{{1,9}})*)( ({DTYPES}))?", "a shape and perhaps a type: `2x3x32x32`, `2x16 int64`"
    ),
]
Device = Annotated[
    str, *_matching(r"(auto|cpu|mps|cuda(:[0-9]+)?)", "auto, cpu, mps, cuda or a GPU by number such as cuda:1")
]


class Source(Part):
    """A data set of torchvision or of torchwork."""

    group: ClassVar[str] = "source"


class Transform(Part):
    """A transform of `torchvision.transforms.v2`."""

    group: ClassVar[str] = "transform"


class Loss(Part):
    """A loss of `torch.nn`."""

    group: ClassVar[str] = "loss"


class Optimizer(Part):
    """An optimizer of `torch.optim`."""

    group: ClassVar[str] = "optimizer"


class Initializer(Part):
    """A function of `torch.nn.init`."""

    group: ClassVar[str] = "initializer"


class Warmup(Part):
    """constant, linear, exponential (each with `length: 500 steps`), untuned_linear or untuned_exponential."""

    group: ClassVar[str] = "warmup"


class FileSplit(Section):
    """A split listed in a text file: one sample a line, by its name as the source gives it, or by its number."""

    file: str
    """path of the text file, relative to the folder the run starts in"""


SplitRule = str | Annotated[float, Field(gt=0, lt=1)] | FileSplit


class Split(Section):
    """Where samples come from: a split of the source by name, a fraction of train (stratified, seeded), or a file."""

    train: str | None = None
    """the source's split to train on; by default the one named train, or everything"""
    valid: SplitRule | None = None
    """validation samples; by default the source's split named valid, val or test, else a tenth of train"""
    test: SplitRule | None = None
    """samples measured once, at the end, with the best weights"""


class Normalize(Section):
    """Mean and standard deviation per channel, of values scaled to 0..1 where the data are pictures."""

    mean: list[float]
    """one number for each channel"""
    std: list[PositiveFloat]
    """one number for each channel"""

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len(self.mean) != len(self.std):
            raise ValueError(f"expected as many std as mean values, got {len(self.std)} and {len(self.mean)}")
        return self


class Data(Section):
    """What to learn from: a source, its splits, and the way from a stored sample to a batch."""

    source: Source
    """the data set"""
    split: Split = Split()
    """which samples are for training, validation and testing"""
    prepare: list[Transform] = []
    """transforms of every split, before augmentation"""
    augment: list[Transform] = []
    """transforms of the training split, random for each sample and epoch"""
    normalize: Literal["auto", "none"] | Normalize = "auto"
    """auto: mean and standard deviation measured once, on the training split"""
    batch_size: PositiveInt = 64
    """samples of one batch"""
    shuffle: bool = True
    """another order of the training samples in every epoch"""
    drop_last: bool = False
    """leave out the last batch of an epoch when it is smaller than the others"""
    limit: PositiveInt | None = None
    """use at most so many samples of each split, for a quick trial"""
    loading: Literal["auto", "resident", "cached", "streamed"] = "auto"
    """resident: held whole; cached: decoded once to a file; streamed: decoded each time"""
    workers: Literal["auto"] | Annotated[int, Field(ge=0, le=1024)] = "auto"
    """processes that decode pictures"""


PAIR: Any = Field(json_schema_extra={"minItems": 2, "maxItems": 2})


def _pair(values: list[int | float]) -> list[int | float]:
    if len(values) != 2 or not all(map(math.isfinite, values)):
        raise ValueError(f"expected two numbers, from the left and from the top, got {shown(values)}")
    return values


class Node(Part):
    """One place in a model: a layer, an operation or a definition of `modules:`, and where its inputs come from."""

    group: ClassVar[str] = "node"
    properties: ClassVar = {
        "name": "label",
        "from": "source",
        "repeat": "repeat",
        "use": "use",
        "bypass": "bypass",
        "at": "at",
        "note": "note",
    }

    name: str = ""
    label: NodeName | None = None
    """its name in a chain; by default its number"""
    source: str | list[str] | None = None
    """the nodes it takes its inputs from, an empty text where none is connected; by default the node before it"""
    repeat: Annotated[int, Field(gt=0, le=10_000)] = 1
    """so many instances in a row, each with its own weights"""
    use: str | None = None
    """call the module of this other node again: shared weights"""
    bypass: bool = False
    """let the first input through, as if the node were not there"""
    at: Annotated[list[int | float], AfterValidator(_pair), PAIR] | None = None
    """where it stands on the sheet, in pixels from the left and from the top; it changes nothing else"""
    note: str = ""
    """what a person has to say of it; it changes nothing else"""

    @model_validator(mode="after")
    def _part_or_use(self) -> Self:
        if bool(self.name) == bool(self.use):
            both = f"both {self.name} and use" if self.name else "neither"
            raise ValueError(f"expected either a part such as `Linear: {{...}}` or `use: NODE`, got {both}")
        return self


class Definition(Section):
    """A module: a chain (`layers`) or a graph (`nodes`) of parts, with inputs and outputs."""

    bodies: ClassVar[dict[str, str]] = {"layers": "a chain", "nodes": "a graph"}

    inputs: list[PlainName] = Field(["input"], min_length=1)
    """names of what the module is called with"""
    layers: list[Node] | None = None
    """a chain: each takes what the one before gives, unless it says `from:`"""
    nodes: dict[NodeName, Node] | None = None
    """a graph: name to node"""
    outputs: str | Annotated[list[str], Field(min_length=1)] | None = None
    """what the module returns; by default its last node"""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [name for name in self.bodies if getattr(self, name) is not None]
        if len(given) != 1:
            choices = listed((f"`{name}:` ({what})" for name, what in self.bodies.items()), "or")
            got = "nothing" if not given else "both" if len(self.bodies) == 2 else listed(given)
            raise ValueError(f"expected either {choices}, got {got}")
        for name, node in (self.nodes or {}).items():
            if node.label is not None:
                raise ValueError(f"node {name} has its name from `nodes:`, so `name: {node.label}` must go")
        return self


class Module(Definition):
    """A definition that a model uses by its name, with arguments: a chain, a graph, or the source of a class."""

    model_config = ConfigDict(serialize_by_alias=True)
    bodies: ClassVar[dict[str, str]] = {**Definition.bodies, "code": "Python"}

    arguments: dict[str, JsonValue] = {}
    """argument names with their defaults; null means that it must be given"""
    outputs: str | PositiveInt | Annotated[list[str], Field(min_length=1)] | None = None  # type: ignore[assignment]
    """what the module returns; by default its last node; of code: how many tensors, by default one"""
    code: Annotated[str, Field(min_length=1)] | None = None
    """Python source of the class and all that it needs, imports included; it runs only with `--trust`"""
    class_name: ClassName | None = Field(None, alias="class")
    """the class in the code; by default the one called like the module"""

    @model_validator(mode="after")
    def _code_alone(self) -> Self:
        if self.code is None and self.class_name is not None:
            raise ValueError(f"expected either `code:` beside `class: {self.class_name}` or no `class:`, got no code")
        if isinstance(self.outputs, int) != (self.code is not None) and self.outputs is not None:
            choices = "nothing or how many tensors the code returns" if self.code else "one node or a list of nodes"
            raise ValueError(f"expected as `outputs:` either {choices}, got {shown(self.outputs)}")
        return self


class Model(Definition):
    """The network."""

    weights: str | None = None
    """a file of weights to begin from: .safetensors, or a plain state dict"""
    modules: dict[PlainName, Module] = {}
    """definitions that are written once and used many times"""
    tie: dict[str, str] = {}
    """parameters that are the same: `decoder.weight: encoder.weight`"""
    example: Annotated[list[TensorText], Field(min_length=1)] | None = None
    """inputs that it was tried with, such as `1x3x224x224` or `2x16 int64`; without data it is checked with them"""

    @model_validator(mode="after")
    def _no_property_as_module(self) -> Self:
        for name in self.modules.keys() & Node.properties.keys():
            raise ValueError(f"a module cannot be called `{name}`, which has a meaning beside every node's name")
        return self


class Rule(Section):
    """What holds for the parameters whose names match a pattern; later rules win over earlier ones."""

    match: str
    """a pattern such as `features.*` or `*.bias`"""
    set: dict[str, JsonValue] = {}
    """settings of the optimizer for these parameters, such as lr or weight_decay"""
    freeze: bool = False
    """these parameters are not trained"""
    init: Initializer | None = None
    """how these parameters begin"""
    optimizer: Optimizer | None = None
    """another optimizer for these parameters"""

    def matches(self, name: str) -> bool:
        """Whether the parameter called `name` falls under this rule."""
        return fnmatch.fnmatchcase(name, self.match)


class Schedule(Part):
    """A scheduler of `torch.optim.lr_scheduler`, how often it steps, and the warm-up in front of it."""

    group: ClassVar[str] = "scheduler"
    properties: ClassVar = {"every": "every", "monitor": "monitor", "warmup": "warmup"}

    name: str = ""
    every: Literal["step", "epoch"] | None = None
    """when it steps; by default each epoch, and each step for OneCycleLR and CyclicLR"""
    monitor: str = "valid/loss"
    """what ReduceLROnPlateau watches"""
    warmup: Warmup | None = None
    """what comes first, while the learning rate rises"""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.name and not self.warmup:
            raise ValueError("expected a scheduler such as `StepLR: {step_size: 5}`, a warmup, or both, got neither")
        return self


class Clip(Section):
    """Gradient clipping, by total norm or by value."""

    norm: PositiveFloat | None = None
    """largest 2-norm of all gradients together"""
    value: PositiveFloat | None = None
    """largest absolute value of each gradient"""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.norm is None) == (self.value is None):
            raise ValueError(f"expected either norm or value, got {'nothing' if self.norm is None else 'both'}")
        return self


class EarlyStop(Section):
    """Stop when a metric has not become better for some epochs."""

    monitor: str = "valid/loss"
    """the metric"""
    patience: PositiveInt = 5
    """so many epochs without a better value end the training"""
    min_delta: NonNegativeFloat = 0.0
    """better means better by more than this"""


class Checkpoint(Section):
    """When the whole state of training is saved."""

    every: DurationText = "1 epochs"
    """time between two, such as `500 steps`, `2 epochs` or `10 minutes`"""
    keep: Annotated[int, Field(ge=2)] = 2
    """so many of the newest stay, beside the best"""
    best: str = "valid/loss"
    """the metric that decides which epoch was the best; accuracy counts upwards, everything else downwards"""


class Record(Section):
    """What is recorded beside the scalars of every step and epoch."""

    histograms: bool = True
    """weights and gradients of every parameter, each epoch"""
    images: NonNegativeInt = 8
    """so many pictures of the first training batch, as the network gets them"""
    statistics: NonNegativeInt = 10
    """steps between two looks at the norms of weights, gradients and updates and at the outputs of layers; 0: none"""
    maps: NonNegativeInt = 1
    """so many samples whose feature maps are recorded at the end of an epoch, at most 8; 0: none"""


class Train(Section):
    """How to train."""

    epochs: PositiveInt = 10
    """passes over the training samples"""
    device: Device = "auto"
    """cpu, mps, cuda or a GPU by number such as cuda:1; auto: a GPU if there is one, else the CPU"""
    precision: Literal["float32", "bf16", "fp16"] = "float32"
    """number format of the computation; the weights stay float32"""
    memory_format: Literal["auto", "contiguous", "channels_last"] = "auto"
    """auto: a short trial decides, also about the fused form of the optimizer"""
    compile: bool = False
    """torch.compile; it pays on GPUs and large models, hardly ever on a CPU"""
    threads: Annotated[int, Field(gt=0, le=1024)] | None = None
    """threads of one operation; by default torch's choice, which a run keeps in its own document"""
    accumulate: PositiveInt = 1
    """batches whose gradients are summed before the optimizer steps"""
    clip: Clip | None = None
    """limit of the gradients before each step"""
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None
    """decay of an exponential moving average of the weights, which is then what is validated"""
    early_stop: EarlyStop | None = None
    """when to stop before all epochs are done"""
    checkpoint: Checkpoint = Checkpoint()
    """when the state is saved, and how many times it is kept"""
    record: Record = Record()
    """what is recorded"""
    deterministic: bool = False
    """only algorithms that repeat bit for bit, and no trial; slower on GPUs"""


FormatVersion = Annotated[int, Field(ge=1, le=FORMAT)]


class ModelOnly(Section):
    """A model without data, such as an imported one."""

    torchwork: FormatVersion = FORMAT
    """version of this format"""
    name: RunName = "model"
    """what it is called"""
    notes: str = ""
    """free text"""
    model: Model
    """the network, with `example:` inputs to try it with"""


class Document(Section):
    """One experiment: everything that a run needs."""

    torchwork: FormatVersion = FORMAT
    """version of this format"""
    name: RunName = "experiment"
    """begins the names of the run folders"""
    notes: str = ""
    """free text"""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """decides the order of samples, augmentation and initial weights"""
    task: Literal["auto", "classification", "regression"] = "auto"
    """auto: what the loss and the targets suggest"""
    data: Data
    """what to learn from"""
    model: Model
    """what learns"""
    parameters: list[Rule] = []
    """rules for parameters by name pattern: settings of the optimizer, freezing, initialisation"""
    loss: Loss
    """what it minimises"""
    optimizer: Optimizer = Optimizer(name="Adam")
    """how the weights change"""
    schedule: Schedule | None = None
    """how the learning rate changes"""
    train: Train = Train()
    """how long, where and how exactly"""
