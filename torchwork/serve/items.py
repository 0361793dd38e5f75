"""What is no curve, ready to be shown: pictures and sounds as their bytes, everything else as numbers and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from torchwork.errors import RunFolderError
from torchwork.record import Histogram, Item
from torchwork.record.decode import tensor_shape
from torchwork.serve import graphs
from torchwork.serve.contents import KERAS
from torchwork.serve.messages import Graph, Histograms, PRCurve, Texts
from torchwork.serve.numbers import numbers
from torchwork.serve.refusal import NotFoundError, RefusedError
from torchwork.serve.workspace import Workspace

ROWS = ("true positives", "false positives", "true negatives", "false negatives")
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
)
SOME = 16  # numbers of a tensor in its text


@dataclass(frozen=True)
class Media:
    """A picture or sound with its media type, and how many the item holds."""

    data: bytes
    type: str
    parts: int


Shown = Media | Texts | PRCurve | Graph | dict[str, Any]


def item(workspace: Workspace, run: str, tag: str, index: int, part: int = 0) -> Shown:
    """One thing of a tag, `index` counting as `Items.steps` does.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is of a kind that is not shown.
        RunFolderError: its bytes are damaged.
    """
    found = _found(workspace, run, tag)
    if not 0 <= index < len(found):
        raise NotFoundError(f"{tag} has {len(found)} items, there is no {index}; its earlier ones may be replaced")
    return _shown(found[index], part)


def histograms(workspace: Workspace, run: str, tag: str, most: int) -> Histograms:
    """The distributions of a tag over time, at most so many, evenly chosen; damaged ones are named."""
    found = _found(workspace, run, tag)
    chosen = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int))
    read: list[tuple[Item, Histogram]] = []
    problems = []
    for one in (found[place] for place in chosen.tolist()):
        try:
            content = one.read()
        except RunFolderError as error:
            problems.append(str(error))
            continue
        if not isinstance(content, Histogram):
            raise RefusedError(f"{tag} holds no distributions but items of kind {one.kind}")
        read.append((one, content))
    return Histograms(
        tag=tag,
        steps=[one.step for one, _ in read],
        times=[one.wall_time for one, _ in read],
        edges=[numbers(content.edges.tolist()) for _, content in read],
        counts=[np.nan_to_num(content.counts, posinf=0.0, neginf=0.0).tolist() for _, content in read],
        problems=problems,
    )


def _found(workspace: Workspace, run: str, tag: str) -> Sequence[Item]:
    with workspace.reading(run) as tail:
        found = tail.log.items(tag)
    if not found:
        raise NotFoundError(f"nothing but curves was recorded as {tag!r} in this run, or it was replaced")
    return found


def _shown(one: Item, part: int) -> Shown:
    if one.kind in ("image", "audio"):
        return _media(one, part)
    if one.kind == "hparams":
        settings: dict[str, Any] = one.read()
        return settings
    if one.kind == "graph":
        return one.taken(graphs.of_definition)
    if one.kind == KERAS:
        return one.taken(graphs.of_keras)
    content = one.read()
    if one.kind == "text":
        return _texts(one, content)
    if one.kind == "pr_curves":
        return _curve(one, content)
    if one.kind == "tensor":
        return Texts(step=one.step, texts=[_described(content)])
    raise RefusedError(f"{one.tag} is of the kind {one.kind}, which cannot be shown here; TensorBoard may show it", 415)


def _media(one: Item, part: int) -> Media:
    parts = one.read()
    if not isinstance(parts, list) or not 0 <= part < len(parts):
        raise NotFoundError(f"{one.tag} of step {one.step} has no part {part}")
    found = media_type(parts[part])
    if found.partition("/")[0] != one.kind:
        raise RefusedError(
            f"{one.tag} of step {one.step} is no PNG, JPEG, GIF or WebP picture and no WAV, Ogg, FLAC or MP3 sound", 415
        )
    return Media(parts[part], found, len(parts))


def media_type(data: bytes) -> str:
    """By its first bytes, never by what its writer says; empty for anything else, SVG too: it can hold scripts."""
    if data[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(data[8:12], "")
    return next((name for magic, name in MAGIC if data.startswith(magic)), "")


def _texts(one: Item, content: Any) -> Texts:
    if not isinstance(content, list):
        raise RunFolderError(f"{one.tag} of step {one.step} is no text; its file is damaged")
    shape = one.taken(tensor_shape)
    return Texts(step=one.step, texts=content, columns=shape[1] if len(shape) == 2 else 0)


def _curve(one: Item, content: Any) -> PRCurve:
    rows = np.asarray(content, np.float64) if not isinstance(content, list) else np.zeros(0)
    if rows.ndim != 2 or rows.shape[0] != 6:
        raise RunFolderError(f"{one.tag} of step {one.step} has not the 6 rows of a precision-recall curve")
    rows = np.nan_to_num(rows)
    return PRCurve(
        step=one.step,
        thresholds=np.linspace(0, 1, rows.shape[1]).tolist(),
        precision=rows[4].tolist(),
        recall=rows[5].tolist(),
        counts={name: row.tolist() for name, row in zip(ROWS, rows, strict=False)},
    )


def _described(content: Any) -> str:
    """A tensor in words: its type, shape and range, and its first numbers."""
    if isinstance(content, list):
        return "\n".join(text.decode("utf-8", "replace")[:1000] for text in content[:SOME])
    flat = content.reshape(-1)
    head = f"{content.dtype} [{', '.join(map(str, content.shape))}]"
    if not flat.size:
        return head
    known = flat.astype(np.float64)
    known = known[np.isfinite(known)]
    spread = f", {known.min():.6g} to {known.max():.6g}, mean {known.mean():.6g}" if known.size else ""
    return f"{head}{spread}\n{', '.join(map(str, flat[:SOME].tolist()))}{' ...' * (flat.size > SOME)}"
