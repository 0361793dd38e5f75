"""Trees of values and tensors survive the way through JSON and safetensors."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from torchwork.engine.codec import decode, encode
from torchwork.errors import CheckpointError

from .small import differences


def through(tree: Any, folder: Path) -> Any:
    skeleton, tensors = encode(tree)
    save_file(tensors, folder / "t.safetensors")
    return decode(json.loads(json.dumps(skeleton, allow_nan=False)), load_file(folder / "t.safetensors"))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.complex_numbers(allow_nan=False)
)
keys = st.one_of(st.text(), st.integers(), st.booleans(), st.tuples(st.integers(), st.text()))
dtypes = st.sampled_from(
    [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.int8, torch.uint8, torch.bool]
)
tensors = st.builds(
    lambda dtype, shape: (torch.rand(shape) * 9 - 4).to(dtype), dtypes, st.lists(st.integers(0, 3), max_size=4)
)
trees = st.recursive(
    scalars | tensors,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.sets(st.integers()),
        st.frozensets(st.text()),
        st.dictionaries(st.integers(), st.integers()).map(Counter),
    ),
    max_leaves=12,
)


@given(tree=trees)
@settings(max_examples=150, deadline=None)
def test_every_tree_comes_back(tree: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert differences(through(tree, tmp_path_factory.mktemp("codec")), tree) == []


def test_a_key_that_looks_like_a_tag_is_only_a_key(tmp_path: Path) -> None:
    tree = {"$": "tensor", "name": "x", "inner": {"$": 1}}
    assert through(tree, tmp_path) == tree


def test_tied_tensors_are_stored_once_and_stay_one(tmp_path: Path) -> None:
    weight = torch.randn(3, 4)
    skeleton, stored = encode({"a": weight, "b": [weight], "part": weight[:2]})
    back = through({"a": weight, "b": [weight], "part": weight[:2]}, tmp_path)
    assert sorted(stored) == ["a", "part"]
    assert skeleton["b"] == [{"$": "tensor", "name": "a"}]
    assert back["a"] is back["b"][0] and torch.equal(back["part"], weight[:2])


def test_tensors_are_named_by_their_place(tmp_path: Path) -> None:
    _, stored = encode({"model": {"conv1.weight": torch.ones(2)}, "updates": [{3: torch.zeros(1)}]})
    assert sorted(stored) == ["model/conv1.weight", "updates/0/3"]


@pytest.mark.parametrize(
    "tensor",
    [
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        torch.randn(4, 6).t(),
        torch.randn(2, 3, 4).permute(2, 0, 1),
    ],
)
def test_the_memory_order_of_dense_tensors_is_kept(tensor: torch.Tensor, tmp_path: Path) -> None:
    back = through(tensor, tmp_path)
    assert torch.equal(back, tensor) and back.stride() == tensor.stride()


def test_strided_views_and_sparse_and_complex_tensors(tmp_path: Path) -> None:
    wide = torch.arange(12.0)[::2]
    sparse = torch.sparse_coo_tensor([[0, 2]], [[1.0, 2.0], [3.0, 4.0]], (4, 2), check_invariants=True)
    sparse = sparse.coalesce()
    turning = torch.randn(3, dtype=torch.complex64).conj()
    back = through([wide, sparse, turning], tmp_path)
    assert torch.equal(back[0], wide) and torch.equal(back[2], turning)
    assert back[1].is_sparse and torch.equal(back[1].to_dense(), sparse.to_dense())


def test_what_has_no_encoding_is_named() -> None:
    with pytest.raises(CheckpointError, match=r"updates/0/fn holds a function"):
        encode({"updates": [{"fn": lambda: None}]})


def test_an_unknown_kind_and_a_missing_tensor_are_refused() -> None:
    with pytest.raises(CheckpointError, match="unknown kind 'object'"):
        decode({"$": "object", "class": "os.system"}, {})
    with pytest.raises(CheckpointError, match="cannot be read"):
        decode({"$": "tensor", "name": "gone"}, {})
