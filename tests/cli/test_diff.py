"""`diff`: settings and nodes that changed, in words; a run folder stands for its document."""

from __future__ import annotations

from pathlib import Path

import pytest

from .answer import DOCUMENT, ask, refused

MODEL = "name: m\nmodel: {layers: [{Linear: {out_features: SIZE}, name: head}], example: [2x4]}\n"


@pytest.fixture
def changed(here: Path) -> Path:
    text = DOCUMENT.replace("lr: 0.01", "lr: 0.001").replace("out_channels: 4", "out_channels: 8")
    (here / "changed.yaml").write_text(text, "utf-8")
    return Path("changed.yaml")


def test_settings_nodes_and_costs(changed: Path) -> None:
    answer = ask("diff", "experiment.yaml", changed)
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[:2] == ["optimizer.Adam.lr: 0.01 -> 0.001", "model: `conv` Conv2d out_channels 4 -> 8"]
    assert lines[2].startswith("parameters: ") and lines[3].startswith("MAC for one sample: ")


def test_json(changed: Path) -> None:
    found = ask("diff", "experiment.yaml", changed, "--json").json
    assert not found["equal"] and found["changes"][0]["before"] == 0.01
    assert found["changes"][1] == {
        "kind": "set",
        "path": "model.layers[0].Conv2d.out_channels",
        "where": "model",
        "before": 4,
        "after": 8,
        "text": "`conv` Conv2d out_channels 4 -> 8",
    }
    before, after = found["totals"]["parameters"]
    assert after > before


def test_equal_documents_say_so(here: Path) -> None:
    (here / "same.yaml").write_text("# another comment\n" + DOCUMENT, "utf-8")
    assert ask("diff", "experiment.yaml", "same.yaml").out == "the documents say the same\n"
    assert ask("diff", "experiment.yaml", "same.yaml", "--json").json == {"equal": True, "changes": [], "totals": {}}


def test_a_run_folder_stands_for_its_document(run: Path, changed: Path) -> None:
    assert "optimizer.Adam.lr: 0.01 -> 0.001" in ask("diff", run, changed).out


def test_models_without_data(here: Path) -> None:
    for name, size in (("a", "3"), ("b", "5")):
        (here / f"{name}.yaml").write_text(MODEL.replace("SIZE", size), "utf-8")
    assert ask("diff", "a.yaml", "b.yaml").out.splitlines() == [
        "model: `head` Linear out_features 3 -> 5",
        "parameters: 15 -> 25 (+10)",
        "MAC for one sample: 12 -> 20 (+8)",
    ]


def test_what_is_no_document_is_one_sentence(here: Path) -> None:
    assert "cannot read" in refused("diff", "experiment.yaml", "missing.yaml")
    (here / "empty").mkdir()
    assert "a folder without experiment.yaml" in refused("diff", "empty", "experiment.yaml")


def test_without_the_data_there_are_still_words(here: Path, changed: Path) -> None:
    for name in ("experiment.yaml", "changed.yaml"):
        text = (
            Path(name).read_text("utf-8").replace("{Shapes: {size: 16, train: 48, valid: 16}}", "{Folder: {root: no}}")
        )
        Path(name).write_text(text, "utf-8")
    assert len(ask("diff", "experiment.yaml", "changed.yaml").out.splitlines()) == 2
