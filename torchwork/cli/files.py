"""Pictures that commands write: each whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

from torchwork.errors import TorchworkError


def folder_for(place: str) -> Path:
    """The folder that pictures go to, made where it is missing; TorchworkError where a file stands in its place."""
    folder = Path(place)
    if folder.exists() and not folder.is_dir():
        raise TorchworkError(f"cannot write pictures to {folder}: it is a file; name a folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def free(folder: Path, stem: str) -> Path:
    """`stem.png`, or `stem-2.png`, `stem-3.png`, ... where that is there already."""
    file, count = folder / f"{stem}.png", 1
    while file.exists():
        count += 1
        file = folder / f"{stem}-{count}.png"
    return file


def write(file: Path, content: bytes) -> None:
    """Writes a file aside, and puts it in its place when it is whole."""
    unfinished = file.with_name(f"unfinished-{file.name}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def safe(name: str) -> str:
    """A name of a layer or a class as part of a file's."""
    return re.sub(r"[^\w.-]", "_", name) or "network"
