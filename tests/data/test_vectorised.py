"""Vectorised transforms do to each sample what torchvision's do, and draw from the same distributions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from torchwork.catalog import vision
from torchwork.data.vectorised import STEPS, Jitter, ResizedCrop, Step, below, step_for
from torchwork.errors import DataError

v2 = vision().transforms.v2
F = v2.functional


def batch(samples: int = 40, channels: int = 3, height: int = 16, width: int = 12) -> Tensor:
    return torch.randint(
        0, 256, (samples, channels, height, width), generator=torch.Generator().manual_seed(3), dtype=torch.uint8
    )


def rows(step: Step, samples: int = 40, seed: int = 0) -> Tensor:
    return torch.rand(samples, step.columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def step_of(name: str, **settings: Any) -> Step:
    step = step_for(getattr(v2, name)(**settings))
    assert step is not None
    return step


SETTINGS: dict[str, dict[str, Any]] = {
    "RandomCrop": {"size": 8, "padding": 2},
    "RandomResizedCrop": {"size": 8},
    "RandomErasing": {"p": 0.7},
    "ColorJitter": {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.2},
    "RandomSolarize": {"threshold": 128},
    "RandomPosterize": {"bits": 3},
    "RandomAdjustSharpness": {"sharpness_factor": 2},
}


@pytest.mark.parametrize("name", STEPS)
def test_a_sample_does_not_depend_on_its_batch_and_the_batch_is_left_alone(name: str) -> None:
    step, pictures = step_of(name, **SETTINGS.get(name, {})), batch()
    before, drawn = pictures.clone(), rows(step)
    whole = step(pictures, drawn)
    alone = torch.cat([step(pictures[i : i + 1], drawn[i : i + 1]) for i in range(len(pictures))])
    assert whole.dtype == torch.uint8
    assert torch.equal(whole, alone)
    assert torch.equal(pictures, before)


def test_whole_numbers_stay_below_their_limit() -> None:
    almost_one = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    assert below(almost_one, 25).tolist() == [0, 24]


@pytest.mark.parametrize("settings", [
    {"size": (8, 6)},
    {"size": (16, 12), "padding": 4},
    {"size": 10, "padding": [1, 2], "fill": 9},
    {"size": 10, "padding": [1, 2, 3, 4], "padding_mode": "reflect"},
    {"size": 10, "padding": 3, "padding_mode": "edge", "fill": 0},
    {"size": 20, "pad_if_needed": True, "fill": [1, 2, 3]},
    {"size": 20, "padding": 1, "padding_mode": "symmetric", "pad_if_needed": True},
])  # fmt: skip
def test_a_crop_is_torchvisions_at_the_same_corner(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    transform, pictures = v2.RandomCrop(**settings), batch()
    step = step_of("RandomCrop", **settings)
    drawn = rows(step)
    made = step(pictures, drawn)
    for i, picture in enumerate(pictures):
        numbers = iter(drawn[i].tolist())

        def same(low: int, high: int, size: tuple[int, ...], numbers: Any = numbers) -> Tensor:
            return torch.tensor(int(next(numbers) * high))

        both_drawn = transform.make_params([picture])["needs_crop"]
        with monkeypatch.context() as patch:
            patch.setattr(torch, "randint", same)
            expected = transform(picture)
        if both_drawn:
            assert torch.equal(made[i], expected)


def test_a_crop_takes_every_corner_equally_often() -> None:
    """Chi-square over the 25 corners of a 4 padded by 2; the 99.9th percentile for 24 degrees of freedom is 51.2."""
    marked = torch.arange(1, 17, dtype=torch.uint8).view(1, 1, 4, 4).expand(25_000, 1, 4, 4)
    step = step_of("RandomCrop", size=4, padding=2)
    made = step(marked, rows(step, len(marked)))
    corners = made.flatten(1).int().unique(dim=0, return_counts=True)[1]
    assert len(corners) == 25
    assert float(((corners - 1000.0) ** 2 / 1000).sum()) < 51.2


def test_a_crop_larger_than_the_picture_is_told() -> None:
    step = step_of("RandomCrop", size=99)
    with pytest.raises(DataError, match=r"at least \[99, 99\] after padding, got \[16, 12\]; give padding"):
        step(batch(), rows(step))


@pytest.mark.parametrize(("name", "function"), [
    ("RandomHorizontalFlip", F.horizontal_flip),
    ("RandomVerticalFlip", F.vertical_flip),
    ("RandomInvert", F.invert),
    ("RandomAutocontrast", F.autocontrast),
    ("RandomGrayscale", lambda x: F.rgb_to_grayscale(x, num_output_channels=3)),
    ("RandomSolarize", lambda x: F.solarize(x, 128)),
    ("RandomPosterize", lambda x: F.posterize(x, 3)),
    ("RandomAdjustSharpness", lambda x: F.adjust_sharpness(x, 2)),
])  # fmt: skip
def test_a_coin_picks_the_samples(name: str, function: Any) -> None:
    pictures, step = batch(), step_of(name, p=0.4, **SETTINGS.get(name, {}))
    drawn = rows(step)
    made = step(pictures, drawn)
    for i, picture in enumerate(pictures):
        assert torch.equal(made[i], function(picture) if drawn[i, 0] < 0.4 else picture)


def test_the_coin_is_fair() -> None:
    step, pictures = (
        step_of("RandomHorizontalFlip", p=0.25),
        torch.tensor([[[[0, 1]]]], dtype=torch.uint8).expand(10_000, 1, 1, 2),
    )
    flipped = int((step(pictures, rows(step, 10_000))[..., 0] == 1).sum())
    assert abs(flipped - 2500) < 150  # 3.5 standard deviations


def sizes_by_torchvision(transform: Any, picture: Tensor, names: tuple[str, str], count: int) -> Tensor:
    torch.manual_seed(0)
    drawn = [transform.make_params([picture]) for _ in range(count)]
    return torch.tensor([[params[name] for name in names] for params in drawn]).double()


def test_resized_crops_have_torchvisions_distribution() -> None:
    """Means and standard deviations of top, left, height and width of 4,000 windows."""
    transform, picture = v2.RandomResizedCrop(8), batch(1, height=40, width=30)[0]
    ours = ResizedCrop(transform).windows(rows(ResizedCrop(transform), 4000), 40, 30).double()
    torch.manual_seed(0)
    params = [transform.make_params([picture]) for _ in range(4000)]
    theirs = torch.tensor([[item[name] for name in ("top", "left", "height", "width")] for item in params]).double()
    error = theirs.std(0) / 4000**0.5
    assert ((ours.mean(0) - theirs.mean(0)).abs() < 5 * error).all()
    assert ((ours.std(0) / theirs.std(0) - 1).abs() < 0.06).all()
    assert (ours[:, 0] + ours[:, 2] <= 40).all() and (ours[:, 1] + ours[:, 3] <= 30).all()


def test_a_resized_crop_that_never_fits_is_the_middle() -> None:
    transform = v2.RandomResizedCrop(8, scale=(1.0, 1.0), ratio=(1.0, 1.0))
    windows = ResizedCrop(transform).windows(rows(ResizedCrop(transform), 3), 40, 30)
    assert windows.tolist() == [[5, 0, 30, 30]] * 3


def test_erased_rectangles_have_torchvisions_distribution() -> None:
    transform = v2.RandomErasing(p=1, value=0)
    step, pictures = step_of("RandomErasing", p=1), torch.full((4000, 1, 32, 24), 255, dtype=torch.uint8)
    erased = step(pictures, rows(step, 4000))[:, 0] == 0
    ours = torch.stack((erased.any(2).sum(1), erased.any(1).sum(1)), dim=1).double()
    theirs = sizes_by_torchvision(transform, pictures[0], ("h", "w"), 4000)
    assert ((ours.mean(0) - theirs.mean(0)).abs() < 5 * theirs.std(0) / 4000**0.5).all()
    assert ((ours.std(0) / theirs.std(0) - 1).abs() < 0.06).all()
    assert torch.equal(erased.sum((1, 2)), ours.prod(1).long())  # whole rectangles


def test_erasing_fills_with_the_value_of_each_channel() -> None:
    step = step_of("RandomErasing", p=1, value=(1, 2, 3), scale=(0.2, 0.2), ratio=(1, 1))
    made = step(torch.full((1, 3, 20, 20), 200, dtype=torch.uint8), rows(step, 1))[0]
    assert [sorted(set(channel.flatten().tolist())) for channel in made] == [[1, 200], [2, 200], [3, 200]]


@pytest.mark.parametrize("place", range(4), ids=["brightness", "contrast", "saturation", "hue"])
@pytest.mark.parametrize("channels", [1, 3])
def test_jitter_is_torchvisions_for_the_same_factor(place: int, channels: int) -> None:
    """Up to one step of 255, for the sums run in another order."""
    name = ("brightness", "contrast", "saturation", "hue")[place]
    limits = (-0.3, 0.4) if name == "hue" else (0.5, 1.6)
    pictures, step = batch(channels=channels), Jitter(v2.ColorJitter(**{name: limits}))
    drawn = rows(step)
    made = step(pictures, drawn)
    for i, picture in enumerate(pictures):
        factor = limits[0] + float(drawn[i, place]) * (limits[1] - limits[0])
        expected = getattr(F, f"adjust_{name}")(picture, factor)
        assert (made[i].int() - expected.int()).abs().max() <= 1


def test_jitter_in_float_is_torchvisions() -> None:
    pictures, step = batch() / 255, Jitter(v2.ColorJitter(hue=(0.1, 0.1)))
    assert torch.allclose(step(pictures, rows(step)), F.adjust_hue(pictures, 0.1), atol=1e-5)


def test_jitter_takes_every_order() -> None:
    """Brightness and contrast do not commute where values are cut off: each order comes for half the samples."""
    picture = torch.tensor([[[[0, 100, 200, 250]]]], dtype=torch.uint8)
    step = Jitter(v2.ColorJitter(brightness=(2, 2), contrast=(0.5, 0.5)))
    made = step(picture.expand(2000, 1, 1, 4), rows(step, 2000))
    first = F.adjust_contrast(F.adjust_brightness(picture, 2.0), 0.5)
    second = F.adjust_brightness(F.adjust_contrast(picture, 0.5), 2.0)
    counts = [int((made == wanted).all(dim=(1, 2, 3)).sum()) for wanted in (first[0], second[0])]
    assert sum(counts) == 2000 and abs(counts[0] - 1000) < 160


def test_settings_that_are_not_covered_run_sample_by_sample() -> None:
    assert step_for(v2.RandomErasing(value="random")) is None
    assert step_for(v2.RandAugment()) is None
