"""Hooks by name: what they read and change, near in-place operations too, and that nothing stays."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import torchwork
from torchwork.errors import TorchworkError
from torchwork.inside.hooks import Hooks


def network(inplace: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=inplace), nn.Flatten(), nn.Linear(8, 3))


def hooks_on(model: nn.Module) -> int:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, kind)) for module in model.modules() for kind in kinds)


def test_a_gradient_is_doubled_in_place_and_tripled_by_what_is_returned() -> None:
    w, x = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)

    def change(gradient: Tensor) -> Tensor:
        gradient.mul_(2)
        return gradient * 3

    with torchwork.probe(nn.Identity()) as probe:
        probe.tensor(w, change)
        ((w + x) * (w + 1)).backward()  # type: ignore[no-untyped-call]
    assert w.grad == 30
    assert x.grad == 2


def test_ones_through_kernels_of_ones_and_twos_give_9_and_18() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.MaxPool2d(2))
    with torch.no_grad():
        model[0].weight[0], model[0].weight[1] = 1, 2
    found: dict[str, Tensor] = {}
    with torchwork.probe(model) as probe:
        probe.forward("*[01]", lambda name, output: found.update({name: output.detach().clone()}))
        model(torch.ones(1, 1, 4, 4))
    assert found["0"].equal(torch.tensor([9.0, 18.0]).reshape(1, 2, 1, 1).expand(1, 2, 2, 2))
    assert found["1"].flatten().tolist() == [9, 18]


def test_what_a_hook_returns_takes_the_place_of_the_value() -> None:
    model, x = network(), torch.randn(2, 1, 4, 4)
    plain = model(x)
    with Hooks(model) as hooks:
        hooks.forward("3", lambda name, output: output + 1)
        assert torch.equal(model(x), plain + 1)
        hooks.forward_pre("0", lambda name, inputs: (inputs[0] * 0,))
        assert torch.equal(model(x), model(x * 0))
    assert torch.equal(model(x), plain)


def test_a_backward_hook_reads_and_changes_the_gradient_of_an_output() -> None:
    model, x = network(), torch.randn(2, 1, 4, 4)
    seen: list[Tensor] = []

    def nothing_passes(name: str, gradient: Tensor) -> Tensor:
        seen.append(gradient)
        return gradient * 0

    with Hooks(model) as hooks:
        hooks.backward(nn.Flatten, nothing_passes)
        model(x).sum().backward()
    assert torch.allclose(seen[0], model[3].weight.sum(0).expand(2, 8))
    assert model[0].weight.grad is not None and not model[0].weight.grad.any()
    assert model[3].weight.grad is not None and model[3].weight.grad.any()


def test_backward_hooks_do_not_mind_operations_in_place() -> None:
    """pytorch#61519: torch's own module hooks raise here."""
    x, found = torch.randn(2, 1, 4, 4), []
    for inplace in (False, True):
        model = network(inplace)
        gradients: dict[str, Tensor] = {}
        with Hooks(model) as hooks:
            hooks.backward("*", lambda name, gradient, kept=gradients: kept.update({name: gradient.clone()}))
            model(x).sum().backward()
        found.append(gradients)
    plain, changed = found
    assert plain.keys() == changed.keys() == {"", "0", "1", "2", "3"}
    assert all(torch.equal(plain[name], changed[name]) for name in plain)


def test_a_view_of_what_was_changed_in_place_does_not_end_the_process() -> None:
    """pytorch#196459: register_hook alone ends it."""
    base = torch.ones(4, requires_grad=True).clone()
    view = base[:2]
    base.mul_(2)
    seen: list[Tensor] = []
    with Hooks(nn.Identity()) as hooks:
        hooks.tensor(view, seen.append)  # type: ignore[arg-type]
        view.sum().backward()
    assert seen[0].tolist() == [1, 1]


def test_patterns_are_names_classes_and_functions() -> None:
    hooks = Hooks(nn.ModuleDict({"features": network(), "head": nn.Linear(1, 1)}))
    assert hooks.names("features.?") == ["features.0", "features.1", "features.2", "features.3"]
    assert hooks.names(nn.Linear) == ["features.3", "head"]
    assert hooks.names(lambda name, module: any(True for _ in module.parameters(recurse=False))) == [
        "features.0", "features.3", "head",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("feature.0", "no layer is called feature.0; did you mean features.0?"),
        (nn.Conv3d, "no module of this network is a Conv3d; did you mean Conv2d?"),
        (lambda name, module: False, "takes none of the 6 modules"),
    ],
)
def test_a_pattern_that_means_nothing_says_what_is_near(pattern: Any, told: str) -> None:
    hooks = Hooks(nn.ModuleDict({"features": network()}))
    with pytest.raises(TorchworkError) as error:
        hooks.forward(pattern, print)
    assert told in str(error.value)


def test_a_tensor_without_gradient_is_refused() -> None:
    with pytest.raises(TorchworkError, match="requires_grad is False"):
        Hooks(network()).tensor(torch.ones(1), print)  # type: ignore[arg-type]


def test_hooks_go_alone_together_and_when_something_fails() -> None:
    model = network()
    with Hooks(model) as hooks:
        one = hooks.forward("0", lambda name, output: None)
        hooks.forward_pre("*", lambda name, inputs: None)
        assert hooks_on(model) == 6
        one.remove()
        one.remove()
        assert hooks_on(model) == 5
    assert hooks_on(model) == 0
    with pytest.raises(RuntimeError), Hooks(model) as hooks:
        hooks.forward("*", lambda name, output: None)
        model(torch.zeros(1))
    assert hooks_on(model) == 0


def test_a_compiled_model_calls_hooks_that_come_later() -> None:
    model = network()
    compiled = torch.compile(model, backend="eager")
    x = torch.randn(2, 1, 4, 4)
    plain = compiled(x)
    with torchwork.probe(compiled) as hooks:  # type: ignore[arg-type]
        hooks.forward("3", lambda name, output: output + 1)
        assert torch.allclose(compiled(x), plain + 1)
    assert torch.allclose(compiled(x), plain)
