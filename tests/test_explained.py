"""Where a run's network looked: in Python, on the command line, and as the worker answers."""

from __future__ import annotations

import base64
import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import torchwork
from torchwork.answer.explaining import explain
from torchwork.answer.opened import opened_run
from torchwork.answer.trying import predict_sample, samples
from torchwork.cli.grammar import run as command
from torchwork.errors import CheckpointError, DataError, RunFolderError, TorchworkError
from torchwork.inside import METHODS
from torchwork.serve.looks import Explanation

DOCUMENT = """
seed: 1
data: {source: {Shapes: {size: 24, train: 96, valid: 16}}, batch_size: 16}
model: {layers: [{Conv2d: {out_channels: 8, kernel_size: 3}}, {ReLU: {inplace: true}}, {MaxPool2d: {kernel_size: 2}},
  {Conv2d: {out_channels: 12, kernel_size: 3}}, {ReLU: {inplace: true}}, {AdaptiveAvgPool2d: {output_size: 1}},
  Flatten, {Linear: {out_features: classes}}]}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 2}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(DOCUMENT), runs=tmp_path_factory.mktemp("runs"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Of another size and mode than those of the data."""
    pixels = np.zeros((50, 70, 4), np.uint8)
    pixels[10:30, 20:40], pixels[..., 3] = 255, 255
    Image.fromarray(pixels).save(tmp_path / "shape.png")
    return tmp_path / "shape.png"


def decoded(url: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))


def test_a_picture_of_another_size_and_mode(run: torchwork.Run, picture: Path) -> None:
    found = torchwork.Run.open(run.path).explain(picture)
    [predicted] = run.predict([picture])
    assert {name: score for name, _, score in found.scores} == pytest.approx(predicted.scores)
    assert found.words() == predicted.words() and found.target == found.scores[0][0]
    assert found.picture.size == (24, 24) and found.explanation.map.shape == (24, 24)
    assert found.overlaid().size == (240, 240)
    assert found.explanation.layer == "4" and found.explanation.candidates[0].output == "12×9×9"


def test_a_class_by_its_name(run: torchwork.Run, picture: Path) -> None:
    names = run.spec.classes or []
    found = run.explain(picture, "hires-cam", target=names[2])
    assert found.explanation.target == 2 and found.target == names[2]
    with pytest.raises(DataError, match=f"did you mean {names[0]}"):
        run.explain(picture, target=f"{names[0]}x")


