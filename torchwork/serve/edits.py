"""What a person changes of runs: names, notes, tags, archived; deletion with undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torchwork.errors import RunFolderError
from torchwork.record import RunFolder, RunInfo
from torchwork.serve.inside import run_folder, run_id, shown
from torchwork.serve.messages import Deleted, RunChange
from torchwork.serve.notes import Notes, fields_of, refuse_other_notes
from torchwork.serve.refusal import NotFoundError, RefusedError
from torchwork.serve.trash import Trash

LONGEST_NAME, LONGEST_NOTES, MOST_TAGS = 200, 100_000, 50
EVENTS = "tfevents"
"""in the name of every event file"""


class Edits:
    """Changes runs below one folder."""

    def __init__(self, root: Path) -> None:
        self.root, self._notes, self._trash = root, Notes(root), Trash(root)

    def change(self, run: str, change: RunChange) -> None:
        """Keeps what was changed: of our runs in run.json, of others beside their folders.

        Raises:
            RefusedError: a name, note or tag is too long, or the name is empty.
            ChangedError: the notes are others than those that were edited.
        """
        folder, change = _existing(self.root, run), _tidied(change)
        fields = {name: _frozen(value) for name, value in fields_of(change).items()}

        def changed(info: RunInfo) -> dict[str, object]:
            refuse_other_notes(run, change, info.notes)
            return fields

        if not fields:
            return
        if (folder / "run.json").exists():
            RunFolder.open(folder).revise(changed)
        else:
            self._notes.change(run, change)

    def delete(self, runs: Sequence[str]) -> Deleted:
        """Moves run folders to the trash, all or none.

        Raises:
            RefusedError: with status 409, one is running, or other runs lie in its folder.
        """
        chosen = list(dict.fromkeys(runs))
        if not chosen:
            raise RefusedError("give the runs to delete")
        places = [self._deletable(run, chosen) for run in chosen]
        whole = [
            place for place in places if not any(place.is_relative_to(other) for other in places if other != place)
        ]
        return Deleted(undo=self._trash.put(whole), runs=chosen)

    def restore(self, undo: str) -> list[str]:
        """Brings back what was deleted: the paths below the folder."""
        return self._trash.restore(undo)

    def _deletable(self, run: str, chosen: Sequence[str]) -> Path:
        folder = _existing(self.root, run)
        if folder == self.root:
            raise RefusedError("the opened folder is this run itself; open the folder above it to delete it", 409)
        if is_running(folder):
            raise RefusedError(f"{shown(run)} is running; stop it, then delete it", 409)
        inner = [run_id(self.root, path) for path in folder.rglob("*") if path.is_dir() and is_run(path)]
        others = [found for found in inner if found not in chosen]
        if others:
            raise RefusedError(f"other runs lie in {shown(run)}, such as {shown(others[0])}; delete them too", 409)
        return folder


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run, of ours or of others."""
    return (folder / "run.json").exists() or any(EVENTS in path.name for path in folder.iterdir() if path.is_file())


def is_running(folder: Path) -> bool:
    """Whether a process trains the run; of others nobody can say."""
    try:
        return RunFolder.open(folder).status == "running"
    except RunFolderError:
        return False


def _existing(root: Path, run: str) -> Path:
    folder = run_folder(root, run)
    if not is_run(folder):
        raise NotFoundError(f"{shown(run)} is no run: it has neither run.json nor event files")
    return folder


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _tidied(change: RunChange) -> RunChange:
    """Without control characters and blanks at the ends; RefusedError for what is too long or empty."""
    name = None if change.name is None else _line(change.name)
    tags = None if change.tags is None else [tag for tag in dict.fromkeys(map(_line, change.tags)) if tag]
    if name == "":
        raise RefusedError("a run's name cannot be empty; give it at least one character")
    if len(change.notes or "") > LONGEST_NOTES:
        raise RefusedError(f"notes have at most {LONGEST_NOTES:,} characters, got {len(change.notes or ''):,}")
    if any(len(text) > LONGEST_NAME for text in (name or "", *(tags or ()))) or len(tags or ()) > MOST_TAGS:
        raise RefusedError(f"a name or tag has at most {LONGEST_NAME} characters, a run at most {MOST_TAGS} tags")
    return change.model_copy(update={"name": name, "tags": tags})


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
