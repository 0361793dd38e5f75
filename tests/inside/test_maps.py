"""Feature maps, kernels, and many of them as one picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import torchwork
from torchwork.catalog import vision
from torchwork.inside import overview
from torchwork.inside.grids import BETWEEN, grid, original, paged, png, scaled, smaller
from torchwork.inside.kernels import kernel_count, kernels_of
from torchwork.inside.maps import feature_maps, maps_of

from .networks import Tokens, famous

SHAPES = [
    (nn.Conv2d(3, 5, 3), (2, 3, 9, 7), (2, 5, 7, 5)),
    (nn.Conv1d(3, 5, 3), (2, 3, 9), (2, 5, 1, 7)),
    (nn.Conv3d(1, 5, 3), (2, 1, 9, 9, 9), (2, 5, 7, 7)),
    (nn.Linear(6, 4), (2, 8, 8, 6), (2, 4, 8, 8)),
    (nn.LayerNorm(6), (2, 8, 8, 6), (2, 6, 8, 8)),
    (nn.ReLU(), (2, 4, 8, 8), (2, 4, 8, 8)),
    (nn.Linear(6, 4), (2, 6), None),
    (nn.Linear(6, 4), (2, 5, 6), None),
    (nn.AdaptiveAvgPool2d(1), (2, 6, 4, 4), None),
]


@pytest.mark.parametrize(("layer", "given", "shape"), SHAPES, ids=lambda item: str(item)[:20])
def test_maps_are_read_as_the_layer_writes_them(
    layer: nn.Module, given: tuple[int, ...], shape: tuple[int, ...] | None
) -> None:
    maps = maps_of(layer, layer(torch.randn(given)))
    assert (None if maps is None else tuple(maps.shape)) == shape


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("class_token", [True, False])
def test_tokens_are_folded_back_to_the_grid_of_their_patches(first: bool, class_token: bool) -> None:
    """Of a picture that is no square, in either order of dimensions; the class's token is left out."""
    torch.manual_seed(0)
    model, x = Tokens(first, class_token).eval(), torch.randn(3, 3, 12, 20)
    maps = feature_maps(model, x, {"patches", "encoder.layers.1", "head"})
    assert maps["patches"] is not None and torch.equal(maps["patches"], model.patches(x))
    tokens = torchwork.probe(model, x, layers="encoder.layers.1")["encoder.layers.1"]
    tokens = (tokens if first else tokens.transpose(0, 1))[:, int(class_token) :]
    folded = maps["encoder.layers.1"]
    assert folded is not None and folded.shape == (3, 16, 3, 5) and maps["head"] is None
    assert all(torch.equal(folded[:, :, row, column], tokens[:, row * 5 + column]) for row, column in ((0, 0), (1, 4)))


def test_every_layer_of_transformers_of_pictures_has_maps_and_attention_none() -> None:
    vit = {layer.name: layer.maps for layer in overview(*famous("vit"), timed=False).layers}
    assert [name for name, maps in vit.items() if not maps] == ["heads.head"]
    assert vit["encoder.layers.encoder_layer_0.self_attention"] == 32
    swin = vision().models.SwinTransformer([4, 4], 12, [1, 1], [2, 2], [4, 4], num_classes=5)
    found = {layer.name: layer.maps for layer in overview(swin, torch.randn(2, 3, 64, 96), timed=False).layers}
    assert found["features.1.0.mlp.1"] == 48, "a GELU writes channels last where its neighbours do"
    assert feature_maps(swin, torch.randn(2, 3, 64, 96), {"features.1.0.mlp.1"})["features.1.0.mlp.1"].shape == (
        2, 48, 16, 24,
    )  # fmt: skip
    tables = nn.Sequential(nn.Conv2d(3, 16, 4, 4), nn.Flatten(2), nn.Softmax(-1))
    assert [layer.maps for layer in overview(tables, torch.randn(2, 3, 16, 24), timed=False).layers] == [16, 0, 0]


