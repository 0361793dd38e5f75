"""What the pages of data and settings are told is what training does: samples, draws, rates, parameters."""

from __future__ import annotations

import base64
import copy
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import torchwork
from torchwork.answer import keeping
from torchwork.answer.augmenting import augment
from torchwork.answer.keeping import bundle_of
from torchwork.answer.looking import data, samples
from torchwork.answer.parameters import parameters
from torchwork.answer.scheduling import schedule
from torchwork.answer.thinning import corners
from torchwork.build import check_model
from torchwork.errors import DataError, DocumentError
from torchwork.experiment import ModelDocument
from torchwork.record import Log, read_run

SHAPES = "{Shapes: {size: 16, train: 40, valid: 20}}"


def document(source: str = SHAPES, more: str = "", rest: str = "") -> str:
    return f"""torchwork: 1
seed: 3
data:
  source: {source}
  batch_size: 8
{more}
model: {{layers: [Flatten, {{Linear: {{out_features: classes}}, name: head}}]}}
loss: CrossEntropyLoss
{rest or "optimizer: {Adam: {lr: 0.01}}"}
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test in a folder of its own, with nothing opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(keeping, "_last", [])
    return tmp_path


def decoded(url: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))))


def pictures(folder: Path, names: tuple[str, ...] = ("ants", "bees"), count: int = 6) -> None:
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            Image.new("RGB", (20, 20), (40 * number, 10 * index, 90)).save(folder / name / f"{index}.png")


# Data


def test_data_are_described_as_training_opens_them() -> None:
    found = data(document(), "e.yaml")
    assert not found["problems"]
    assert [(split["name"], split["samples"]) for split in found["splits"]] == [("train", 40), ("valid", 20)]
    assert set(found["splits"][0]["counts"].values()) == {4}
    assert (found["inputs"], len(found["classes"]), len(found["mean"])) == (["3×16×16"], 10, 3)
    assert found["mean"] == bundle_of(document(), "e.yaml").resolved.normalize.mean  # type: ignore[union-attr]


def test_a_damaged_picture_is_named_and_left_out(alone: Path) -> None:
    pictures(alone / "pictures")
    (alone / "pictures" / "ants" / "broken.png").write_bytes(b"no picture")
    found = data(document("{ImageFolder: {root: pictures}}"), "e.yaml")
    damaged = [name for split in found["splits"] for name in split["damaged"]]
    assert damaged == ["ants/broken.png"]
    assert sum(split["samples"] for split in found["splits"]) == 12


def test_what_cannot_be_opened_is_told_with_its_place() -> None:
    [problem] = data(document("{ImageFolder: {root: nowhere}}"), "e.yaml")["problems"]
    assert problem["place"] == "data.source.ImageFolder.root" and "nowhere" in problem["message"]
    [problem] = data(document("{Shape: {}}"), "e.yaml")["problems"]
    assert problem["line"] == 4


def test_a_network_that_is_wrong_does_not_hide_the_data() -> None:
    text = document().replace("Flatten", "Flaten").replace("CrossEntropyLoss", "Nonsense")
    assert data(text, "e.yaml")["splits"] and not data(text, "e.yaml")["problems"]


def test_data_are_opened_once_and_again_when_they_have_changed(alone: Path) -> None:
    pictures(alone / "pictures")
    text = document("{ImageFolder: {root: pictures}}")
    first = bundle_of(text, "e.yaml")
    assert bundle_of(text.replace("batch_size: 8", "batch_size: 4"), "e.yaml").train.store is first.train.store
    assert len(bundle_of(text.replace("batch_size: 8", "batch_size: 4"), "e.yaml").train) == 3
    Image.new("RGB", (20, 20)).save(alone / "pictures" / "bees" / "new.png")
    assert sum(bundle_of(text, "e.yaml").spec.samples.values()) == 13


# Samples


def test_samples_come_by_split_class_and_page() -> None:
    everything = samples(document(), "e.yaml", "train", None, 0, 200)
    assert everything["total"] == len(everything["samples"]) == 40
    hearts = samples(document(), "e.yaml", "train", "heart", 1, 2)
    assert hearts["total"] == 4 and [sample["label"] for sample in hearts["samples"]] == ["heart", "heart"]
    shown = hearts["samples"][0]
    expected = bundle_of(document(), "e.yaml").train.store.gather(torch.tensor([shown["index"]]))[0]
    assert (decoded(shown["picture"]) == expected.permute(1, 2, 0).numpy()).all()
    assert samples(document(), "e.yaml", "valid", None, 100, 5) == {"samples": [], "total": 20}


def test_wrong_splits_and_classes_are_refused() -> None:
    with pytest.raises(DataError, match="there is no split 'test' in this document"):
        samples(document(), "e.yaml", "test", None, 0, 5)
    with pytest.raises(DataError, match="heart"):
        samples(document(), "e.yaml", "train", "haert", 0, 5)
    with pytest.raises(DocumentError):
        samples(document("{Shape: {}}"), "e.yaml", "train", None, 0, 5)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_arrays_of_any_channels_and_type_are_drawn(alone: Path, channels: int, kind: type) -> None:
    values = np.random.default_rng(0).integers(0, 255, (20, channels, 9, 12))
    values = values.astype(np.uint8) if kind is np.uint8 else (values / 255).astype(np.float32)
    np.savez(alone / "a.npz", x=values, y=np.arange(20) % 2)
    [found] = samples(document("{Arrays: {path: a.npz}}"), "e.yaml", "train", None, 0, 1)["samples"]
    image = decoded(found["picture"])
    assert image.shape == ((9, 12) if channels == 1 else (9, 12, channels))
    stored = bundle_of(document("{Arrays: {path: a.npz}}"), "e.yaml").train.store.gather(torch.tensor([0]))[0]
    exact = stored if kind is np.uint8 else (stored * 255).round()
    assert (image == exact.permute(1, 2, 0).squeeze(-1).numpy()).all()


def test_large_pictures_are_made_small(alone: Path) -> None:
    for name in ("a", "b"):
        (alone / "big" / name).mkdir(parents=True)
        for index in range(4):
            Image.linear_gradient("L").resize((640, 320)).save(alone / "big" / name / f"{index}.png")
    found = samples(document("{ImageFolder: {root: big}}"), "e.yaml", "train", None, 0, 3)["samples"]
    assert [decoded(item["picture"]).shape for item in found] == [(80, 160)] * 3
    assert found[0]["name"].startswith("a/")


def test_rows_and_sequences_are_told_as_text(alone: Path) -> None:
    rows = "".join(f"{i}.5,{'red' if i % 2 else ''},{'no' if i % 3 else 'yes'}\n" for i in range(30))
    (alone / "t.csv").write_text("a,color,y\n" + rows)
    found = samples(document("{Table: {path: t.csv, target: y}}"), "e.yaml", "train", None, 0, 30)["samples"]
    assert {item["text"] for item in found} >= {"a: 1.5, color: red", "a: 2.5, color: –"}
    assert all(item["label"] in ("yes", "no") and "picture" not in item for item in found)
    np.savez(alone / "s.npz", x=np.zeros((20, 5, 30), np.float32), y=np.arange(20) % 2)
    [found] = samples(document("{Arrays: {path: s.npz}}"), "e.yaml", "train", None, 0, 1)["samples"]
    assert found["text"] == "5×30: 0, 0, 0, 0, 0, 0, 0, 0, …"


# Augmentation


def drawn_in_training(text: str, index: int, epoch: int, seed: int) -> torch.Tensor:
    """The sample as a whole epoch of training gives it."""
    train = copy.copy(bundle_of(text, "e.yaml").train)
    train.seed = seed
    order = torch.cat([indices for indices, _ in train._jobs(epoch, 0)])
    whole = torch.cat([inputs for inputs, _ in train.epoch(epoch)])
    return whole[int((order == index).nonzero())]


@pytest.mark.parametrize(
    "transforms",
    [
        "[RandomHorizontalFlip, {RandomCrop: {size: 16, padding: 4}}]",
        "[{RandomRotation: {degrees: 40}}, {ColorJitter: {brightness: 0.5}}]",
        "[RandomHorizontalFlip, {MixUp: {alpha: 1.0}}]",
        "[{CutMix: {alpha: 1.0}}]",
    ],
)
def test_draws_are_those_of_training(transforms: str) -> None:
    text = document(more=f"  augment: {transforms}")
    found = augment(text, "e.yaml", 5, 4, 7)
    normalize = bundle_of(text, "e.yaml").train.normalize
    for epoch, url in enumerate(found["pictures"]):
        expected = normalize.undo(drawn_in_training(text, 5, epoch, 7)[None])[0].permute(1, 2, 0).numpy()
        assert (decoded(url) == expected).all()
    assert found == augment(text, "e.yaml", 5, 4, 7)
    assert found["pictures"] != augment(text, "e.yaml", 5, 4, 8)["pictures"]
    assert any("MixUp" in note or "CutMix" in note for note in found["notes"]) == ("Mix" in transforms)


def test_a_normalised_picture_is_turned_back(alone: Path) -> None:
    found = augment(document(), "e.yaml", 2, 3, 0)
    assert (found["seed"], set(found["pictures"])) == (0, {found["original"]})
    assert "nothing is augmented" in found["notes"][0]
    values = np.random.default_rng(0).normal(0.5, 0.1, (20, 1, 9, 9)).clip(0, 1).astype(np.float32)
    np.savez(alone / "f.npz", x=values, y=np.arange(20) % 2)
    found = augment(document("{Arrays: {path: f.npz}}"), "e.yaml", 2, 1, 0)
    assert np.abs(decoded(found["pictures"][0]).astype(int) - decoded(found["original"])).max() <= 1


def test_what_cannot_be_drawn_is_said(alone: Path) -> None:
    with pytest.raises(DataError, match="0 to 39, got 40"):
        augment(document(), "e.yaml", 40, 1, 0)
    (alone / "t.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    found = augment(document("{Table: {path: t.csv, target: y}}"), "e.yaml", 0, 4, 0)
    assert found["pictures"] == [] and "no pictures" in found["notes"][0]


# The schedule

SCHEDULES = [
    "",
    "schedule: {StepLR: {step_size: 1, gamma: 0.5}}",
    "schedule: {CosineAnnealingLR: {T_max: epochs}, every: epoch}",
    "schedule: {CosineAnnealingLR: {T_max: steps}, every: step}",
    "schedule: {OneCycleLR: {max_lr: 0.1, total_steps: steps}}",
    "schedule: {LambdaLR: {lr_lambda: 0.9 ** epoch}, warmup: {linear: {length: 7 steps}}}",
    "schedule: {StepLR: {step_size: 2}, warmup: {exponential: {length: 3 steps}}}",
    "schedule: {OneCycleLR: {max_lr: 0.1, total_steps: steps}, warmup: {constant: {length: 1 epochs}}}",
    "schedule: {CyclicLR: {base_lr: 0.01, max_lr: 0.1, step_size_up: 3}, warmup: untuned_linear}",
]
RULES = 'parameters: [{match: "*.bias", set: {lr: 0.002}}]\n'


@pytest.mark.parametrize("written", SCHEDULES)
def test_the_curve_is_what_a_training_records(written: str, alone: Path) -> None:
    kind = "Adam" if "untuned" in written else "SGD"
    rules = "" if "CyclicLR" in written else RULES
    settings = "train: {epochs: 4, memory_format: contiguous, record: {images: 0, histograms: false}}"
    text = document(rest=f"{rules}optimizer: {{{kind}: {{lr: 0.05}}}}\n{written}\n{settings}")
    found = schedule(text, "e.yaml", measure=False)
    assert not found["problems"]
    assert (found["steps_per_epoch"], found["epochs"]) == (5, 4)
    torchwork.train(torchwork.Experiment.loads(text), folder=alone / "run")
    log = read_run(alone / "run")
    assert len(found["curves"]) == (2 if rules else 1)
    for tag, curve in zip(("step/lr", "step/lr/1"), found["curves"], strict=False):
        assert_equal(log, tag, curve)


def assert_equal(log: Log, tag: str, curve: dict[str, Any]) -> None:
    recorded = log[tag].values
    drawn = np.interp(np.arange(1, 21), curve["steps"], curve["rates"])
    assert (curve["steps"][0], curve["steps"][-1]) == (1, 20)
    assert drawn == pytest.approx(recorded, rel=1e-5, abs=2e-4 * float(np.ptp(recorded)))
    at = [step - 1 for step in curve["steps"]]
    assert curve["rates"] == pytest.approx(recorded[at], rel=1e-6, abs=1e-9)


def test_groups_bear_the_patterns_of_their_rules_and_warm_up_is_counted() -> None:
    rest = f"{RULES}optimizer: {{SGD: {{lr: 0.1}}}}\nschedule: {{warmup: {{linear: {{length: 2 epochs}}}}}}"
    found = schedule(document(rest=rest), "e.yaml", measure=False)
    assert {curve["name"] for curve in found["curves"]} == {"*.bias", "others"}
    assert found["warmup"] == 10
    assert [curve["name"] for curve in schedule(document(), "e.yaml", measure=False)["curves"]] == ["all"]


def test_a_long_run_is_drawn_by_few_points_without_losing_its_corners() -> None:
    steps = np.arange(50_000)
    stairs = 0.1 * 0.5 ** (steps // 5000)
    kept = corners(stairs, 400)
    assert len(kept) == 20
    assert np.interp(steps, kept, stairs[kept]) == pytest.approx(stairs)
    wave = np.sin(steps / 500.0)
    kept = corners(wave, 400)
    assert len(kept) == 400
    assert np.abs(np.interp(steps, kept, wave[kept]) - wave).max() < 0.01
    assert corners(np.array([1.0]), 400) == [0]
    assert corners(np.full(1000, 0.1), 400) == [0, 999]


def test_a_watched_metric_is_taken_to_improve_and_that_is_said() -> None:
    rest = "optimizer: {SGD: {lr: 0.1}}\nschedule: {ReduceLROnPlateau: {patience: 1}}\ntrain: {epochs: 30}"
    found = schedule(document(rest=rest), "e.yaml", measure=False)
    assert set(found["curves"][0]["rates"]) == {0.1}
    assert "ReduceLROnPlateau" in found["notes"][0]


def test_the_schedule_is_drawn_while_the_network_is_wrong_and_its_own_faults_are_told() -> None:
    found = schedule(document().replace("Flatten", "Flaten"), "e.yaml", measure=True)
    assert found["curves"] and found["problems"] and "seconds" not in found
    rest = "optimizer: {SGD: {lr: 0.1}}\nschedule: {OneCycleLR: {max_lr: 0.1, total_steps: 3}}"
    found = schedule(document(rest=rest), "e.yaml", measure=False)
    assert "curves" not in found
    assert "ends too early" in found["problems"][0]["message"]
    assert schedule("torchwork: 1", "e.yaml", measure=False)["problems"]


def test_a_trial_tells_how_long_it_will_take_and_changes_nothing(alone: Path) -> None:
    found = schedule(document(), "e.yaml", measure=True)
    assert found["seconds"] > 0 and "trial of 5 batches" in found["basis"]
    assert not (alone / "runs").exists()


# Parameters


def test_parameters_are_told_with_what_the_rules_make_of_them() -> None:
    rules = """parameters:
  - {match: "*.bias", set: {weight_decay: 0}}
  - {match: "stem.*", freeze: true}
  - {match: "head.weight", init: {xavier_uniform_: {gain: 2.0}}, set: {lr: 0.001}}