def test_one_score_for_two_classes_speaks_for_either(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (24, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "two.npz", x=pixels, y=np.arange(24) % 2)
    document = {
        "data": {"source": {"Arrays": {"path": str(tmp_path / "two.npz")}}, "batch_size": 8},
        "model": {
            "layers": [
                {"Conv2d": {"out_channels": 4, "kernel_size": 3}},
                "ReLU",
                "Flatten",
                {"Linear": {"out_features": 1}},
            ]
        },
        "loss": "BCEWithLogitsLoss",
        "train": {"epochs": 1},
    }
    found = torchwork.train(torchwork.Experiment.parse(document), runs=tmp_path)
    for_one, for_none = (found.explain(pixels[0], "hires-cam", target=index).explanation for index in (1, 0))
    assert torch.allclose(for_one.raw, -for_none.raw) and not torch.equal(for_one.raw, for_none.raw)


def test_a_loss_with_weights_of_its_own(tmp_path: Path, picture: Path) -> None:
    text = DOCUMENT.replace(", {Linear: {out_features: classes}}]", "]").replace(
        "loss: CrossEntropyLoss", "loss: {LinearCrossEntropyLoss: {in_features: 12, num_classes: classes}}"
    )
    assert "LinearCross" in text and text.count("Linear") == 1
    run = torchwork.train(torchwork.Experiment.loads(text), runs=tmp_path)
    found = run.explain(picture, "hires-cam").explanation
    assert not found.flat and len(found.scores) == len(run.spec.classes or ())


def test_a_run_of_tables_has_nothing_to_look_at(tmp_path: Path) -> None:
    np.savez(tmp_path / "numbers.npz", x=np.ones((20, 3), np.float32), y=np.ones(20, np.float32))
    document = {
        "data": {"source": {"Arrays": {"path": str(tmp_path / "numbers.npz")}}, "batch_size": 5},
        "model": {"layers": [{"Linear": {"out_features": 1}}]},
        "loss": "MSELoss",
        "train": {"epochs": 1},
    }
    run = torchwork.train(torchwork.Experiment.parse(document), runs=tmp_path)
    with pytest.raises(DataError, match="shown in a picture"):
        run.explain(np.ones(3, np.float32))


SEVERAL = """
data: {source: {Arrays: {path: two.npz}}, batch_size: 8, split: {valid: 0.25}}
model:
  inputs: [table, image]
  nodes:
    conv: {Conv2d: {out_channels: 4, kernel_size: 3}, from: image}
    flat: Flatten
    both: {cat: {dim: 1}, from: [flat, table]}
    out: {Linear: {out_features: classes}}
loss: CrossEntropyLoss
train: {epochs: 1, memory_format: contiguous}
"""


def test_a_run_of_several_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    table, image = random.normal(size=(24, 4)), random.integers(0, 256, (24, 8, 8), dtype=np.uint8)
    np.savez("two.npz", x1=table, x2=image, y=np.arange(24) % 2)
    run = torchwork.train(torchwork.Experiment.loads(SEVERAL))
    found = run.explain([table[0], image[0]])
    assert found.explanation.layer == "conv" and found.picture.size == (8, 8)
    [predicted] = run.predict([[table[0], image[0]]])
    assert {name: score for name, _, score in found.scores} == pytest.approx(predicted.scores)
    np.savez("one.npz", x1=table[:1], x2=image[:1])
    given = ["predict", str(run.path), "one.npz", "--explain", "grad-cam"]
    assert command([*given, "--input", "image"]) == 0
    capsys.readouterr()
    assert command([*given, "--input", "imag"]) == 2
    assert "this network has no input imag; did you mean image" in capsys.readouterr().err
    worker = message(**explain(str(run.path), sample=0, input="image"))
    assert worker.layer == "conv" and worker.heat and worker.neighbours
    with pytest.raises(DataError, match="shown in a picture, and this run was trained on inputs of 4 and 1×8×8"):
        explain(str(run.path), sample=0, input="table")


def test_a_run_that_has_no_checkpoint_yet(run: torchwork.Run, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    with pytest.raises(CheckpointError, match="no checkpoint that can be used; resume it"):
        torchwork.Run.open(tmp_path / "run").explain("any.png")
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps(info | {"status": "running"}))
    again = torchwork.Run.open(tmp_path / "run")
    with again.folder.lock(), pytest.raises(CheckpointError, match="wait for its first epoch"):
        again.explain("any.png")


class Own(nn.Module):
    """A module of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.line = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(self.conv(x).relu().mean((2, 3)))


def test_a_run_of_python_is_explained_with_its_module(tmp_path: Path) -> None:
    torch.manual_seed(0)
    x, y = torch.randn(24, 1, 8, 8), torch.arange(24) % 3
    names = ["ant", "bee", "cat"]
    run = torchwork.train(Own(), train=(x, y), classes=names, epochs=1, runs=tmp_path)
    found = run.explain(x[0], "hires-cam", target="bee")
    assert found.explanation.layer == "conv" and found.picture.size == (8, 8) and found.target == "bee"
    [said] = run.predict([x[0]])
    assert set(said.scores) == set(names) and found.words() == said.words()
    assert "hires-cam" in repr(found) and len(repr(found)) < 800  # no numbers of pictures at a prompt
    handed = Own()
    again = torchwork.Run.open(run.path, model=handed).explain(x[0], "hires-cam", target="bee")
    assert torch.allclose(again.explanation.raw, found.explanation.raw, rtol=1e-4, atol=1e-6)
    with pytest.raises(DataError, match=r"expected an input of shape \[1, 8, 8\], got \[1, 4, 4\]"):
        run.explain(torch.zeros(1, 4, 4))
    with pytest.raises(CheckpointError, match="conv"):
        torchwork.Run.open(run.path, model=nn.Linear(2, 2)).explain(x[0])


@pytest.mark.parametrize(
    "loss", ["MSELoss", {"HuberLoss": {"delta": 2.0}}, lambda said, true: (said - true).abs().mean()]
)
def test_numbers_of_a_run_of_python_stay_numbers(loss: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = torch.randn(24, 1, 8, 8)
    run = torchwork.train(Own(), train=(x, torch.randn(24, 3)), loss=loss, epochs=1, runs=tmp_path)
    again = torchwork.Run.open(run.path, model=Own())
    assert again.predict([x[0]])[0].values == pytest.approx(run.predict([x[0]])[0].values, abs=1e-5)
    assert again.explain(x[0], "saliency", check=False).numbers


def test_no_name_of_a_file_is_called_but_that_of_a_loss(tmp_path: Path) -> None:
    x, y = torch.randn(24, 1, 8, 8), torch.arange(24) % 3
    run = torchwork.train(Own(), train=(x, y), epochs=1, runs=tmp_path)
    info = json.loads((run.path / "run.json").read_text("utf-8"))
    info["data"]["facts"]["loss"] = "deprecated"  # a function in torch's module of losses
    (run.path / "run.json").write_text(json.dumps(info), "utf-8")
    assert set(torchwork.Run.open(run.path, model=Own()).predict([x[0]])[0].scores) == {"0", "1", "2"}
    with pytest.raises(DataError, match="classes of this run have no names; give a number"):
        run.explain(x[0], target="cat")


def test_a_run_of_a_loop_of_ones_own_says_what_to_use_instead(tmp_path: Path) -> None:
    for run in torchwork.runs(tmp_path, lr=[0.1]):
        run.log(loss=1.0)
    with pytest.raises(RunFolderError, match=r"a loop of one's own.*torchwork\.inside\.explain\(model, x\)"):
        torchwork.Run.open(tmp_path / "run-1", model=Own()).explain(torch.zeros(1, 8, 8))


def test_a_run_whose_code_is_gone(tmp_path: Path) -> None:
    class Mine(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.line(x)

    x, y = torch.randn(20, 4), torch.arange(20) % 2
    run = torchwork.train(Mine(), train=(x, y), loss="CrossEntropyLoss", epochs=1, runs=tmp_path)
    with pytest.raises(RunFolderError, match="trained from Python"):
        torchwork.Run.open(run.path).explain(tmp_path / "any.png")
    with pytest.raises(RunFolderError, match="trained from Python"):
        explain(str(run.path), sample=0)


@pytest.mark.parametrize(
    ("kind", "channels", "loss"), [("masks", 1, "BCEWithLogitsLoss"), ("labels", "classes", "CrossEntropyLoss")]
)
def test_a_segmentation_is_said_in_shares_of_the_pixels(
    kind: str, channels: int | str, loss: str, tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = {
        "data": {"source": {"Shapes": {"size": 16, "train": 16, "valid": 8, "task": kind}}, "batch_size": 8},
        "model": {
            "layers": [{"Conv2d": {"out_channels": 4, "kernel_size": 3, "padding": 1}}, "ReLU",
                       {"Conv2d": {"out_channels": channels, "kernel_size": 1}}]
        },
        "loss": loss,
        "train": {"epochs": 1},
    }  # fmt: skip
    run = torchwork.train(torchwork.Experiment.parse(document), runs=tmp_path)
    [said], found = run.predict([picture]), run.explain(picture, "hires-cam", check=False)
    assert {name: score for name, _, score in found.scores} == said.scores and found.words() == said.words()
    assert sum(said.scores.values()) == pytest.approx(1) and said.as_dict()["of"] == "pixels"
    first, share = next(iter(said.scores.items()))
    assert said.words(1) == f"{first} on {share:.1%} of the pixels" and found.explanation.places
    assert found.target == ("1" if kind == "masks" else first)
    [ground, shape] = (run.explain(picture, "hires-cam", target=name, region=(0, 0, 4, 4), check=False).explanation
                       for name in ([*said.scores][:2]))  # fmt: skip
    assert not torch.allclose(ground.raw, shape.raw)
    capsys.readouterr()
    assert command(["predict", str(run.path), str(picture)]) == 0
    assert capsys.readouterr().out.strip() == f"{picture}: {said.words()}"


# The command line.


def test_the_command_writes_the_picture(
    run: torchwork.Run, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["predict", str(run.path), str(picture), "--explain", "grad-cam", "--out", str(tmp_path / "maps")]
    assert command(given) == 0
    said = capsys.readouterr().out
    assert "%" in said and "at 4 (12×9×9)" in said and "made random" in said
    file = tmp_path / "maps" / "shape-grad-cam.png"
    assert f"wrote {file}" in said
    with Image.open(file) as written:
        assert written.size == (240, 240) and written.mode == "RGB"
    assert command([*given, "--json", "--layer", "0", "--target", "1"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    name = (run.spec.classes or [])[1]
    other = tmp_path / "maps" / f"shape-grad-cam-{name}-0.png"
    assert row["layer"] == "0" and row["target"] == name and row["picture"] == str(other)
    before = file.read_bytes(), other.read_bytes()
    assert command(given) == command([*given, "--target", "2"]) == 0
    names = {
        "shape-grad-cam.png",
        "shape-grad-cam-2.png",
        other.name,
        f"shape-grad-cam-{(run.spec.classes or [])[2]}.png",
    }
    assert {item.name for item in (tmp_path / "maps").iterdir()} == names
    assert before == (file.read_bytes(), other.read_bytes())


def test_two_inputs_of_one_name_do_not_overwrite_each_other(
    run: torchwork.Run, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    shutil.copy(picture, tmp_path / "other" / "shape.png")
    out = tmp_path / "maps"
    both = [str(picture), str(tmp_path / "other" / "shape.png")]
    assert command(["predict", str(run.path), *both, "--explain", "saliency", "--out", str(out)]) == 0
    assert sorted(item.name for item in out.iterdir()) == ["shape-saliency-2.png", "shape-saliency.png"]
    capsys.readouterr()


def test_the_list_needs_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(["predict", "--explain", "list"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(METHODS)
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--explain", "gradcam"], "did you mean grad-cam?"),
        (["--explain", ""], "there is no method "),
        (["--explain", "grad-cam", "--layer", "44"], "no layer is called 44"),
        (
            ["--explain", "saliency", "--layer", "4"],
            "saliency looks at no layer; leave 4 out, or use a method that does: ",
        ),
        (["--explain", "grad-cam", "--layer", "7"], "has no places in the picture; use 4 (12×9×9)"),
        (["--explain", "grad-cam", "--target", "dog"], "there is no class dog"),
        (["--explain", "grad-cam", "--target", "99"], "expected a class from 0 to"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    run: torchwork.Run, picture: Path, tmp_path: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["predict", str(run.path), str(picture), "--out", str(tmp_path / "maps"), *more]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "maps").exists()


def test_a_truncated_file_is_named(run: torchwork.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)).save(tmp_path / "half.jpg")
    content = (tmp_path / "half.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(content[: len(content) // 2])
    assert command(["predict", str(run.path), str(tmp_path / "half.jpg"), "--explain", "grad-cam"]) == 2
    assert "half.jpg cannot be decoded" in capsys.readouterr().err
    with pytest.raises(DataError, match=r"half\.jpg is not a picture that can be read"):
        explain(str(run.path), upload=str(tmp_path / "half.jpg"))


# The worker.


def message(**found: Any) -> Explanation:
    return Explanation.model_validate(found)


def test_the_worker_explains_a_validation_sample(run: torchwork.Run) -> None:
    found = message(**explain(str(run.path), sample=3))
    assert found.label in (run.spec.classes or []) and len(found.scores) == len(run.spec.classes or [])
    assert found.size == (24, 24) and not found.places
    assert found.scores[0].index == found.target and all(item.picture for item in found.neighbours)
    assert found.layer == "4" == found.layers[0].name and found.layers[0].output == "12×9×9"
    heat, picture = decoded(found.heat), decoded(found.picture)
    assert heat.mode == "RGBA" and heat.size == picture.size == (240, 240)
    alpha = np.asarray(heat)[..., 3]
    assert alpha.min() < 64 < 128 < alpha.max()
    assert found.trusted is not None and found.notes


def test_the_worker_explains_samples_of_every_split(run: torchwork.Run) -> None:
    assert message(**explain(str(run.path), sample=3, split="valid")) == message(**explain(str(run.path), sample=3))
    trained = message(**explain(str(run.path), sample=3, split="train"))
    assert trained.picture != message(**explain(str(run.path), sample=3)).picture
    [shown] = samples(str(run.path), 1, 3, "train")
    assert trained.label == shown["label"] == predict_sample(str(run.path), 3, "train")["truth"]
    with pytest.raises(DataError, match="there is no split 'tests'"):
        explain(str(run.path), sample=3, split="tests")
    with pytest.raises(DataError, match="expected the number of a sample, 0 to"):
        explain(str(run.path), sample=10**6, split="train")


def test_the_worker_explains_an_upload_with_the_model_that_it_keeps(run: torchwork.Run, picture: Path) -> None:
    model = opened_run(str(run.path)).model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = message(**explain(str(run.path), upload=str(picture), method="occlusion", target=1))
    assert found.method == "occlusion" and found.layer == "" and found.target == 1 and found.label == ""
    kept = message(**explain(str(run.path), upload=str(picture), method="occlusion", target=1, layer="4"))
    assert kept.heat == found.heat  # the page goes on with the layer of the method before
    assert opened_run(str(run.path)).model is model
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters()) and not model.training


def test_what_a_method_cannot_say_stands_beside_the_prediction(run: torchwork.Run) -> None:
    for more, why in (
        ({"layer": "7"}, "has no places"),
        ({"method": "cam", "layer": "0"}, "use grad-cam"),
        ({"region": [0, 0, 4, 4]}, "a region is of a segmentation"),
    ):
        found = message(**explain(str(run.path), sample=0, **more))  # type: ignore[arg-type]
        assert why in found.why and not found.heat and found.scores and found.layers[0].name == "4"


def test_the_worker_refuses_what_is_not_there(run: torchwork.Run) -> None:
    with pytest.raises(DataError, match="0 to 15, got 99"):
        explain(str(run.path), sample=99)
    with pytest.raises(DataError, match="got neither"):
        explain(str(run.path))
    with pytest.raises(TorchworkError, match="did you mean grad-cam"):
        explain(str(run.path), sample=0, method="grad_cam")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--layer", "4"], "--layer says how to explain a prediction; say by which method with --explain"),
        (["--target", "star"], "--target says how to explain"),
        (["--region", "0,0,4,4"], "--region says how to explain"),
        (["--out", "maps"], "--out says how to explain"),
        (["--explain", "grad-cam", "--region", "0,0,4,4"], "a region is of a segmentation"),
        (["--explain", "grad-cam", "--region", "0,0,4"], "expected four whole numbers x1,y1,x2,y2 in pixels"),
    ],
)
def test_what_is_said_of_an_explanation_is_not_passed_over(
    run: torchwork.Run, picture: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = command(["predict", str(run.path), str(picture), *more])
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2 and said in capsys.readouterr().err


def test_a_folder_is_no_picture(run: torchwork.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["predict", str(run.path), str(tmp_path), "--explain", "grad-cam"]) == 2
    assert f"expected a picture at {tmp_path}, found a folder; give the pictures in it" in capsys.readouterr().err
