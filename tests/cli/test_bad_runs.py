"""Run folders that something happened to, and inputs and places that a run cannot take."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from torchwork.result import Run

from .answer import ask, files, picture, pictures, refused, settings


def steps(run: Path) -> list[Path]:
    """The checkpoints, oldest first."""
    return sorted(run.glob("checkpoints/step-*"), key=lambda path: int(path.name[5:]))


def spoil(checkpoint: Path) -> None:
    """Flips one byte of its tensors."""
    content = bytearray((checkpoint / "tensors.safetensors").read_bytes())
    content[-5] ^= 255
    (checkpoint / "tensors.safetensors").write_bytes(content)


def test_what_is_no_run(here: Path) -> None:
    (here / "empty").mkdir()
    for name in ("none", "empty", "experiment.yaml"):
        for command in (["resume", name], ["predict", name, "a.png"], ["export", name, "--to", "pt2"]):
            assert refused(*command).startswith(f"{name} is not a run folder: it has no run.json; `torchwork runs`")
    assert "cannot read events from none: No such file" in refused("compare", "none")
    assert "empty holds neither run.json nor event files" in refused("compare", "empty")
    assert files(here) == {"empty", "experiment.yaml"}


def test_a_checkpoint_of_another_model(run: Path, here: Path) -> None:
    document = run / "experiment.yaml"
    document.write_text(document.read_text("utf-8").replace("out_channels: 4", "out_channels: 5"), "utf-8")
    before = Run.open(run).folder.info
    picture(here / "a.png")
    for command in (["resume", run, "--epochs", "4"], ["predict", run, "a.png"], ["export", run, "--to", "pt2"]):
        sentence = refused(*command)
        assert (
            "belongs to another model" in sentence and "conv.weight is [4, 3, 3, 3], expected [5, 3, 3, 3]" in sentence
        )
    after = Run.open(run).folder.info
    assert (after.status, after.error, after.result) == ("done", None, before.result)


def test_of_a_damaged_newest_checkpoint_the_one_before_is_used_and_said(run: Path) -> None:
    *_, before, newest = steps(run)
    spoil(newest)
    answer = ask("resume", run, "--epochs", "3")
    assert answer.status == 0
    assert f"the checkpoint {newest} is damaged (tensors.safetensors is not what was written)" in answer.out
    assert f"going on from {before}" in answer.out and "epoch 2/3" in answer.out
    assert Run.open(run).status == "done"


def test_all_checkpoints_damaged_is_not_a_new_beginning(run: Path) -> None:
    for checkpoint in steps(run):
        spoil(checkpoint)
    before = Run.open(run).folder.info.result
    sentence = refused("resume", run, "--epochs", "3")
    assert re.search(r"none of the \d checkpoints in .*checkpoints can be used .*; restore one of them", sentence)
    assert Run.open(run).status == "done" and Run.open(run).folder.info.result == before
    answer = ask("export", run, "--to", "safetensors")
    assert answer.status == 2 and answer.err.splitlines()[-1].startswith(f"error: {run} has no checkpoint that can be")
    assert not (run / "model.safetensors").exists()


def test_without_checkpoints_a_trained_run_is_not_trained_anew(run: Path) -> None:
    shutil.rmtree(run / "checkpoints")
    assert f"{run} has no checkpoint to go on from; begin a new run with" in refused("resume", run)
    for to in ("safetensors", "pt2"):
        assert f"{run} has no checkpoint that can be used" in refused("export", run, "--to", to)


def test_a_pickle_in_a_checkpoint_is_not_read(run: Path) -> None:
    for checkpoint in steps(run):
        (checkpoint / "tensors.safetensors").write_bytes(pickle.dumps({"a": 1}))
        manifest = json.loads((checkpoint / "manifest.json").read_text())
        (checkpoint / "manifest.json").write_text(json.dumps(manifest | {"files": {}}))
    assert "can be used" in refused("resume", run, "--epochs", "3")


@pytest.mark.parametrize("content", ["{", "{}", "[]", "", '{"id": 1, "name": 2}'])
def test_a_damaged_run_json(run: Path, content: str) -> None:
    (run / "run.json").write_text(content)
    sentence = refused("resume", run)
    assert re.search(r"run\.json cannot be read: .*; restore it, or remove the folder", sentence)
    assert [row["status"] for row in ask("runs", "--json").json] == ["damaged"]


def test_a_run_json_without_its_data(run: Path, here: Path) -> None:
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(content | {"data": {}}))
    picture(here / "a.png")
    assert "does not say what its data are" in refused("predict", run, "a.png")
    assert ask("resume", run, "--epochs", "3").status == 0


def test_a_damaged_document_of_a_run(run: Path) -> None:
    (run / "experiment.yaml").write_text("x: [")
    assert "experiment.yaml:1: this is not valid YAML" in refused("resume", run)
    (run / "experiment.yaml").unlink()
    assert f"{run} has no document: it was trained from Python" in refused("resume", run)


@pytest.mark.parametrize("epochs", ["0", "-3", "x"])
def test_epochs_that_are_no_number_of_epochs(run: Path, epochs: str) -> None:
    answer = ask("resume", run, f"--epochs={epochs}")
    assert answer.status == 2 and "epochs" in answer.err and "Traceback" not in answer.err
    assert Run.open(run).status == "done"


def test_a_schedule_cannot_be_made_longer(here: Path) -> None:
    one_cycle = "schedule={OneCycleLR: {max_lr: 0.1, total_steps: steps}}"
    assert ask("train", "experiment.yaml", "--run", "run", "--set", one_cycle).status == 0
    sentence = refused("resume", "run", "--epochs", "3")
    assert "the schedule OneCycleLR ends too early: its total_steps is 6, and training makes 9 steps" in sentence
    assert "train fewer epochs, or begin a new run with total_steps: steps" in sentence
    assert Run.open("run").status == "done" and len(Run.open("run").metrics["step/loss"].values) == 6
    assert ask("resume", "run").status == 0


def test_a_run_whose_data_are_gone(here: Path) -> None:
    pictures(here / "pets", cat=6, dog=6)
    source = "data.source={ImageFolder: {root: pets}}"
    assert ask("train", "experiment.yaml", "--run", "run", *settings(source, "train.epochs=1")).status == 0
    kept = picture(here / "kept.png")
    shutil.rmtree(here / "pets")
    assert re.search(
        r"ImageFolder.root: expected a folder at .*/pets: No such", refused("resume", "run", "--epochs", "2")
    )
    assert Run.open("run").status == "done"
    assert ask("predict", "run", kept).status == 0  # which needs no data


def test_predict_on_what_is_no_picture(run: Path, here: Path) -> None:
    (here / "text.txt").write_text("hello")
    (here / "empty.png").write_bytes(b"")
    cases = {
        "text.txt": "text.txt cannot be decoded (it is no picture of a known format); save it anew, as PNG or JPEG",
        "empty.png": "empty.png cannot be decoded (it is no picture of a known format); save it anew, as PNG or JPEG",
        "none.png": "expected a picture at none.png, found no file; check the path",
        "runs": "expected a picture at runs, found a folder; give the pictures in it",
    }
    for name, told in cases.items():
        assert refused("predict", run, name) == told
    assert "expected a whole number greater than 0, got '0'" in ask("predict", run, "a.png", "--top", "0").err


def test_predict_on_what_is_no_table(table_run: Path, here: Path) -> None:
    picture(here / "a.png")
    (here / "empty.csv").write_text("")
    (here / "other.csv").write_text("c,d\n1,2\n")
    (here / "words.csv").write_text("a,b\nx,y\n")
    assert refused("predict", table_run, "a.png").startswith("a.png: expected a .csv table")
    assert "empty.csv: expected a line with the names of the columns" in refused("predict", table_run, "empty.csv")
    assert "expected a .csv file at none.csv: No such file" in refused("predict", table_run, "none.csv")
    for name in ("other.csv", "words.csv"):
        assert name in refused("predict", table_run, name)


def test_predict_on_what_is_no_array(table_run: Path, here: Path) -> None:
    np.save(here / "x.npy", np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32))
    np.save(here / "y.npy", np.arange(40) % 2)
    np.save(here / "text.npy", np.array(["a"]))
    (here / "bad.npy").write_bytes(pickle.dumps(1))
    shutil.copy(Path(__file__), here / "code.npy")
    document = table_run / "experiment.yaml"
    arrays = settings("data.source={Arrays: {x: x.npy, y: y.npy}}")
    assert ask("train", document, "--run", "run", *arrays, *settings("data.normalize=auto")).status == 0
    assert len(ask("predict", "run", "x.npy", "--json").json) == 40
    assert refused("predict", "run", "y.npy") == "y.npy: expected an input of shape [4], got [40]"
    assert "text.npy: expected numbers" in refused("predict", "run", "text.npy")
    for name in ("bad.npy", "code.npy"):
        assert f"at {name}: it is not in numpy's format, and pickles are not read" in refused("predict", "run", name)
    assert "at none.npy: there is no such file" in refused("predict", "run", "none.npy")


@pytest.mark.parametrize("to", ["safetensors", "pt2"])
def test_export_to_where_no_file_can_be(run: Path, here: Path, to: str) -> None:
    (here / "folder").mkdir()
    before = files(here)
    assert "cannot write folder: it is a folder; choose another" in refused("export", run, "--to", to, "-o", "folder")
    sentence = refused("export", run, "--to", to, "-o", "none/model")
    assert sentence == "cannot write none/model: there is no folder none; choose another place with --output"
    assert refused("export", run, "--to", to, "-o", "/proc/model").startswith("cannot write /proc/model: ")
    assert files(here) == before


def test_export_to_a_format_that_is_not_there(run: Path) -> None:
    assert "invalid choice: 'onnx'" in ask("export", run, "--to", "onnx").err


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return Path.touch, (self.path,)  # type: ignore[return-value]


def test_weights_that_are_a_pickle_of_code_are_refused_and_run_nothing(here: Path) -> None:
    (here / "weights.pt").write_bytes(pickle.dumps({"conv.weight": Touch(here / "touched")}))
    for command in ("check", "train"):
        sentence = refused(command, "experiment.yaml", "--set", "model.weights=weights.pt")
        assert "weights.pt is a pickle of Python objects, and reading it would run code from it" in sentence
    assert files(here) == {"experiment.yaml", "weights.pt"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("checkpint_9_epoch", "does not fit the model: 4 missing"),
        ("model_in_gpu_0", "does not fit the model: 4 missing"),
        ("optimizer_state_dict", "holds the state of an optimizer; expected the weights of a model"),
    ],
)
def test_real_awkward_weights(shared: Path, here: Path, name: str, told: str) -> None:
    path = shared / "data" / "weights_odd" / f"Pytorch-Camp__{name}.pkl"
    sentence = refused("train", "experiment.yaml", "--set", f"model.weights={path}")
    assert sentence.startswith("experiment.yaml: model.weights: ") and told in sentence
    assert files(here) == {"experiment.yaml"}
