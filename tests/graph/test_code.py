"""Definitions that are code: shown without running, treated like layers with trust, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from torchwork.errors import DocumentError
from torchwork.experiment import Model
from torchwork.graph import Resolved, TensorSpec, resolve

GATE = """
import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self, features, hidden=4):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(features, hidden), nn.Linear(hidden, features))

    def forward(self, x):
        return x * torch.sigmoid(self.inner(x))
"""
TWO = """
from torch import nn

class Two(nn.Module):
    def forward(self, a, b):
        return a + b, a - b
"""
VALUES = """
from torch import nn

class Values(nn.Module):
    def forward(self, x):
        return x[:, : int(x.sum()) + 3]
"""


def model(code: str, name: str = "Gate", args: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    definition = {"code": code, "arguments": {"features": None, "hidden": 4} if name == "Gate" else {}, **more}
    given = {"features": 6} if name == "Gate" and args is None else args or {}
    return {
        "layers": [{name: given, "name": "mine"}, {"Linear": {"out_features": 2}, "name": "head"}],
        "modules": {name: definition},
    }


def resolved(document: dict[str, Any], *shapes: tuple[int, ...], trust: bool = False) -> Resolved:
    inputs = [TensorSpec(shape) for shape in shapes or ((3, 6),)]
    return resolve(Model.model_validate(document), inputs, trust=trust)


def told(found: Resolved) -> str:
    (problem,) = found.problems
    return str(problem)


def test_without_trust_nothing_runs_and_the_rest_is_still_shown(tmp_path: Path) -> None:
    found = resolved(model(f"open({str(tmp_path / 'ran')!r}, 'w')\n{GATE}"))
    assert found.problems == () and not (tmp_path / "ran").exists()
    assert str(found.rows[0].output) == str(found.rows[1].output) == "it is code; --trust runs it"
    assert [row.unknown for row in found.rows] == [True, True] and not found.complete
    assert "at least, because code did not run" in str(found)


def test_building_it_without_trust_is_one_sentence() -> None:
    with pytest.raises(
        DocumentError, match=r"model\.modules\.Gate: Gate is code, and building it would run it"
    ) as caught:
        resolved(model(GATE)).build()
    assert len(caught.value.problems) == 1


def test_with_trust_it_is_a_layer_with_its_shapes_weights_and_keys() -> None:
    found = resolved(model(GATE), trust=True)
    assert found.problems == () and found.complete
    assert found.rows[0].output == TensorSpec((3, 6)) and found.rows[0].kind == "code"
    assert found.rows[0].parameters == 6 * 4 + 4 + 4 * 6 + 6 and found.rows[0].mac == 2 * 3 * 24
    built = found.build()
    assert sorted(built.state_dict()) == sorted(
        [f"mine.inner.{place}.{kind}" for place in (0, 1) for kind in ("weight", "bias")] + ["head.weight", "head.bias"]
    )
    assert built(torch.zeros(3, 6)).shape == (3, 2)


def test_a_seed_gives_the_weights_of_the_class_itself() -> None:
    torch.manual_seed(1)
    built = resolved(model(GATE), trust=True).build()
    scope: dict[str, Any] = {}
    exec(GATE, scope)
    torch.manual_seed(1)
    assert torch.equal(built.mine.inner[1].weight, scope["Gate"](6).inner[1].weight)


def test_resolving_leaves_the_random_generator_as_it_was() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    resolved(model(VALUES, "Values"), trust=True)
    assert torch.equal(before, torch.get_rng_state())


def test_arguments_are_those_of_the_node() -> None:
    found = resolved(model(GATE, args={"features": 6, "hidden": 9}), trust=True)
    assert found.rows[0].parameters == 6 * 9 + 9 + 9 * 6 + 6
    assert "Gate has no argument 'width'" in told(resolved(model(GATE, args={"features": 6, "width": 1})))
    assert "Gate needs features" in told(resolved(model(GATE, args={})))


def test_code_that_needs_numbers_runs_on_zeros() -> None:
    found = resolved(model(VALUES, "Values"), trust=True)
    assert found.problems == () and found.rows[0].output == TensorSpec((3, 3))


@pytest.mark.parametrize("trust", [False, True])
def test_several_inputs_and_outputs(trust: bool) -> None:
    document = {
        "inputs": ["a", "b"],
        "nodes": {"two": {"Two": {}, "from": ["a", "b"]}, "out": {"mul": {}, "from": ["two[0]", "two[1]"]}},
        "modules": {"Two": {"code": TWO, "inputs": ["a", "b"], "outputs": 2}},
    }
    found = resolved(document, (3, 4), (3, 4), trust=trust)
    assert found.problems == ()
    assert isinstance(found.rows[0].output, tuple) and len(found.rows[0].output) == 2
    document["nodes"]["two"]["from"] = ["a"]
    assert "it takes 2 inputs (a, b), but gets 1" in told(resolved(document, (3, 4), (3, 4), trust=trust))


def test_other_outputs_than_it_says_are_a_problem() -> None:
    document = model(TWO.replace("a, b):", "a, b=1):"), "Two")
    assert "`outputs:` of Two says 1, but its code gives 2" in told(resolved(document, trust=True))


def test_an_instance_used_twice_shares_its_weights_and_repeats_have_their_own() -> None:
    document = model(GATE)
    document["layers"][1:] = [{"use": "mine"}, {"Gate": {"features": 6}, "repeat": 2, "name": "more"}]
    found = resolved(document, trust=True)
    assert found.problems == ()
    assert [row.parameters for row in found.rows] == [58, 0, 0, 58, 58]
    assert len(list(found.build().parameters())) == 12


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (model("def broken(:"), "model.modules.Gate.code: this is no Python: invalid syntax in line 1"),
        (model("x = 1"), "model.modules.Gate.class: there is no class Gate in the code (write its class)"),
        (model(GATE.replace("Gate", "Gata")), "there is no class Gate in the code (did you mean Gata?)"),
        (model("class Other: pass\n", **{"class": "Missing"}), "there is no class Missing in the code"),
    ],
)
@pytest.mark.parametrize("trust", [False, True])
def test_what_is_no_class_is_told_without_running_it(document: dict[str, Any], sentence: str, trust: bool) -> None:
    assert sentence in told(resolved(document, trust=trust))


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (model("import no_such_thing\n" + GATE), "No module named 'no_such_thing' (line 1 of its code)"),
        (
            model("import no_such_thing\n" + GATE),
            "files beside a document are not seen: write what it needs of no",
        ),
        (model("class Gate:\n    pass"), "model.layers[0].Gate: Gate is no nn.Module"),
        (model(GATE.replace("super().__init__()", "raise ValueError('no')")), "ValueError: no (line 8 of its code)"),
        (model(GATE.replace("torch.sigmoid", "torch.sigmund")), "has no attribute 'sigmund' (line 12 of its code)"),
        (model(GATE, args={"features": 5}), "Gate cannot run on 3x6: RuntimeError"),
    ],
)
def test_what_fails_when_it_runs_is_one_sentence_with_its_line(document: dict[str, Any], sentence: str) -> None:
    assert sentence in told(resolved(document, trust=True))
