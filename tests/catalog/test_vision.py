"""torchvision is there however it is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from torchwork.catalog import vision


def test_transforms_data_sets_and_box_operators_work() -> None:
    module = vision()
    assert vision() is module is sys.modules["torchvision"]
    assert module.transforms.v2.functional.horizontal_flip(torch.tensor([[[1, 2]]])).tolist() == [[[2, 1]]]
    boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 2.1], [5, 5, 6, 6]])
    assert module.ops.nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]
    regions = module.ops.roi_align(torch.rand(1, 2, 8, 8), [boxes], output_size=3)
    assert regions.shape == (3, 2, 3, 3)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_plain_import_is_left_alone_where_it_works() -> None:
    plain = run("import torchvision")
    ours = run("from torchwork.catalog import vision, vision_note\nvision(); vision(); print(bool(vision_note()))")
    assert ours.returncode == 0, ours.stderr
    assert ours.stdout.strip() == str(plain.returncode != 0)
    assert ours.stderr == ""  # the note is for those who ask for it


def test_another_failure_is_not_hidden() -> None:
    code = (
        "import sys\n"
        "class Broken:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torchvision': raise RuntimeError('disk on fire')\n"
        "sys.meta_path.insert(0, Broken())\n"
        "from torchwork.catalog import vision\n"
        "vision()"
    )
    assert "disk on fire" in run(code).stderr


def test_without_torchvision_the_pip_line_is_said_and_the_rest_works() -> None:
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torchvision': raise ModuleNotFoundError('no', name='torchvision')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from torchwork.catalog import catalog\n"
        "from torchwork.errors import MissingPackageError\n"
        "assert catalog().as_dict()['transform'] == [] and catalog().as_dict()['layer']\n"
        "try: catalog().find('transform', 'RGB')\n"
        "except MissingPackageError as error: print(error)"
    )
    answer = run(code)
    assert "pip install torchvision" in answer.stdout, answer.stderr


@pytest.mark.filterwarnings("ignore")
def test_a_detector_trains_and_predicts_on_the_shim() -> None:
    torch.manual_seed(0)
    model = vision().models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=3, min_size=64, max_size=64, box_score_thresh=0.0
    )
    picture = torch.rand(3, 64, 64)
    target = {"boxes": torch.tensor([[5.0, 5, 40, 40]]), "labels": torch.tensor([1])}
    losses = model([picture], [target])
    sum(losses.values()).backward()
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in model.parameters())
    assert set(model.eval()([picture])[0]) == {"boxes", "labels", "scores"}


def test_code_that_imports_torchvision_itself_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import torchvision\nfound = torchvision.ops.nms\n")
    code = f"""
import importlib, sys
sys.path.insert(0, {str(tmp_path)!r})
from torchwork.catalog import with_vision
print(with_vision(lambda: importlib.import_module("mine")).found.__name__)
"""
    assert run(code).stdout.strip() == "nms"
