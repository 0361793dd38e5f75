"""Checkpoints on the disk: a folder `step-<n>` each, which either verifies completely or is not used.

It holds `tensors.safetensors`, `state.json` and `manifest.json` (sizes and SHA-256 of the other two, written last). It
is written as `step-<n>.tmp`, brought to the disk with fsync, and renamed. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from torchwork.engine.codec import decode, encode
from torchwork.engine.stop import Best
from torchwork.errors import CheckpointError

FORMAT = 1
TENSORS, STATE, MANIFEST, BEST = "tensors.safetensors", "state.json", "manifest.json", "best.json"
NAME = re.compile(r"step-(\d+)")
Note = Callable[[str], None]


class Checkpoints:
    """The folder of checkpoints of one run."""

    def __init__(self, folder: Path, keep: int = 2) -> None:
        self.folder, self.keep = Path(folder), keep

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step}"

    def steps(self) -> list[int]:
        """The steps that have a checkpoint, whole or damaged, oldest first."""
        if not self.folder.is_dir():
            return []
        found = (NAME.fullmatch(entry.name) for entry in self.folder.iterdir() if entry.is_dir())
        return sorted(int(match[1]) for match in found if match)

    def recover(self, note: Note = lambda text: None) -> Path | None:
        """The newest good checkpoint, after clearing up what an interrupted save left behind.

        A complete folder that was not renamed yet gets its name, an incomplete one goes.

        Raises:
            CheckpointError: there are checkpoints and all are damaged; whether to begin anew is for a person to say.
        """
        for left in self.folder.glob("step-*.tmp"):
            if damage(left) is None:
                self._publish(left, left.with_suffix(""))
            else:
                shutil.rmtree(left, ignore_errors=True)
        found = self.newest(note)
        if found is None and self.steps():
            raise CheckpointError(f"{damaged(self)}; restore one of them, or begin a new run with the same document")
        return found

    def save(self, step: int, tree: Any) -> Path:
        """Writes `tree` as the checkpoint of `step`; on return it is on the disk.

        Raises:
            CheckpointError: it could not be written (a full disk); the checkpoints before it are as they were.
        """
        target = self.path(step)
        unfinished = target.with_suffix(".tmp")
        try:
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            _write(unfinished, step, tree)
            self._publish(unfinished, target)
        except (OSError, SafetensorError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            good = self._newest_good()
            left = f"the last good checkpoint is {good}" if good else "there is no good checkpoint yet"
            why = getattr(error, "strerror", None) or str(error).rpartition("I/O error: ")[2]
            raise CheckpointError(
                f"the checkpoint of step {step} could not be written to {self.folder} ({why}); {left}; "
                "make room and resume"
            ) from error
        return target

    def _publish(self, unfinished: Path, target: Path) -> None:
        # Killed between the two, `recover` finds the complete .tmp and finishes.
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
        _sync(self.folder)

    def _newest_good(self) -> Path | None:
        good = (self.path(step) for step in reversed(self.steps()) if damage(self.path(step)) is None)
        return next(good, None)

    def prune(self, step: int, best: int | None = None) -> None:
        """Removes all checkpoints but the newest `keep` up to `step`, and the one of step `best`."""
        kept = {*[known for known in self.steps() if known <= step][-self.keep :], best}
        for known in self.steps():
            if known not in kept:
                shutil.rmtree(self.path(known), ignore_errors=True)

    def newest(self, note: Note = lambda text: None) -> Path | None:
        """The newest checkpoint that verifies, or None; `note` hears of each damaged one that is passed over."""
        for step in reversed(self.steps()):
            found = damage(self.path(step))
            if found is None:
                return self.path(step)
            note(f"the checkpoint {self.path(step)} is damaged ({found}) and is passed over")
        return None

    def point_at(self, best: Best | None) -> None:
        """Says in `best.json` which checkpoint is the best."""
        if best is None:
            (self.folder / BEST).unlink(missing_ok=True)
            return
        with _full_disk(self.folder):
            unfinished = self.folder / f"{BEST}.tmp"
            _write_text(unfinished, json.dumps({"format": FORMAT, **asdict(best)}, allow_nan=False))
            unfinished.replace(self.folder / BEST)
            _sync(self.folder)

    def best(self, note: Note = lambda text: None) -> Path | None:
        """The checkpoint of the best epoch, if there is one and it verifies; `note` hears when it does not."""
        try:
            step = json.loads((self.folder / BEST).read_text())["step"]
            path = self.path(int(step))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        found = damage(path)
        if found is not None:
            note(f"the best checkpoint {path} is damaged ({found}); the newest one is used")
        return path if found is None else None


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointError(f"{folder} cannot be written: {error}; make room and resume") from error


def _write(folder: Path, step: int, tree: Any) -> None:
    skeleton, tensors = encode(tree)
    save_file(tensors, folder / TENSORS)
    _write_text(folder / STATE, json.dumps({"format": FORMAT, "state": skeleton}, allow_nan=False))
    files = {name: _fingerprint(folder / name) for name in (TENSORS, STATE)}
    _sync(folder / TENSORS)
    _write_text(folder / MANIFEST, json.dumps({"format": FORMAT, "step": step, "files": files}, indent=1))
    _sync(folder)


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def damage(path: Path) -> str | None:
    """What is wrong with the checkpoint at `path`, or None when its manifest and files agree."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            return f"its format is {manifest['format']}, this version reads {FORMAT}"
        for name in (TENSORS, STATE):
            if manifest["files"][name] != _fingerprint(path / name):
                return f"{name} is not what was written"
    except FileNotFoundError as error:
        return f"{Path(str(error.filename)).name} is missing"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{MANIFEST} cannot be read: {error!r}"
    return None


def damaged(store: Checkpoints) -> str:
    """That none of the checkpoints can be used, and why not the newest."""
    steps = store.steps()
    why = f"step-{steps[-1]}: {damage(store.path(steps[-1]))}"
    return f"none of the {len(steps)} checkpoints in {store.folder} can be used ({why})"


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The state in the checkpoint folder `path`, on the CPU.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    found = damage(path)
    if found is not None:
        raise CheckpointError(f"the checkpoint {path} is damaged: {found}; use another one")
    try:
        # In memory of their own: where a file's tensors happen to lie changes the order in which kernels add.
        tensors = {name: tensor.clone() for name, tensor in load_file(path / TENSORS).items()}
        content = json.loads((path / STATE).read_text(encoding="utf-8"))
        state = decode(content["state"], tensors)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"the checkpoint {path} cannot be read: {error!r}; use another one") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"the checkpoint {path} holds no state; use another one")
    return state
