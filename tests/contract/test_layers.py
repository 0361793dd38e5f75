"""Every layer of torch.nn: trained layers before it and behind it, one step."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from torchwork.catalog import Entry, catalog
from torchwork.graph.arguments import INFERRED

from .flow import document, trained, without_gradient
from .models import Case, arguments_of, inputs_of, model_around, numbers, one, places, pooled

SMALL = {"nhead": 2, "dim_feedforward": 8, "batch_first": True}  # without, torch warns of a slower path
CASES = {
    "AdaptiveLogSoftmaxWithLoss": Case(
        {"n_classes": 4, "cutoffs": [2]}, [numbers(8), one(places(4), 1)], output="part[0]"
    ),
    "Embedding": Case(inputs=[places(4)]),
    "EmbeddingBag": Case(inputs=[places(4)]),
    "Fold": Case({"output_size": [4, 4]}, [numbers(8, 9)]),  # 9 windows of 2 x 2 in 4 x 4
    "FractionalMaxPool2d": Case({"output_size": 2}),
    "FractionalMaxPool3d": Case({"output_size": 2}),
    "GRUCell": Case(inputs=[numbers(4)]),
    "LSTMCell": Case(inputs=[numbers(4)]),
    "MaxUnpool1d": pooled("1d", 4, 8),
    "MaxUnpool2d": pooled("2d", 4, 4, 4),
    "MaxUnpool3d": pooled("3d", 4, 4, 4, 4),
    "PixelShuffle": Case(inputs=[numbers(4, 4, 4)]),  # torch takes three dimensions for one picture
    "PixelUnshuffle": Case(inputs=[numbers(1, 4, 4)]),
    "RNNCell": Case(inputs=[numbers(4)]),
    "Transformer": Case({**SMALL, "num_encoder_layers": 1, "num_decoder_layers": 1}),
    "TransformerDecoder": Case({"decoder_layer": {"TransformerDecoderLayer": SMALL}}),
    "TransformerEncoder": Case({"encoder_layer": {"TransformerEncoderLayer": SMALL}}),
    "Unflatten": Case({"unflattened_size": [2, 2]}),
    "Upsample": Case({"scale_factor": 2}),
    "UpsamplingBilinear2d": Case({"scale_factor": 2}),
    "UpsamplingNearest2d": Case({"scale_factor": 2}),
}
"""layers whose inputs or arguments no rule knows"""
ENTRIES = catalog().entries("layer")


def inputs_needed(entry: Entry) -> int:
    """How many tensors `forward` must get."""
    parameters: list[Any] = list(inspect.signature(entry.target.forward).parameters.values())[1:]
    return len([item for item in parameters if item.default is item.empty and item.kind is not item.VAR_POSITIONAL])


@pytest.mark.parametrize("name", ENTRIES)
def test_layer(name: str, base: Path) -> None:
    entry, case = ENTRIES[name], CASES.get(name, Case())
    args = arguments_of(entry, case, inferred=[*INFERRED])
    around = model_around(entry, args, inputs_of(entry, case, inputs_needed(entry)), case)
    built = trained(document(model=around.model), base)
    assert isinstance(built.model.get_submodule("part"), entry.target)
    unreached = without_gradient(built.model)
    assert {name for name in unreached if not name.startswith(around.unreached)} == set()


def test_the_exceptions_are_of_this_catalog() -> None:
    assert CASES.keys() <= ENTRIES.keys()
    assert len(ENTRIES) >= 116
