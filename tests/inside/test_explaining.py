"""Explanations of any module: methods on pixels, segmentation, trust, memory, and no trace."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from torchwork.catalog import vision
from torchwork.errors import OutOfMemoryError, TorchworkError
from torchwork.inside import METHODS, explain
from torchwork.inside.chunks import in_chunks

from .networks import famous, small

DEEP = [name for name in METHODS if name != "cam"]


def difference(one: Tensor, other: Tensor) -> float:
    return float((one - other.detach()).abs().max() / other.detach().abs().max())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_map_of_the_picture(method: str) -> None:
    model, x = small()
    found = explain(model, x[0], method)
    assert found.map.shape == (16, 16) and found.map.dtype == torch.float32
    assert found.map.min() >= 0 and float(found.map.max()) == pytest.approx(1)
    assert bool(found.layer) == METHODS[method].layered
    assert torch.allclose(found.scores, model(x)[0].detach()) and found.target == int(found.scores.argmax())
    assert found.trust is not None and found.trust.correlation is not None


@pytest.mark.parametrize("method", METHODS)
def test_no_trace_is_left(method: str) -> None:
    model, x = small()
    model.train()
    model.features[1].eval()
    model.fc.weight.requires_grad_(False)
    model.fc.bias.grad = torch.ones(4)
    x.requires_grad_()
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    random, picture = torch.get_rng_state(), x.detach().clone()
    explain(model, x, method)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert not model.fc.weight.requires_grad and model.features[0].weight.requires_grad
    assert model.features[0].weight.grad is None and torch.equal(model.fc.bias.grad, torch.ones(4))
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.equal(x, picture) and x.grad is None
    assert not any(module._forward_hooks for module in model.modules())


def test_no_trace_is_left_of_what_fails() -> None:
    model, x = small()
    model.train()
    with pytest.raises(TorchworkError):
        explain(model, x, layer="fc")
    assert model.training and not any(module._forward_hooks for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode])
def test_inside_a_loop_without_gradients(around: type[torch.no_grad]) -> None:
    model, x = small()
    expected = explain(model, x).map
    with around():
        assert torch.equal(explain(model, x.clone()).map, expected)


def test_a_frozen_network_and_a_compiled_one_are_explained() -> None:
    model, x = small()
    expected = explain(model, x).map
    model.requires_grad_(False)
    assert torch.equal(explain(model, x).map, expected)
    compiled = torch.compile(model, backend="eager")
    compiled(x)  # hooks that come later are not in its graph
    assert torch.equal(explain(compiled, x).map, expected)


def test_a_network_that_changes_its_input_in_place() -> None:
    model, x = small()
    changing = nn.Sequential(nn.ReLU(inplace=True), model)
    for method in ("saliency", "integrated-gradients", "occlusion", "score-cam"):
        plain = explain(nn.Sequential(nn.ReLU(), model), x, method, check=False)
        assert torch.equal(explain(changing, x, method, check=False).raw, plain.raw)


def test_what_runs_without_gradients_is_told_what_to_use() -> None:
    class Frozen(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                return self.inner(x)

    model, x = small()
    with pytest.raises(TorchworkError, match="use score-cam, eigen-cam or occlusion"):
        explain(Frozen(model), x)
    assert not explain(Frozen(model), x, "score-cam").flat


# Pixels.


@pytest.mark.parametrize("name", ["alexnet", "resnet18"])
def test_methods_on_pixels_are_captums(name: str) -> None:
    captum = pytest.importorskip("captum.attr")
    model, x = famous(name)
    target = int(model(x).argmax())
    theirs = captum.Saliency(model).attribute(x.requires_grad_(), target=target)[0].amax(0)
    assert difference(explain(model, x, "saliency", check=False).raw, theirs) < 1e-5
    theirs = captum.IntegratedGradients(model).attribute(x, target=target, n_steps=50)[0].sum(0).float()
    assert difference(explain(model, x, "integrated-gradients", check=False).raw, theirs) < 1e-4


def test_occlusion_is_captums() -> None:
    captum = pytest.importorskip("captum.attr")
    model, x = small()
    theirs = captum.Occlusion(model).attribute(x, (3, 2, 2), strides=(3, 1, 1), target=1)[0, 0]
    assert difference(explain(model, x, "occlusion", target=1, check=False).raw, theirs) < 1e-5


def test_integrated_gradients_add_up_to_the_difference() -> None:
    model, x = small()
    found = explain(model, x, "integrated-gradients", target=3, check=False)
    whole = (model(x) - model(torch.zeros_like(x)))[0, 3].detach()
    assert float(found.raw.sum()) == pytest.approx(float(whole), rel=1e-2)


def test_smoothgrad_is_the_gradient_of_noisy_copies() -> None:
    model, x = small()
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 4)).eval()
    same = explain(linear, x, "saliency", target=0, check=False)
    assert torch.allclose(explain(linear, x, "smoothgrad", target=0, check=False).raw, same.raw, atol=1e-6)
    again = [explain(model, x, "smoothgrad", check=False).raw for _ in range(2)]
    assert torch.equal(*again)


# Aims.


class Painter(nn.Module):
    """A segmentation with as many classes as colours: each pixel is of its brightest channel."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 3, 1, bias=False)
        self.act = nn.ReLU(inplace=True)
        self.head = nn.Conv2d(3, 3, 1, bias=False)
        for layer in (self.body, self.head):
            layer.weight.data.copy_(torch.eye(3)[:, :, None, None])

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": self.head(self.act(self.body(x)))}


