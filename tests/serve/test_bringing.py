"""Import of networks as limited processes, weights, and export as code: with real modules, and with hostile ones."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from httpx import Client
from safetensors.torch import save_file

from torchwork.serve import limited
from torchwork.serve.bringing import Import, ImportRequest, PythonFile
from torchwork.serve.calls import parsed_arguments
from torchwork.serve.documents import Documents
from torchwork.serve.importing import Imports
from torchwork.serve.limited import Limits
from torchwork.serve.refusal import RefusedError

from .served import DOCUMENT, until

NET = '''"""A net of one's own."""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + torch.relu(self.conv(x))


class Net(nn.Module):
    """Blocks and a head."""

    def __init__(self, width=4, *, blocks):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(blocks)])
        self.head = nn.Linear(width, 5)

    def forward(self, pictures):
        return self.head(self.blocks(self.stem(pictures)).mean((2, 3)))


def small() -> nn.Module:
    return Net(2, blocks=1)
'''
SHAPE = "2x3x16x16"


def ended(client: Client, body: dict[str, Any]) -> Import:
    """What came of an import."""
    begun = client.post("/api/import", json=body)
    assert begun.status_code == 200, begun.text
    asked = {"id": begun.json()["id"]}
    until(lambda: client.get("/api/import", params=asked).json()["state"] != "running")
    return Import.model_validate(client.get("/api/import", params=asked).json())


def refused(client: Client, body: dict[str, Any]) -> str:
    answer = client.post("/api/import", json=body)
    assert answer.status_code >= 400
    return str(answer.json()["message"])


def own(text: str, **more: Any) -> dict[str, Any]:
    return {"file": {"file": "net.py", "text": text}, "input": SHAPE, "trust": True} | more


def nothing_left(root: Path) -> bool:
    """Only the document of the fixture is there, and no unfinished import."""
    return [item.name for item in root.iterdir() if item.name != ".torchwork"] == ["experiment.yaml"] and not [
        *(root / ".torchwork" / "imports").glob("*")
    ]


def test_a_file_is_looked_at_without_running_it(client: Client, root: Path) -> None:
    text = NET + f"\nopen({str(root / 'ran')!r}, 'w')\n"
    found = client.post("/api/import/look", json={"file": "net.py", "text": text}).json()
    assert [item["name"] for item in found["found"]] == ["Net", "Block", "small"]
    net = found["found"][0]
    assert net["takes"] == ["pictures"] and net["summary"] == "Blocks and a head."
    assert [(item["name"], item["default"], item["required"]) for item in net["arguments"]] == [
        ("width", "4", False),
        ("blocks", "", True),
    ]
    assert "opens files" in found["does"] and not (root / "ran").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class Net(:\n", "line 1 is not Python"),
        ("x = 1\n", "no class or function"),
        ("(" * 5000 + ")" * 5000, "not Python|nested too deeply"),
    ],
)
def test_a_file_that_holds_no_module_is_refused_in_a_sentence(client: Client, text: str, words: str) -> None:
    answer = client.post("/api/import/look", json={"file": "net.py", "text": text})
    assert answer.status_code == 400
    assert any(word in answer.json()["message"] for word in words.split("|"))
    assert "/tmp" not in answer.json()["message"]


def test_ones_own_module_becomes_a_proved_document(client: Client, root: Path) -> None:
    found = ended(client, own(NET, name="Net", arguments="width=3, blocks=2"))
    assert (found.state, found.path, found.error) == ("done", "Net.yaml", "")
    assert found.proof is not None and found.proof.holds and found.proof.outputs == 0 and len(found.proof.sizes) == 2
    assert {item.name: (item.way, item.instances) for item in found.classes} == {
        "Net": ("native", 1),
        "Block": ("native", 2),
    }
    drawing = client.post("/api/draw", json={"text": (root / "Net.yaml").read_text("utf-8"), "path": "Net.yaml"})
    assert {level["name"] for level in drawing.json()["levels"]} >= {"", "Block"} and not drawing.json()["faults"]
    assert (root / "Net.yaml").read_text("utf-8").startswith("torchwork: 1\nname: Net\n")
    assert not [*(root / ".torchwork" / "imports").glob("*")]


def test_weights_come_along_and_begin_the_document(client: Client, root: Path) -> None:
    (root / "small.py").write_text("from blocks import Net\n\ndef make():\n    return Net(2, blocks=1)\n", "utf-8")
    (root / "blocks.py").write_text(NET, "utf-8")
    namespace: dict[str, Any] = {}
    exec(NET, namespace)
    torch.save(namespace["small"]().state_dict(), root / "small.pt")
    listed = client.get("/api/import/files").json()
    assert (listed["python"], listed["weights"]) == (["blocks.py", "small.py"], ["small.pt"])
    assert listed["limits"]["seconds"] == 300 and listed["limits"]["network"] is not limited.closes_network()
    body = own("", name="make", weights="small.pt") | {"file": {"path": "small.py"}}
    found = ended(client, body)
    assert (found.state, found.error, found.weights) == ("done", "", "weights/make.safetensors")
    assert "weights: weights/make.safetensors" in (root / "make.yaml").read_text("utf-8")
    text = (root / "make.yaml").read_text("utf-8")
    assert client.post("/api/check", json={"text": text, "path": "make.yaml"}).json()["problems"] == []


def test_a_script_of_torchwork_is_read_and_not_run(client: Client, root: Path) -> None:
    made = client.post("/api/export-text", json={"text": DOCUMENT, "path": "experiment.yaml"}).json()
    assert made["name"] == "first.py" and "nn.Conv2d(3, 4" in made["text"]
    file = {"file": "mine.py", "text": made["text"]}
    assert client.post("/api/import/look", json=file).json()["exported"] is True
    found = ended(client, {"file": file})
    assert (found.state, found.path, found.lost, found.proof) == ("done", "mine.yaml", [], None)
    difference = client.get("/api/diff", params={"a": "experiment.yaml", "b": "mine.yaml"}).json()
    assert difference["lines"] == []


def test_code_of_an_unsaved_text_runs(client: Client, tmp_path: Path) -> None:
    wider = DOCUMENT.replace("out_channels: 4", "out_channels: 7")
    made = client.post("/api/export-text", json={"text": wider, "path": "experiment.yaml", "to": "network"}).json()
    (tmp_path / "net.py").write_text(made["text"] + "\nprint(sum(p.numel() for p in First().parameters()))\n", "utf-8")
    done = subprocess.run([sys.executable, tmp_path / "net.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 7 * 28
    broken = client.post("/api/export-text", json={"text": DOCUMENT.replace("kernel_size: 3", "kernel_size: 99")})
    assert broken.status_code == 400 and broken.json()["problems"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"model": "resnet81"}, "did you mean resnet18"),
        (own(NET, name="Net", arguments="blocks=1", trust=False), "runs it on this machine"),
        (own(NET, name="Nett", arguments="blocks=1"), "did you mean Net"),
        (own(NET, name="Net"), "needs blocks"),
        (own(NET, name="Net", arguments="block=1"), "did you mean blocks"),
        (own(NET, name="Net", arguments="blocks=print(1)"), "expected values such as"),
        (own(NET, name="Net", arguments="blocks=1) or (2"), "expected values such as"),
        (own(NET, name="Net", arguments="blocks=1", input="3 by 3"), "expected shapes such as"),
        (own(NET, name="Net", arguments="blocks=1", path="experiment.yaml"), "exists already"),
        (own(NET, name="Net", arguments="blocks=1", path="../Net.yaml"), "inside the opened folder"),
        (own(NET, name="Net", arguments="blocks=1", weights="none.pt"), "there is no file"),
        ({"file": {"path": "../net.py"}, "name": "Net", "trust": True}, "inside the opened folder"),
        (own("#" + "x" * 1_000_001, name="Net"), "more than 1 MB"),
        ({}, "name a model of torchvision"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_anything_runs(
    client: Client, root: Path, body: dict[str, Any], words: str
) -> None:
    assert words in refused(client, body)
    assert nothing_left(root)


HEAD = "import os, sys, time\nfrom torch import nn\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sys.exit(0)\n", "it ends the program"),
        ("os._exit(3)\n", "ended the process"),
        ("print('x' * 3_000_000)\nraise RuntimeError('no such luck')\n", "line 4: RuntimeError: no such luck"),
    ],
)
def test_a_file_that_ends_or_prints_does_no_harm(client: Client, root: Path, text: str, words: str) -> None:
    whole = f"{HEAD}{text}class Net(nn.Linear):\n    def __init__(self):\n        super().__init__(2, 2)\n"
    found = ended(client, own(whole, name="Net", input="2x2"))
    assert found.state == "failed" and words in found.error and "\n" not in found.error
    assert nothing_left(root)
    assert client.get("/api/session").status_code == 200


def test_a_file_that_hangs_is_ended_with_all_that_it_started(root: Path) -> None:
    text = f"""{HEAD}import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
open({str(root / "pid")!r}, "w").write(str(child.pid))
class Net(nn.Linear): pass
time.sleep(600)
"""
    imports = Imports(root, Documents(root), Limits(seconds=40))
    asked = ImportRequest(file=PythonFile(file="net.py", text=text), name="Net", input="2x2", trust=True)
    begun = imports.start(asked)
    until(lambda: (root / "pid").exists() and (root / "pid").read_text())
    child = int((root / "pid").read_text())
    assert psutil.pid_exists(child)
    imports.stop(begun.id)
    until(lambda: imports.told(begun.id).state == "stopped")
    assert not psutil.pid_exists(child)
    (root / "pid").unlink()
    assert nothing_left(root)


def test_an_import_has_a_time_limit(root: Path) -> None:
    imports = Imports(root, Documents(root), Limits(seconds=0.5))
    text = f"{HEAD}class Net(nn.Linear): pass\ntime.sleep(600)\n"
    begun = imports.start(ImportRequest(file=PythonFile(file="net.py", text=text), name="Net", trust=True))
    until(lambda: imports.told(begun.id).state != "running")
    found = imports.told(begun.id)
    assert found.state == "failed" and "did not finish within 0.5 s" in found.error
    assert nothing_left(root)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_an_import_has_a_limit_of_memory(root: Path) -> None:
    imports = Imports(root, Documents(root), Limits(seconds=200, memory=60 << 20))
    begun = imports.start(ImportRequest(model="alexnet"), "torchvision.models:alexnet")
    until(lambda: imports.told(begun.id).state != "running")
    assert imports.told(begun.id).state == "failed" and imports.told(begun.id).error
    assert nothing_left(root)


def guarded(limits: Limits, code: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", limited.__file__, limits.words(), sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def test_limits_hold_for_a_process() -> None:
    with guarded(Limits(seconds=0.3), "import time; time.sleep(600)") as slow:
        assert slow.wait() == limited.TIMED_OUT
    with guarded(Limits(seconds=60), "import sys; sys.exit(7)") as fine:
        assert fine.wait() == 7


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_memory_is_limited() -> None:
    with guarded(Limits(seconds=60, memory=200 << 20), "x = bytearray(1 << 30)") as large:
        assert large.stderr is not None and large.wait() == 1
        assert b"MemoryError" in large.stderr.read()


CALLS = """import socket
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        socket.create_connection(("127.0.0.1", {port}), 5).sendall(b"hello")
        self.one = nn.Linear(2, 2)
    def forward(self, rows):
        return self.one(rows)
"""


@pytest.mark.skipif(not limited.closes_network(), reason="this system lets nobody close the network")
@pytest.mark.parametrize("network", [False, True])
def test_a_file_reaches_the_network_only_where_a_person_says_so(root: Path, network: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        text = CALLS.format(port=listening.getsockname()[1])
        imports = Imports(root, Documents(root))
        file = PythonFile(file="net.py", text=text)
        begun = imports.start(ImportRequest(file=file, name="Net", input="2x2", trust=True, network=network))
        until(lambda: imports.told(begun.id).state != "running")
        found = imports.told(begun.id)
        if network:
            assert found.state == "done"
            with listening.accept()[0] as called:
                assert called.recv(5) == b"hello"
            return
        assert found.state == "failed" and "the network is closed to imports" in found.error
        with pytest.raises(TimeoutError):
            listening.accept()


NO_SPACES = "echo 0 > /proc/sys/user/max_user_namespaces; exec"


@pytest.mark.skipif(not limited.closes_network(), reason="this system lets nobody close the network")
def test_where_the_network_cannot_be_closed_it_is_said_and_nothing_runs_that_relies_on_it(tmp_path: Path) -> None:
    own = ["unshare", "-Ur", "sh", "-c", f'{NO_SPACES} "$@"', "sh", sys.executable, "-P"]
    asked = "from torchwork.serve import limited; print(limited.usual().network)"
    assert subprocess.run([*own, "-c", asked], capture_output=True, text=True, check=True).stdout == "True\n"
    words = Limits(seconds=60, network=False).words()
    command = [*own, limited.__file__, words, sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as refused:
        assert refused.wait() == limited.OPEN
    assert not (tmp_path / "ran").exists()


SLOW = """import pathlib, time
from torch import nn
def wait(name):
    while not pathlib.Path({root!r}, name).exists():
        time.sleep(0.01)
wait("load")
class Net(nn.Linear):
    def __init__(self):
        super().__init__(2, 2)
    def forward(self, rows):
        wait("record")
        return super().forward(rows)
"""


def test_what_an_import_does_is_told_while_it_runs(root: Path) -> None:
    text = SLOW.format(root=str(root))
    imports = Imports(root, Documents(root))
    begun = imports.start(ImportRequest(file=PythonFile(file="net.py", text=text), name="Net", input="2x2", trust=True))
    assert imports.told(begun.id).stage == "loading"
    (root / "load").touch()
    until(lambda: imports.told(begun.id).stage == "recording")
    (root / "record").touch()
    until(lambda: imports.told(begun.id).state != "running")
    assert imports.told(begun.id).stage == "comparing"


def test_a_network_that_stays_code_has_nothing_to_edit(client: Client) -> None:
    text = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(2, 2)
    def forward(self, rows):
        for _ in range(int(rows.abs().sum()) % 3 + 1):
            rows = self.one(rows)
        return rows
"""
    found = ended(client, own(text, name="Net", input="2x2"))
    assert found.proof is not None and found.proof.holds and found.editable == 0
    assert ended(client, own(NET, name="small")).editable > 0


def test_a_server_that_is_gone_takes_its_imports_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with guarded(Limits(seconds=300), code) as guard:
        until(lambda: note.exists() and note.read_text())
        assert guard.stdin is not None
        guard.stdin.close()
        assert guard.wait() == limited.TIMED_OUT
    assert not psutil.pid_exists(int(note.read_text()))


def test_only_so_many_imports_run_at_once(root: Path) -> None:
    imports = Imports(root, Documents(root), Limits(seconds=100))
    asked = ImportRequest(file=PythonFile(file="net.py", text=NET), name="small", trust=True, input=SHAPE)
    for _ in range(2):
        imports.start(asked)
    with pytest.raises(RefusedError, match="2 imports are running"):
        imports.start(asked)
    imports.close()


def test_arguments_are_values() -> None:
    assert parsed_arguments(" 3, width = [2,2], name='a' ") == "3, width=[2, 2], name='a'"
    assert parsed_arguments("") == ""
    for wrong in ("x", "**{}", "*[1]", "a=__import__('os')", "1); f(2"):
        with pytest.raises(RefusedError):
            parsed_arguments(wrong)


class Evil:
    """Unpickling it would make a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch ran",)


def test_a_pickle_is_no_file_of_weights(client: Client, root: Path) -> None:
    answer = client.post("/api/upload-weights", params={"name": "evil.pt"}, content=pickle.dumps(Evil()))
    assert answer.status_code == 400
    assert "would run code" in answer.json()["message"] and "torch.save(model.state_dict()" in answer.json()["message"]
    assert answer.json()["message"].startswith("evil.pt ") and not (root / "ran").exists()
    assert nothing_left(root)


def test_weights_are_uploaded_and_tried(client: Client, root: Path) -> None:
    tensors = {"conv.weight": torch.zeros(4, 3, 3, 3), "conv.bias": torch.zeros(4)}
    save_file(tensors, root.parent / "w.safetensors")
    content = (root.parent / "w.safetensors").read_bytes()
    sent = [client.post("/api/upload-weights", params={"name": "w.safetensors"}, content=content) for _ in range(2)]
    assert [one.json()["path"] for one in sent] == ["weights/w.safetensors", "weights/w-2.safetensors"]
    assert sent[0].json() == {"path": "weights/w.safetensors", "tensors": 2, "numbers": 112}
    asked = {"text": DOCUMENT, "path": "experiment.yaml", "weights": "weights/w.safetensors"}
    found = client.post("/api/weights", json=asked).json()
    assert "weights: weights/w.safetensors" in found["text"] and found["tensors"] == 2
    [problem] = found["problems"]
    assert problem["message"].startswith("w.safetensors does not fit")
    assert "2 missing: head.bias, head.weight" in problem["message"]
    none = client.post("/api/weights", json={**asked, "text": found["text"], "weights": ""}).json()
    assert "weights:" not in none["text"] and none["problems"] == []


@pytest.mark.parametrize("name", ["../w.pt", "w.exe", ".pt", "a/b.pt", ".hidden.pt"])
def test_weights_get_no_other_place(client: Client, root: Path, name: str) -> None:
    answer = client.post("/api/upload-weights", params={"name": name}, content=b"x")
    assert answer.status_code == 400 and "expected a .safetensors" in answer.json()["message"]
    assert nothing_left(root)


def test_what_a_killed_server_left_goes(root: Path) -> None:
    old = root / ".torchwork" / "imports" / "old"
    old.mkdir(parents=True)
    os.utime(old, (time.time() - 100_000,) * 2)
    imports = Imports(root, Documents(root), Limits(seconds=0.1))
    begun = imports.start(ImportRequest(model="alexnet"), "torchvision.models:alexnet")
    until(lambda: imports.told(begun.id).state != "running")
    assert not old.exists()
