"""The queue of trainings: each is a process of its own, which goes on when the server ends."""

from __future__ import annotations

import re
import secrets
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from torchwork.errors import RunFolderError
from torchwork.experiment import Experiment
from torchwork.record import RunFolder
from torchwork.record.info import now
from torchwork.serve import processes
from torchwork.serve.devices import default_slots, gpus, share
from torchwork.serve.documents import Documents
from torchwork.serve.inside import run_folder, run_id, shown
from torchwork.serve.ledger import Content, Entry, Ledger
from torchwork.serve.messages import Job, JobRequest, Queue
from torchwork.serve.refusal import NotFoundError, RefusedError

TICK = 0.25  # seconds between looks at the processes
GRACE = 5.0  # seconds between the second word to stop and the end by force
EXIT = 5.0  # seconds that a process may take to end after its training has
MOST_SLOTS = 64
ERROR = re.compile(r"^error: (.*)$", re.MULTILINE)
TAIL = 20_000  # bytes of output in which an error is looked for
ACTIVE = ("running", "stopping")
UNFINISHED = ("queued", *ACTIVE)


class Jobs:
    """The jobs of one folder. Several servers may share them, and a new one finds those of the last."""

    def __init__(self, root: Path) -> None:
        self.root, self._ledger, self._documents = root, Ledger(root), Documents(root)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._asked: set[int] = set()  # trainings that others started, and that were asked to end
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._read: tuple[tuple[int, int], Content] = (0, 0), Content()
        self._watch()

    def queue(self) -> Queue:
        """All jobs now, in the order in which they were added."""
        content = self._content()
        jobs = [entry.job for entry in content.entries]
        return Queue(jobs=jobs, slots=content.slots or default_slots(), devices=[f"cuda:{name}" for name in gpus()])

    def add(self, request: JobRequest) -> Job:
        """Queues a training of a document as it is now, or of a run that goes on; it starts when a slot is free.

        Raises:
            DocumentError: the document cannot be read; what only torch can see stands in the job's error.
            RefusedError: neither or both were given, or the run is running or queued.
        """
        if (request.document is None) == (request.resume is None):
            raise RefusedError("give a document to train, or a run to resume")
        entry, text = self._training(request) if request.document is not None else self._resumption(request)
        with self._lock, self._ledger.change() as content:
            if request.resume and any(_is_of(other, entry.folder) for other in content.entries):
                raise RefusedError(f"{entry.folder} is in the queue already", 409)
            content.entries.append(entry)
            if text:
                self._copy(entry.job.id, text)
        self.tick()
        return self.job(entry.job.id)

    def job(self, job: str) -> Job:
        """One job; NotFoundError when it is not known."""
        return _found(self._content(), job).job

    def stop(self, job: str, at_once: bool = False) -> Queue:
        """Takes a job out of the queue, or asks a running one to end with a checkpoint.

        One that was asked already ends `at_once` when that is wished; else it goes on ending: two people may ask.
        """
        with self._lock, self._ledger.change() as content:
            entry = _found(content, job)
            if entry.job.state == "queued":
                content.entries.remove(entry)
                self._ledger.remove(job)
            elif entry.job.state == "running":
                processes.interrupt(entry.pid)
                entry.change(state="stopping")
            elif entry.job.state == "stopping" and at_once:
                self._force(entry)
        return self.queue()

    def stop_run(self, run: str, at_once: bool = False) -> Queue:
        """Stops the training of a run on this machine, whoever started it; see `stop`.

        Raises:
            RefusedError: with status 409, nothing trains it here.
        """
        active = [entry.job.id for entry in self._content().entries if _is_of(entry, run) and entry.pid]
        if active:
            return self.stop(active[0], at_once)
        folder = RunFolder.open(run_folder(self.root, run))
        pid = folder.info.pid
        if folder.status != "running" or pid is None or not processes.holds(pid, folder.path / "run.lock"):
            raise RefusedError(f"nothing trains {shown(run)} on this machine, so there is nothing to stop", 409)
        if at_once or pid not in self._asked:
            processes.interrupt(pid)
        self._asked.add(pid)
        return self.queue()

    def refuse_for(self, runs: Sequence[str]) -> None:
        """Nothing, if no unfinished job is to train one of these runs.

        Raises:
            RefusedError: with status 409, one is trained, or waits for that.
        """
        for entry in self._content().entries:
            for run in (run for run in runs if _is_of(entry, run)):
                if entry.job.state == "queued":
                    raise RefusedError(f"{shown(run)} is in the queue to go on; take it out, then delete it", 409)
                raise RefusedError(f"{shown(run)} is running; stop it, then delete it", 409)

    def forget(self, job: str) -> Queue:
        """Drops a job that ended from the list; its run stays."""
        with self._lock, self._ledger.change() as content:
            entry = _found(content, job)
            if entry.job.state != "ended":
                raise RefusedError("this job has not ended; stop it first", 409)
            content.entries.remove(entry)
            self._ledger.remove(job)
        return self.queue()

    def set_slots(self, slots: int) -> Queue:
        """So many trainings may run at once from now on; those that run go on."""
        if not 1 <= slots <= MOST_SLOTS:
            raise RefusedError(f"expected 1 to {MOST_SLOTS} trainings at once, got {slots}")
        with self._lock, self._ledger.change() as content:
            content.slots = slots
        self.tick()
        return self.queue()

    def tick(self) -> None:
        """Sees which processes have ended or made their run, and starts what has a free slot."""
        with self._lock, self._ledger.change() as content:
            for process in self._processes.values():
                process.poll()  # also those that another server has seen end: nothing stays a zombie
            for entry in content.entries:
                if entry.job.state in ACTIVE:
                    self._follow(entry)
            self._start_next(content)
        self._watch()

    def close(self) -> None:
        """Ends the looking after; trainings go on."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    # New jobs.

    def _training(self, request: JobRequest) -> tuple[Entry, str]:
        assert request.document is not None
        found = self._documents.read(request.document)
        settings = [*request.settings, *([f"train.epochs={request.epochs}"] if request.epochs else [])]
        document = Experiment.loads(found.text, settings, file=found.path)
        job = Job(
            id=secrets.token_hex(6), kind="train", document=found.path, state="queued", created=now(), settings=settings
        )
        return Entry(job=job, folder=document.name), found.text

    def _resumption(self, request: JobRequest) -> tuple[Entry, str]:
        assert request.resume is not None
        if request.settings:
            raise RefusedError("a run goes on with its own settings; make a new document from it to change them")
        folder = RunFolder.open(run_folder(self.root, request.resume))
        if folder.status == "running":
            raise RefusedError(f"{shown(request.resume)} is running already", 409)
        self._await_exit(request.resume, folder.info.pid)
        job = Job(id=secrets.token_hex(6), kind="resume", run=request.resume, state="queued", created=now())
        return Entry(job=job, folder=request.resume, epochs=request.epochs), ""

    def _await_exit(self, run: str, pid: int | None) -> None:
        """A run says that it has stopped a moment before its process ends: who resumes it then is not refused."""
        latest = time.monotonic() + EXIT
        while any(_is_of(entry, run) and entry.pid == pid for entry in self._content().entries):
            if time.monotonic() > latest:
                return
            time.sleep(TICK / 5)
            self.tick()

    def _copy(self, job: str, text: str) -> None:
        try:
            self._ledger.document(job).write_text(text, "utf-8")
        except OSError:
            self._ledger.remove(job)
            raise

    # Starting.

    def _start_next(self, content: Content) -> None:
        slots = content.slots or default_slots()
        for entry in content.entries:
            running = [other for other in content.entries if other.job.state in ACTIVE]
            if entry.job.state == "queued" and len(running) < slots:
                self._start(content, entry, running)

    def _start(self, content: Content, entry: Entry, running: list[Entry]) -> None:
        entry.device, environment = share(content.slots or default_slots(), [other.device for other in running])
        if entry.job.kind == "train":
            entry.folder = self._next_folder(entry.folder, running)
        entry.change(state="running", started=now())
        # Before it starts: on a full disk, what is not on record as running would be started at each look.
        self._ledger.keep(content)
        try:
            output = self._ledger.output(entry.job.id)
            process = processes.start(self._arguments(entry), self.root, output, environment)
        except OSError as error:
            self._end(entry, None, f"cannot start a process: {error.strerror}")
            return
        self._processes[process.pid] = process
        entry.pid, entry.began = process.pid, processes.started(process.pid)

    def _arguments(self, entry: Entry) -> list[str]:
        if entry.job.kind == "resume":
            epochs = [] if entry.epochs is None else [f"--epochs={entry.epochs}"]
            return ["resume", *epochs, "--", entry.folder]
        document = self._ledger.document(entry.job.id).relative_to(self.root)
        return ["train", str(document), f"--run={entry.folder}", *(f"--set={item}" for item in entry.job.settings)]

    def _next_folder(self, name: str, running: list[Entry]) -> str:
        """The run folder `<name>-<n>`, n counting up over those that are there or about to be."""
        parent = _runs(self.root)
        pattern = re.compile(re.escape(name) + r"-(\d+)")
        known = [path.name for path in parent.iterdir()] if parent.is_dir() else []
        planned = [Path(other.folder).name for other in running]
        numbers = [int(match[1]) for item in (*known, *planned) if (match := pattern.fullmatch(item))]
        return run_id(self.root, parent / f"{name}-{max(numbers, default=0) + 1}")

    # Following.

    def _follow(self, entry: Entry) -> None:
        if entry.job.run is None and (self.root / entry.folder / "run.json").exists():
            entry.change(run=entry.folder)
        if entry.killed and time.time() - entry.killed > GRACE:
            processes.kill(entry.pid)
        process = self._processes.get(entry.pid)
        exit_status = process.poll() if process else None
        if exit_status is not None or not processes.alive(entry.pid, entry.began):
            self._processes.pop(entry.pid, None)
            self._end(entry, exit_status, self._error(entry, exit_status))

    def _force(self, entry: Entry) -> None:
        """The second word: Ctrl-C again ends a training at once; where it does not, force follows."""
        if not entry.killed:
            entry.killed = time.time()
            processes.interrupt(entry.pid)
        else:
            processes.kill(entry.pid)

    def _end(self, entry: Entry, exit_status: int | None, error: str) -> None:
        with suppress(RunFolderError, OSError):
            folder = RunFolder.open(self.root / entry.folder)
            # It was ended while torch was still being loaded, or at once: it could not say so itself.
            if folder.status == "new" or (folder.status == "interrupted" and entry.job.state == "stopping"):
                folder.update(status="failed" if error else "stopped")
        entry.change(state="ended", ended=now(), exit=exit_status, error=error)

    def _error(self, entry: Entry, exit_status: int | None) -> str:
        """Why a job has failed; empty when it did not, or was stopped."""
        stopped = entry.job.state == "stopping"
        said = ERROR.findall(self._printed(entry))
        if exit_status == 0 or (stopped and not said):
            return ""
        if said:
            copy = str(self._ledger.document(entry.job.id).relative_to(self.root))
            return "\n".join(said).replace(copy, entry.job.document)
        with suppress(RunFolderError):
            folder = RunFolder.open(self.root / entry.folder)
            if exit_status is None and folder.status in ("done", "stopped"):
                return ""
            if folder.status == "failed" and folder.info.error:
                return folder.info.error
        if exit_status is not None and exit_status < 0:
            return f"the process was ended by signal {-exit_status}, perhaps for want of memory; resume the run"
        last = self._printed(entry).strip().rpartition("\n")[2]
        return f"the process ended before the training did{f': {last}' if last else ''}"

    def _printed(self, entry: Entry) -> str:
        try:
            content = self._ledger.output(entry.job.id).read_bytes()
        except OSError:
            return ""
        return content[-TAIL:].decode("utf-8", "replace")

    # The file, and the thread that looks after the processes while there are some.

    def _content(self) -> Content:
        stamp = self._ledger.stamp()
        if stamp != self._read[0]:
            self._read = stamp, self._ledger.read()
        return self._read[1]

    def _watch(self) -> None:
        unfinished = any(entry.job.state in UNFINISHED for entry in self._content().entries)
        with self._lock:
            if unfinished and not self._closed.is_set() and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._look_after, name="torchwork-jobs", daemon=True)
                self._thread.start()

    def _look_after(self) -> None:
        while not self._closed.wait(TICK):
            with suppress(RefusedError):  # a full disk, or another server at it: the next time
                self.tick()
            if not any(entry.job.state in UNFINISHED for entry in self._content().entries):
                return


def _runs(root: Path) -> Path:
    """Where new runs go: `runs`, or the opened folder itself where it is the one that holds runs."""
    holds = any((path / "run.json").exists() for path in root.iterdir() if path.is_dir())
    return root if holds else root / "runs"


def _is_of(entry: Entry, run: str) -> bool:
    """Whether an unfinished job trains that run; the folder of a training that waits is not known yet."""
    known = entry.job.kind == "resume" or entry.job.state in ACTIVE
    return known and entry.job.state in UNFINISHED and entry.folder == run


def _found(content: Content, job: str) -> Entry:
    for entry in content.entries:
        if entry.job.id == job:
            return entry
    raise NotFoundError(f"there is no job {shown(job)} any more")
