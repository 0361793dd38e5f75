"""The data of a document looked at before any training: counts, statistics, damaged files, samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from torchwork.answer.keeping import bundle_of, opened
from torchwork.answer.overlay import colours, over, said
from torchwork.answer.pictures import LARGEST_SIDE, first_picture, is_picture, picture, values
from torchwork.answer.plain import plain
from torchwork.data import Batches, Bundle, Spec
from torchwork.data.several import Inputs
from torchwork.data.still import split_of
from torchwork.errors import DataError, DocumentError, nearest
from torchwork.experiment.spec import Normalize

SPLITS = ("train", "valid", "test")


def data(text: str, path: str) -> dict[str, Any]:
    """A document's data as training would open them, or what is wrong with them."""
    try:
        looked = opened(text, path)
    except DocumentError as error:
        return {"problems": plain(error.problems)}
    problems = {"problems": plain(looked.problems)}
    return problems if looked.bundle is None else {**_described(looked.bundle), **problems}


def samples(text: str, path: str, split: str, label: str | None, first: int, count: int) -> dict[str, Any]:
    """`count` samples of a split (of one class) from `first` on, as they are before augmentation.

    Raises:
        DocumentError, DataError: the data are not right, or have no such split or class.
    """
    bundle = bundle_of(text, path)
    batches = split_of(bundle, split)
    numbers = _of_class(batches, bundle.spec.classes, label)
    shown = numbers[first : first + count]
    classes = bundle.spec.classes
    labels = labels_of(batches, classes, shown)
    found = [
        {
            "index": index,
            "name": bundle.names[split][index],
            "label": its,
            "over": overlay(batches, classes, sample),
            **_drawn(batches.shown(sample), bundle),
        }
        for index, its, sample in zip(shown, labels, gather(batches, shown), strict=True)
    ]
    return {"samples": found, "total": len(numbers)}


def gather(batches: Batches, indices: Sequence[int]) -> list[Tensor]:
    """Prepared samples, neither augmented nor normalised."""
    return list(batches.store.gather(torch.tensor(indices, dtype=torch.int64))) if indices else []


def given(batches: Batches, indices: Sequence[int]) -> Inputs:
    """Prepared samples as the model gets them, together."""
    return batches.given(torch.stack(gather(batches, indices)))


def drawn_samples(
    batches: Batches, spec: Spec, indices: Sequence[int], side: int = LARGEST_SIDE
) -> list[dict[str, Any]]:
    """Samples of a split, each with `index`, `picture` (empty where it is none; `side` pixels at most) and `label`."""
    labels = labels_of(batches, spec.classes, indices)
    shown = [first_picture(batches.shown(sample), spec.inputs) for sample in gather(batches, indices)]
    pictures = [picture(sample, side) if is_picture(list(sample.shape)) else "" for sample in shown]
    return [
        {"index": index, "picture": drawn, "label": label}
        for index, drawn, label in zip(indices, pictures, labels, strict=True)
    ]


def overlay(batches: Batches, classes: list[str] | None, sample: Tensor) -> dict[str, Any] | None:
    """What lies over a gathered sample, as the message `Over`; None where nothing does."""
    if batches.attached is None:
        return None
    return over(batches.attached, batches.attached.targets(sample[None])[0], classes, sample.shape[-2:])


def labels_of(batches: Batches, classes: list[str] | None, indices: Sequence[int]) -> list[str | None]:
    """The class of each sample, or its numbers as text."""
    if batches.attached is not None:
        found = [batches.attached.targets(sample[None])[0] for sample in gather(batches, indices)]
        return [said(batches.attached, target, classes) for target in found]
    if batches.targets is None:
        return [None] * len(indices)
    chosen = batches.targets[torch.tensor(indices, dtype=torch.int64)]
    if classes:
        return [classes[item] for item in chosen.tolist()]
    if chosen[0:1].numel() > 16:  # a picture as the target
        return ["×".join(map(str, chosen.shape[1:]))] * len(indices)
    return [", ".join(f"{number:.6g}" for number in item.flatten().tolist()) for item in chosen]


def _of_class(batches: Batches, classes: list[str] | None, label: str | None) -> list[int]:
    if label is None:
        return list(range(len(batches.store)))
    if not classes or batches.targets is None:
        raise DataError(f"there is no class {label!r}: the targets of this document are no classes")
    if label not in classes:
        raise DataError(f"there is no class {label!r} in this document; {nearest(label, classes) or 'choose another'}")
    chosen: list[int] = (batches.targets == classes.index(label)).nonzero().flatten().tolist()
    return chosen


def _drawn(sample: Tensor, bundle: Bundle) -> dict[str, str]:
    shown = first_picture(sample, bundle.spec.inputs)
    if is_picture(list(shown.shape)):
        return {"picture": picture(shown)}
    return {"text": values(sample, bundle.spec.encoding)}


def _described(bundle: Bundle) -> dict[str, Any]:
    spec, normalize = bundle.spec, bundle.resolved.normalize
    measured = normalize if isinstance(normalize, Normalize) else None
    return {
        "splits": [_split(bundle, name) for name in SPLITS if name in spec.samples],
        "inputs": ["×".join(map(str, shape)) or "1" for shape in spec.inputs],
        "target": _target(bundle),
        "classes": spec.classes or [],
        "attached": spec.encoding.get("attached", ""),
        "legend": colours(spec.classes) if spec.encoding.get("attached") == "labels" else [],
        "mean": measured.mean if measured else [],
        "std": measured.std if measured else [],
        "facts": _facts(bundle),
        "notes": bundle.notes,
    }


def _split(bundle: Bundle, name: str) -> dict[str, Any]:
    spec = bundle.spec
    counts = dict(zip(spec.classes or [], spec.class_counts.get(name, []), strict=False))
    return {"name": name, "samples": spec.samples[name], "counts": counts, "damaged": bundle.damaged.get(name, [])}


def _target(bundle: Bundle) -> str:
    spec = bundle.spec
    if spec.target == "none":
        return "none"
    kind = spec.encoding.get("attached")
    if kind == "box":
        return "a box: x1, y1, x2, y2 in pixels"
    if kind == "mask":
        return "a mask: 0 or 1 for each pixel"
    if kind == "labels":
        return f"for each pixel one of {len(spec.classes or ())} classes"
    if spec.classes:
        return f"one of {len(spec.classes)} classes"
    return f"values, {'×'.join(map(str, spec.target_shape))}" if spec.target_shape else "one value"


def _facts(bundle: Bundle) -> list[tuple[str, str]]:
    """What else is worth knowing, as name and value."""
    resolved, train = bundle.resolved, bundle.train
    return [
        ("source", resolved.source.name),
        ("kind", bundle.spec.kind),
        ("loading", str(resolved.loading)),
        ("workers", str(train.workers)),
        ("batch", f"{train.batch_size:,}"),
        ("batches", f"{len(train):,}"),
    ]
