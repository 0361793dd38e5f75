"""The layer that is looked at is chosen by itself, and can be named."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from torchwork.catalog import vision
from torchwork.errors import TorchworkError
from torchwork.inside import explain
from torchwork.inside.maps import feature_maps
from torchwork.inside.places import places_of

from .networks import Tokens, famous, small


@pytest.mark.parametrize(
    ("name", "layer", "output"),
    [
        ("alexnet", "features.11", "256×4×4"),
        ("vgg11", "features.19", "512×4×4"),
        ("resnet18", "layer4.1", "512×3×3"),
        ("mobilenet_v2", "features.18.2", "1280×3×3"),
        ("densenet121", "features.norm5", "1024×2×2"),
        ("vit", "encoder.layers.encoder_layer_2.ln_1", "32×4×4"),
    ],
)
def test_the_last_layer_with_places_that_reaches_the_score(name: str, layer: str, output: str) -> None:
    found = explain(*famous(name), check=False)
    assert (found.layer, found.candidates[0].output) == (layer, output)
    assert not found.flat


def test_alternatives_are_the_ends_of_earlier_stages_first() -> None:
    found = explain(*famous("resnet18"), check=False)
    assert [item.name for item in found.candidates[:4]] == ["layer4.1", "layer3.1", "layer2.1", "layer1.1"]
    assert len({item.name for item in found.candidates}) == len(found.candidates)


def test_swin_has_its_channels_last() -> None:
    torch.manual_seed(0)
    model = vision().models.SwinTransformer([4, 4], 12, [1, 1], [2, 2], [4, 4], num_classes=5).eval()
    found = explain(model, torch.randn(3, 64, 96), check=False)
    assert (found.layer, found.candidates[0].output) == ("norm", "24×8×12")
    assert found.raw.shape == (8, 12) and not found.flat


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("class_token", [True, False])
def test_a_transformer_encoder_is_read_by_its_patches(first: bool, class_token: bool) -> None:
    torch.manual_seed(0)
    model = Tokens(first, class_token).eval()
    found = explain(model, torch.randn(3, 12, 20), check=False)
    # Behind the last block only the class token counts.
    assert found.layer == f"encoder.layers.{0 if class_token else 1}.norm2"
    assert found.candidates[0].output == "16×3×5"
    assert found.candidates[0].places.skip == int(class_token)


def test_both_orders_of_dimensions_give_the_same_map() -> None:
    x = torch.randn(3, 12, 20)
    maps = []
    for first in (True, False):
        torch.manual_seed(0)
        maps.append(explain(Tokens(first, True).eval(), x, "hires-cam", check=False).raw)
    assert torch.allclose(*maps, atol=1e-6)


def test_attention_and_tables_are_no_maps() -> None:
    assert places_of(nn.Softmax(-1), (1, 4, 16, 16), (64, 64), []) is None
    assert places_of(nn.GELU(), (1, 3, 197, 64), (224, 224), []) is None
    assert places_of(nn.Linear(2, 24), (1, 15, 15, 24), (96, 40), []) is None


def test_attention_between_the_tokens_of_a_grid_is_no_map() -> None:
    """As CaiT's linear layers over heads and NesT's blocks of tokens give."""
    assert places_of(nn.Linear(4, 4), (1, 196, 196, 4), (224, 224), [(14, 14)]) is None
    assert places_of(nn.Identity(), (1, 4, 197, 197), (224, 224), [(14, 14)]) is None
    assert places_of(nn.Identity(), (1, 4, 196, 192), (224, 224), [(56, 56)]) is None
    decoder = places_of(nn.ReLU(), (1, 8, 16, 16), (64, 64), [(16, 16), (4, 4)])
    assert decoder is not None and decoder.kind == "channels first", "a decoder comes back to a grid of before"


def test_a_norm_inside_a_branch_or_of_another_stage_is_not_chosen() -> None:
    """LeViT's norms are linear layers too, and its last LayerNorm may be that of an earlier stage."""

    class LinearNorm(nn.Linear):
        pass

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.branch = nn.Sequential(nn.Linear(8, 8), nn.GELU(), LinearNorm(8, 8))

        def forward(self, x: Tensor) -> Tensor:
            return x + self.branch(x)

    class Stages(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches, self.norm = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8)
            self.blocks, self.head = nn.Sequential(Block(), Block()), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            tokens = self.norm(self.patches(x).flatten(2).transpose(1, 2))
            halved = tokens.transpose(1, 2).unflatten(2, (4, 4))[:, :, ::2, ::2].flatten(2).transpose(1, 2)
            return self.head(self.blocks(halved).mean(1))

    torch.manual_seed(0)
    found = explain(Stages().eval(), torch.randn(3, 16, 16), check=False)
    assert (found.layer, found.candidates[0].output) == ("blocks.1", "8×2×2")


