"""What passes between server and page when networks come in and go out: templates, imports, weights, exports."""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from typing import Literal

from torchwork.serve.messages import Message, Problem
from torchwork.serve.views import ViewRequest


class TemplateNode(Message):
    """A node of a template, for its picture."""

    name: str
    type: str
    sources: list[str] = []
    """nodes of its level, or inputs, that it takes from"""
    repeat: int = 1
    stride: int = 1


class TemplateLevel(Message):
    """The network of a template (`name` empty), or one of its definitions."""

    name: str
    nodes: list[TemplateNode]


class Template(Message):
    """A document to begin from."""

    name: str
    title: str
    text: str
    layers: list[str] = []
    """the classes of its chain"""
    levels: list[TemplateLevel] = []
    """its network and its definitions, for its picture"""


class VisionModel(Message):
    """A model of torchvision that can be imported, by the name that it is listed under."""

    name: str
    target: str
    """as `torchwork import` takes it"""
    group: Literal["classification", "segmentation", "video"]
    input: str
    """shape of an input that suits it: `1x3x224x224`"""


class ImportLimits(Message):
    """What this machine lets an import have: seconds in all, bytes of memory for a process (0: no limit here)."""

    seconds: float
    memory: int
    network: bool
    """whether it reaches the network in any case: this system does not let us close it"""


class LocalFiles(Message):
    """Files below the opened folder that can be brought in, by their paths, and what limits hold for those that run."""

    python: list[str] = []
    weights: list[str] = []
    limits: ImportLimits


class PythonFile(Message):
    """A Python file: one below the opened folder by its `path`, or the `text` of one called `file`."""

    path: str = ""
    file: str = ""
    text: str = ""


class Argument(Message):
    """An argument of a class or function; `default` as written, empty where it must be given."""

    name: str
    default: str = ""
    required: bool = False


class Importable(Message):
    """A class or function of a file that may give a module, as its text says; nothing was run."""

    name: str
    kind: Literal["class", "function"]
    arguments: list[Argument] = []
    takes: list[str] = []
    """names of what its forward takes"""
    summary: str = ""
    free: bool = False
    """it takes other arguments too: `**options`"""


class LookedAt(Message):
    """What a Python file holds: the likeliest first. `exported`: torchwork printed it, and reads it without running."""

    found: list[Importable] = []
    exported: bool = False
    does: str = ""
    """what importing it would do, as far as its text shows"""


class ImportRequest(Message):
    """What to import: a `model` of torchvision, or `name` of a `file` (empty for a script that torchwork exported)."""

    model: str = ""
    file: PythonFile | None = None
    name: str = ""
    arguments: str = ""
    """of the class or function, as Python writes them: `width=64, blocks=[2, 2]`"""
    input: str = ""
    """shapes: `1x3x224x224`, or several: `2x16:int64,2x8`"""
    weights: str = ""
    """a file of weights below the opened folder, to load first"""
    trust: bool = False
    """the file may run on this machine"""
    network: bool = False
    """it may use the network: to load weights, say"""
    path: str = ""
    """of the document; empty: a free name"""


class ImportedClass(Message):
    """What became of a class: nodes (`native`), nodes of one way through it (`recorded`), or itself (`code`)."""

    name: str
    way: Literal["native", "recorded", "code"]
    instances: int
    definitions: list[str] = []
    frozen: list[str] = []
    reason: str = ""


class ImportProof(Message):
    """Largest relative differences to the original: of outputs and of a training step's gradients; null: not compared.

    `limit` says where the rebuilt model is known to differ, `apart` what the comparison of gradients leaves out.
    """

    holds: bool
    outputs: float | None = None
    step: float | None = None
    sizes: list[str] = []
    problem: str = ""
    limit: str = ""
    apart: str = ""


class Import(Message):
    """An import, while it runs and when it has ended: `done` with a document, or `failed` with a sentence."""

    id: str
    title: str
    state: Literal["running", "done", "failed", "stopped"]
    seconds: float = 0.0
    """since it began"""
    limit: float
    """so long it may run"""
    stage: Literal["loading", "recording", "rebuilding", "comparing"] = "loading"
    """what it does now"""
    error: str = ""
    path: str = ""
    """of the document"""
    weights: str = ""
    classes: list[ImportedClass] = []
    editable: int = 0
    """nodes of the document that are layers, operations or definitions of such; 0: all of it stays code"""
    proof: ImportProof | None = None
    """null of a script, which is read and not captured"""
    notes: list[str] = []
    taken: list[str] = []
    lost: list[str] = []
    """edits of a script that no document can say"""


class UploadedWeights(Message):
    """A file of weights that is in its place now."""

    path: str
    tensors: int
    numbers: int
    """in all tensors together"""


class WeightsRequest(ViewRequest):
    """A file of weights for a text; empty: none."""

    weights: str = ""


class WeightsFit(Message):
    """The text that begins from these weights, and what of them does not fit; no problems: all of them do."""

    text: str
    problems: list[Problem] = []
    tensors: int = 0


class ExportRequest(ViewRequest):
    """A text as Python: the whole `script`, or the classes of its `network` alone."""

    to: Literal["script", "network"] = "script"


class Exported(Message):
    """A file to take away."""

    name: str
    text: str
