"""The pages of data and settings over HTTP: what the process with torch answers, and what the server adds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from PIL import Image

from torchwork.experiment import Experiment
from torchwork.serve.pace import expected
from torchwork.serve.workspace import Workspace

from .served import DOCUMENT, TABLE


def ask(client: Client, path: str, text: str = DOCUMENT, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/api/{path}", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_data_samples_and_draws(trained: Client) -> None:
    found = ask(trained, "data")
    assert [split["samples"] for split in found["splits"]] == [48, 16]
    shown = ask(trained, "data/samples", split="valid", first=10, count=20)
    assert (shown["total"], len(shown["samples"])) == (16, 6)
    assert shown["samples"][0]["picture"].startswith("data:image/png;base64,")
    drawn = ask(trained, "data/augment", index=1, draws=3, seed=5)
    assert (len(drawn["pictures"]), drawn["seed"]) == (3, 5)
    rows = ask(trained, "data/samples", TABLE)["samples"]
    assert rows[0]["text"].startswith("a: ")


def test_refusals_are_sentences(trained: Client) -> None:
    refused = trained.post("/api/data/samples", json={"text": DOCUMENT, "split": "test"})
    assert (refused.status_code, "no split 'test'" in refused.json()["message"]) == (400, True)
    refused = trained.post("/api/data/augment", json={"text": DOCUMENT.replace("Shapes", "Shpes")})
    assert refused.status_code == 400 and refused.json()["problems"][0]["place"] == "data.source"
    assert trained.post("/api/data/samples", json={"text": DOCUMENT, "count": 1000}).status_code == 422
    assert ask(trained, "data", "nonsense: [")["problems"]


def test_a_folder_that_is_missing_is_told_with_what_there_is(client: Client, root: Path) -> None:
    for name in ("ants", "bees"):
        (root / "insects" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(root / "insects" / name / "1.png")
    text = DOCUMENT.replace("{Shapes: {size: 16, train: 48, valid: 16}}", "{ImageFolder: {root: insect}}")
    found = ask(client, "data", text)
    assert "insect" in found["problems"][0]["message"]
    assert found["notes"] == ["data below the opened folder: insects"]


def test_the_time_of_a_run_is_that_of_the_last_one_of_the_same_document(trained: Client, once: Path) -> None:
    found = ask(trained, "schedule")
    assert (found["steps_per_epoch"], found["epochs"], found["warmup"]) == (3, 2, 0)
    assert found["seconds"] > 0 and "first" in found["basis"]
    longer = ask(trained, "schedule", DOCUMENT.replace("epochs: 2", "epochs: 20").replace("lr: 0.01", "lr: 0.3"))
    assert longer["seconds"] == pytest.approx(10 * found["seconds"])
    wider = DOCUMENT.replace("out_channels: 4", "out_channels: 8")
    assert ask(trained, "schedule", wider)["seconds"] is None
    assert expected(Workspace(once), wider, "x.yaml") == {}
    measured = ask(trained, "schedule", wider, measure=True)
    assert measured["seconds"] > 0 and "trial" in measured["basis"]


def test_parameters_of_a_document(trained: Client) -> None:
    found = ask(trained, "parameters")["parameters"]
    assert [item["name"] for item in found] == ["conv.weight", "conv.bias", "head.weight", "head.bias"]
    assert all(item["settings"]["lr"] == 0.01 and item["trained"] for item in found)


def test_templates_open_in_their_order(trained: Client) -> None:
    templates = trained.get("/api/templates").json()
    names = [template["name"] for template in templates]
    assert names[:4] == ["shapes", "fashion", "pictures", "table"]
    assert set(names[4:]) >= {"lenet", "alexnet", "resnet18", "unet", "transformer", "lstm"}
    assert all(template["title"] and Experiment.loads(template["text"]) for template in templates)
