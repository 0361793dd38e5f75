"""Runs a network over a whole split and counts: `inside.predict(model, batches)` for any module.

Shapes: b samples of a batch, n of the split, C classes, ... places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from torchwork.errors import DataError
from torchwork.inside.calibration import Reliability
from torchwork.inside.confusion import confusion, counts
from torchwork.inside.embedding import SAMPLES, LastHidden
from torchwork.inside.layers import first_tensor
from torchwork.inside.mistakes import cross_entropies
from torchwork.inside.predictions import NOTHING, Errors, Hidden, Predictions, named
from torchwork.inside.untouched import mapped, untouched

MOST_NUMBERS = 64
"""Values of a sample that are kept; of larger targets, such as pictures, only sums."""
MOST_CLASSES = 2000
"""A larger table of confusions would take all memory; there is none then."""
Call = Callable[[nn.Module, Any], Any]
"""What runs a model on a batch's inputs."""
Read = Callable[[Any], Tensor | None]
"""Probabilities [b, C, ...] of what the model gives, None where it gives numbers."""


class Tally(Protocol):
    """Counts batch by batch."""

    def add(self, said: Tensor, targets: Tensor) -> None:
        """A batch."""

    def result(self, indices: Tensor) -> Predictions:
        """Of all batches."""


def predict(
    model: nn.Module,
    batches: Iterable[tuple[Any, Any]],
    *,
    read: Read | None = None,
    call: Call | None = None,
    classes: Sequence[str] = (),
    ignored: int | None = None,
    indices: Tensor | None = None,
    hidden: int = SAMPLES,
) -> Predictions:
    """What `model` says of all `batches` (inputs, targets) in eval mode; it is left as it was.

    Without `read`, targets of whole numbers are classes, and several outputs scores before softmax. `ignored` is a
    class that does not count, `indices` [n] are those of the samples in their split. What the last layer gets is kept
    of `hidden` samples, evenly spread where `indices` say how many there are.

    Raises:
        DataError: there is no batch, or no targets to compare with.
    """
    call = call or (lambda network, inputs: network(inputs))
    tally, kept, seen = None, _KeptRows(hidden, None if indices is None else len(indices)), 0
    with untouched(model), torch.no_grad(), LastHidden(model) as last:
        model.eval()
        for inputs, targets in batches:
            if not isinstance(targets, Tensor):
                raise DataError("these data have no targets to compare predictions with")
            if tally is None:
                call(model, mapped(lambda tensor: tensor[:2].clone(), inputs))
                last.choose()
            last.expect(len(targets))
            output = call(model, mapped(Tensor.clone, inputs))
            kept.add(last.rows, len(targets))
            said, classed = _said(output, targets, read)
            tally = tally or _tally(said, targets, classed, classes, ignored)
            tally.add(said.detach(), targets)
            seen += len(targets)
        name = last.name
    if tally is None:
        raise DataError("there is no sample to predict; check data.split and data.limit")
    made = tally.result(torch.arange(seen) if indices is None else indices)
    return _with_hidden(made, kept.result(name))


def _said(output: Any, targets: Tensor, read: Read | None) -> tuple[Tensor, bool]:
    """Probabilities or numbers, and whether they are the former."""
    main = first_tensor(output)
    if main is None:
        raise DataError(f"expected a tensor of the network, got {type(output).__name__}")
    if read is not None:
        found = read(output)
        return (main, False) if found is None else (found, True)
    classed = not targets.is_floating_point() and main.dim() > 1 and main.shape[1] > 1
    return (main.double().softmax(1), True) if classed else (main, False)


def _tally(said: Tensor, targets: Tensor, classed: bool, classes: Sequence[str], ignored: int | None) -> Tally:
    if not classed:
        return _Values() if said.numel() == targets.numel() else _Other()
    if targets.numel() * said.shape[1] != said.numel():
        return _Other()
    return _Places(classes, ignored) if said.dim() > 2 else _Classes(classes)


