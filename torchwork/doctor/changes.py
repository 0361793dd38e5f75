"""The changes of a document that findings offer, as edits of the canvas."""

from __future__ import annotations

from typing import Any

from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change
from torchwork.doctor.network import Layer, followers
from torchwork.draw.edit import Add, Remove, SetNode, SetValue, UnsetValue

PEAKS = {"OneCycleLR": "max_lr", "CyclicLR": "max_lr"}
"""Schedules that set the learning rate themselves."""


def set_to(label: str, path: str, value: Any) -> Change:
    """A setting gets a value."""
    return Change(label, (SetValue(path=path, value=value),))


def unset(label: str, path: str) -> Change:
    """A setting goes."""
    return Change(label, (UnsetValue(path=path),))


def peak(evidence: Evidence) -> tuple[str, float] | None:
    """The place and value of the highest learning rate: the optimizer's, or the schedule's where that decides it."""
    document = evidence.document
    if document is None:
        return None
    schedule = document.schedule
    if schedule is not None and schedule.name in PEAKS:
        name = PEAKS[schedule.name]
        found = schedule.args.get(name)
        return (f"schedule.{schedule.name}.{name}", float(found)) if isinstance(found, int | float) else None
    rate = evidence.written_rate
    return (f"optimizer.{document.optimizer.name}.lr", rate) if rate is not None else None


def other_rate(evidence: Evidence, factor: float) -> tuple[Change, ...]:
    """The learning rate times `factor`, to two digits."""
    found = peak(evidence)
    if found is None:
        return ()
    value = float(f"{found[1] * factor:.2g}")
    return (set_to(f"learning rate {value:g}", found[0], value),)


def without(layer: Layer) -> tuple[Change, ...]:
    """A layer goes, and what stood behind it takes from what stood before."""
    return (Change(f"remove {layer.type}", (Remove(level=layer.level, nodes=[layer.node]),)),)


def behind(evidence: Evidence, layer: Layer, part: Any, label: str) -> tuple[Change, ...]:
    """A new node behind a layer of a chain, or at the model's end."""
    if evidence.document is None:
        return ()
    feeds = followers(evidence.document.model, layer)
    return (Change(label, (Add(level=layer.level, part=part, sources=[layer.node], feeds=feeds),)),)


def with_args(layer: Layer, label: str, **args: Any) -> tuple[Change, ...]:
    """A node's arguments change."""
    return (Change(label, (SetNode(level=layer.level, node=layer.node, args=args),)),)
