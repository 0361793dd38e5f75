"""Every layer and operation as code: document -> text -> module; the same keys, weights and outputs, bit for bit."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.catalog import catalog
from torchwork.code import print_network
from torchwork.code.text import imports
from torchwork.experiment import Model
from torchwork.graph import Resolved, TensorSpec, resolve
from torchwork.graph.arguments import INFERRED

from .flow import BATCH, FEATURES
from .models import Around, Case, arguments_of, inputs_of, model_around
from .test_layers import CASES as LAYER_CASES
from .test_layers import inputs_needed
from .test_operations import CASES as OPERATION_CASES
from .test_operations import around_it

LAYERS, OPERATIONS = catalog().entries("layer"), catalog().entries("operation")


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = assert_same(around_layer(name), monkeypatch)
    assert f"nn.{name}(" in text


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same(around_it(name, OPERATION_CASES.get(name, Case())), monkeypatch)


def around_layer(name: str) -> Around:
    """The model with the layer in it."""
    entry, case = LAYERS[name], LAYER_CASES.get(name, Case())
    args = arguments_of(entry, case, inferred=[*INFERRED])
    return model_around(entry, args, inputs_of(entry, case, inputs_needed(entry)), case)


def assert_same(around: Around, monkeypatch: pytest.MonkeyPatch) -> str:
    """The text of a model that is the same as the built one, in training and in evaluation."""
    model = Model.model_validate(around.model)
    resolved = resolve(model, [TensorSpec((BATCH, FEATURES))])
    assert resolved.problems == ()
    printed = print_network(model, resolved, "Net")
    text = f"{imports(printed.imports)}\n\n\n{printed.classes}\n\n\nmodel = {printed.make}\n"
    torch.manual_seed(3)
    built = resolved.build()
    drawn = torch.rand(1)
    torch.manual_seed(3)
    made = run(text, monkeypatch)
    assert torch.equal(torch.rand(1), drawn), text
    assert_same_weights(built, made)
    for mode in (True, False):
        assert same(output(built.train(mode), resolved), output(made.train(mode), resolved)), text
    return text


def run(text: str, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """The module that the text makes where torchwork cannot be imported."""
    importing = builtins.__import__

    def without_torchwork(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith("torchwork"), "printed code needs torchwork"
        return importing(name, *rest, **more)

    namespace: dict[str, Any] = {"__name__": "printed"}
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", without_torchwork)
        exec(compile(text, "printed.py", "exec"), namespace)
    module = namespace["model"]
    assert isinstance(module, nn.Module)
    return module


def assert_same_weights(built: nn.Module, made: nn.Module) -> None:
    """The state dicts have the same names in the same order, and the same values."""
    ours, theirs = built.state_dict(), made.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def output(module: nn.Module, resolved: Resolved) -> Any:
    """What the module gives for fixed numbers."""
    torch.manual_seed(7)
    with torch.no_grad():
        return module(*[torch.randn(spec.shape) for spec in resolved.inputs if isinstance(spec, TensorSpec)])


def same(one: Any, other: Any) -> bool:
    """Equal bit for bit, also where a number is not one."""
    if isinstance(one, torch.Tensor):
        return one.shape == other.shape and bool(torch.equal(one.nan_to_num(), other.nan_to_num()))
    return len(one) == len(other) and all(map(same, one, other))
