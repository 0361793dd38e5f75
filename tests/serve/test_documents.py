"""Documents of the opened folder: found, edited by two at once, begun, compared, deleted and had back."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from httpx import Client

from torchwork.experiment import Experiment
from torchwork.record import RunFolder
from torchwork.serve.documents import Documents
from torchwork.serve.messages import DocumentNew, DocumentSave
from torchwork.serve.refusal import NotFoundError, RefusedError

from .served import DOCUMENT


@pytest.fixture
def documents(root: Path) -> Documents:
    return Documents(root)


def paths(documents: Documents) -> set[str]:
    return {file.path for file in documents.listed()}


def add(root: Path, path: str, text: str = DOCUMENT) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def test_documents_are_found_and_other_files_are_not(root: Path, documents: Documents) -> None:
    add(root, "deep/er/model.yml", "name: m\nmodel:\n  layers: [ReLU]\n")
    add(root, "as.json", '{\n "torchwork": 1, "name": "j", "model": {"layers": []}}')
    add(root, "形状 ü.yaml")
    for other in (".git/a.yaml", "node_modules/b.yaml", ".venv/c.yaml", ".torchwork/jobs/d.yaml", "notes.txt"):
        add(root, other)
    add(root, "compose.yaml", "services:\n  model: yolo\n")
    add(root, "config.json", '{"data": [1, 2], "model": "resnet"}')
    RunFolder.create(root / "runs", "first")
    add(root, "runs/first-1/experiment.yaml")
    assert paths(documents) == {"experiment.yaml", "deep/er/model.yml", "as.json", "形状 ü.yaml"}
    assert {file.path: file.name for file in documents.listed()}["as.json"] == "j"


def test_a_document_that_is_being_mistyped_stays_listed(root: Path, documents: Documents) -> None:
    add(root, "experiment.yaml", DOCUMENT.replace("layers:", "layers: ["))
    assert paths(documents) == {"experiment.yaml"}


def test_the_list_follows_the_folder(root: Path, documents: Documents) -> None:
    assert paths(documents) == {"experiment.yaml"}
    add(root, "new/one.yaml")
    assert paths(documents) == {"experiment.yaml", "new/one.yaml"}
    add(root, "new/one.yaml", "nothing: of ours\n")
    os.utime(root / "new/one.yaml", ns=(1, 1))
    assert paths(documents) == {"experiment.yaml"}
    (root / "experiment.yaml").unlink()
    assert paths(documents) == set()


def test_files_that_cannot_be_documents_do_no_harm(root: Path, documents: Documents) -> None:
    (root / "bytes.yaml").write_bytes(bytes(range(256)) * 100)
    (root / "huge.yaml").write_bytes(b"torchwork: 1\n" * 400_000)
    (root / "gone.yaml").symlink_to(root / "nowhere.yaml")
    (root / os.fsdecode(b"no-\xff-text.yaml")).write_text(DOCUMENT)
    (root / "circle").symlink_to(root)
    assert paths(documents) == {"experiment.yaml"}
    with pytest.raises(RefusedError, match="UTF-8"):
        documents.read("bytes.yaml")
    with pytest.raises(RefusedError, match="larger"):
        documents.read("huge.yaml")


def test_what_is_saved_is_read_again(root: Path, documents: Documents) -> None:
    found = documents.read("experiment.yaml")
    saved = documents.save(DocumentSave(path=found.path, text=found.text + "# ü 形\n", base=found.version))
    assert documents.read("experiment.yaml") == saved
    assert saved.text.endswith("# ü 形\n")
    assert saved.version != found.version
    assert [path.name for path in root.iterdir()] == ["experiment.yaml"]


def test_the_later_of_two_editors_is_told(documents: Documents) -> None:
    mine = theirs = documents.read("experiment.yaml")
    documents.save(DocumentSave(path=theirs.path, text="theirs", base=theirs.version))
    save = DocumentSave(path=mine.path, text="mine", base=mine.version)
    with pytest.raises(RefusedError, match="meanwhile") as refused:
        documents.save(save)
    assert refused.value.status == 409
    assert documents.read("experiment.yaml").text == "theirs"
    assert documents.save(save.model_copy(update={"force": True})).text == "mine"


def test_of_many_that_save_at_once_one_wins(documents: Documents) -> None:
    base, won = documents.read("experiment.yaml").version, []

    def save(number: int) -> None:
        try:
            won.append(documents.save(DocumentSave(path="experiment.yaml", text=f"{number}", base=base)).text)
        except RefusedError as error:
            assert error.status == 409

    threads = [threading.Thread(target=save, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [documents.read("experiment.yaml").text]


def test_a_document_that_was_deleted_or_made_meanwhile_is_not_overwritten(root: Path, documents: Documents) -> None:
    found = documents.read("experiment.yaml")
    with pytest.raises(RefusedError, match="exists already"):
        documents.save(DocumentSave(path=found.path, text="x"))
    (root / "experiment.yaml").unlink()
    with pytest.raises(RefusedError, match="deleted"):
        documents.save(DocumentSave(path=found.path, text="x", base=found.version))
    assert documents.save(DocumentSave(path=found.path, text="x")).text == "x"


def test_line_ends_and_rights_of_a_file_stay(root: Path, documents: Documents) -> None:
    file = root / "experiment.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: a\r\nseed: 1\r\n")
    file.chmod(0o640)
    found = documents.read("experiment.yaml")
    assert not found.text.startswith("\ufeff")
    documents.save(DocumentSave(path=found.path, text="name: b\nseed: 2\n", base=found.version))
    assert file.read_bytes() == b"name: b\r\nseed: 2\r\n"
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("path", ["a.py", "a", ".git/config.yaml", "x/.hidden.yaml", "node_modules/a.json", ""])
def test_only_documents_in_the_open_are_written(root: Path, documents: Documents, path: str) -> None:
    with pytest.raises(RefusedError):
        documents.save(DocumentSave(path=path, text="torchwork: 1", force=True))
    assert [item.name for item in root.iterdir()] == ["experiment.yaml"]


def test_the_document_of_a_run_stays_as_it_was_trained(root: Path, documents: Documents) -> None:
    RunFolder.create(root / "runs", "first")
    add(root, "runs/first-1/experiment.yaml")
    found = documents.of_run("runs/first-1")
    assert found.path == "runs/first-1/experiment.yaml"
    with pytest.raises(RefusedError, match="stays as it was"):
        documents.save(DocumentSave(path=found.path, text="x", base=found.version, force=True))
    with pytest.raises(RefusedError, match="stays as it was"):
        documents.delete(found.path)
    made = documents.new(DocumentNew(path="again.yaml", run="runs/first-1"))
    assert Experiment.loads(made.text).name == "again"


def test_every_template_makes_a_document_that_bears_its_name(documents: Documents) -> None:
    templates = documents.templates()
    assert templates[0].name == "shapes"
    for template in templates:
        made = documents.new(DocumentNew(path=f"new/my-{template.name}.yaml", template=template.name))
        assert Experiment.loads(made.text).name == f"my-{template.name}"
        assert "experiment.yaml" not in made.text
        assert template.title and len(template.layers) > 2
        with pytest.raises(RefusedError, match="exists already"):
            documents.new(DocumentNew(path=made.path, template=template.name))
    with pytest.raises(NotFoundError, match="did you mean shapes"):
        documents.new(DocumentNew(path="x.yaml", template="shape"))


def test_what_changed_is_said_in_words(root: Path, client: Client) -> None:
    add(root, "other.yaml", DOCUMENT.replace("lr: 0.01", "lr: 0.1"))
    RunFolder.create(root / "runs", "first")
    add(root, "runs/first-1/experiment.yaml")
    found = client.get("/api/diff", params={"a": "run:runs/first-1", "b": "other.yaml"}).json()
    assert found == {"lines": ["optimizer.Adam.lr: 0.01 -> 0.1"]}
    add(root, "broken.yaml", DOCUMENT.replace("optimizer:", "optimiser:"))
    refused = client.get("/api/diff", params={"a": "experiment.yaml", "b": "broken.yaml"})
    assert refused.status_code == 400
    assert refused.json()["problems"][0]["line"] == 14
    assert str(root) not in refused.text


def test_a_deleted_document_can_be_had_back(root: Path, client: Client) -> None:
    deleted = client.delete("/api/document", params={"path": "experiment.yaml"}).json()
    assert not (root / "experiment.yaml").exists()
    assert client.get("/api/documents").json() == []
    assert client.get("/api/document", params={"path": "experiment.yaml"}).status_code == 404
    undo = {"undo": deleted["undo"]}
    add(root, "experiment.yaml", "another")
    assert client.post("/api/runs/restore", params=undo).status_code == 409
    (root / "experiment.yaml").unlink()
    assert client.post("/api/runs/restore", params=undo).json() == ["experiment.yaml"]
    assert (root / "experiment.yaml").read_text() == DOCUMENT
    assert client.post("/api/runs/restore", params=undo).status_code == 404
    assert client.post("/api/runs/restore", params={"undo": "../../x"}).status_code == 404


def test_the_routes_speak_the_contract(client: Client) -> None:
    [listed] = client.get("/api/documents").json()
    found = client.get("/api/document", params={"path": listed["path"]}).json()
    save = {"path": found["path"], "text": "torchwork: 1\n", "base": found["version"]}
    assert client.put("/api/document", json=save).json()["text"] == "torchwork: 1\n"
    again = client.put("/api/document", json=save)
    assert (again.status_code, set(again.json())) == (409, {"message", "problems", "stored"})
    assert client.put("/api/document", json={**save, "misspelt": 1}).status_code == 422
    made = client.post("/api/documents", json={"path": "b.yaml", "template": "shapes"}).json()
    assert made["text"] == client.get("/api/document", params={"path": "b.yaml"}).json()["text"]
    assert "shapes" in [template["name"] for template in client.get("/api/templates").json()]
    assert client.get("/api/document").status_code == 400


def test_a_document_without_template_lacks_only_its_network(documents: Documents) -> None:
    made = documents.new(DocumentNew(path="my-net.yaml"))
    assert "name: my-net\n" in made.text
    found = Experiment.loads(made.text.replace("layers: []", "layers: [Flatten]"))
    assert (found.name, found.data is not None) == ("my-net", True)


def test_what_a_template_asks_for_stands_in_the_new_document(documents: Documents) -> None:
    made = documents.new(DocumentNew(path="t.yaml", template="table", settings=['data.source.Table.path="my.csv"']))
    assert "Table: {path: my.csv, target: target}" in made.text
    assert "# for numbers instead of classes" in made.text
