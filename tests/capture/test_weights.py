"""Weights that go through import, export and the printed file: the photographs are classified as before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from torchwork.build import read_weights
from torchwork.capture.proof import difference
from torchwork.catalog import vision
from torchwork.cli import main
from torchwork.experiment import ModelDocument
from torchwork.graph import resolve
from torchwork.graph.value import spec_of

WEIGHTS = "mobilenet_v2_imagenet_dequant.pth"
PICTURES = {".jpg", ".jfif", ".png"}
BLOCKED = """
import sys
sys.modules["torchwork"] = None
import torch
from safetensors.torch import load_file
here = {{"__name__": "printed"}}
exec(compile(open({script!r}).read(), {script!r}, "exec"), here)
model = here["MobilenetV2"]()
model.load_state_dict(load_file({weights!r}))
with torch.no_grad():
    torch.save(model.eval()(torch.load({photos!r}, weights_only=True)), {answer!r})
"""


@pytest.fixture(scope="module")
def photos(shared: Path) -> Tensor:
    """Every photograph as torchvision's models expect it: [n, 3, 224, 224]."""
    transforms = vision().transforms
    prepare = transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])  # fmt: skip
    files = sorted(file for file in (shared / "data" / "photos").iterdir() if file.suffix in PICTURES)
    assert len(files) >= 10
    return torch.stack([prepare(Image.open(file).convert("RGB")) for file in files])


@pytest.fixture(scope="module")
def original(shared: Path) -> nn.Module:
    """torchvision's model with these weights."""
    model: nn.Module = vision().models.mobilenet_v2()
    model.load_state_dict(torch.load(shared / "data" / "weights" / WEIGHTS, weights_only=True))
    return model.eval()


@pytest.fixture(scope="module")
def imported(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document that the command writes, with its weights beside it."""
    output = tmp_path_factory.mktemp("imported") / "m.yaml"
    weights = shared / "data" / "weights" / WEIGHTS
    assert main(["import", "torchvision.models:mobilenet_v2", "--weights", str(weights), "-o", str(output)]) == 0
    return output


@pytest.fixture(scope="module")
def expected(original: nn.Module, photos: Tensor) -> Tensor:
    """Scores [n, 1000] of the original."""
    with torch.no_grad():
        scores: Tensor = original(photos)
    assert len(set(scores.argmax(1).tolist())) > 5, "weights that see everywhere the same prove nothing"
    return scores


def agree(found: Tensor, expected: Tensor) -> None:
    """The same five best classes for each photograph, and the same scores."""
    assert torch.equal(found.topk(5).indices, expected.topk(5).indices)
    assert difference(expected, found) <= 1e-6


def test_the_imported_model_classifies_photographs_as_the_original(
    imported: Path, photos: Tensor, expected: Tensor
) -> None:
    document = ModelDocument.load(imported)
    assert document.model.weights == str(imported.with_name("m.safetensors"))
    model = resolve(document.model, [spec_of(text) for text in document.model.example]).build().eval()
    model.load_state_dict(read_weights(imported.with_name("m.safetensors")), strict=True)
    with torch.no_grad():
        agree(model(photos), expected)


def test_the_printed_file_with_these_weights_does_too_without_torchwork(
    imported: Path, photos: Tensor, expected: Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(imported.parent)
    script, given, answer = tmp_path / "m.py", tmp_path / "photos.pt", tmp_path / "answer.pt"
    assert main(["export", "m.yaml", "--to", "script", "-o", str(script)]) == 0
    torch.save(photos, given)
    program = BLOCKED.format(
        script=str(script), weights=str(imported.with_name("m.safetensors")), photos=str(given), answer=str(answer)
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
    agree(torch.load(answer, weights_only=True), expected)
