"""What breaks other tools: precisions, layouts, wrappers, modes of autograd, interruptions, and too little memory."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import torchwork
from torchwork.inside import METHODS, EpochLook, candidates_for, explain, overview
from torchwork.inside.maps import feature_maps

from .networks import small

# How far a map may be off: 8 bits of a number are few, where differences of scores count.
PRECISIONS = {torch.float64: 1e-4, torch.float16: 0.1, torch.bfloat16: 0.3}


@pytest.mark.parametrize("dtype", PRECISIONS, ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_works_in_every_precision(method: str, dtype: torch.dtype) -> None:
    model, x = small()
    expected = explain(model, x, method, check=False).map
    found = explain(model.to(dtype), x.to(dtype), method)
    assert found.map.dtype == found.raw.dtype == torch.float32
    assert (found.map - expected).abs().max() < PRECISIONS[dtype]
    assert all(parameter.dtype == dtype for parameter in model.parameters())


@pytest.mark.parametrize("dtype", PRECISIONS, ids=str)
def test_layers_are_seen_in_every_precision(dtype: torch.dtype) -> None:
    model, x = small()
    plain = [(layer.name, layer.macs, layer.maps) for layer in overview(model, x, timed=False).layers]
    model, x = model.to(dtype), x.to(dtype)
    assert [(layer.name, layer.macs, layer.maps) for layer in overview(model, x).layers] == plain
    assert torchwork.probe(model, x, gradients=lambda scores: scores[0, 0]).gradients["fc"].dtype == dtype
    assert "maps/features.0" in EpochLook(model, x).take().pictures


@pytest.mark.parametrize("method", METHODS)
def test_channels_last_changes_nothing(method: str) -> None:
    model, x = small()
    expected = explain(model, x, method, check=False).raw
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    assert torch.allclose(explain(model, x, method, check=False).raw, expected, atol=1e-5)
    assert model.features[4].weight.is_contiguous(memory_format=torch.channels_last)


def compiled(model: nn.Module) -> nn.Module:
    made: nn.Module = torch.compile(model, backend="eager")  # type: ignore[assignment]
    return made


@pytest.mark.parametrize("wrap", [nn.DataParallel, compiled, lambda model: nn.DataParallel(compiled(model))])
def test_layers_in_a_wrapper_have_their_own_names(wrap: Callable[[nn.Module], nn.Module]) -> None:
    model, x = small()
    wrapped = wrap(model)
    wrapped(x)
    expected, found = explain(model, x), explain(wrapped, x)
    assert found.layer == expected.layer and torch.equal(found.map, expected.map)
    assert candidates_for(wrapped, x) == expected.candidates
    plain = overview(model, x, timed=False)
    assert overview(wrapped, x, timed=False) == plain and not plain.notes
    assert feature_maps(wrapped, x, {"features.0"})["features.0"] is not None


def test_a_wrapper_of_ones_own_is_looked_through() -> None:
    class Wrapper(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, *given: Tensor, **more: Tensor) -> dict[str, Tensor]:
            return {"scores": self.inner(*given, **more)}

    model, x = small()
    found = explain(Wrapper(model), x)
    assert found.layer == "inner.features.5" and torch.equal(found.map, explain(model, x).map)


@pytest.mark.parametrize("method", ["grad-cam", "saliency", "score-cam"])
def test_a_network_that_was_made_in_inference_mode(method: str) -> None:
    model, x = small()
    expected = explain(model, x, method).map
    with torch.inference_mode():
        made, picture = copy.deepcopy(model), x.clone()
    assert torch.equal(explain(made, picture, method).map, expected)
    assert made.fc.weight.is_inference() and made.fc.weight.requires_grad
    assert torchwork.probe(made, picture)["fc"].shape == (1, 4)


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode])
def test_gradients_and_times_are_there_inside_a_loop_without_gradients(around: type[torch.no_grad]) -> None:
    model, x = small()
    plain = torchwork.probe(model, x, gradients=lambda scores: scores[0, 0])
    with around():
        found = torchwork.probe(model, x.clone(), gradients=lambda scores: scores[0, 0])
        layers = overview(model, x.clone())
    assert torch.equal(found.gradients["features.0"], plain.gradients["features.0"])
    assert not layers.notes and all(layer.milliseconds for layer in layers.layers)


# Interruptions.


class Interrupted(nn.Module):
    """Ctrl-C at its call number `at`."""

    def __init__(self, inner: nn.Module, at: int) -> None:
        super().__init__()
        self.inner, self.left = inner, at

    def forward(self, x: Tensor) -> Tensor:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return self.inner(x)


@pytest.mark.parametrize("method", ["score-cam", "occlusion", "integrated-gradients", "grad-cam"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_ctrl_c_leaves_no_trace(method: str, at: int) -> None:
    inner, x = small()
    model = Interrupted(inner.train(), at)
    before, state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        explain(model, x, method)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert all(item.requires_grad and item.grad is None for item in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_whoever_is_told_of_progress_can_end_it() -> None:
    class EnoughError(Exception):
        pass

    def enough(done: int, total: int) -> None:
        raise EnoughError

    model, x = small()
    with pytest.raises(EnoughError):
        explain(model, x, "occlusion", progress=enough)
    assert not any(module._forward_hooks for module in model.modules())
    assert all(item.requires_grad for item in model.parameters())


@pytest.mark.parametrize(("method", "runs"), [("occlusion", 2), ("score-cam", 2), ("saliency", 4)])
def test_progress_counts_the_check_as_well(method: str, runs: int) -> None:
    model, x = small()
    alone, whole = list[tuple[int, int]](), list[tuple[int, int]]()
    explain(model, x, method, check=False, progress=lambda *told: alone.append(told))
    explain(model, x, method, progress=lambda *told: whole.append(told))
    assert alone[-1][0] == alone[-1][1] and len(whole) == runs * len(alone)
    assert whole == sorted(whole) and whole[-1] == (runs * alone[-1][1],) * 2


# Memory.

LITTLE_MEMORY = """
import psutil, resource, torch
from torch import nn
from torchwork.errors import OutOfMemoryError
from torchwork.inside import explain

class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.sizes, self.conv, self.head = [], nn.Conv2d(3, 64, 1), nn.Linear(64, 2)

    def forward(self, x):
        self.sizes.append(len(x))
        return self.head(self.conv(x).mean((2, 3)))

torch.set_num_threads(1)
model, x = Wide().eval(), torch.randn(3, 256, 256)  # 16 MB for a picture
with torch.no_grad():
    model(x[None])
most = psutil.Process().memory_info().data + (120 << 20)
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
found = explain(model, x, "occlusion", check=False)
assert found.map.shape == (256, 256) and not found.flat
assert 16 in model.sizes and model.sizes[-2] < 16, model.sizes
try:
    explain(model, torch.randn(3, 1024, 1024), "occlusion")
except OutOfMemoryError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process so")
def test_when_the_machine_gives_no_more_memory_the_chunks_are_halved() -> None:
    """By a limit of the system, so that torch's own allocator fails."""
    ran = subprocess.run([sys.executable, "-c", LITTLE_MEMORY], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "there is no memory to explain this picture; use a smaller one, or a smaller model\n"
