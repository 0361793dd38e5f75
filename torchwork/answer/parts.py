"""The catalog for the page: every part with the form of its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from torchwork.answer import fits
from torchwork.answer.meaning import layer_inputs
from torchwork.answer.usual import ATTENTION, CHANGED, COMMON, GROUPS
from torchwork.build.schedules import WARMUPS
from torchwork.catalog import Argument, Entry, catalog
from torchwork.catalog.entry import as_json
from torchwork.catalog.forms import Form, Int, Items
from torchwork.data import sources
from torchwork.data.sources import own_sources
from torchwork.errors import MissingPackageError
from torchwork.graph.arguments import INFERRED

KINDS = ("layer", "operation", "tensor", "loss", "optimizer", "scheduler", "transform", "source", "initializer")
KIND_OF = {
    "str": "text",
    "tensor": "values",
    "sequence": "values",
    "callable": "function",
    "mapping": "any",
    "none": "any",
}
"""Kinds of arguments as the page calls them, where it calls them otherwise."""
TORCH, VISION = "https://docs.pytorch.org/docs/stable", "https://docs.pytorch.org/vision/stable"
WARMUP_FORM = {"length": "a time such as `500 steps`", "factor": "a number"}
WARMUP_HELP = {
    "length": "how long it lasts, such as `500 steps` or `2 epochs`",
    "factor": "what the learning rate is multiplied with until then",
}


def parts() -> dict[str, Any]:
    """The message `Parts`: all that the installed torch and torchvision offer."""
    fits.warm()
    found = [_part(entry, kind) for kind in KINDS for entry in _entries(kind)]
    return {"torch": torch.__version__, "parts": [*found, *_warmups()]}


def _entries(kind: str) -> list[Entry]:
    """All of a kind, without torchvision what does not need it; the common ones first."""
    try:
        found = sources() if kind == "source" else catalog().entries(kind)
    except MissingPackageError:
        found = own_sources() if kind == "source" else {}
    order = {name: place for place, name in enumerate(COMMON[kind])}
    return sorted(found.values(), key=lambda entry: (order.get(entry.name, len(order)), entry.name.lower()))


def _part(entry: Entry, kind: str) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": kind,
        "group": _group(entry) if kind == "layer" else "",
        "summary": entry.summary,
        "link": _link(entry),
        "inputs": _inputs(entry),
        "fields": [_field(argument) for argument in _in_order(entry.arguments)],
        "order": [argument.name for argument in entry.arguments],
        "common": entry.name in COMMON[kind],
    }


def _group(entry: Entry) -> str:
    if entry.name in ATTENTION:
        return GROUPS["transformer"]
    return GROUPS.get(entry.target.__module__.rpartition(".")[2], "other")


def _inputs(entry: Entry) -> list[str]:
    if entry.kind == "operation":
        return list(entry.tensors)
    return [item.name for item in layer_inputs(entry)] if entry.kind == "layer" else []


def _link(entry: Entry) -> str:
    """Where it is documented; empty for what is torchwork's own."""
    name = entry.reference
    if entry.kind == "tensor":
        return f"{TORCH}/generated/torch.nn.parameter.{entry.name}.html"
    if entry.kind == "initializer":
        return f"{TORCH}/nn.init.html#{name}"
    if name.startswith("torchvision."):
        return f"{VISION}/generated/{name}.html"
    return f"{TORCH}/generated/{name}.html" if name.startswith("torch.") else ""


def _in_order(arguments: Sequence[Argument]) -> list[Argument]:
    """As people change them: what must be given, what is often changed, the rest; what is inferred at the end."""
    often = {name: place for place, name in enumerate(CHANGED)}

    def rank(argument: Argument) -> tuple[bool, bool, int]:
        inferred = argument.name in INFERRED
        return inferred, not argument.required, often.get(argument.name, len(often))

    return sorted(arguments, key=rank)


def _field(argument: Argument) -> dict[str, Any]:
    inferred = argument.name in INFERRED
    return {
        "name": argument.name,
        "kind": KIND_OF.get(argument.kind, argument.kind),
        "expected": argument.expected,
        "default": as_json(argument.default),
        "required": argument.required and not inferred,
        "choices": as_json(list(argument.choices)),
        "low": 1.0 if any(_positive(form) for form in argument.forms) else None,
        "help": argument.help,
        "inferred": inferred,
        "likely": not inferred and (argument.required or argument.name in CHANGED),
    }


def _positive(form: Form) -> bool:
    """Whether no number below 1 fits."""
    if isinstance(form, Items):
        return any(map(_positive, form.items[0]))
    return isinstance(form, Int) and form.positive


def _warmups() -> Iterator[dict[str, Any]]:
    for name, arguments in WARMUPS.items():
        fields = [
            {
                "name": argument,
                "kind": "text" if argument == "length" else "float",
                "expected": WARMUP_FORM[argument],
                "required": argument == "length",
                "default": None if argument == "length" else 1 / 3,
                "help": WARMUP_HELP[argument],
                "likely": True,
            }
            for argument in arguments
        ]
        yield {"name": name, "kind": "warmup", "fields": fields, "common": name in COMMON["warmup"]}
