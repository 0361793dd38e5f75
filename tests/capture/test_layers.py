"""Arguments read off live layers make the same layer again."""

from __future__ import annotations

import pytest
from torch import nn

from torchwork.capture.layers import arguments_of, layer_of
from torchwork.graph.parts import make_part

LAYERS = [
    nn.Conv2d(3, 4, (1, 7), padding=(0, 3), bias=False),
    nn.Conv1d(4, 8, 3, padding="same", groups=2),
    nn.ConvTranspose2d(4, 2, 4, 2, 1, output_padding=1),
    nn.BatchNorm2d(4, eps=0.001, momentum=0.01, affine=False),
    nn.LayerNorm((4, 5), bias=False),
    nn.GroupNorm(2, 4),
    nn.MaxPool2d(2),
    nn.MaxPool2d(3, 2, ceil_mode=True),
    nn.AdaptiveAvgPool2d((1, None)),
    nn.Hardtanh(-2, 2),
    nn.PairwiseDistance(1.0),
    nn.Embedding(10, 4, padding_idx=0),
    nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True, proj_size=2),
    nn.GRU(3, 4, bias=False),
    nn.RNN(3, 4, nonlinearity="relu"),
    nn.LSTMCell(3, 4, bias=False),
    nn.MultiheadAttention(8, 2, bias=False, kdim=4, add_bias_kv=True, batch_first=True),
    nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, activation="gelu", norm_first=True, batch_first=True),
    nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, nn.LayerNorm(8)),
    nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 4, 16), 3),
    nn.Transformer(8, 2, 1, 2, 16, batch_first=True),
    nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
    nn.PReLU(4),
    nn.Flatten(2),
    nn.Softmax(1),
    nn.Bilinear(2, 3, 4),
]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_the_same_layer_again(layer: nn.Module) -> None:
    entry = layer_of(layer)
    assert entry is not None
    again = entry.construct(arguments_of(layer, entry), part=make_part)
    assert repr(again) == repr(layer)
    shapes = {name: tensor.shape for name, tensor in layer.state_dict().items()}
    assert {name: tensor.shape for name, tensor in again.state_dict().items()} == shapes


def test_only_what_differs_from_the_defaults() -> None:
    layer = nn.Conv2d(3, 4, 3, stride=1, padding=1)
    entry = layer_of(layer)
    assert entry is not None
    assert arguments_of(layer, entry) == {"in_channels": 3, "out_channels": 4, "kernel_size": 3, "padding": 1}


class Renamed(nn.Linear):
    """A class of one's own that changes nothing."""


class Changed(nn.Linear):
    """One with another forward."""

    def forward(self, input):  # type: ignore[no-untyped-def]
        return super().forward(input) * 2


def test_a_class_of_ones_own_is_a_layer_as_long_as_its_forward_is_that_of_torch() -> None:
    entry = layer_of(Renamed(2, 2))
    assert entry is not None
    assert entry.name == "Linear"
    assert layer_of(Changed(2, 2)) is None