def painted() -> Tensor:
    """Red, but green in its right half, and blue in one corner of 2×2."""
    x = torch.zeros(3, 8, 8)
    x[0], x[1, :, 4:], x[2, :2, :2] = 0.5, 1.0, 1.0
    return x


def test_a_segmentation_is_explained_where_its_class_is() -> None:
    found = explain(Painter().eval(), painted(), "hires-cam", target=1, check=False)
    assert found.target == 1
    assert (found.map[:, 4:] > 0.9).all() and (found.map[:, :3] == 0).all()


def test_a_region_and_a_pixel_of_a_segmentation() -> None:
    model, x = Painter().eval(), painted()
    corner = explain(model, x, "saliency", region=(0, 0, 2, 2), check=False)
    assert corner.target == 2
    assert (corner.map[:2, :2] == 1).all() and corner.map.sum() == 4
    pixel = explain(model, x, "saliency", region=(6, 3, 7, 4), check=False)
    assert pixel.target == 1 and pixel.map[3, 6] == 1 and pixel.map.sum() == 1
    with pytest.raises(TorchworkError, match=r"within the picture of 8×8, got 4, 4, 9, 8"):
        explain(model, x, region=(4, 4, 9, 8))


def test_a_segmentation_of_torchvision_is_read_at_its_backbone() -> None:
    torch.manual_seed(0)
    model = vision().models.segmentation.lraspp_mobilenet_v3_large(weights_backbone=None, num_classes=4).eval()
    found = explain(model, torch.randn(3, 64, 96), region=(10, 10, 40, 40), check=False)
    assert found.layer == "backbone.16.2" and found.map.shape == (64, 96)
    assert found.scores.shape == (4,)


def test_wrong_questions_are_refused() -> None:
    model, x = small()
    for given, words in (
        ({"method": "gradcam"}, "did you mean grad-cam"),
        ({"target": 4}, "a class from 0 to 3, got 4"),
        ({"target": "cat"}, "a class from 0 to 3, got cat"),
        ({"region": (0, 0, 2, 2)}, "a region is of a segmentation"),
    ):
        with pytest.raises(TorchworkError, match=words):
            explain(model, x, **given)  # type: ignore[arg-type]
    for wrong in (torch.randn(2, 3, 16, 16), torch.randn(16), torch.zeros(3, 16, 16, dtype=torch.uint8)):
        with pytest.raises(TorchworkError, match="expected one picture"):
            explain(model, wrong)


# Trust.


def test_a_map_that_ignores_the_last_layers_is_not_trusted() -> None:
    model, x = small()
    verdict = explain(model, x, "eigen-cam").trust
    assert verdict is not None and verdict.trusted is False
    assert verdict.correlation == pytest.approx(1) and "fc" in verdict.sentence


def test_a_map_that_depends_on_them_is() -> None:
    """Four maps that each see one corner; the class's weights choose one of them."""
    model = nn.Sequential(nn.Conv2d(8, 8, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)).eval()
    model[0].weight.data.copy_(torch.eye(8)[:, :, None, None])
    model[3].weight.data.zero_()
    model[3].weight.data[0, 5] = 1
    x = torch.zeros(8, 8, 8)
    for row in range(8):
        x[row, row] = 1
    found = explain(model, x, target=0)
    assert found.map[5].min() == 1 and found.map.sum() == 8
    assert found.trust is not None and found.trust.trusted and found.trust.correlation < 0.8  # type: ignore[operator]


def test_a_flat_map_is_told() -> None:
    model, x = small()
    model.fc.weight.data.zero_()
    found = explain(model, x)
    assert found.flat and found.trust is not None and found.trust.trusted is None
    assert "the map is flat" in found.trust.sentence


def test_a_network_that_cannot_be_copied_is_explained_without_a_verdict() -> None:
    model, x = small()
    model.__dict__["generator"] = (item for item in ())
    found = explain(model, x)
    assert not found.flat and found.trust is not None and "cannot be copied" in found.trust.sentence


# Memory.


class Greedy(nn.Module):
    """Has memory for so many inputs at a time."""

    def __init__(self, inner: nn.Module, most: int, error: Exception) -> None:
        super().__init__()
        self.inner, self.most, self.error, self.batches = inner, most, error, []  # type: ignore[var-annotated]

    def forward(self, x: Tensor) -> Tensor:
        self.batches.append(len(x))
        if len(x) > self.most:
            raise self.error
        return self.inner(x)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried to allocate"),
        MemoryError(),
    ],
)
@pytest.mark.parametrize("method", ["score-cam", "integrated-gradients", "smoothgrad", "occlusion"])
def test_out_of_memory_halves_the_chunk_and_goes_on(method: str, error: Exception) -> None:
    model, x = small()
    told: list[tuple[int, int]] = []
    greedy = Greedy(model, 3, error)
    found = explain(greedy, x, method, check=False, progress=lambda done, total: told.append((done, total)))
    assert torch.allclose(found.raw, explain(model, x, method, check=False).raw, atol=1e-5)
    assert max(greedy.batches) > 3
    assert told[-1][0] == told[-1][1] and told == sorted(told)


def test_no_memory_at_all_is_an_error_and_other_errors_are_their_own() -> None:
    model, x = small()
    with pytest.raises(OutOfMemoryError, match="no memory"):
        explain(Greedy(model, 0, MemoryError()), x)
    with pytest.raises(OutOfMemoryError, match="no memory for one input"):
        in_chunks(4, lambda begin, end: Greedy(model, 0, MemoryError())(x))
    with pytest.raises(RuntimeError, match="something else"):
        explain(Greedy(model, 1, RuntimeError("something else")), x, "occlusion")
