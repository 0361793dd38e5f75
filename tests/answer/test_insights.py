"""Layers, kernels and feature maps of a run, as the page asks for them."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import torchwork
from torchwork.answer import insights
from torchwork.answer.asking import answer
from torchwork.errors import TorchworkError
from torchwork.inside.kernels import kernels_of
from torchwork.serve.looks import Grid, GridRequest, Layers

TEXT = """torchwork: 1
name: look
seed: 1
data: {source: {Shapes: {size: 16, train: 64, valid: 32}}, batch_size: 32}
model:
  layers:
    - {Conv2d: {out_channels: 70, kernel_size: 3}}
    - {ReLU: {inplace: true}}
    - {Conv2d: {out_channels: 4, kernel_size: 3}}
    - Flatten
    - {Linear: {out_features: classes}}
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.05}}
train: {epochs: 2, device: cpu, memory_format: contiguous}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(TEXT), runs=tmp_path_factory.mktemp("runs"))


def pixels(picture: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.partition(",")[2]))))


def test_the_layers_are_told_with_what_can_be_seen_of_them(run: torchwork.Run) -> None:
    found = Layers(**json.loads(answer(json.dumps({"method": "layers", "arguments": {"run": str(run.path)}})))["found"])
    assert [(layer.name, layer.type, layer.output) for layer in found.layers] == [
        ("0", "Conv2d", "70×14×14"), ("1", "ReLU", "70×14×14"), ("2", "Conv2d", "4×12×12"),
        ("3", "Flatten", "576"), ("4", "Linear", "10"),
    ]  # fmt: skip
    assert [(layer.kernels, layer.maps) for layer in found.layers] == [(70, 70), (0, 70), (280, 4), (0, 0), (0, 0)]
    assert found.layers[0].macs == 70 * 27 * 196 and found.layers[0].parameters == 70 * 28
    assert found.samples == 8 and not found.notes


def test_kernels_are_those_of_the_checkpoint_that_is_asked_for(run: torchwork.Run) -> None:
    grids = {}
    for weights in ("best", "last", "first"):
        request = GridRequest(run=str(run.path), layer="2", what="kernels", weights=weights)  # type: ignore[arg-type]
        grids[weights] = Grid(**insights.grid(**request.model_dump()))
    assert (grids["last"].total, grids["last"].pages, len(grids["last"].cells)) == (280, 5, 64)
    assert (grids["last"].width, grids["last"].height) == (3, 3)
    kernels = kernels_of(run.model("last").get_submodule("2"))
    assert kernels is not None
    assert grids["last"].cells[5].high == pytest.approx(float(kernels[5].max()))
    assert grids["first"].cells[5].high != grids["last"].cells[5].high
    still = torchwork.Experiment.loads(TEXT, ["train.epochs=1", "optimizer.SGD.lr=0"])
    start = torchwork.train(still, runs=run.path.parent)
    began = kernels_of(start.model("last").get_submodule("2"))
    assert began is not None and grids["first"].cells[5].high == pytest.approx(float(began[5].max()))


def test_maps_are_exact_though_the_next_layer_works_in_place(run: torchwork.Run) -> None:
    page = insights.grid(str(run.path), "0", sample=2, page=1)
    assert [cell["channel"] for cell in page["cells"]] == [64, 65, 66, 67, 68, 69]
    inputs, count, _ = insights.probe_batch(run)
    assert count == 8
    with torch.no_grad():
        exact = run.model().get_submodule("0")(inputs[[2]])[0]
    assert page["cells"][0]["low"] == pytest.approx(float(exact[64].min()))
    assert page["cells"][0]["low"] < 0
    assert pixels(page["cells"][0]["picture"]).shape == (14, 14)
    assert page["input"].startswith("data:image/png")
    together = insights.grid(str(run.path), "0", sample=2, page=1, together=True)
    [low] = {cell["low"] for cell in together["cells"]}
    assert low == pytest.approx(float(exact.min()))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"layer": "22"}, "no layer is called 22; did you mean 2?"),
        ({"layer": "1", "what": "kernels"}, "1 has no kernels: it is a ReLU"),
        ({"layer": "4"}, "4 has no feature maps: its outputs have no place"),
        ({"layer": "0", "sample": 8}, "expected the number of a sample of the probe batch, 0 to 7, got 8"),
    ],
)
def test_what_cannot_be_drawn_says_what_can(run: torchwork.Run, asked: dict[str, object], told: str) -> None:
    with pytest.raises(TorchworkError) as error:
        insights.grid(str(run.path), **asked)  # type: ignore[arg-type]
    assert told in str(error.value)


def test_a_run_whose_data_are_gone_is_tried_on_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    np.savez("a.npz", x=random.normal(size=(16, 1, 8, 8)).astype(np.float32), y=np.arange(16) % 2)
    source = ["data.source={Arrays: {path: a.npz}}", "data.split={valid: 0.5}", "train.epochs=1"]
    gone = torchwork.train(torchwork.Experiment.loads(TEXT, source), runs=tmp_path)
    (tmp_path / "a.npz").unlink()
    found = insights.layers(str(gone.path))
    assert [layer["maps"] for layer in found["layers"]] == [70, 70, 4, 0, 0]
    assert found["samples"] == 0
    assert found["notes"][0].startswith("its layers are tried on noise: the data of this run cannot be read: ")
    page = insights.grid(str(gone.path), "2")
    assert page["total"] == 4 and page["input"] == ""


CODE = TEXT.replace("    - {ReLU: {inplace: true}}\n", "    - Own\n").replace(
    "loss: Cross",
    """  modules:
    Own:
      code: |
        from torch import nn
        class Own(nn.Module):
            def forward(self, x):
                return x.relu()
loss: Cross""",
)


def test_a_run_with_code_of_its_own_names_the_commands_that_may_run_it(tmp_path: Path) -> None:
    run = torchwork.train(torchwork.Experiment.loads(CODE), runs=tmp_path, trust=True)
    with pytest.raises(TorchworkError, match=r"code of its own, which the page never runs.* with --trust"):
        insights.layers(str(run.path))
