"""The queue of trainings: real processes that are started, stopped, refused, and outlive the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from httpx import Client

from torchwork.errors import DocumentError
from torchwork.record import RunFolder
from torchwork.serve import devices
from torchwork.serve.jobs import Jobs
from torchwork.serve.ledger import Ledger
from torchwork.serve.messages import Job, JobRequest
from torchwork.serve.refusal import NotFoundError, RefusedError

from .served import DOCUMENT, until

ENDLESS = ["train.epochs=1000000"]
START = """
import sys
from pathlib import Path
from torchwork.serve.jobs import Jobs
from torchwork.serve.messages import JobRequest
from os import _exit
print(Jobs(Path(sys.argv[1])).add(JobRequest(document="experiment.yaml", settings=sys.argv[2:])).id, flush=True)
_exit(1)  # as a server that crashes
"""


@pytest.fixture
def jobs(root: Path) -> Iterator[Jobs]:
    made = Jobs(root)
    yield made
    made.close()
    for entry in Ledger(root).read().entries:
        if entry.job.state in ("running", "stopping"):
            with suppress(ProcessLookupError):
                os.killpg(entry.pid, signal.SIGKILL)
    for process in made._processes.values():
        process.wait()


def ended(jobs: Jobs, job: str) -> Job:
    until(lambda: jobs.job(job).state == "ended")
    return jobs.job(job)


def trains(jobs: Jobs, root: Path, job: str) -> Job:
    """The job once its run has finished an epoch."""
    until(lambda: jobs.job(job).run or jobs.job(job).state == "ended")
    assert jobs.job(job).state == "running", jobs.job(job).error
    console = root / str(jobs.job(job).run) / "console.log"
    until(lambda: console.exists() and "epoch 1/" in console.read_text("utf-8"))
    return jobs.job(job)


def test_jobs_run_one_after_the_other_with_the_document_as_it_was(root: Path, jobs: Jobs) -> None:
    jobs.set_slots(1)
    first = jobs.add(JobRequest(document="experiment.yaml"))
    wrong = ["model.layers[0].Conv2d.kernel_size=99"]
    second = jobs.add(JobRequest(document="experiment.yaml", settings=wrong))
    assert [(job.state, job.run) for job in jobs.queue().jobs] == [("running", None), ("queued", None)]
    (root / "experiment.yaml").write_text("what is edited meanwhile")
    done, refused = ended(jobs, first.id), ended(jobs, second.id)
    assert (done.exit, done.error, done.run) == (0, "", "runs/first-1")
    assert RunFolder.open(root / "runs" / "first-1").status == "done"
    assert (refused.exit, refused.run) == (2, None)
    assert refused.error.startswith("experiment.yaml:9: model.layers[0].Conv2d: kernel_size is 99")
    assert refused.started >= done.ended
    assert [path.name for path in (root / "runs").iterdir()] == ["first-1"]
    jobs.forget(first.id)
    assert [job.id for job in jobs.queue().jobs] == [second.id]


def test_a_training_is_stopped_with_its_checkpoint_and_goes_on(root: Path, jobs: Jobs) -> None:
    job = trains(jobs, root, jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS)).id)
    run = str(job.run)
    with pytest.raises(RefusedError, match="running already"):
        jobs.add(JobRequest(resume=run))
    with pytest.raises(RefusedError, match="stop it first"):
        jobs.forget(job.id)
    assert jobs.stop_run(run).jobs[0].state == "stopping"
    assert jobs.stop_run(run).jobs[0].state == "stopping", "a double click, or a second page: no second word"
    assert (ended(jobs, job.id).exit, jobs.job(job.id).error) == (130, "")
    assert RunFolder.open(root / run).status == "stopped"
    assert list((root / run / "checkpoints").glob("step-*"))
    again = jobs.add(JobRequest(resume=run, epochs=1_000_001))
    until(lambda: RunFolder.open(root / run).status == "running")
    jobs.stop(again.id)
    assert (ended(jobs, again.id).run, jobs.job(again.id).error) == (run, "")
    early = jobs.add(JobRequest(resume=run, epochs=1_000_001))
    jobs.stop(early.id)  # while it still loads torch
    assert (ended(jobs, early.id).error, RunFolder.open(root / run).status) == ("", "stopped")
    with pytest.raises(RefusedError, match="nothing to stop"):
        jobs.stop_run(run)


def test_who_resumes_at_the_moment_of_the_stop_is_not_refused(root: Path, jobs: Jobs) -> None:
    job = trains(jobs, root, jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS)).id)
    jobs.stop(job.id)
    while RunFolder.open(root / str(job.run)).status != "stopped":
        pass  # no sleep: the process is to be there still
    again = jobs.add(JobRequest(resume=str(job.run), epochs=1_000_001))
    assert (jobs.job(job.id).state, again.state) == ("ended", "running")
    with pytest.raises(RefusedError, match="in the queue already"):
        jobs.add(JobRequest(resume=str(job.run), epochs=1_000_001))
    jobs.stop(again.id)
    assert ended(jobs, again.id).error == ""


def test_a_training_that_is_stopped_before_it_has_begun_is_not_new_for_ever(root: Path, jobs: Jobs) -> None:
    job = jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS))
    until(lambda: jobs.job(job.id).run)
    jobs.stop(job.id)
    run = ended(jobs, job.id).run
    assert RunFolder.open(root / str(run)).status == "stopped"


def test_a_training_that_is_ended_at_once_was_stopped_and_did_not_break_down(root: Path, jobs: Jobs) -> None:
    job = trains(jobs, root, jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS)).id)
    os.kill(Ledger(root).read().entries[0].pid, signal.SIGSTOP)  # it hears nothing
    assert jobs.stop(job.id, at_once=True).jobs[0].state == "stopping", "the first word is a soft one"
    jobs.stop(job.id, at_once=True)
    jobs.stop(job.id, at_once=True)
    assert ended(jobs, job.id).error == ""
    assert RunFolder.open(root / str(job.run)).status == "stopped"


def test_a_queued_job_is_taken_out_and_a_slot_more_starts_one(root: Path, jobs: Jobs) -> None:
    jobs.set_slots(1)
    kept, dropped, third = (
        jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS, epochs=number)).id for number in (7, 8, 9)
    )
    jobs.stop(dropped)
    assert [job.id for job in jobs.queue().jobs] == [kept, third]
    jobs.set_slots(2)
    states = {job.id: job.state for job in jobs.queue().jobs}
    assert states == {kept: "running", third: "running"}
    folders = {entry.folder for entry in Ledger(root).read().entries}
    assert folders == {"runs/first-1", "runs/first-2"}
    for slots in (0, -1, 1000):
        with pytest.raises(RefusedError, match="at once"):
            jobs.set_slots(slots)


def test_a_training_outlives_its_server_and_the_next_one_finds_it(root: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-c", START, str(root), *ENDLESS], capture_output=True, text=True, check=False
    )
    job = started.stdout.strip()
    jobs = Jobs(root)
    try:
        assert trains(jobs, root, job).state == "running"
        others = Jobs(root)  # a second server of the same folder
        assert others.queue() == jobs.queue()
        others.stop(job)
        others.close()
        assert ended(jobs, job).error == ""
        assert RunFolder.open(root / "runs" / "first-1").status == "stopped"
    finally:
        jobs.close()


def test_a_process_that_dies_is_told_and_its_run_can_be_resumed(root: Path, jobs: Jobs) -> None:
    job = trains(jobs, root, jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS)).id)
    os.kill(Ledger(root).read().entries[0].pid, signal.SIGKILL)
    assert "signal 9" in ended(jobs, job.id).error
    assert RunFolder.open(root / str(job.run)).status == "interrupted"


def test_another_process_with_the_number_of_ours_is_left_alone(root: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True)
    try:
        job = Job(id="x", kind="train", state="running", created="2026-01-01", document="experiment.yaml")
        with Ledger(root).change() as content:
            content.entries.append(
                content_entry(job, stranger.pid, began=psutil.Process(stranger.pid).create_time() - 1000)
            )
        jobs = Jobs(root)
        assert ended(jobs, "x").exit is None
        jobs.close()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def content_entry(job: Job, pid: int, began: float) -> object:
    from torchwork.serve.ledger import Entry

    return Entry(job=job, folder="runs/first-1", pid=pid, began=began)


def test_a_training_of_the_command_line_is_stopped_too(root: Path, jobs: Jobs) -> None:
    command = [sys.executable, "-m", "torchwork", "train", "experiment.yaml", "--set", ENDLESS[0]]
    output = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=root, stdout=output, stderr=output)
    run = root / "runs" / "first-1"
    until(lambda: (run / "run.json").exists() and RunFolder.open(run).status == "running")
    jobs.stop_run("runs/first-1")
    assert process.wait(60) == 130
    assert RunFolder.open(run).status == "stopped"


def test_a_run_that_names_a_process_which_does_not_train_it_stops_nothing(root: Path, jobs: Jobs) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    try:
        folder = RunFolder.create(root / "runs", "first")
        folder.update(status="running")
        with FileLock(folder.path / "run.lock"):
            folder.update(pid=stranger.pid)
            with pytest.raises(RefusedError, match="nothing trains"):
                jobs.stop_run("runs/first-1")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_opening_a_folder_runs_nothing_that_lies_in_it(root: Path, jobs: Jobs) -> None:
    for name in ("torch.py", "json.py", "psutil.py", "sitecustomize.py", "torchwork/__init__.py", "torchwork/cli.py"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(f"from pathlib import Path\nPath({str(root / 'ran')!r}).touch()\n")
    assert ended(jobs, jobs.add(JobRequest(document="experiment.yaml")).id).error == ""
    assert not (root / "ran").exists()


def test_what_cannot_be_queued_is_refused_at_once(root: Path, jobs: Jobs) -> None:
    (root / "broken.yaml").write_text(DOCUMENT.replace("optimizer:", "optimiser:"))
    with pytest.raises(DocumentError) as wrong:
        jobs.add(JobRequest(document="broken.yaml"))
    assert wrong.value.problems[0].line == 14
    for request in (JobRequest(), JobRequest(document="experiment.yaml", resume="runs/x")):
        with pytest.raises(RefusedError, match="a document to train, or a run"):
            jobs.add(request)
    for request in (JobRequest(document="gone.yaml"), JobRequest(resume="runs/gone")):
        with pytest.raises(NotFoundError):
            jobs.add(request)
    with pytest.raises(RefusedError, match="no place inside"):
        jobs.add(JobRequest(document="../experiment.yaml"))
    for act in (jobs.stop, jobs.forget):
        with pytest.raises(NotFoundError):
            act("unknown")
    assert jobs.queue().jobs == []


def test_a_folder_without_jobs_is_left_as_it_is(root: Path, jobs: Jobs) -> None:
    assert jobs.queue().jobs == []
    assert [path.name for path in root.iterdir()] == ["experiment.yaml"]


def test_a_queue_that_is_damaged_counts_as_empty(root: Path) -> None:
    ledger = Ledger(root)
    ledger.folder.mkdir(parents=True)
    for text in ("", "{", "[]", '{"entries": [{"job": 1}]}'):
        ledger.file.write_text(text)
        assert Jobs(root).queue().jobs == []


def test_each_of_several_trainings_gets_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(devices, "cores", lambda: 16)
    monkeypatch.setattr(devices, "gpus", lambda: ())
    assert devices.default_slots() == 4
    assert devices.share(1, []) == ("cpu", {})
    assert devices.share(4, []) == ("cpu", {"OMP_NUM_THREADS": "4"})
    monkeypatch.setattr(devices, "gpus", lambda: ("0", "1"))
    assert devices.default_slots() == 2
    assert devices.share(3, ["0"]) == ("1", {"OMP_NUM_THREADS": "5", "CUDA_VISIBLE_DEVICES": "1"})
    assert devices.share(3, ["0", "1"])[0] == "0"


def test_a_run_that_waits_to_go_on_is_not_deleted(root: Path, jobs: Jobs, client: Client) -> None:
    for name in ("waits", "first"):
        RunFolder.create(root / "runs", name, number=False, status="stopped")
    jobs.set_slots(1)
    running = jobs.add(JobRequest(document="experiment.yaml", settings=ENDLESS))
    waiting = client.post("/api/runs/resume", params={"run": "runs/waits"}).json()
    jobs.add(JobRequest(document="experiment.yaml"))  # will make a folder of its own, whatever it is called
    assert (waiting["state"], jobs.job(running.id).state) == ("queued", "running")
    refused = client.post("/api/runs/delete", json={"runs": ["runs/first", "runs/waits"]})
    assert refused.status_code == 409
    assert refused.json()["message"] == "runs/waits is in the queue to go on; take it out, then delete it"
    assert (root / "runs/first").is_dir() and (root / "runs/waits").is_dir()
    jobs.stop(waiting["id"])
    assert client.post("/api/runs/delete", json={"runs": ["runs/first", "runs/waits"]}).status_code == 200


def test_the_routes_speak_the_contract(client: Client) -> None:
    assert set(client.get("/api/jobs").json()) == {"jobs", "slots", "devices"}
    assert client.put("/api/jobs/slots", params={"slots": 3}).json()["slots"] == 3
    refused = client.post("/api/jobs", json={"document": "gone.yaml"})
    assert (refused.status_code, set(refused.json())) == (404, {"message", "problems", "stored"})
    assert client.post("/api/jobs/stop", params={"id": "x"}).status_code == 404
    assert client.delete("/api/jobs", params={"id": "x"}).status_code == 404
    assert client.post("/api/runs/stop", params={"run": "runs/x"}).status_code == 404
    assert client.post("/api/runs/resume", params={"run": "runs/x"}).status_code == 404
    job = client.post("/api/jobs", json={"document": "experiment.yaml"}).json()
    until(lambda: client.get("/api/jobs").json()["jobs"][0]["state"] == "ended")
    assert client.get("/api/jobs").json()["jobs"][0]["run"] == "runs/first-1", json.dumps(job)
    assert client.delete("/api/jobs", params={"id": job["id"]}).json()["jobs"] == []
