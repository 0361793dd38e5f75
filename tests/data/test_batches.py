"""An epoch is a function of (seed, epoch): the same from any start, with any number of workers, at any batch size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from torchwork.data import Batches, Bundle
from torchwork.data.augment import plan
from torchwork.data.normalize import Normalizer
from torchwork.data.store import Block
from torchwork.errors import DataError
from torchwork.experiment.spec import Transform

Opener = Callable[..., Bundle]
AUGMENT = (
    {"RandomCrop": {"size": 8, "padding": 2}},
    "RandomHorizontalFlip",
    {"ColorJitter": {"brightness": 0.4, "contrast": 0.4, "hue": 0.1}},
    "RandAugment",
)


def pictures(samples: int = 23) -> Tensor:
    return torch.randint(0, 256, (samples, 3, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.uint8)


def batches(**settings: Any) -> Batches:
    augment, _ = plan([Transform.model_validate(item) for item in AUGMENT], pictures(1)[0], None)
    settings = {"batch_size": 5, "shuffle": True, "augment": augment, "seed": 3} | settings
    return Batches(Block(pictures()), torch.arange(23), normalize=Normalizer([0.5] * 3, [0.3] * 3), **settings)


def listed(made: Batches, epoch: int = 2, start: int = 0) -> list[tuple[Tensor, Tensor]]:
    return [(inputs, targets) for inputs, targets in made.epoch(epoch, start) if targets is not None]


def equal(first: list[tuple[Tensor, Tensor]], second: list[tuple[Tensor, Tensor]]) -> bool:
    return len(first) == len(second) and all(
        torch.equal(a, b) for pair, other in zip(first, second, strict=True) for a, b in zip(pair, other, strict=True)
    )


def test_inputs_are_float_and_every_sample_comes_once() -> None:
    made = listed(batches())
    assert [len(inputs) for inputs, _ in made] == [5, 5, 5, 5, 3] and len(batches()) == 5 and batches().samples == 23
    assert made[0][0].dtype == torch.float32 and made[0][1].dtype == torch.int64
    assert sorted(torch.cat([targets for _, targets in made]).tolist()) == list(range(23))


def test_epochs_repeat_and_differ() -> None:
    assert equal(listed(batches()), listed(batches()))
    assert not equal(listed(batches()), listed(batches(), epoch=3))
    assert not equal(listed(batches()), listed(batches(seed=4)))


@pytest.mark.parametrize("start", range(6))
def test_an_epoch_can_begin_anywhere(start: int) -> None:
    assert equal(listed(batches(), start=start), listed(batches())[start:])


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(workers: int) -> None:
    assert equal(listed(batches(workers=workers)), listed(batches()))
    assert equal(listed(batches(workers=workers), start=3), listed(batches())[3:])


def test_a_sample_is_augmented_alike_at_any_batch_size() -> None:
    def by_sample(size: int) -> dict[int, Tensor]:
        return {
            int(t): x
            for inputs, targets in listed(batches(batch_size=size))
            for x, t in zip(inputs, targets, strict=True)
        }

    small, large = by_sample(3), by_sample(23)
    assert all(torch.equal(small[i], large[i]) for i in range(23))


def test_threads_change_nothing() -> None:
    one = listed(batches())
    torch.set_num_threads(2)
    assert equal(listed(batches()), one)


def test_the_last_batch_can_be_dropped() -> None:
    made = batches(drop_last=True)
    assert len(made) == 4 and made.samples == 20
    assert [len(inputs) for inputs, _ in listed(made)] == [5, 5, 5, 5]
    assert len(batches(drop_last=True, batch_size=23)) == 1 and len(batches(drop_last=True, batch_size=24)) == 0


def test_unshuffled_keeps_the_order() -> None:
    assert torch.cat([targets for _, targets in listed(batches(shuffle=False))]).tolist() == list(range(23))


def test_without_targets_there_are_none() -> None:
    made = Batches(Block(pictures()), None, batch_size=10)
    assert [targets for _, targets in made.epoch(0)] == [None, None, None]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_models_generator_is_left_alone(workers: int) -> None:
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    listed(batches(workers=workers))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("loading", ["resident", "cached", "streamed"])
def test_every_way_of_loading_gives_the_same_batches(
    pictures: Callable[..., Path], opened: Opener, loading: str
) -> None:
    root = pictures("root", cats=9, dogs=8)
    (root / "dogs" / "2.png").write_bytes(b"broken")
    section: dict[str, Any] = {
        "source": {"ImageFolder": {"root": str(root)}}, "prepare": [{"Resize": {"size": 9}}],
        "augment": [{"RandomResizedCrop": {"size": 8}}, "RandomHorizontalFlip"],
        "split": {"valid": 0.2}, "batch_size": 4,
    }  # fmt: skip
    expected = listed(opened(**section, loading="resident", workers=0).train)
    for workers in (0, 1, 2):
        bundle = opened(**section, loading=loading, workers=workers)
        assert bundle.train.workers == workers
        assert equal(listed(bundle.train), expected)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_that_goes_away_is_told_in_a_sentence(
    pictures: Callable[..., Path], opened: Opener, workers: int
) -> None:
    root = pictures("root", cats=4, dogs=4)
    section: dict[str, Any] = {"loading": "streamed", "workers": workers, "split": {"valid": 0.25}}
    train = opened(source={"ImageFolder": {"root": str(root)}}, **section).train
    for file in root.rglob("*.png"):
        file.unlink()
    with pytest.raises(DataError, match=r"^expected a picture at (cats|dogs)/\d.png, found no file; check the path$"):
        listed(train)


def test_mixed_targets_are_soft_and_repeat(opened: Opener) -> None:
    bundle = opened(source={"Shapes": {"train": 40, "valid": 20, "size": 16}}, augment=["MixUp"], batch_size=8)
    made = listed(bundle.train)
    assert made[0][1].shape == (8, 10) and made[0][1].dtype == torch.float32
    assert equal(made[3:], listed(bundle.train, start=3))
    assert bundle.valid is not None and next(iter(bundle.valid.epoch(0)))[1].shape == (8,)  # type: ignore[union-attr]
