"""What is new for one page: of each run that it follows, and of the table. Everything here may block: use threads."""

from __future__ import annotations

import time
from collections.abc import Sequence

from torchwork.errors import TorchworkError
from torchwork.record import Tail
from torchwork.serve import console, deltas
from torchwork.serve.contents import contents
from torchwork.serve.listing import Folder
from torchwork.serve.messages import (
    Contents,
    DocumentFile,
    DocumentsChanged,
    Message,
    NewContents,
    NewPoints,
    Points,
    Queue,
    QueueChanged,
    Run,
    RunsChanged,
    Trouble,
    Watch,
)
from torchwork.serve.numbers import numbers
from torchwork.serve.workbench import Workbench
from torchwork.serve.workspace import Workspace

CONTENTS = 1.0  # seconds between two tables of contents of a run
AGE = 0.9  # seconds that the table of runs may be old


class RunNews:
    """What a page has of one run, and what it lacks."""

    def __init__(self, workspace: Workspace, watch: Watch) -> None:
        self.run = watch.run
        self.due = 0.0
        """when to ask again although no file has changed; 0: never (seconds of time.monotonic)"""
        self._workspace = workspace
        self._next: Watch | None = watch
        self._cursor = ""
        self._tags: frozenset[str] | None = frozenset()
        self._console: int | None = None
        self._contents: Contents | None = None
        self._kept: object = None
        self._told = -CONTENTS
        self._trouble = ""
        self._first = True

    def change(self, watch: Watch) -> None:
        """What the page follows of this run from the next call on."""
        self._next = watch

    def _take(self) -> None:
        watch, self._next = self._next, None
        if watch is None:
            return
        self._cursor = watch.cursor or self._cursor
        self._tags = None if watch.tags is None else frozenset(watch.tags)
        self._console = watch.console

    def ask(self) -> list[Message]:
        """What came since the last call; a run that cannot be read is told once."""
        try:
            found = self._ask()
        except TorchworkError as error:
            trouble, self._trouble = self._trouble, str(error)
            return [Trouble(run=self.run, message=str(error))] if trouble != str(error) else []
        self._trouble = ""
        return found

    def _ask(self) -> list[Message]:
        self._take()
        folder = self._workspace.listed(self.run)
        found: list[Message] = []
        if not deltas.is_current(folder.path, folder.events, self._cursor) or self._lacks_contents():
            with self._workspace.reading(self.run) as tail:
                found += self._points(tail)
                found += self._new_contents(folder, tail)
        elif self._first:
            found.append(Points(run=self.run, cursor=self._cursor))
        self._first = False
        return [*found, *self._more_console()]

    def _points(self, tail: Tail) -> list[Message]:
        delta = deltas.since(tail, self._cursor, self._tags)
        if delta.cursor == self._cursor and not self._first:
            return []
        self._cursor = delta.cursor
        series = {
            tag: NewPoints.model_construct(
                first=rows.first, steps=rows.steps, times=rows.times, values=numbers(rows.values)
            )
            for tag, rows in delta.series.items()
        }
        return [Points.model_construct(run=self.run, cursor=delta.cursor, restart=delta.restart, series=series)]

    def _lacks_contents(self) -> bool:
        return self._contents is None or bool(self.due and time.monotonic() >= self.due)

    def _new_contents(self, folder: Folder, tail: Tail) -> list[Message]:
        """The table of contents, if tags or items were added; while items come quickly, now and then."""
        key = _sizes(tail)
        if key == self._kept:
            return []
        now = time.monotonic()
        if now - self._told < CONTENTS:
            self.due = self._told + CONTENTS
            return []
        self.due, self._told, self._kept = 0.0, now, key
        found = contents(folder, tail)
        if found == self._contents:
            return []
        self._contents = found
        return [NewContents(contents=found)]

    def _more_console(self) -> list[Message]:
        if self._console is None:
            return []
        more = console.read(self._workspace, self.run, self._console)
        self._console = more.offset
        return [more] if more.text or more.restart else []


def _sizes(tail: Tail) -> object:
    """Changes when a tag or an item is added, a file is read again, or something is found damaged."""
    files = [
        (file.path, file.restarts, file.skipped, len(file.columns.blocks), sum(map(len, file.columns.items.values())))
        for file in tail.files
    ]
    return files, len(tail.log.notes)


class TableNews:
    """What a page has of the table of runs, the jobs and the documents, and what it lacks."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._runs: dict[str, Run] | None = None
        self._queue: Queue | None = None
        self._documents: Sequence[DocumentFile] | None = None

    def ask(self) -> list[Message]:
        """What changed since the last call; everything at the first one."""
        found: list[Message] = [*self._new_runs()]
        if (queue := self._workbench.jobs.queue()) != self._queue:
            self._queue = queue
            found.append(QueueChanged(queue=queue))
        if (documents := self._workbench.documents.listed()) != self._documents:
            self._documents = documents
            found.append(DocumentsChanged(documents=documents))
        return found

    def _new_runs(self) -> list[Message]:
        before, now = self._runs, {run.id: run for run in self._workbench.workspace.runs(AGE)}
        self._runs = now
        if before is None:
            return [RunsChanged(runs=list(now.values()), all=True)]
        changed = [run for run in now.values() if before.get(run.id) is not run and before.get(run.id) != run]
        gone = [run for run in before if run not in now]
        return [RunsChanged(runs=changed, gone=gone)] if changed or gone else []
