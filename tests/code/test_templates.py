"""Each template that needs no files is right, trains an epoch, and its script repeats that epoch to the bit."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
import torch

from torchwork.build import check
from torchwork.code.script import print_script
from torchwork.experiment import Experiment

from ..contract.printed import engine, same

NAMES = ("shapes", "lenet", "alexnet", "resnet18", "unet", "transformer", "lstm")
SHORT = (
    "data.source.Shapes.train=24",
    "data.source.Shapes.valid=12",
    "data.source.Shapes.test=1",
    "data.batch_size=8",
    "train.epochs=1",
    "train.device=cpu",
    "train.memory_format=contiguous",
)


def template(name: str, settings: tuple[str, ...] = ()) -> Experiment:
    place = resources.files("torchwork.templates") / f"{name}.yaml"
    return Experiment.load(Path(str(place)), settings)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_trains_and_its_script_repeats_it(name: str, tmp_path: Path) -> None:
    experiment = template(name, SHORT)
    assert not check(experiment).problems
    text = print_script(experiment, base=tmp_path)
    kept = text.replace('BEST = "', f'BEST = "{tmp_path}/')
    same(kept, engine(experiment, tmp_path), tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "shapes"])
def test_a_template_is_a_graph_with_a_name_on_each_node(name: str) -> None:
    model = template(name).model
    assert model.nodes and not any(node.isdigit() for node in model.nodes)


def test_masks_are_where_the_shape_is(tmp_path: Path) -> None:
    """Each mask is of one size with its picture, also where that was turned over and cut."""
    from torchwork.data import open_data

    bundle = open_data(template("unet", SHORT).data, seed=1, cache=tmp_path)
    assert bundle.spec.target == "value" and bundle.spec.target_shape == [1, 64, 64]
    inputs, targets = next(iter(bundle.train.epoch(0)))
    assert isinstance(inputs, torch.Tensor) and targets is not None and targets.shape[2:] == inputs.shape[2:]
    assert set(targets.unique().tolist()) == {0.0, 1.0}
    assert all(float(mask.mean()) < 0.6 for mask in targets) and float(targets.mean()) > 0.02