"""
    text = document(rest=f"{rules}optimizer: {{SGD: {{lr: 0.1, weight_decay: 0.01}}}}").replace(
        "[Flatten,", "[{Conv2d: {out_channels: 4, kernel_size: 3}, name: stem}, Flatten,"
    )
    found = parameters(text, "e.yaml")
    assert not found["problems"]
    named = {item["name"]: item for item in found["parameters"]}
    assert list(named) == ["stem.weight", "stem.bias", "head.weight", "head.bias"]
    assert named["stem.weight"]["shape"] == [4, 3, 3, 3] and named["stem.weight"]["count"] == 108
    assert not named["stem.bias"]["trained"] and named["stem.bias"]["rules"] == [0, 1]
    assert named["head.weight"]["settings"] == {"lr": 0.001, "weight_decay": 0.01}
    assert named["head.bias"]["settings"] == {"lr": 0.1, "weight_decay": 0}
    assert named["head.weight"]["optimizer"] == "SGD" and "xavier_uniform_" in named["head.weight"]["init"]


def test_parameters_of_definitions_and_ties_bear_the_names_of_the_built_network() -> None:
    text = """torchwork: 1
name: tied
model:
  example: [2x8]
  nodes:
    first: {Block: {}, repeat: 2}
    attend: {MultiheadAttention: {embed_dim: 8, num_heads: 2}, from: [first, first, first]}
    last: {Linear: {out_features: 8}, from: "attend[0]"}
  tie: {last.weight: first.0.inner.weight}
  modules: {Block: {layers: [{Linear: {out_features: 8}, name: inner}, ReLU]}}
"""
    found = {item["name"]: item for item in parameters(text, "m.yaml")["parameters"]}
    built = check_model(ModelDocument.loads(text)).graph
    assert built is not None
    assert set(found) == {name for name, _ in built.build().named_parameters(remove_duplicate=False)}
    assert found["first.1.inner.weight"]["node"] == "first.1.inner"
    assert found["attend.out_proj.weight"]["node"] == "attend"
    assert found["last.weight"]["tied"] == "first.0.inner.weight"


def test_parameters_of_a_network_that_is_wrong_are_told_as_far_as_they_are_known() -> None:
    found = parameters(document().replace("head}", "head}, {Linear: {out_features: 0}}"), "e.yaml")
    assert [item["name"] for item in found["parameters"]][:2] == ["head.weight", "head.bias"]
    assert found["problems"]
    text = document(rest='parameters: [{match: "tail.*", freeze: true}]\noptimizer: SGD')
    assert "matches no parameter" in parameters(text, "e.yaml")["problems"][0]["message"]
