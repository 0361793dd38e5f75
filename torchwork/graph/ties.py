"""Tied weights: parameters of two places that are one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from torch import nn

from torchwork.errors import Problem, nearest
from torchwork.graph.evaluate import Weight
from torchwork.graph.summary import Row
from torchwork.graph.value import shape_text

Owned = tuple[Weight, int]
"""A parameter and the number of the row that counts it."""


def checked(
    ties: Mapping[str, str], weights: Mapping[str, Owned], path: str, report: Callable[[Problem], None], complete: bool
) -> dict[str, str]:
    """Each tied parameter with the one that it becomes; wrong ones are reported.

    Missing ones are only for a `complete` model: elsewhere they may belong to a node that has a problem already.
    """
    found: dict[str, str] = {}
    for name, written in ties.items():
        source = _end(name, written, ties)
        if source == name:
            report(Problem(f"{path}.{name}", f"{name} is tied to itself", "tie it to another parameter"))
        elif missing := [wanted for wanted in (name, source) if wanted not in weights]:
            if complete:
                report(_missing(missing[0], weights, f"{path}.{name}"))
        elif weights[name][0].shape != weights[source][0].shape:
            shapes = f"{shape_text(weights[name][0].shape)} and {source} {shape_text(weights[source][0].shape)}"
            report(Problem(f"{path}.{name}", f"tied parameters need one shape, but {name} has {shapes}"))
        else:
            found[name] = source
    return found


def _missing(name: str, weights: Mapping[str, Owned], path: str) -> Problem:
    return Problem(
        path, f"there is no parameter called {name}", nearest(name, weights) or f"known here: {', '.join(weights)}"
    )


def _end(name: str, source: str, ties: Mapping[str, str]) -> str:
    """Where a chain of ties ends; the name itself when it comes back to it."""
    for _ in ties:
        if source == name or source not in ties:
            break
        source = ties[source]
    return source


def uncounted(rows: list[Row], ties: Mapping[str, str], weights: Mapping[str, Owned]) -> list[Row]:
    """The rows without the parameters that are tied to others: shared ones count once."""
    rows = list(rows)
    for name in ties:
        weight, place = weights[name]
        row, trainable = rows[place], weight.trainable
        rows[place] = replace(
            row,
            parameters=row.parameters - weight.numel,
            parameter_bytes=row.parameter_bytes - weight.nbytes,
            trainable=row.trainable - weight.numel * trainable,
            gradient_bytes=row.gradient_bytes - weight.nbytes * trainable,
        )
    return rows


def tie(module: nn.Module, ties: Mapping[str, str]) -> None:
    """Make each tied parameter of a live module the parameter that it is tied to."""
    for name, source in ties.items():
        owner, _, attribute = name.rpartition(".")
        setattr(module.get_submodule(owner), attribute, module.get_parameter(source))