class _KeptRows:
    """What the last layer got of at most `most` samples, of `count` in all (None: not known)."""

    def __init__(self, most: int, count: int | None) -> None:
        self._every = 1.0 if count is None or count <= most else (count - 1) / max(1, most - 1)
        self._most, self._seen, self._lost = most, 0, False
        self._rows: list[Tensor] = []
        self._places: list[int] = []

    def add(self, rows: Tensor | None, count: int) -> None:
        """The rows of the next `count` samples; None where they could not be read."""
        begin, self._seen = self._seen, self._seen + count
        self._lost = self._lost or rows is None
        if rows is None:
            return
        wanted = []
        while len(self._places) < self._most and (place := round(len(self._places) * self._every)) < self._seen:
            self._places.append(place)
            wanted.append(place - begin)
        self._rows.append(rows[wanted])

    def result(self, layer: str | None) -> Hidden | None:
        if layer is None or self._lost or not self._places or len({rows.shape[1] for rows in self._rows}) > 1:
            return None
        return Hidden(layer, torch.cat(self._rows), torch.tensor(self._places))


def _with_hidden(made: Predictions, hidden: Hidden | None) -> Predictions:
    notes = [] if hidden else ["the last layer of this network could not be read sample by sample: no points are drawn"]
    return Predictions(**{**vars(made), "hidden": hidden, "notes": [*made.notes, *notes]})


