"""What passes between server and canvas: the drawing of a document, edits of it, and what a part can be.

The page sends the text that it has, and gets the text that the edit makes of it with the drawing of that text: so
the text is the one truth, undo is an earlier text, and two windows stay in step through the file.
"""

# ruff: noqa: RUF012 (pydantic copies mutable defaults)

from __future__ import annotations

from typing import Any, Literal

from torchwork.draw import Edit
from torchwork.serve.messages import Checked, Message, Problem


class Fix(Message):
    """A way out by one click: what the button says, and what it does."""

    label: str
    edits: list[Edit]


class Fault(Problem):
    """A problem on the drawing: the node (`level` and `node`; empty: the document), its field, and ways out."""

    level: str = ""
    node: str = ""
    field: str = ""
    """the argument or property that is wrong; empty: the node as a whole"""
    input: int | None = None
    """the wire that is wrong, by the number of the node's input"""
    fixes: list[Fix] = []


class Port(Message):
    """An input of a node: its name, what is connected (empty: nothing), what comes through."""

    name: str
    source: str = ""
    shape: str = ""
    """of one batch: `B×64×112×112`; of a tuple its parts in parentheses; empty: not known"""
    needed: bool = True


class DrawnNode(Message):
    """A node as it is drawn. Counts are for one sample, of all it holds."""

    name: str
    place: str
    """in the document: `model.layers[3]`"""
    kind: Literal["layer", "module", "code", "operation", "tensor", "use", "unknown"]
    type: str
    """its class, function or definition; of a `use` that of the other node"""
    args: dict[str, Any] = {}
    """as written"""
    inferred: dict[str, Any] = {}
    """what torchwork filled in"""
    inputs: list[Port] = []
    grows: bool = False
    """it takes one input more: cat, add of several"""
    outputs: list[str] = []
    """shapes; several for a tuple, whose elements are sources of their own"""
    state: Literal["right", "wrong", "behind", "unknown"] = "unknown"
    """`behind`: something before it is wrong; `unknown`: code that does not run here"""
    parameters: int = 0
    trained: int = 0
    macs: int | None = 0
    memory: int = 0
    """bytes kept for the backward pass, for one sample"""
    repeat: int = 1
    use: str = ""
    bypass: bool = False
    note: str = ""
    at: tuple[float, float] | None = None
    lines: tuple[int, int] | None = None
    """first and last line in `Drawing.code` that this node is: its call"""
    made: int | None = None
    """the line that makes its module"""


class Level(Message):
    """One sheet: the model (`name` empty) or a definition. Shapes are those of one of its `instances`."""

    name: str
    place: str
    """in the document: `model`, `model.modules.Block`"""
    inputs: list[Port]
    outputs: list[Port]
    """what it returns, each as an input of the rail on the right"""
    nodes: list[DrawnNode]
    chain: bool = False
    """written as `layers:`"""
    arguments: dict[str, Any] = {}
    instances: list[str] = []
    """where it is used: `layer1.0`"""
    instance: str = ""
    """the one whose shapes are shown"""
    code: str = ""
    """Python of a definition that is code"""


class Drawing(Message):
    """Everything that is seen of a document."""

    text: str
    document: Any = None
    """its plain values, as they are written: what forms show"""
    levels: list[Level]
    faults: list[Fault]
    checked: Checked
    code: str = ""
    """its classes as plain PyTorch; empty while there is nothing that could be printed"""
    can_train: bool = False
    selected: list[str] = []
    """nodes that the last edit made or touched, of the level it was on"""
    level: str = ""
    """the level that the last edit was on (a definition may have got another name)"""


class DrawRequest(Message):
    """The drawing of a text; with `edits` of what they make of it. `instances`: whose shapes a level shows."""

    text: str
    path: str = "experiment.yaml"
    edits: list[Edit] = []
    instances: dict[str, str] = {}


class CopyRequest(Message):
    """Nodes as text for the clipboard, with the definitions that they need."""

    text: str
    level: str = ""
    nodes: list[str]


class Copied(Message):
    """What goes to the clipboard: YAML that a person can read, and `Paste` takes."""

    text: str


class FitsRequest(Message):
    """Which parts could stand behind `source` of a level (empty: anything), and before inputs: pairs (node, place)."""

    text: str
    path: str = "experiment.yaml"
    level: str = ""
    instance: str = ""
    source: str = ""
    feeds: list[tuple[str, int]] = []


class Fits(Message):
    """Names of parts that run on what comes there, the likely ones first."""

    names: list[str]
    likely: list[str] = []


class PictureRequest(Message):
    """Small pictures of what each node of a level gives on a real sample, before any training."""

    text: str
    path: str = "experiment.yaml"
    level: str = ""
    instance: str = ""
    sample: int = 0


class NodePictures(Message):
    """By node, a PNG as a data URL; nodes whose output is no picture get a bar of their values. `why`: why none."""

    pictures: dict[str, str]
    input: str = ""
    why: str = ""


class PartField(Message):
    """One argument of a part, for its form."""

    name: str
    kind: str
    """int, float, bool, text, choice, dtype, values (a number or several), part:<kind>, function, any"""
    expected: str
    """in words: `an int or a list of 2 ints`"""
    default: Any = None
    required: bool = False
    choices: list[Any] = []
    low: float | None = None
    high: float | None = None
    help: str = ""
    inferred: bool = False
    """torchwork fills it in: in_channels"""
    likely: bool = False
    """among the first that people change"""


class PartForm(Message):
    """What the installed torch offers under a name."""

    name: str
    kind: Literal["layer", "operation", "tensor", "loss", "optimizer", "scheduler", "warmup", "transform",
                  "source", "initializer"]  # fmt: skip
    group: str = ""
    """heading in lists: convolution, pooling, normalisation, activation..."""
    summary: str = ""
    link: str = ""
    """its documentation"""
    inputs: list[str] = []
    """names of the tensors that it takes"""
    fields: list[PartField] = []
    """its arguments, those first that people change"""
    order: list[str] = []
    """the names of its arguments as Python takes them"""
    common: bool = False
    """offered first"""


class Parts(Message):
    """The catalog."""

    torch: str
    parts: list[PartForm]
