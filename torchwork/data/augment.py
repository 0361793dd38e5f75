"""The transforms of training: each sample's randomness comes from its own row of the epoch's table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from torchwork.data.attached import Attached
from torchwork.data.randomness import as_seed, borrowed, drew, seed_all, snapshot
from torchwork.data.store import Batch
from torchwork.data.together import step_together
from torchwork.data.transforms import Transforming, apply, is_mix, make, name_of, whole_batch
from torchwork.data.vectorised import Step, step_for
from torchwork.errors import DataError
from torchwork.experiment.spec import Transform

ONE_SIZE = "put Resize and CenterCrop into data.prepare (or RandomResizedCrop into data.augment) to have one size"


class OnBatch(Step):
    """A transform that draws nothing and treats every picture of a batch alike."""

    exact = False  # two pictures agreed bit for bit, which says little of a hundred

    def __init__(self, transform: Transforming, place: str) -> None:
        self.transform, self.place = transform, place

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        return apply(self.transform, batch, self.place)


class PerSample(Step):
    """Any other transform: one sample after the other, with generators seeded from the sample's own number."""

    columns = 1
    exact = False  # it would be, but there is nothing to gain

    def __init__(self, transform: Transforming, place: str) -> None:
        self.transform, self.place = transform, place

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        return stacked(self.each(batch, rows), self.place)

    def each(self, batch: Tensor, rows: Tensor) -> list[Tensor]:
        """What becomes of each sample; their shapes may differ."""
        with borrowed():
            return [self._one(sample, float(row)) for sample, row in zip(batch, rows[:, 0], strict=True)]

    def _one(self, sample: Tensor, uniform: float) -> Tensor:
        seed_all(as_seed(uniform))
        return apply(self.transform, sample, self.place)


def stacked(inputs: Sequence[Tensor], place: str) -> Tensor:
    """Inputs as one batch; DataError when their shapes differ."""
    shapes = sorted({tuple(item.shape) for item in inputs})
    if len(shapes) > 1:
        raise DataError(
            f"{place}: expected samples of one shape, got {list(shapes[0])} and {list(shapes[-1])}; {ONE_SIZE}"
        )
    return torch.stack(list(inputs))


class Augment:
    """All steps of one split. Called with a batch and its rows of the table; a list of samples becomes a batch."""

    def __init__(self, steps: Sequence[Step] = (), names: Sequence[str] = ()) -> None:
        self.steps, self.names = list(steps), list(names)

    @property
    def columns(self) -> int:
        """Uniform numbers that each sample needs."""
        return sum(step.columns for step in self.steps)

    @property
    def exact(self) -> bool:
        """Whether a sample comes out the same bit for bit in any batch, and batches can be made together."""
        return all(step.exact for step in self.steps)

    @property
    def slow(self) -> list[str]:
        """The transforms that run sample by sample."""
        return [name for step, name in zip(self.steps, self.names, strict=True) if isinstance(step, PerSample)]

    def __call__(self, batch: Batch, rows: Tensor) -> Tensor:
        if isinstance(batch, Tensor):
            return self._run(batch, rows)
        made = [self._run(item[None], rows[i : i + 1])[0] for i, item in enumerate(batch)]
        return stacked(made, "data")

    def _run(self, batch: Tensor, rows: Tensor) -> Tensor:
        for number, step in enumerate(self.steps):
            mine, rows = rows.tensor_split([step.columns], dim=1)
            if isinstance(step, PerSample):
                made = step.each(batch, mine)
                if len({item.shape for item in made}) > 1:  # a later step may bring them to one size
                    rest = Augment(self.steps[number + 1 :])
                    ones = zip(made, rows[:, None], strict=True)
                    return stacked([rest._run(item[None], row)[0] for item, row in ones], step.place)
                batch = torch.stack(made)
            else:
                batch = step(batch, mine)
        return batch

    def shape_of(self, example: Tensor) -> list[int]:
        """The shape that a sample has afterwards."""
        return list(self._run(example[None], torch.full((1, self.columns), 0.5, dtype=torch.float64)).shape[1:])


class Mix:
    """MixUp or CutMix (or a choice of them) on a normalised batch; targets become float32 [b, classes]."""

    def __init__(self, transform: Transforming, classes: int) -> None:
        self.transform, self.classes = transform, classes

    def __call__(self, inputs: Tensor, targets: Tensor, uniform: float) -> tuple[Tensor, Tensor]:
        """`uniform` seeds the drawing: that of the batch's first sample, for a mix belongs to the batch."""
        with borrowed():
            seed_all(as_seed(uniform))
            mixed, soft = self.transform(inputs, one_hot(targets, self.classes).float())
        return mixed, soft


def plan(
    parts: Sequence[Transform], example: Tensor, classes: int | None, attached: Attached | None = None
) -> tuple[Augment, Mix | None]:
    """How the transforms run for samples like `example`: vectorised, by batch or by sample; and the mix after them.

    What is `attached` to the pictures moves with them.
    """
    augment, mix = Augment(), None
    for i, part in enumerate(parts):
        place = f"data.augment[{i}]"
        transform = make(part, place)
        if mix is not None:
            raise DataError(f"{place}: {part.name} stands after a mix of samples; MixUp and CutMix must come last")
        if is_mix(transform):
            mix = _mix(transform, None if attached else classes, example, place)
            continue
        step = step_for(transform) if example.ndim == 3 else None
        if attached:
            transform = attached.moving(transform, place)
            step = step_together(step, attached) if step else None
        step = step or _step(transform, example, place)
        example = _tried(step, example, part.name, place)
        augment.steps.append(step)
        augment.names.append(part.name)
    return augment, mix


def _tried(step: Step, example: Tensor, name: str, place: str) -> Tensor:
    """What becomes of the example; a step that acts on some samples only is tried where it acts, too."""
    try:
        for uniform in (0.0, 0.5):
            made = step(example[None], torch.full((1, step.columns), uniform, dtype=torch.float64))[0]
    except DataError as error:
        raise DataError(str(error) if str(error).startswith(place) else f"{place}: {error}") from None
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{place}: {name} cannot take an input {list(example.shape)}: {error}") from None
    return made


def _step(transform: Transforming, example: Tensor, place: str) -> Step:
    """On the whole batch only where a trial shows that it draws nothing and gives what it gives one by one."""
    with borrowed():
        before = snapshot()
        apply(transform, example, place)
        if drew(before):
            return PerSample(transform, place)
        alike = whole_batch(partial(apply, transform, place=place), example)
    return OnBatch(transform, place) if alike else PerSample(transform, place)


def _mix(transform: Transforming, classes: int | None, example: Tensor, place: str) -> Mix:
    if not classes:
        raise DataError(f"{place}: {name_of(transform)} mixes classes, but the target is no class; take it out")
    mix = Mix(transform, classes)
    try:
        mix(torch.stack((example, example)).float(), torch.tensor([0, classes - 1]), 0.5)
    except (RuntimeError, TypeError, ValueError) as error:
        raise DataError(f"{place}: {name_of(transform)} cannot mix samples of {classes} classes: {error}") from None
    return mix
