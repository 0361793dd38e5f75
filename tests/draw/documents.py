"""Documents that edits are tried on: what people draw, in the forms that they write by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from torchwork.draw import Edit, apply, levels
from torchwork.errors import DocumentError
from torchwork.experiment import files


def document(text: str) -> dict[str, Any]:
    """The plain document of a YAML text of a model section."""
    return {"torchwork": 1, "name": "drawn", "model": files.read(text)[0]}


CHAIN = """
example: [2x1x28x28]
layers:
  - Conv2d: {out_channels: 6, kernel_size: 5}
  - ReLU
  - MaxPool2d: {kernel_size: 2}
  - Flatten
  - Linear: {out_features: 10}
"""

RESIDUAL = """
example: [2x3x32x32]
nodes:
  stem: {Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}}
  layer1: {Block: {channels: 16}}
  layer2: {Block: {channels: 16}}
  layer3: {Block: {}, repeat: 3}
  pool: {AdaptiveAvgPool2d: {output_size: 1}}
  flatten: Flatten
  fc: {Linear: {out_features: 10}}
modules:
  Block:
    arguments: {channels: 16}
    nodes:
      conv1: {Conv2d: {out_channels: channels, kernel_size: 3, padding: 1, bias: false}}
      bn1: BatchNorm2d
      relu1: ReLU
      conv2: {Conv2d: {out_channels: channels*1, kernel_size: 3, padding: 1, bias: false}}
      bn2: BatchNorm2d
      add: {add: {}, from: [bn2, input]}
      relu2: ReLU
"""

UNET = """
example: [2x3x32x32]
nodes:
  down1: {Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}, at: [0, 0]}
  act1: {ReLU: {}, at: [0, 100], note: first scale}
  pool: {MaxPool2d: {kernel_size: 2}}
  down2: {Conv2d: {out_channels: 16, kernel_size: 3, padding: 1}}
  act2: ReLU
  up: {Upsample: {scale_factor: 2}}
  cat: {cat: {dim: 1}, from: [up, act1]}
  out: {Conv2d: {out_channels: 1, kernel_size: 1}}
"""

TWO_INPUTS = """
example: [2x3x16x16, 2x4]
inputs: [picture, facts]
nodes:
  conv: {Conv2d: {out_channels: 4, kernel_size: 3}, from: picture}
  flatten: Flatten
  fc: {Linear: {out_features: 8}, from: facts}
  cat: {cat: {dim: 1}, from: [flatten, fc]}
  head: {Linear: {out_features: 2}}
outputs: [head, fc]
"""

LSTM = """
example: [2x7 int64]
nodes:
  embed: {Embedding: {num_embeddings: 50, embedding_dim: 8}}
  lstm: {LSTM: {hidden_size: 8, batch_first: true}}
  last: {Linear: {out_features: 4}, from: "lstm[1][0]"}
  all: {Linear: {out_features: 50}, from: "lstm[0]"}
outputs: [all, last]
"""

SHARED = """
example: [2x8]
nodes:
  first: {Linear: {out_features: 8}}
  act: ReLU
  again: {use: first}
  once_more: {use: first}
  last: {Linear: {out_features: 8}}
tie: {last.weight: first.weight}
"""

ALL = {
    "chain": CHAIN,
    "residual": RESIDUAL,
    "unet": UNET,
    "two inputs": TWO_INPUTS,
    "lstm": LSTM,
    "shared": SHARED,
}


def applied(text: str | dict[str, Any], *edits: Edit) -> dict[str, Any]:
    """The model section that edits make of a document."""
    start = document(text) if isinstance(text, str) else text
    model: dict[str, Any] = apply(start, edits).document["model"]
    return model


def said(text: str | dict[str, Any], *edits: Edit) -> str:
    """The sentence with which edits are refused; the document is as it was then."""
    start = document(text) if isinstance(text, str) else text
    before = deepcopy(start)
    with pytest.raises(DocumentError) as caught:
        apply(start, edits)
    assert start == before and len(caught.value.problems) == 1
    return str(caught.value)


def links(text: dict[str, Any] | str, level: str = "") -> dict[str, tuple[str, ...]]:
    """Every node of a level with what it takes from."""
    plain = document(text) if isinstance(text, str) else {"model": text}
    (sheet,) = [sheet for sheet in levels(plain) if sheet.name == level]
    return {node.name: node.sources for node in sheet.nodes}
