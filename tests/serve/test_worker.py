"""The process with torch: the same words as the command line, one sentence when it ends, and a new one after."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

import torchwork
from tests.documents import DEEP
from torchwork.experiment import Experiment
from torchwork.serve.refusal import RefusedError
from torchwork.serve.worker import Worker
from torchwork.serve.workers import Workers

from .served import DOCUMENT, until

CODE = """name: own
data: {source: {Shapes: {size: 16, train: 48, valid: 16}}, batch_size: 16}
model:
  modules:
    Net: {code: "class Net(nn.Module):\\n    def forward(self, x):\\n        return x\\n"}
  layers: [Net]
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
"""


@pytest.fixture(scope="module")
def worker(once: Path) -> Iterator[Worker]:
    made = Worker(once)
    yield made
    asyncio.run(made.close())


def ask(worker: Worker, method: str, **arguments: Any) -> Any:
    return asyncio.run(worker.call(method, **arguments))


def command_line(folder: Path, text: str) -> dict[str, Any]:
    """What `torchwork check --json` says of the text."""
    (folder / "checked.yaml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "torchwork", "check", "checked.yaml", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "text",
    [
        DOCUMENT,
        DOCUMENT.replace("ReLU", "RelU").replace("Adam", "Adamm"),
        DOCUMENT.replace("kernel_size: 3", "kernel_size: 99"),
        DOCUMENT.replace("optimizer:", "optimiser:"),
        DOCUMENT.replace("Shapes", "ImageFolder: {root: nowhere}} #"),
        "name: m\nmodel:\n  example: [1x3x8x8]\n  layers: [{Conv2d: {out_channels: 2, kernel_size: 9}}]\n",
        "a: [",
        "",
    ],
)
def test_a_text_is_checked_as_the_command_line_checks_it(worker: Worker, once: Path, text: str) -> None:
    told, found = command_line(once, text), ask(worker, "check", text=text, path="checked.yaml")
    expected = [(item["message"], item["path"], item["line"] or None, item["fix"]) for item in told["problems"]]
    assert [(item["message"], item["place"], item["line"], item["fix"]) for item in found["problems"]] == expected
    assert [row["parameters"] for row in found.get("layers", [])] == [
        row["parameters"] for row in told.get("layers", [])
    ]
    assert found.get("notes", []) == told.get("notes", [])


def test_a_right_document_is_described(trained: Client) -> None:
    found = trained.post("/api/check", json={"text": DOCUMENT, "path": "experiment.yaml"}).json()
    assert found["problems"] == []
    assert [row["type"] for row in found["layers"]] == ["Conv2d", "ReLU", "Flatten", "Linear"]
    assert found["layers"][0]["macs"] == 4 * 3 * 9 * 14 * 14
    facts = dict(found["facts"])
    assert (facts["train samples"], facts["input"], facts["classes"]) == ("48", "3×16×16", "10")
    assert facts["parameters"] == f"{4 * 3 * 9 + 4 + 4 * 14 * 14 * 10 + 10:,}"


def test_code_of_a_document_does_not_run_and_is_refused(worker: Worker, tmp_path: Path) -> None:
    text = CODE.replace("return x", f"open({str(tmp_path / 'ran')!r}, 'w'); return x")
    [problem] = ask(worker, "check", text=text, path="own.yaml")["problems"]
    assert "is code" in problem["message"]
    assert "--trust" in problem["fix"]
    assert problem["line"] == 5
    assert not (tmp_path / "ran").exists()


def test_the_schema_completes_names_and_takes_the_document(trained: Client) -> None:
    schema = trained.get("/api/schema").json()
    assert schema["title"] == "Torchwork experiment"
    assert '"Conv2d"' in json.dumps(schema) and '"AdamW"' in json.dumps(schema)
    assert trained.get("/api/schema", params={"model": True}).json()["title"] == "Torchwork model"
    assert Experiment.loads(DOCUMENT).name == "first"


def test_a_process_that_is_killed_costs_one_question(once: Path) -> None:
    worker = Worker(once)
    assert ask(worker, "check", text="", path="a.yaml")["problems"]
    assert worker._process is not None
    os.kill(worker._process.pid, signal.SIGSTOP)

    async def killed() -> Any:
        waiting = asyncio.create_task(worker.call("check", text="", path="a.yaml"))
        await asyncio.sleep(0.1)
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        return await waiting

    with pytest.raises(RefusedError, match=r"ended: signal 9.*try again") as refused:
        asyncio.run(killed())
    assert refused.value.status == 503
    assert ask(worker, "check", text="", path="a.yaml")["problems"]
    asyncio.run(worker.close())


def test_what_takes_too_long_is_ended(once: Path) -> None:
    worker = Worker(once, {"check": 1e-4})
    with pytest.raises(RefusedError, match="took longer") as refused:
        ask(worker, "check", text=DOCUMENT, path="a.yaml")
    assert refused.value.status == 504
    worker.patience["check"] = 60.0
    assert ask(worker, "check", text="", path="a.yaml")["problems"]
    asyncio.run(worker.close())


def test_closing_ends_the_process_in_the_middle_of_a_question(once: Path) -> None:
    async def closing() -> None:
        worker = Worker(once)
        waiting = asyncio.create_task(worker.call("check", text=DOCUMENT, path="a.yaml"))
        await asyncio.to_thread(until, lambda: worker._process is not None)
        process = worker._process
        await worker.close()
        with pytest.raises((RefusedError, asyncio.CancelledError)):
            await waiting
        assert process is not None and process.poll() is not None

    asyncio.run(closing())


def test_questions_of_many_pages_are_answered_each(worker: Worker) -> None:
    async def many() -> list[Any]:
        names = [f"{number}.yaml" for number in range(12)]
        return await asyncio.gather(*(worker.call("check", text="a: [", path=name) for name in names))

    assert all(found["problems"][0]["line"] for found in asyncio.run(many()))


def test_the_server_loads_no_torch(once: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from torchwork.serve.app import create_app\n"
        "from torchwork.serve.guard import Access; from torchwork.serve.workbench import Workbench\n"
        f"bench = Workbench.open(Path({str(once)!r})); create_app(bench, Access(frozenset({{'a:1'}})))\n"
        "bench.documents.listed(), bench.documents.templates(), bench.jobs.queue(), bench.workspace.runs()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_of_the_folder_is_imported(once: Path, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    worker = Worker(tmp_path)
    assert ask(worker, "check", text="", path="a.yaml")["problems"]
    asyncio.run(worker.close())
    assert not (tmp_path / "ran").exists()


def test_no_edit_waits_for_a_slow_question(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("from torch import nn\nclass Net(nn.Module): pass\n")
    workers = Workers(tmp_path)

    async def asking() -> None:
        file = str(tmp_path / "net.py")
        first = await workers.call("python_file", file=file)
        process = workers.slow._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(workers.call("python_file", file=file))
        drawn = await workers.call("draw", text=DOCUMENT, path="a.yaml", instances={})
        assert drawn["faults"] == [] and not waiting.done()
        os.kill(process.pid, signal.SIGCONT)
        assert await waiting == first
        await workers.close()
        assert process.poll() is not None

    asyncio.run(asking())


def test_a_process_that_nobody_asks_ends_and_starts_again(once: Path) -> None:
    worker = Worker(once, idle=0.01)
    first = ask(worker, "check", text="", path="a.yaml")
    until(lambda: worker._process is None)
    assert ask(worker, "check", text="", path="a.yaml") == first
    asyncio.run(worker.close())


def test_a_process_that_started_for_a_question_that_was_given_up_ends_too(once: Path) -> None:
    async def giving_up() -> None:
        worker = Worker(once, idle=0.01)
        asked = asyncio.create_task(worker.call("check", text="", path="a.yaml"))
        await asyncio.to_thread(until, lambda: worker._process is not None)
        process = worker._process
        assert process is not None
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.to_thread(until, lambda: process.poll() is not None)
        await worker.close()

    asyncio.run(giving_up())


def test_a_long_question_says_how_far_it_is_and_is_broken_off_when_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torchwork.train(Experiment.loads(DEEP), folder="runs/deep")
    worker, told = Worker(tmp_path), list[bytes]()
    exchange = worker._exchange

    def noted(process: subprocess.Popen[bytes], question: bytes, seconds: float, what: str) -> bytes:
        told.append(exchange(process, question, seconds, what))
        return told[-1]

    monkeypatch.setattr(worker, "_exchange", noted)

    async def asking() -> None:
        run = str(tmp_path / "runs" / "deep")
        before = await worker.call("explain", run=run, sample=0, method="saliency")
        long = asyncio.create_task(worker.call("explain", run=run, sample=0, method="occlusion"))
        await asyncio.to_thread(until, lambda: 0 < (worker.progress("explain", run) or 0) < 1)
        assert worker.progress("explain", "another") is None
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        assert await worker.call("explain", run=run, sample=0, method="saliency") == before
        assert worker.progress("explain", run) is None
        await worker.close()

    asyncio.run(asking())
    assert [b"nobody waits" in line for line in told] == [False, False, True, False]  # first that it is ready
