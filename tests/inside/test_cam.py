"""Class activation maps are exact, also where operations in place follow the layer."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from torchwork.errors import TorchworkError
from torchwork.inside import explain

from .networks import FAMOUS, SmallNet, famous, small

BEFORE_IN_PLACE = {
    "alexnet": "features.10",
    "vgg11": "features.18",
    "resnet18": "layer4.1.bn2",  # `out += identity` follows
    "mobilenet_v2": "features.18.1",
    "densenet121": "features.norm5",  # F.relu(..., inplace=True) follows
    "vit": "encoder.layers.encoder_layer_1.ln_2",
}
LAYERED = ("grad-cam", "grad-cam++", "layer-cam", "hires-cam")


class Kept(nn.Module):
    """A layer that keeps what it gives, and gives something else on."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.given = layer, torch.empty(0)

    def forward(self, *inputs: Tensor) -> Tensor:
        self.given = self.layer(*inputs)
        self.given.retain_grad()
        return self.given * 1


def reference(model: nn.Module, x: Tensor, layer: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Tensor, Tensor]:
    """Maps and gradients [C, h, w] by other means: the same network rebuilt without anything in place."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    monkeypatch.setattr(F, "relu", lambda given, inplace=False: torch.relu(given))
    parent, _, name = layer.rpartition(".")
    kept = Kept(model.get_submodule(layer))
    setattr(model.get_submodule(parent), name, kept)
    scores = model(x)
    scores[0, scores[0].argmax()].backward()
    maps, gradients = kept.given.detach()[0], kept.given.grad
    assert gradients is not None
    gradients = gradients[0]
    if maps.dim() == 2:  # tokens, the class's first
        maps, gradients = (item[1:].T.reshape(-1, 4, 4) for item in (maps, gradients))
    return maps, gradients


def formula(method: str, maps: Tensor, gradients: Tensor) -> Tensor:
    """As the papers write them."""
    if method == "grad-cam":
        return (gradients.mean((1, 2), keepdim=True) * maps).sum(0).relu()
    if method == "grad-cam++":
        a, g = maps.double(), gradients.double()
        alpha = torch.where(g != 0, g**2 / (2 * g**2 + a.sum((1, 2), keepdim=True) * g**3), 0)
        return ((alpha * g.relu()).sum((1, 2), keepdim=True) * a).sum(0).relu().float()
    if method == "layer-cam":
        return (gradients.relu() * maps).sum(0).relu()
    return (gradients * maps).sum(0)


def difference(one: Tensor, other: Tensor) -> float:
    """Of the largest value."""
    return float((one - other).abs().max() / other.abs().max().clamp_min(1e-30))


@pytest.mark.parametrize("name", FAMOUS)
def test_maps_are_those_of_the_network_without_operations_in_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = famous(name)
    layers = [BEFORE_IN_PLACE[name], explain(model, x, check=False).layer]
    made = {(layer, method): explain(model, x, method, layer, check=False) for layer in layers for method in LAYERED}
    for layer in layers:
        maps, gradients = reference(model, x, layer, monkeypatch)
        for method in LAYERED:
            assert difference(made[layer, method].raw, formula(method, maps, gradients)) < 1e-5, (layer, method)


@pytest.mark.parametrize("name", [name for name in FAMOUS if name != "vit"])
def test_grad_cam_is_captums(name: str) -> None:
    captum = pytest.importorskip("captum.attr")
    model, x = famous(name)
    layer = BEFORE_IN_PLACE[name]
    theirs = captum.LayerGradCam(model, model.get_submodule(layer)).attribute(
        x, target=int(model(x).argmax()), relu_attributions=True
    )
    assert difference(explain(model, x, layer=layer, check=False).raw, theirs[0, 0].detach()) < 1e-5


def test_the_hook_of_two_known_packages_would_be_wrong_here() -> None:
    model, x = famous("alexnet")
    kept: list[Tensor] = []
    handle = model.features[10].register_forward_hook(lambda _, __, output: kept.append(output))
    model(x)
    handle.remove()
    ours = explain(model, x, "eigen-cam", "features.10", check=False)
    assert kept[0].min() >= 0  # the ReLU behind has overwritten it
    assert ours.raw.min() < ours.raw.max()
    flat = model.features[:11](x)[0].detach().flatten(1)
    along = torch.linalg.svd(flat.double(), full_matrices=False)[2][0]
    along = along * torch.sign(along.sum())
    assert difference(ours.raw / ours.raw.norm(), along.view_as(ours.raw).float() / along.norm().float()) < 1e-4


def test_cam_is_the_weights_of_the_linear_layer_times_the_maps() -> None:
    model, x = small()
    found = explain(model, x, "cam", target=2, check=False)
    expected = torch.einsum("k,khw->hw", model.fc.weight[2], model.features(x)[0])
    assert found.layer == "features.5"
    assert difference(found.raw, expected.detach()) < 1e-5
    same = explain(model, x, "grad-cam", target=2, check=False)
    assert torch.allclose(found.map, same.map, atol=1e-5)
    scores = model(x)[0].detach()
    assert torch.allclose(found.raw.mean() + model.fc.bias[2], scores[2], atol=1e-5)


@pytest.mark.parametrize("name", ["alexnet", "densenet121", "vit"])
def test_cam_is_refused_where_it_would_say_nothing(name: str) -> None:
    with pytest.raises(TorchworkError, match=r"global average pooling and one linear layer.*use grad-cam"):
        explain(*famous(name), "cam", check=False)


def test_cam_is_refused_behind_a_second_linear_layer() -> None:
    model, x = small()
    model.fc = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 4))
    with pytest.raises(TorchworkError, match="one linear layer"):
        explain(model, x, "cam", check=False)


def test_hires_cam_of_a_linear_end_is_complete() -> None:
    model, x = small()
    found = explain(model, x, "hires-cam", target=1, check=False)
    assert torch.allclose(found.raw.sum() + model.fc.bias[1], model(x)[0, 1], atol=1e-5)


def test_score_cam_by_hand() -> None:
    model, x = small()
    found = explain(model, x, "score-cam", target=0, check=False)
    maps = model.features(x).detach()[0]
    scores, kept = [], []
    for one in maps:
        if one.max() > one.min():
            mask = F.interpolate(one[None, None], (16, 16), mode="bilinear")
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            scores.append(model(x * mask)[0, 0].detach())
            kept.append(one)
    expected = (torch.stack(scores).softmax(0)[:, None, None] * torch.stack(kept)).sum(0).relu()
    assert difference(found.raw, expected) < 1e-5


def test_a_layer_that_is_used_again_is_read_at_its_last_call() -> None:
    class Again(SmallNet):
        def forward(self, x: Tensor) -> Tensor:
            x = self.features[0](x)
            x = self.features[2](x)  # in place
            x = self.features[4](x)
            return self.fc(self.features[2](x).mean((2, 3)))

    torch.manual_seed(0)
    model = Again().eval()
    x = torch.randn(1, 3, 8, 8)
    found = explain(model, x, "hires-cam", "features.2", target=3, check=False)
    last = model.features[4](model.features[0](x).relu()).relu()
    assert difference(found.raw, torch.einsum("k,khw->hw", model.fc.weight[3] / 64, last[0]).detach()) < 1e-5


def test_an_operation_in_place_whose_result_is_not_used_counts() -> None:
    class Careless(SmallNet):
        def forward(self, x: Tensor) -> Tensor:
            x = self.features[0](x)
            self.features[2](x)
            return self.fc(self.features[4](x).mean((2, 3)))

    torch.manual_seed(0)
    model = Careless().eval()
    x = torch.randn(1, 3, 8, 8)
    expected = model(x)[0].detach()
    assert torch.allclose(explain(model, x, check=False).scores, expected)


def test_views_changed_in_place_do_not_end_the_process() -> None:
    """Hooks on tensors would (pytorch#196459)."""

    class Views(SmallNet):
        def forward(self, x: Tensor) -> Tensor:
            x = self.features[0](x)
            part = x[:, :3]
            part.mul_(2)
            x.relu_()
            return self.fc(self.features[4](x).mean((2, 3)))

    torch.manual_seed(0)
    found = explain(Views().eval(), torch.randn(1, 3, 8, 8), layer="features.0")
    assert found.map.shape == (8, 8)


def test_shares_that_cancel_are_no_map() -> None:
    """Before a LayerNorm the sum of gradient times value is zero but for rounding."""
    model, x = famous("vit")
    assert explain(model, x, "hires-cam", "encoder.layers.encoder_layer_1", check=False).flat
    assert not explain(model, x, "hires-cam", "encoder.layers.encoder_layer_1.ln_2", check=False).flat


@pytest.mark.parametrize("method", ["grad-cam", "eigen-cam", "score-cam", "saliency"])
@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_network_that_diverged_says_so(method: str, weight: float) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    nn.init.constant_(model[0].weight, weight)
    made = explain(model, torch.randn(1, 8, 8), method)
    assert made.flat and made.trust is not None and made.trust.sentence.endswith("its training has diverged")
