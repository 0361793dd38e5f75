"""What the meta device says of common parts is what fake tensors say of them."""

from __future__ import annotations

import pytest

from torchwork.answer.values import missing
from torchwork.catalog import Entry, catalog
from torchwork.graph import TensorSpec, evaluate
from torchwork.graph.arguments import prepare

SHAPES = [(2, 16), (1, 16), (16, 7, 16), (2, 16, 8, 8), (1, 16, 1, 1), (4, 3, 8, 8), (2, 16, 4, 4, 4)]
WRONG = {"in_channels": 5, "num_features": 5, "in_features": 5, "num_channels": 6, "num_groups": 4}
ARGUMENTS = {
    "Unflatten": {"dim": 1, "unflattened_size": [2, 8]}, "reshape": {"shape": [2, -1]},
    "transpose": {"dim0": 0, "dim1": 1}, "unsqueeze": {"dim": 0}, "flatten": {"start_dim": 1}, "cat": {"dim": 1},
}  # fmt: skip


def entry(name: str) -> Entry:
    return catalog().entries("layer").get(name) or catalog().entries("operation")[name]


def cases(found: Entry) -> list[tuple[dict[str, object], list[TensorSpec]]]:
    count = 1 if found.kind == "layer" else 2 if found.listed or found.spread else max(1, len(found.needed))
    inputs = [[TensorSpec(shape, dtype)] * count for shape in SHAPES for dtype in ("float32", "float64", "int64")]
    made = []
    for given in inputs:
        args = ARGUMENTS.get(found.name) or missing(found, {}, given)
        prepared = prepare(found, args, {}, given, "")
        if not prepared.problems and not prepared.blocked:
            wrong = {name: value for name, value in WRONG.items() if name in prepared.args}
            made += [(prepared.args, given), *([({**prepared.args, **wrong}, given)] if wrong else [])]
    return made


@pytest.mark.parametrize("name", sorted(evaluate.ON_META))
def test_meta_says_what_fake_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, tried = entry(name), cases(entry(name))
    quick = [(evaluate.weights_of(found, args), evaluate.run(found, args, given)) for args, given in tried]
    monkeypatch.setattr(evaluate, "ON_META", frozenset())
    evaluate._weights.cache_clear()
    evaluate._run.cache_clear()
    slow = [(evaluate.weights_of(found, args), evaluate.run(found, args, given)) for args, given in tried]
    assert quick == slow
    assert any(isinstance(outcome, evaluate.Outcome) for _, outcome in slow)
