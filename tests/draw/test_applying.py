"""Edits one after the other: all or none, and always a document."""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import torchwork
from torchwork.draw import apply, copied, edited_text, levels
from torchwork.draw import edit as edits
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, ModelDocument, files

from .documents import ALL, CHAIN, document, said

TEMPLATES = sorted((Path(torchwork.__file__).parent / "templates").glob("*.yaml"))
PARTS = ["ReLU", {"Linear": {"out_features": 3}}, "add", {"cat": {"dim": 1}}, {"Parameter": {"size": [2]}}, "Block"]


def some_edit(draw: random.Random, plain: dict[str, Any]) -> edits.Edit:
    """An edit that a person could try on a document, possible or not."""
    sheet = draw.choice(levels(plain))
    names = [node.name for node in sheet.nodes] or ["nothing"]
    sources = [*names, *sheet.inputs, "lstm[0]"]
    one, other, level = draw.choice(names), draw.choice(names), sheet.name
    end = draw.choice([*names, ""])
    some = draw.sample(names, draw.randint(1, min(4, len(names))))
    module = draw.choice([found.name for found in levels(plain)][1:] or ["Nothing"])
    choices: list[edits.Edit] = [
        edits.Add(level=level, part=draw.choice(PARTS), sources=draw.sample(sources, draw.randint(0, 2))),
        edits.Add(level=level, part="Tanh", sources=[one], feeds=[(other, 0)]),
        edits.Remove(level=level, nodes=some, heal=draw.random() < 0.7),
        edits.Connect(level=level, source=draw.choice(sources), node=end, input=draw.randint(0, 2)),
        edits.Disconnect(level=level, node=end),
        edits.SetNode(level=level, node=one, args={"bias": False}, note="why", repeat=draw.choice([None, 1, 2])),
        edits.Rename(level=level, node=one, name=draw.choice(["new", "stem", "a.0", "2"])),
        edits.Move(level=level, places={one: (draw.randint(0, 99), 5), other: None}),
        edits.Tidy(level=level),
        edits.Bypass(level=level, nodes=some, on=draw.random() < 0.5),
        edits.Group(level=level, nodes=some),
        edits.Unpack(level=level, node=one),
        edits.Unique(level=level, node=one),
        edits.Share(level=level, node=one, of=other),
        edits.Tie(parameter=f"{one}.weight", to=draw.choice([None, f"{other}.weight"])),
        edits.Inputs(level=level, names=[*sheet.inputs[:2], "more"][: draw.randint(1, 3)]),
        edits.NameModule(module=module, name=f"Module{draw.randint(0, 9)}"),
        edits.SetArguments(module=module, arguments={"channels": draw.randint(1, 4)}),
    ]  # fmt: skip
    if names != ["nothing"]:
        choices.append(edits.Paste(level=level, text=copied(plain, sheet.name, some), sources=draw.random() < 0.5))
    return draw.choice(choices)


@pytest.mark.parametrize("seed", range(24))
def test_any_sequence_of_edits_leaves_a_document(seed: int) -> None:
    draw = random.Random(seed)
    plain = document(draw.choice(list(ALL.values())))
    done = 0
    for _ in range(25):
        edit, before = some_edit(draw, plain), deepcopy(plain)
        try:
            found = apply(plain, [edit])
        except DocumentError as error:
            assert len(error.problems) == 1 and error.problems[0].message
            assert plain == before
            continue
        assert plain == before, edit
        plain, done = found.document, done + 1
        ModelDocument.parse(plain)
        names = {sheet.name: [node.name for node in sheet.nodes] for sheet in levels(plain)}
        assert set(found.selected) <= set(names.get(found.level, [])), edit
        assert files.read(files.write(plain))[0] == plain
    assert done > 3


def test_all_or_none() -> None:
    assert "no node called x" in said(CHAIN, edits.Bypass(nodes=["0"]), edits.Bypass(nodes=["x"]))


def test_edits_of_a_text() -> None:
    text = "model:\n  layers: [ReLU]\n"
    found, applied = edited_text(text, [edits.Add(part="Tanh", sources=["0"])])
    assert files.read(found)[0] == applied.document == {"model": {"layers": ["ReLU", "Tanh"]}}
    assert applied.selected == ["1"] and edited_text(text, [])[0] == text
    assert edited_text("", [edits.Add(part="Tanh", sources=["input"])])[1].document == {"model": {"layers": ["Tanh"]}}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_keep_their_comments(path: Path) -> None:
    text = path.read_text("utf-8")
    nodes = levels(files.read(text)[0])[0].nodes
    changes = [edits.Add(part="Tanh", name="end", sources=[nodes[-1].name]), edits.Group(nodes=[nodes[0].name])]
    found, applied = edited_text(text, changes)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in found.splitlines() if line.startswith("#")
    ]
    assert Experiment.loads(found) == Experiment.parse(applied.document)
    model, *definitions = levels(applied.document)
    assert model.nodes[-1].name == "end" and model.outputs == ("end",) and len(applied.selected) == 1
    assert nodes[0].part in [found.nodes[0].part for found in definitions]


def test_what_is_no_document() -> None:
    with pytest.raises(DocumentError, match="expected a document"):
        edited_text("[1, 2]", [edits.Tidy()])
    assert "expected a mapping as `model:`" in said({"model": 5}, edits.Tidy())
    assert "expected nodes in `layers:`" in said({"model": {"layers": {"a": 1}}}, edits.Tidy())


def test_what_a_hand_written_document_holds_beside_the_grammar_stays() -> None:
    start = {"model": {"nodes": {"a": 5, "b": {"ReLU": None, "from": "a"}, "c": {"x": 1, "Y": {}}}, "odd": 1}, "z": 2}
    found = apply(start, [edits.Add(part="Tanh", sources=["b"])]).document
    assert found["z"] == 2 and found["model"]["odd"] == 1 and found["model"]["nodes"]["a"] == 5
    assert found["model"]["nodes"]["b"] == {"ReLU": None, "from": "a"}
    assert found["model"]["nodes"]["c"] == {"x": 1, "Y": {}, "from": "b"}
