"""Parameters and MAC against counts by hand, where other counters are wrong."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torchwork.graph import Resolved, TensorSpec, plain_text

from .graph_models import B, E, H, T, chain, encoder_mac, resolved, told


def cost(document: dict[str, Any], *shapes: Any) -> Resolved:
    found = resolved(document, *shapes)
    assert told(found) == []
    return found


CASES: list[tuple[Any, tuple[int, ...], int, int]] = [
    ({"Linear": {"out_features": 5}}, (B, T, E), B * T * E * 5, E * 5 + 5),
    (
        {"Conv2d": {"out_channels": 16, "kernel_size": 3, "groups": 4}},
        (2, 8, 10, 10),
        2 * 16 * 64 * 2 * 9,
        16 * 2 * 9 + 16,
    ),
    ({"Conv1d": {"out_channels": 4, "kernel_size": 3, "padding": "same"}}, (2, 5, 9), 2 * 4 * 9 * 5 * 3, 4 * 5 * 3 + 4),
    (
        {"ConvTranspose2d": {"out_channels": 6, "kernel_size": 2, "stride": 2}},
        (2, 8, 5, 5),
        2 * 25 * 8 * 6 * 4,
        8 * 6 * 4 + 6,
    ),
    ({"LSTM": {"hidden_size": H}}, (T, B, E), B * T * 4 * H * (E + H), 4 * H * (E + H + 2)),
    (
        {"LSTM": {"hidden_size": H, "num_layers": 2, "bidirectional": True, "batch_first": True}},
        (B, T, E),
        B * T * 2 * 4 * H * ((E + H) + (2 * H + H)),
        2 * 4 * H * ((E + H + 2) + (2 * H + H + 2)),
    ),
    (
        {"LSTM": {"hidden_size": H, "proj_size": 2}},
        (T, B, E),
        B * T * (4 * H * (E + 2) + 2 * H),
        4 * H * (E + 2 + 2) + 2 * H,
    ),
    ({"GRU": {"hidden_size": H}}, (T, B, E), B * T * 3 * H * (E + H), 3 * H * (E + H + 2)),
    ({"RNN": {"hidden_size": H}}, (T, B, E), B * T * H * (E + H), H * (E + H + 2)),
    ({"LSTMCell": {"hidden_size": H}}, (B, E), B * 4 * H * (E + H), 4 * H * (E + H + 2)),
    (
        {"TransformerEncoderLayer": {"nhead": 2, "dim_feedforward": 16, "batch_first": True}},
        (B, T, E),
        encoder_mac(16),
        4 * E * E + 4 * E + 2 * E * 16 + 16 + E + 4 * E,
    ),
    (
        {
            "TransformerEncoder": {
                "encoder_layer": {"TransformerEncoderLayer": {"nhead": 2, "dim_feedforward": 16, "batch_first": True}},
                "num_layers": 3,
            }
        },
        (B, T, E),
        3 * encoder_mac(16),
        3 * (4 * E * E + 4 * E + 2 * E * 16 + 16 + E + 4 * E),
    ),
    ("BatchNorm1d", (B, E), 0, 2 * E),
    ("ReLU", (B, E), 0, 0),
]


@pytest.mark.parametrize(("layer", "shape", "mac", "parameters"), CASES)
def test_layers(layer: Any, shape: tuple[int, ...], mac: int, parameters: int) -> None:
    totals = cost(chain(layer), shape).totals
    assert (totals.mac, totals.flop, totals.parameters) == (mac, 2 * mac, parameters)


def test_attention_layer() -> None:
    found = cost(chain({"MultiheadAttention": {"num_heads": 2, "batch_first": True}, "from": ["input"] * 3}), (B, T, E))
    assert found.totals.mac == B * T * 4 * E * E + 2 * B * T * T * E
    assert found.totals.parameters == 4 * E * E + 4 * E
    assert found.output == (TensorSpec((B, T, E)), TensorSpec((B, T, T)))


def test_attention_function() -> None:
    found = cost(chain({"scaled_dot_product_attention": {}, "from": ["input"] * 3}), (B, 2, T, E))
    assert found.totals.mac == 2 * B * 2 * T * T * E


def test_bilinear_and_embedding() -> None:
    found = cost(
        {"inputs": ["a", "b"], "nodes": {"x": {"Bilinear": {"out_features": 5}, "from": ["a", "b"]}}}, (B, 3), (B, 4)
    )
    assert found.totals.mac == B * 5 * (3 * 4 + 4)
    found = cost(chain({"Embedding": {"num_embeddings": 9, "embedding_dim": 4}}), TensorSpec((B, T), "int64"))
    assert (found.totals.mac, found.totals.parameters) == (0, 36)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_shapes_are_the_real_ones(kind: str) -> None:
    args = {"hidden_size": H, "num_layers": 2, "bidirectional": True, "batch_first": True}
    found = cost(chain({kind: args}), (B, T, E))
    output, state = found.build()(torch.rand(B, T, E))
    states = (
        tuple(TensorSpec(tuple(part.shape)) for part in state) if kind == "LSTM" else TensorSpec(tuple(state.shape))
    )
    assert found.output == (TensorSpec(tuple(output.shape)), states)


def test_activations_count_outputs_but_no_views_and_no_in_place_results() -> None:
    rows = cost(chain({"Linear": {"out_features": 4}}, {"ReLU": {"inplace": True}}, "Flatten", "Tanh"), (2, 3, 5)).rows
    assert [row.memory for row in rows] == [2 * 3 * 4 * 4, 0, 0, 2 * 12 * 4]


def test_memory_is_a_close_upper_bound_of_what_autograd_keeps() -> None:
    layers = (
        {"Conv2d": {"out_channels": 4, "kernel_size": 3}},
        "BatchNorm2d",
        "ReLU",
        "Flatten",
        {"Linear": {"out_features": 5}},
    )
    found = cost(chain(*layers), (2, 3, 8, 8))
    built = found.build()
    known = {tensor.data_ptr() for tensor in built.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in known:
            kept[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    x = torch.rand(2, 3, 8, 8)
    known.add(x.data_ptr())
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = built(x)
    kept[output.data_ptr()] = output.untyped_storage().nbytes()
    # The output of BatchNorm2d is not kept, for ReLU needs only its own result: one node does not know of the next.
    assert found.totals.activation_bytes == sum(kept.values()) + found.rows[1].output.nbytes


def test_resolving_draws_no_random_numbers() -> None:
    state = torch.get_rng_state()
    resolved(chain({"Linear": {"out_features": 913}}, "Dropout"), (2, 917))
    assert torch.equal(state, torch.get_rng_state())


def test_tables_as_data_and_as_text() -> None:
    document = chain({"Block": {}, "repeat": 2}, {"Linear": {"out_features": 2}}) | {
        "modules": {"Block": chain({"Linear": {"out_features": 4}}, "ReLU")}
    }
    found = cost(document, (3, 4))
    data = found.as_dict()
    assert data["totals"]["parameters"] == 2 * 20 + 10 == sum(row["parameters"] for row in data["rows"])
    assert data["rows"][2]["path"] == "model.modules.Block.layers[0]"
    assert data["rows"][2]["name"] == "0.0.0"
    assert data["rows"][2]["output"] == {"shape": [3, 4], "dtype": "float32"}
    assert data["problems"] == []
    top = found.as_dict(depth=0)["rows"]
    assert [(row["name"], row["parameters"]) for row in top] == [("0", 40), ("1", 10)]
    lines = plain_text(found, depth=0).splitlines()
    assert lines[2].split() == ["0", "Sequential", "3x4", "40", "96", "192", "192", "B"]
    assert "50 (all trainable)" in str(found)