def test_feature_maps_leave_the_network_as_it_was() -> None:
    model, x = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True)), torch.randn(2, 3, 8, 8)
    kept = {name: item.clone() for name, item in model.state_dict().items()}
    maps = feature_maps(model, x, {"1", "2"})
    assert maps["1"] is not None and (maps["1"] < 0).any() and maps["2"] is not None and (maps["2"] >= 0).all()
    assert model.training and not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(item, kept[name]) for name, item in model.state_dict().items())


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(3, 8, 5), (8, 5, 5, 3)),
        (nn.Conv2d(1, 8, 5), (8, 5, 5)),
        (nn.Conv2d(4, 8, (3, 5)), (32, 3, 5)),
        (nn.Conv2d(4, 8, 3, groups=2), (16, 3, 3)),
        (nn.ConvTranspose2d(4, 8, 3), (32, 3, 3)),
        (nn.Conv1d(2, 3, 7), (6, 1, 7)),
        (nn.Conv3d(2, 3, 5), (30, 5, 5)),
        (nn.Linear(3, 3), None),
        (nn.LazyConv2d(3, 3), None),
    ],
    ids=str,
)
def test_every_kernel_of_every_convolution_is_a_picture(layer: nn.Module, shape: tuple[int, ...] | None) -> None:
    kernels = kernels_of(layer)
    assert (None if kernels is None else tuple(kernels.shape)) == shape
    assert kernel_count(layer) == (shape[0] if shape else 0)


def test_kernels_of_one_output_follow_each_other() -> None:
    layer, transposed = nn.Conv2d(4, 8, 3), nn.ConvTranspose2d(4, 8, 3)
    kernels, others = kernels_of(layer), kernels_of(transposed)
    assert kernels is not None and torch.equal(kernels[2 * 4 + 1], layer.weight[2, 1])
    assert others is not None and torch.equal(others[2 * 4 + 1], transposed.weight[1, 2])


def test_pictures_are_scaled_each_or_together() -> None:
    values = torch.tensor([[[0.0, 1.0]], [[2.0, 4.0]], [[3.0, 3.0]]])
    each, together = scaled(values), scaled(values, together=True)
    assert each.pixels.tolist() == [[[0, 255]], [[0, 255]], [[0, 0]]]
    assert (each.lows, each.highs) == ([0, 2, 3], [1, 4, 3])
    assert together.pixels.tolist() == [[[0, 64]], [[128, 255]], [[191, 191]]]
    assert (together.lows, together.highs) == ([0, 0, 0], [4, 4, 4])


def test_what_is_not_finite_is_black_and_disturbs_no_other() -> None:
    found = scaled(torch.tensor([[[1.0, 2.0, torch.inf, torch.nan]], [[torch.nan] * 4]]))
    assert found.pixels.tolist() == [[[0, 255, 0, 0]], [[0, 0, 0, 0]]]
    assert (found.lows, found.highs) == ([1, 0], [2, 0])


def test_a_grid_holds_every_picture_at_its_place() -> None:
    pictures = np.arange(5, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(3, 2)
    whole = grid(pictures, 2)
    assert whole.shape == (8, 7)
    assert [int(whole[row, column]) for row in (0, 3, 6) for column in (0, 4)] == [0, 1, 2, 3, 4, BETWEEN]
    assert (whole[2] == BETWEEN).all()
    assert grid(np.zeros((16, 4, 4, 3), np.uint8)).shape == (19, 19, 3)
    assert grid(np.zeros((1, 4, 4), np.uint8), 9).shape == (4, 4)


def test_pages_hold_all_and_one_beyond_the_last_is_the_last() -> None:
    assert [list(paged(5, page, 2)[0]) for page in range(4)] == [[0, 1], [2, 3], [4], [4]]
    assert paged(5, 0, 2)[1] == 3
    assert paged(0, 0) == (range(0, 0), 1)


def test_large_maps_are_averaged_small_ones_left() -> None:
    values = torch.arange(64.0).reshape(1, 8, 8)
    assert torch.equal(smaller(values, 8), values)
    assert torch.equal(smaller(values, 4)[0, 0, 0], values[0, :2, :2].mean())
    assert smaller(torch.zeros(3, 100, 10), 50).shape == (3, 50, 5)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_picture_comes_back_from_a_normalised_tensor(channels: int) -> None:
    pixels = torch.randint(0, 256, (channels, 5, 7), dtype=torch.uint8)
    mean, std = [0.4, 0.5, 0.6][:channels], [0.2, 0.3, 0.25][:channels]
    normal = (pixels / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    back = original(normal, mean, std)
    wanted = pixels.permute(1, 2, 0).numpy()
    assert np.array_equal(back, wanted[:, :, 0] if channels == 1 else wanted)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(back)))), back)


def test_maps_of_an_in_place_alexnet_are_those_of_the_same_without() -> None:
    """What two well-known packages get wrong, which show what the ReLU has made of a convolution's maps."""
    found: list[Tensor] = []
    for inplace in (True, False):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(3, 8, 11, 4, 2), nn.ReLU(inplace), nn.MaxPool2d(3, 2), nn.Conv2d(8, 8, 5), nn.ReLU(inplace)
        )
        found.append(torchwork.probe(model, torch.randn(1, 3, 64, 64))["3"])
    assert torch.equal(*found)
    assert (found[0] < 0).any()
