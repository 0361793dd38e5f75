"""Every parameter of a document's network, and what its rules make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch.optim import Optimizer

from torchwork.answer.keeping import checked
from torchwork.answer.plain import plain
from torchwork.build import Checked, CheckedModel, blank_model, check_model, make_optimizers
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, ModelDocument, Rule, files
from torchwork.experiment.document import is_model_only
from torchwork.graph.evaluate import Weight
from torchwork.graph.item import Block, Item

SHOWN = ("lr", "weight_decay")
"""Settings that are told of each parameter, beside those that rules set."""


def parameters(text: str, path: str) -> dict[str, Any]:
    """All parameters in the order of the network, also of one that is not yet right as far as it is known."""
    try:
        looked = _looked(text, path)
    except DocumentError as error:
        return {"parameters": [], "problems": plain(error.problems)}
    rules = looked.experiment.parameters if isinstance(looked, Checked) else []
    resolved = looked.graph
    weights = dict(_weights(resolved.root)) if resolved and resolved.root else {}
    ties = resolved.ties if resolved else {}
    trained = _trained(looked)
    found = [_told(name, node, weight, rules, ties, trained) for name, (node, weight) in weights.items()]
    return {"parameters": found, "problems": plain(looked.problems)}


def _looked(text: str, path: str) -> Checked | CheckedModel:
    value, lines = files.read(text, path)
    if is_model_only(value):
        return check_model(ModelDocument.parse(value, file=path, lines=lines))
    return checked(Experiment.parse(value, file=path, lines=lines))


def _weights(item: Item | None) -> Iterator[tuple[str, tuple[str, Weight]]]:
    """The full name of each parameter, with the path of its node."""
    if isinstance(item, Block):
        for inner in item.items.values():
            yield from _weights(inner)
    elif item is not None:
        yield from ((f"{item.name}.{weight.name}".rstrip("."), (item.name, weight)) for weight in item.weights)


def _trained(looked: Checked | CheckedModel) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """By name, the optimizer of each parameter that is trained and its settings; empty while that is not known."""
    if isinstance(looked, CheckedModel) or looked.problems or looked.graph is None or looked.graph.not_run:
        return {}
    model, document = blank_model(looked), looked.experiment
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    optimizers = make_optimizers(model, document.optimizer, document.parameters)
    return {names[key]: settings for optimizer in optimizers for key, settings in _settings(optimizer)}


def _settings(optimizer: Optimizer) -> Iterator[tuple[int, tuple[str, dict[str, Any]]]]:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            yield id(parameter), (type(optimizer).__name__, group)


def _told(
    name: str,
    node: str,
    weight: Weight,
    rules: Sequence[Rule],
    ties: Mapping[str, str],
    trained: Mapping[str, tuple[str, dict[str, Any]]],
) -> dict[str, Any]:
    own = ties.get(name, name)  # a tied parameter is the other one, under whose name it is trained
    matching = [number for number, rule in enumerate(rules) if rule.matches(own)]
    frozen = not weight.trainable or any(rules[number].freeze for number in matching)
    optimizer, group = trained.get(own, ("", {}))
    written = {key for number in matching for key in rules[number].set}
    starts = [rules[number].init for number in matching if rules[number].init]
    return {
        "name": name,
        "node": node,
        "shape": list(weight.shape),
        "count": weight.numel,
        "trained": not frozen,
        "rules": matching,
        "settings": {key: _number(group[key]) for key in (*SHOWN, *sorted(written - {*SHOWN})) if key in group},
        "optimizer": optimizer,
        "init": str(starts[-1]) if starts else "",
        "tied": ties.get(name, ""),
    }


def _number(value: Any) -> float | int | bool | str:
    """A setting as the page's message holds it."""
    return value if isinstance(value, float | int | bool | str) else str(value)
