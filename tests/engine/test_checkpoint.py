"""Checkpoints on a disk that fails: damaged, half-written, full, or written by another model."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.engine import Best, Checkpoints, Update, load_checkpoint, weights_of
from torchwork.engine.checkpoint import damage
from torchwork.errors import CheckpointError

from .small import FEATURES, Log, differences, make_trainer, mlp

TREE = {"model": {"weight": torch.arange(6.0).reshape(2, 3)}, "position": {"step": 3}}


def test_a_checkpoint_comes_back_and_says_what_it_is(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path).save(3, TREE)
    assert path == tmp_path / "step-3" and damage(path) is None
    assert sorted(file.name for file in path.iterdir()) == ["manifest.json", "state.json", "tensors.safetensors"]
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["step"] == 3 and sorted(manifest["files"]) == ["state.json", "tensors.safetensors"]
    assert differences(load_checkpoint(path), TREE) == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("name", ["tensors.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
def test_a_damaged_one_is_passed_over_and_said(name: str, harm: Any, tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, TREE)
    harm(store.save(2, TREE) / name)
    notes: list[str] = []
    if name == "manifest.json" and harm is flip and damage(tmp_path / "step-2") is None:
        pytest.skip("the bit did not change the manifest's meaning")
    assert store.newest(notes.append) == tmp_path / "step-1"
    assert len(notes) == 1 and "step-2 is damaged" in notes[0]
    with pytest.raises(CheckpointError, match="is damaged"):
        load_checkpoint(tmp_path / "step-2")


def test_training_goes_on_from_the_one_before_a_damaged_one(tmp_path: Path) -> None:
    every = {"every": "1 steps", "keep": 99}
    make_trainer(checkpoints=tmp_path / "whole", checkpoint=every).fit()
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    for step in range(10, 15):
        flip(tmp_path / "cut" / f"step-{step}" / "tensors.safetensors")
    log = Log()
    make_trainer(checkpoints=tmp_path / "cut", checkpoint=every, listeners=[log]).fit()
    assert log.infos[0].step == 9 and len([note for note in log.notes if "damaged" in note]) == 5
    whole, again = (load_checkpoint(tmp_path / name / "step-14") for name in ("whole", "cut"))
    assert differences(whole, again) == []


def test_what_an_interrupted_save_left_is_cleared_up(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, TREE)
    (store.save(2, TREE)).rename(tmp_path / "step-2.tmp")
    shutil.copytree(tmp_path / "step-1", tmp_path / "step-3.tmp")
    (tmp_path / "step-3.tmp" / "manifest.json").unlink()
    assert store.recover() == tmp_path / "step-2"
    assert store.steps() == [1, 2] and not list(tmp_path.glob("*.tmp"))


def test_old_ones_go_but_not_the_best(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path, keep=2)
    for step in (0, 10, 20, 30, 99):
        store.save(step, TREE)
    store.point_at(Best("valid/loss", 0.5, 1, 10))
    store.prune(30, best=10)
    assert store.steps() == [10, 20, 30]
    assert store.best() == tmp_path / "step-10"
    flip(tmp_path / "step-10" / "state.json")
    assert store.best() is None


def test_the_best_epoch_is_kept_and_tested(tmp_path: Path) -> None:
    def falling_apart(model: nn.Module) -> Update:
        optimizer = torch.optim.SGD(model.parameters(), 0.3)
        return Update([optimizer], [torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 if epoch < 2 else 80)])

    trainer = make_trainer(mlp(0.0), falling_apart, epochs=5, checkpoints=tmp_path)
    outcome = trainer.fit()
    assert outcome.best is not None and outcome.best.epoch < 5
    best = json.loads((tmp_path / "best.json").read_text())
    assert best["step"] == outcome.best.step and best["monitor"] == "valid/loss"
    assert trainer.store is not None and trainer.store.steps() == [outcome.best.step, 28, 35]
    assert trainer.valid is not None
    present = {key: value.clone() for key, value in trainer.model.state_dict().items()}
    assert trainer.test(trainer.valid)["test/loss"] == pytest.approx(outcome.best.value, rel=1e-6)
    assert differences(dict(trainer.model.state_dict()), present) == []


def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The disk says that it is full at the file synchronised after `after` others."""
    calls, real = [0], os.fsync

    def fsync(handle: int) -> None:
        calls[0] += 1
        if calls[0] > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("after", range(4))
def test_a_full_disk_leaves_the_last_good_checkpoint(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, TREE)
    full_disk(monkeypatch, after)
    with pytest.raises(CheckpointError, match=r"No space left.*last good checkpoint is .*step-1; make room") as caught:
        store.save(2, TREE)
    assert caught.value.exit_status == 2
    monkeypatch.undo()
    assert store.recover() == tmp_path / "step-1" and not list(tmp_path.glob("*.tmp"))


def test_training_on_a_full_disk_ends_and_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_trainer(checkpoints=tmp_path / "whole").fit()
    log = Log()
    full_disk(monkeypatch, 6)
    with pytest.raises(CheckpointError, match="No space left"):
        make_trainer(checkpoints=tmp_path / "cut", listeners=[log]).fit()
    assert log.outcomes[0].status == "failed"
    monkeypatch.undo()
    make_trainer(checkpoints=tmp_path / "cut").fit()
    whole, cut = (load_checkpoint(tmp_path / name / "step-14") for name in ("whole", "cut"))
    assert differences(whole, cut) == []


class Named(nn.Module):
    def __init__(self, width: int = 8, **names: str) -> None:
        super().__init__()
        self.add_module(names.get("first", "first"), nn.Linear(FEATURES, width))
        self.add_module("last", nn.Linear(width, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.children():
            x = layer(x)
        return x


def test_a_checkpoint_of_another_model_is_described(tmp_path: Path) -> None:
    make_trainer(Named(), checkpoints=tmp_path).fit()
    with pytest.raises(CheckpointError) as caught:
        make_trainer(Named(first="first_"), checkpoints=tmp_path).fit()
    assert "belongs to another model: missing: first_.weight (did you mean first.weight?)" in str(caught.value)
    assert "unexpected: first.weight, first.bias" in str(caught.value)
    with pytest.raises(CheckpointError, match=r"other shapes: first.weight is \[8, 6\], expected \[9, 6\]"):
        make_trainer(Named(9), checkpoints=tmp_path).fit()


def test_a_checkpoint_of_other_settings_is_described(tmp_path: Path) -> None:
    make_trainer(checkpoints=tmp_path).fit()
    with pytest.raises(CheckpointError, match="written with the optimizer Adam, this run has SGD"):
        make_trainer(mlp(), lambda m: Update([torch.optim.SGD(m.parameters(), 0.1)]), checkpoints=tmp_path).fit()
    halves = [{"params": [p]} for p in mlp().parameters()]
    with pytest.raises(CheckpointError, match="parameter groups of"):
        make_trainer(mlp(), lambda m: Update([torch.optim.Adam(halves)]), checkpoints=tmp_path).fit()


def test_weights_of_a_checkpoint_are_the_averaged_ones(tmp_path: Path) -> None:
    trainer = make_trainer(checkpoints=tmp_path, ema=0.9)
    trainer.fit()
    assert trainer.average is not None
    weights = weights_of(load_checkpoint(tmp_path / "step-14"))
    assert differences(weights, dict(trainer.average.module.state_dict())) == []
    assert differences(weights, dict(trainer.model.state_dict())) != []
