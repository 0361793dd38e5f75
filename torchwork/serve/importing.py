"""Imports: `torchwork import` as a process with limits; what it made is put in place when it has ended well."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, get_args

from torchwork.draw import levels
from torchwork.experiment import edited, files
from torchwork.serve import limited
from torchwork.serve.bringing import Import, ImportedClass, ImportLimits, ImportProof, ImportRequest
from torchwork.serve.calls import Call
from torchwork.serve.documents import Documents
from torchwork.serve.inside import OWN, inside, shown, visible
from torchwork.serve.messages import DocumentSave
from torchwork.serve.refusal import NotFoundError, RefusedError

PLACE = f"{OWN}/imports"
WEIGHTS = "weights"
"""The folder below the opened one that takes weights."""
AT_ONCE, KEPT = 2, 20
MARGIN = 10.0
"""So many seconds before the end the import itself gives up, for it can say in which line it was."""
LARGEST_ANSWER = 16_000_000
STALE = 86_400.0  # seconds
STAGES = get_args(Import.model_fields["stage"].annotation)
LONGEST_STAGE = 20
NO_NETWORK = re.compile(r"Network is unreachable|name resolution|Name or service not known|URLError|ConnectionError")
"""What Python says when code looks for what it cannot reach."""


@dataclass
class Running:
    """One import: its process, the folder that it writes to, and what there is to say of it."""

    told: Import
    wanted: str
    """path of the document; empty: a free name"""
    call: Call
    folder: Path
    process: subprocess.Popen[bytes]
    stages: IO[bytes]
    """the file in which it says what it does; held open, for the code that runs could put something else there"""
    limits: limited.Limits
    began: float = field(default_factory=time.monotonic)
    stopped: bool = False


class Imports:
    """The imports of one opened folder since the server began."""

    def __init__(self, root: Path, documents: Documents, limits: limited.Limits | None = None) -> None:
        self.root, self._documents = root, documents
        self._limits = limits
        self._all: dict[str, Running] = {}
        self._lock, self._closing = threading.Lock(), False

    @property
    def limits(self) -> limited.Limits:
        """Those of every import."""
        self._limits = self._limits or limited.usual()
        return self._limits

    def told_limits(self) -> ImportLimits:
        """The limits as the page tells them to who is asked to trust a file."""
        memory = self.limits.memory if sys.platform == "linux" else 0
        return ImportLimits(seconds=self.limits.seconds, memory=memory, network=self.limits.network)

    def start(self, request: ImportRequest, target: str = "") -> Import:
        """Begins an import; `target` is that of a model of torchvision.

        Raises:
            RefusedError: what was asked for cannot be imported, as far as can be seen without running it.
        """
        call = Call.of(self.root, request, target)
        if request.path:
            _refuse_place(self.root, request.path)
        with self._lock:
            if self._closing or sum(one.told.state == "running" for one in self._all.values()) >= AT_ONCE:
                raise RefusedError(f"{AT_ONCE} imports are running already; wait for one of them, or stop it", 429)
            running = self._begin(call, request)
            self._all[running.told.id] = running
            for old in list(self._all)[:-KEPT]:
                self._all.pop(old)
        threading.Thread(target=self._attend, args=[running], daemon=True).start()
        return running.told

    def told(self, id_: str) -> Import:
        """How far an import is; NotFoundError where there is none of that id (any more)."""
        running = self._all.get(id_)
        if running is None:
            raise NotFoundError("there is no such import any more: the server was started anew; begin it again")
        if running.told.state != "running":
            return running.told
        found = {"seconds": time.monotonic() - running.began, "stage": _stage(running)}
        return running.told.model_copy(update=found)

    def stop(self, id_: str) -> Import:
        """Ends an import; nothing of it is kept."""
        self.told(id_)
        running = self._all[id_]
        running.stopped = True
        _close(running.process)
        return running.told

    def close(self) -> None:
        """Ends all imports."""
        with self._lock:
            self._closing = True
            for running in self._all.values():
                running.stopped = True
                _close(running.process)

    def _begin(self, call: Call, request: ImportRequest) -> Running:
        id_ = secrets.token_hex(8)
        folder = inside(self.root, f"{PLACE}/{id_}")
        try:
            folder.mkdir(parents=True)
            _remove_stale(folder.parent)
            words = call.prepare(folder, self.limits.seconds - min(MARGIN, self.limits.seconds / 10))
            limits = replace(self.limits, network=self.limits.network or request.network)
            stages = (folder / "stage").open("w+b", buffering=0)
            process = self._process(folder, words, call, limits)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RefusedError(
                f"cannot import here: {error.strerror or error}; make room, or give access", 507
            ) from None
        told = Import(id=id_, title=call.title, state="running", limit=self.limits.seconds)
        return Running(told, request.path, call, folder, process, stages, limits)

    def _process(self, folder: Path, words: list[str], call: Call, limits: limited.Limits) -> subprocess.Popen[bytes]:
        """Limits stand between it and us; with safe paths, for else Python would look for modules where it works."""
        guard = [sys.executable, "-P", limited.__file__, limits.words()]
        own = {"PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "PYTHONPATH": call.beside, "MPLBACKEND": "agg"}
        own["TORCHWORK_STAGE"] = str(folder / "stage")
        environment = {key: value for key, value in os.environ.items() if key != "TORCHWORK_PASSWORD"} | own
        with (folder / "answer").open("wb") as answer, (folder / "errors").open("wb") as errors:
            return subprocess.Popen(
                [*guard, sys.executable, "-P", "-m", "torchwork", *words],
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=answer,
                stderr=errors,
                env=environment,
                start_new_session=True,
            )

    def _attend(self, running: Running) -> None:
        """Waits for the end, and says what came of it; its folder goes whatever happens."""
        status = running.process.wait()
        _close(running.process)
        stage = _stage(running)
        try:
            made = self._made(running, status)
        except RefusedError as error:
            made = {"state": "failed", "error": str(error)}
        except Exception as error:  # whatever it has written: who waits must hear of the end
            made = {"state": "failed", "error": f"the import gave no answer ({type(error).__name__}); try it again"}
        finally:
            running.stages.close()
            shutil.rmtree(running.folder, ignore_errors=True)
        seconds = time.monotonic() - running.began
        running.told = running.told.model_copy(update={**made, "seconds": seconds, "stage": stage})

    def _made(self, running: Running, status: int) -> dict[str, Any]:
        if running.stopped:
            return {"state": "stopped"}
        answer = _answer(running.folder / "answer")
        document = running.folder / f"{running.call.name}.yaml"
        if answer is None or not document.is_file():
            raise RefusedError(self._why(running, status))
        return {"state": "done", **self._placed(running, document, answer), **_report(answer)}

    def _placed(self, running: Running, document: Path, answer: dict[str, Any]) -> dict[str, Any]:
        """The document in its place, and weights that came with it; both, or none of them."""
        settings = [f"name={json.dumps(running.call.name)}"]
        made = running.folder / f"{running.call.name}.safetensors"
        weights = None
        if answer.get("weights") and made.is_file():
            weights = free(self.root, WEIGHTS, running.call.name, ".safetensors")
            settings.append(f"model.weights={json.dumps(weights.relative_to(self.root).as_posix())}")
        text = document.read_text("utf-8")
        text = edited(text, settings) if "taken" not in answer else text
        try:
            if weights:
                weights.parent.mkdir(exist_ok=True)
                made.rename(weights)
            path = running.wanted or free(self.root, "", running.call.name, ".yaml").name
            self._documents.save(DocumentSave(path=path, text=text))
        except (RefusedError, OSError) as error:
            if weights:
                weights.unlink(missing_ok=True)
            raise RefusedError(str(error)) from None
        placed = weights.relative_to(self.root).as_posix() if weights else ""
        return {"path": path, "weights": placed, "editable": _editable(text)}

    def _why(self, running: Running, status: int) -> str:
        """One sentence on an import that has made nothing."""
        if status == limited.TIMED_OUT:
            return f"{running.told.title} did not finish within {self.limits.seconds:g} s and was ended"
        if status == limited.OPEN:
            return "the network could not be closed to it, so nothing was run; start Torchwork anew and try again"
        with (running.folder / "errors").open("rb") as errors:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - 8000))
            lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
        place = re.compile(re.escape(str(self.root)) + "/|" + re.escape(f"{PLACE}/{running.told.id}/"))
        said = [
            running.call.said(place.sub("", line.removeprefix("error: ")))
            for line in lines
            if line.startswith("error: ")
        ]
        if said and not running.limits.network and NO_NETWORK.search(said[0]):
            return f"{'; '.join(said[:5])}; the network is closed to imports: allow it if you trust the file"
        if said:
            return "; ".join(said[:5])
        if any("MemoryError" in line for line in lines[-3:]) or status < 0 or status == 137:
            most = self.limits.memory / 2**30
            return f"{running.told.title} took more memory than an import may ({most:.1f} GB), and was ended"
        return f"the import of {running.told.title} ended without an answer: {lines[-1][:300] if lines else status}"


def free(root: Path, folder: str, name: str, ending: str) -> Path:
    """A place for a new file below `root`: `name`, else `name-2`, `name-3`..."""
    for count in range(1, 1000):
        stem = name if count == 1 else f"{name}-{count}"
        place = visible(root, f"{folder}/{stem}{ending}".lstrip("/"))
        if not os.path.lexists(place):
            return place
    raise RefusedError(f"there are a thousand files called {shown(name)} already; remove some", 409)


def _refuse_place(root: Path, path: str) -> None:
    """Before anything runs: the document needs a place of its own."""
    if not path.endswith((".yaml", ".yml")):
        raise RefusedError(f"{shown(path)} is no document; its name must end with .yaml", 403)
    if os.path.lexists(visible(root, path)):
        raise RefusedError(f"{shown(path)} exists already; choose another name", 409)


def _stage(running: Running) -> str:
    """What it said last that it does."""
    try:
        running.stages.seek(0)
        said = running.stages.read(LONGEST_STAGE).decode("ascii", "replace")
    except (OSError, ValueError):  # it has just ended
        said = ""
    return said if said in STAGES else running.told.stage


def _editable(text: str) -> int:
    """How many nodes of a document, on all its levels, are a layer or an operation, and no code."""
    sheets = levels(files.read(text)[0])
    definitions = {sheet.name for sheet in sheets}
    return sum(node.part not in definitions for sheet in sheets for node in sheet.nodes)


def _answer(file: Path) -> dict[str, Any] | None:
    """The JSON that the command printed; None where it printed none, or something else."""
    if file.stat().st_size > LARGEST_ANSWER:
        return None
    text = file.read_text("utf-8", "replace")
    begin = text.find("{") if text.startswith("{") else text.rfind("\n{\n") + 1
    try:
        found = json.loads(text[begin:])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _report(answer: dict[str, Any]) -> dict[str, Any]:
    """The fields of `Import` that the command's report gives."""
    if "taken" in answer:
        return {"taken": answer["taken"], "lost": answer["lost"]}
    return {
        "classes": [ImportedClass(**item) for item in answer["classes"]],
        "proof": ImportProof(holds=answer["holds"], **answer["proof"]),
        "notes": [note.partition("; --input")[0] for note in answer["notes"]],
    }


def _close(process: subprocess.Popen[bytes]) -> None:
    """Ends a process by its pipe: what stands between ends all that it has started."""
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()


def _remove_stale(folder: Path) -> None:
    """What a server left that was killed."""
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime > STALE:
            shutil.rmtree(left, ignore_errors=True)