def test_registers_alone_are_left_out_where_the_grid_is_known() -> None:
    assert places_of(nn.Identity(), (1, 16 * 16 + 4, 8), (256, 256), []) is None
    places = places_of(nn.Identity(), (1, 16 * 16 + 4, 8), (256, 256), [(16, 16)])
    assert places is not None and places.skip == 4


def test_registers_and_other_proportions() -> None:
    places = places_of(nn.Identity(), (1, 14 * 7 + 5, 8), (224, 112), [])
    assert places is not None and (places.height, places.width, places.skip) == (14, 7, 5)


def test_a_layer_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(TorchworkError, match=r"no layer is called layer4\.1\.conv3; did you mean layer4\.1\.conv"):
        explain(*famous("resnet18"), layer="layer4.1.conv3")


def test_a_layer_without_places_is_answered_with_those_that_have() -> None:
    with pytest.raises(TorchworkError, match=r"layer fc gives 4, which has no places.*use features\.5 \(8×8×8\)"):
        explain(*small(), layer="fc")


def test_a_container_and_a_pooling_can_be_named() -> None:
    model, x = small()
    inner = explain(model, x, layer="features.5", check=False)
    assert torch.equal(explain(model, x, layer="features", check=False).raw, inner.raw)
    assert explain(model, x, layer="features.3", check=False).raw.shape == (8, 8)


def test_a_layer_that_torch_calls_past_its_hooks_is_said_to_be_unseen() -> None:
    with pytest.raises(TorchworkError, match="is not called by itself"):
        explain(*famous("vit"), layer="encoder.layers.encoder_layer_0.self_attention.out_proj")


class Reader(nn.Module):
    """Convolutions whose places an LSTM reads one by one; the end counts, or the mean of what it says at each."""

    def __init__(self, mean: bool) -> None:
        super().__init__()
        self.mean = mean
        self.convs = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4))
        self.lstm, self.norm, self.head = nn.LSTM(6, 5, batch_first=True), nn.LayerNorm(5), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        steps = self.head(self.norm(self.lstm(self.convs(x).flatten(2).transpose(1, 2))[0]))
        return steps.mean(1) if self.mean else steps[:, -1]


@pytest.mark.parametrize("mean", [False, True])
def test_what_a_recurrent_layer_gives_has_no_places(mean: bool) -> None:
    found = explain(Reader(mean), torch.randn(3, 16, 16), check=False)
    assert [item.name for item in found.candidates] == [found.layer, "convs.0"] and found.layer == "convs.1"
    assert explain(Reader(mean), torch.randn(3, 16, 16), layer="norm", check=False).layer == "norm"
    drawn = feature_maps(Reader(mean), torch.randn(2, 3, 16, 16), {"convs.1", "lstm"})
    assert drawn["lstm"] is None and drawn["convs.1"] is not None


class Windows(Tokens):
    """The same with its tokens in the order of windows of 2×2, as Hiera has them."""

    def forward(self, x: Tensor) -> Tensor:
        maps = self.patches(x)
        side = maps.shape[-1] // 2
        tokens = maps.view(len(x), 16, side, 2, side, 2).permute(0, 3, 5, 2, 4, 1).reshape(len(x), -1, 16)
        return self.head(self.encoder(tokens).mean(1))


def test_tokens_that_do_not_lie_row_by_row_are_told() -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 24, 24)
    layer = "encoder.layers.1.norm2"
    assert not explain(Tokens(True, False).eval(), x, layer=layer, check=False).notes
    [note] = explain(Windows(True, False).eval(), x, layer=layer, check=False).notes
    assert note.startswith(f"the tokens of {layer} do not lie row by row in the picture")
    assert not explain(Windows(True, False).eval(), x, layer="patches", check=False).notes


def test_tokens_that_know_of_all_places_still_lie_row_by_row() -> None:
    """In the last layers of a trained transformer a token depends on far places more than on its own."""
    torch.manual_seed(0)
    model = Tokens(True, False).eval()
    for block in model.encoder.layers:
        block.self_attn.in_proj_weight.data *= 30.0  # each looks at one other
        block.self_attn.out_proj.weight.data *= 30.0
    layer = "encoder.layers.1.norm2"
    assert not explain(model, torch.randn(3, 24, 24), layer=layer, check=False).notes


def test_a_network_without_maps_is_told_what_to_use() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 16), nn.ReLU(), nn.Linear(16, 3)).eval()
    with pytest.raises(TorchworkError, match="use a method that needs none: saliency"):
        explain(model, torch.randn(3, 8, 8))
    assert explain(model, torch.randn(3, 8, 8), "saliency").map.shape == (8, 8)
