"""The document: typed sections, files, overrides, problems, JSON Schema. No torch."""

from torchwork.experiment.change import Change
from torchwork.experiment.diff import Line, diff, told
from torchwork.experiment.document import Experiment, ModelDocument, load_document
from torchwork.experiment.duration import Duration, parse_duration
from torchwork.experiment.edited import edited
from torchwork.experiment.expression import ExpressionError, evaluate, function, is_expression, substitute
from torchwork.experiment.part import Part, Section
from torchwork.experiment.place import parse_place, place_text
from torchwork.experiment.problems import parse_section, problems_of
from torchwork.experiment.schema import json_schema
from torchwork.experiment.seeds import stream_seed
from torchwork.experiment.spec import (
    FORMAT,
    Checkpoint,
    Clip,
    Data,
    Definition,
    EarlyStop,
    FileSplit,
    Initializer,
    Loss,
    Model,
    Module,
    Node,
    Normalize,
    Optimizer,
    Record,
    Rule,
    Schedule,
    Source,
    Split,
    Train,
    Transform,
    Warmup,
)
from torchwork.experiment.unique import make_unique

__all__ = [
    "FORMAT",
    "Change",
    "Checkpoint",
    "Clip",
    "Data",
    "Definition",
    "Duration",
    "EarlyStop",
    "Experiment",
    "ExpressionError",
    "FileSplit",
    "Initializer",
    "Line",
    "Loss",
    "Model",
    "ModelDocument",
    "Module",
    "Node",
    "Normalize",
    "Optimizer",
    "Part",
    "Record",
    "Rule",
    "Schedule",
    "Section",
    "Source",
    "Split",
    "Train",
    "Transform",
    "Warmup",
    "diff",
    "edited",
    "evaluate",
    "function",
    "is_expression",
    "json_schema",
    "load_document",
    "make_unique",
    "parse_duration",
    "parse_place",
    "parse_section",
    "place_text",
    "problems_of",
    "stream_seed",
    "substitute",
    "told",
]