class _Classes:
    """A class for each sample: probabilities [b, C], targets [b]."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = classes
        self._scores: list[Tensor] = []
        self._losses: list[Tensor] = []
        self._targets: list[Tensor] = []

    def add(self, said: Tensor, targets: Tensor) -> None:
        targets = targets.reshape(-1).long().cpu()
        self._losses.append(cross_entropies(said.cpu(), targets))
        self._scores.append(said.float().cpu())
        self._targets.append(targets)

    def result(self, indices: Tensor) -> Predictions:
        scores, targets, losses = map(torch.cat, (self._scores, self._targets, self._losses))
        confidences, predicted = scores.double().max(1)
        names = named(self.classes, int(max(predicted.max(), targets.max())) + 1)
        right, counted = predicted == targets, targets >= 0  # below are samples without a class, such as -100
        matrix = confusion(predicted, targets, len(names)) if len(names) <= MOST_CLASSES else NOTHING
        reliability = Reliability()
        reliability.add(confidences[counted], right[counted])
        confused = torch.stack([targets, predicted.masked_fill(right | ~counted, -1)], 1)
        return Predictions(
            "classes", indices, names, scores, targets, predicted, losses, right.double().where(counted, torch.nan),
            matrix, confused, confidences, reliability.bins(),
            notes=_unsound(scores),
        )  # fmt: skip


def _unsound(scores: Tensor) -> list[str]:
    count = int((~scores.isfinite()).flatten(1).any(1).sum())
    return [f"{count} samples have scores that are no numbers: the training has diverged"] if count else []


class _Places:
    """A class for each place: probabilities [b, C, ...], targets [b, ...]; of each sample only sums are kept."""

    def __init__(self, classes: Sequence[str], ignored: int | None) -> None:
        self.classes, self.ignored, self.reliability = classes, ignored, Reliability()
        self._matrix = torch.zeros(0, 0, dtype=torch.int64)
        self._samples: list[_Sample] = []

    def add(self, said: Tensor, targets: Tensor) -> None:
        said, targets = said.flatten(2).cpu(), targets.reshape(len(said), -1).long().cpu()
        confidences, predicted = said.max(1)
        counted = counts(targets, said.shape[1], self.ignored)
        self.reliability.add(confidences[counted], (predicted == targets)[counted])
        losses = cross_entropies(said, targets.where(counted, -1)).sum(1) / counted.sum(1).clamp_min(1)
        for place, some in enumerate(counted):
            row = targets[place][some], predicted[place][some], confidences[place][some]
            self._samples.append(_sample(float(losses[place]), *row))
        if said.shape[1] <= MOST_CLASSES:
            matrix = confusion(predicted, targets, max(said.shape[1], len(self.classes)), self.ignored)
            self._matrix = self._matrix + matrix if len(self._matrix) else matrix

    def result(self, indices: Tensor) -> Predictions:
        whole, numbers, places = zip(*self._samples, strict=True)
        losses, right, sure = torch.tensor(numbers, dtype=torch.float64).T
        targets, predicted = torch.tensor(whole).T
        confused = torch.tensor(places)
        used = [targets, predicted, confused.flatten(), (self._matrix.sum(0) + self._matrix.sum(1)).nonzero().flatten()]
        names = named(self.classes, int(torch.cat(used).max()) + 1)
        return Predictions(
            "places", indices, names, targets=targets, predicted=predicted, losses=losses, right=right,
            confusion=self._matrix[: len(names), : len(names)], confused=confused, confidences=sure,
            bins=self.reliability.bins(),
        )  # fmt: skip


_Sample = tuple[tuple[int, int], tuple[float, float, float], tuple[int, int]]
"""The most frequent class, true and predicted; loss, share that is right, certainty; the classes that are mixed up."""


def _sample(loss: float, targets: Tensor, predicted: Tensor, confidences: Tensor) -> _Sample:
    """One sample with all its places that count: classes and certainties, [places]."""
    if not len(targets):
        return (0, 0), (loss, 0.0, float("nan")), (0, -1)
    wrong = targets != predicted
    most = int(targets.mode().values), int(predicted.mode().values)
    share = 1 - int(wrong.sum()) / len(wrong)
    if not bool(wrong.any()):
        return most, (loss, share, float(confidences.mean())), (most[0], -1)
    pairs, each = torch.unique(torch.stack([targets, predicted], 1)[wrong], dim=0, return_counts=True)
    truth, taken = pairs[each.argmax()].tolist()
    sure = float(confidences[(targets == truth) & (predicted == taken)].mean())
    return most, (loss, share, sure), (truth, taken)


class _Values:
    """Numbers [b, ...]; kept where they are few, else only their sums."""

    def __init__(self) -> None:
        self._said: list[Tensor] = []
        self._targets: list[Tensor] = []
        self._losses: list[Tensor] = []
        self._sums: list[Tensor] = []

    def add(self, said: Tensor, targets: Tensor) -> None:
        said, targets = said.reshape(len(targets), -1).cpu(), targets.reshape(len(targets), -1).cpu()
        error, true = said.double() - targets.double(), targets.double()
        self._losses.append(error.square().mean(1))
        self._sums.append(torch.stack([error.abs().sum(0), error.square().sum(0), true.sum(0), true.square().sum(0)]))
        if targets.shape[1] <= MOST_NUMBERS:
            self._said.append(said.float())
            self._targets.append(targets.float())

    def result(self, indices: Tensor) -> Predictions:
        kept = (torch.cat(self._said), torch.cat(self._targets)) if self._said else (NOTHING, NOTHING)
        losses, count = torch.cat(self._losses), len(indices)
        absolute, square, total, squares = torch.stack(self._sums).sum(0)
        spread = squares - total.square() / count
        vary = spread > 1e-12 * squares
        r2 = float((1 - square[vary] / spread[vary]).mean()) if bool(vary.any()) else float("nan")
        errors = Errors(float(absolute.mean()) / count, (float(square.mean()) / count) ** 0.5, r2)
        notes = _unsound(kept[0]) if self._said else []
        return Predictions("values", indices, [], *kept, losses=losses, errors=errors, notes=notes)


class _Other:
    """What fits neither."""

    def add(self, said: Tensor, targets: Tensor) -> None:
        pass

    def result(self, indices: Tensor) -> Predictions:
        return Predictions("other", indices, notes=["what this network says cannot be compared sample by sample"])
