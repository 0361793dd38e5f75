"""Data into the opened folder: all files or none, nothing outside, nothing replaced, and what reads them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchwork.data.pictures import EXTENSIONS
from torchwork.data.sources.folder import SPLITS as KNOWN_SPLITS
from torchwork.serve import arriving, datasets
from torchwork.serve.routes.data_upload import MANY

from .inprocess import TestClient, serving
from .test_predict import picture

PNG = picture(size=(8, 8))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "opened"
    folder.mkdir()
    return folder


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    with serving(root) as client:
        yield client


def zipped(files: dict[str, bytes], **more: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **more) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def framed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Many files as the page sends them."""
    heads = [(json.dumps({"path": path, "size": len(content)}).encode(), content) for path, content in files]
    return b"".join(len(head).to_bytes(4, "little") + head + content for head, content in heads)


def many(client: TestClient, content: bytes, name: str = "mine") -> Any:
    return client.post("/api/upload-data", params={"name": name}, content=content, headers={"content-type": MANY})


def one(client: TestClient, content: bytes, name: str = "mine", file: str = "") -> Any:
    return client.post("/api/upload-data", params={"name": name, "file": file}, content=content)


def below(root: Path) -> list[str]:
    """Every file below the folder that is shown, and none may be left anywhere else."""
    assert not [path for path in (root / ".torchwork").rglob("*") if path.is_file()]
    assert [path.name for path in root.parent.iterdir()] == ["opened"]
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


FOLDER = {f"{split}/{name}/{i}.png": PNG for split in ("train", "val") for name in ("ants", "bees") for i in range(2)}


@pytest.mark.parametrize("way", ["zip", "wrapped zip", "files", "wrapped files"])
def test_a_folder_of_pictures_comes_whole_and_names_its_source(client: TestClient, root: Path, way: str) -> None:
    files = {f"photos/{path}" if "wrapped" in way else path: content for path, content in FOLDER.items()}
    answer = one(client, zipped(files)) if "zip" in way else many(client, framed(files.items()))
    found = answer.json()
    assert (found["path"], found["files"], found["bytes"]) == ("data/mine", 8, 8 * len(PNG))
    assert found["source"] == {"ImageFolder": {"root": "data/mine"}}
    assert "train, val" in found["notes"][0]
    assert below(root) == sorted(f"data/mine/{path}" for path in FOLDER)
    [offered] = client.get("/api/data-folders").json()
    assert (offered["path"], offered["splits"], offered["classes"]) == ("data/mine", ["train", "val"], ["ants", "bees"])


def test_files_may_be_cut_anywhere(client: TestClient, root: Path) -> None:
    content = framed([*FOLDER.items(), ("ants/empty.txt", b"")])
    for name, size in (("a", 1), ("b", 7), ("c", 4096)):
        pieces = (content[at : at + size] for at in range(0, len(content), size))
        headers = {"content-type": MANY}
        answer = client.post("/api/upload-data", params={"name": name}, content=pieces, headers=headers)
        assert answer.json()["files"] == 9
    assert (root / "data" / "b" / "train" / "ants" / "0.png").read_bytes() == PNG


def test_a_table_an_array_and_a_zipped_table(client: TestClient) -> None:
    found = one(client, b"a;b;species\n1;2;x\n", "table", "penguins.csv").json()
    assert found["source"] == {"Table": {"path": "data/table/penguins.csv", "target": "species"}}
    found = one(client, zipped({"wrap/t.tsv": b"a\tlast\n1\t2\n", "wrap/LICENSE.md": b"free"}), "zipped").json()
    assert found["source"] == {"Table": {"path": "data/zipped/t.tsv", "target": "last"}}
    assert any("LICENSE.md" in note for note in found["notes"])
    out = io.BytesIO()
    np.savez(out, x=np.zeros((4, 2)), y=np.arange(4))
    found = one(client, out.getvalue(), "array", "a.npz").json()
    assert found["source"] == {"Arrays": {"path": "data/array/a.npz"}}
    assert {item["kind"] for item in client.get("/api/data-folders").json()} == {"table", "arrays"}


def test_chinese_names_of_a_zip_file_from_windows_are_read(client: TestClient, root: Path) -> None:
    for name, encoding in (("gbk", "gb18030"), ("utf", "utf-8")):
        raw = "蚂蚁/一.png".encode(encoding)
        stand_in = "x" * (len(raw) - 4) + ".png"
        content = zipped({stand_in: PNG, "bees/1.png": PNG}).replace(stand_in.encode(), raw)
        assert one(client, content, name).status_code == 200
        assert (root / "data" / name / "蚂蚁" / "一.png").read_bytes() == PNG


WRONG = [
    *("../out.png", "a/../../out.png", "/etc/out.png", "C:\\out.png", "a\\b.png", "C:/out.png", "a//b.png", "./a.png"),
    *("con.png", "a/NUL/b.png", "a /b.png", "a./b.png", "a\x01.png", "a:stream.png", "x" * 300 + ".png"),
]


@pytest.mark.parametrize("path", WRONG)
def test_paths_that_lead_out_or_are_none_are_refused(client: TestClient, root: Path, path: str) -> None:
    for answer in (
        many(client, framed([("a/1.png", PNG), (path, PNG)])),
        one(client, zipped({"b.png": PNG, path: PNG})),
    ):
        assert answer.status_code == 403, answer.text
        assert "\n" not in answer.json()["message"]
    assert below(root) == []


def test_links_in_a_zip_file_are_refused(client: TestClient, root: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "link or device" in one(client, out.getvalue()).json()["message"]
    assert below(root) == []


def test_links_in_the_opened_folder_do_not_lead_out(client: TestClient, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    for name in ("data", ".torchwork"):
        (root / name).symlink_to(outside)
        assert many(client, framed([("a/1.png", PNG)])).status_code == 403
        (root / name).unlink()
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "con", "a.", "x" * 70, "a\\b", "-a"])
def test_names_that_are_no_folder_are_refused(client: TestClient, root: Path, name: str) -> None:
    answer = many(client, framed([("a/1.png", PNG)]), name)
    assert answer.status_code in (400, 403, 422)
    assert below(root) == []


def test_nothing_is_replaced(client: TestClient, root: Path) -> None:
    assert many(client, framed(FOLDER.items())).status_code == 200
    again = many(client, framed([("a/other.png", b"")]))
    assert (again.status_code, "exists already" in again.json()["message"]) == (409, True)
    assert len(below(root)) == 8


BROKEN = {
    "half a file": framed(FOLDER.items())[:-5],
    "half a head": framed(FOLDER.items()) + b"\x20\x00\x00\x00{",
    "no head": b"\xff\xff\xff\xff" + bytes(50),
    "no JSON": (3).to_bytes(4, "little") + b"abc",
    "negative": (26).to_bytes(4, "little") + b'{"path":"a.png","size":-1}',
    "nothing": b"",
    "other kinds": framed([("readme.md", b"#"), ("run.py", b"1"), (".hidden/a.png", PNG)]),
    "twice": framed([("a/1.png", PNG), ("A/1.PNG", PNG)]),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_half_an_upload_leaves_nothing(client: TestClient, root: Path, content: bytes) -> None:
    answer = many(client, content)
    assert answer.status_code == 400 and answer.json()["message"]
    assert below(root) == []
    assert not (root / "data" / "mine").exists()


def encrypted() -> bytes:
    content = bytearray(zipped({"a.png": PNG}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


@pytest.mark.parametrize("wrong", ["cut", "changed", "encrypted", "no zip"])
def test_damaged_zip_files_are_refused_in_a_sentence(client: TestClient, root: Path, wrong: str) -> None:
    whole = zipped({"ants/1.png": PNG, "bees/1.png": PNG})
    at = whole.index(PNG) + 20
    content = {
        "cut": whole[:-30],
        "changed": whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :],
        "encrypted": encrypted(),
        "no zip": b"hello",
    }[wrong]
    answer = one(client, content)
    assert answer.status_code == 400 and "zip file" in answer.json()["message"]
    assert below(root) == []


def test_python_objects_in_arrays_are_refused(client: TestClient, root: Path) -> None:
    objects, plain = io.BytesIO(), io.BytesIO()
    np.savez(objects, x=np.array([{"a": 1}, None], dtype=object), y=np.arange(2))
    np.save(plain, np.array([{}], dtype=object))
    for content, file in ((objects, "a.npz"), (plain, "a.npy")):
        message = one(client, content.getvalue(), file=file).json()["message"]
        assert "Python objects" in message
    assert "damaged" in one(client, b"\x93NUMPY nonsense", file="a.npy").json()["message"]
    assert below(root) == []


def test_limits_are_kept_whatever_is_announced(client: TestClient, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "MOST_BYTES", 100_000)
    bomb = zipped({f"a/{i}.png": bytes(60_000) for i in range(2)}, compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1000
    for answer in (
        one(client, bomb),
        many(client, framed([("a/1.png", bytes(120_000))])),
        client.post("/api/upload-data?name=x&file=a.csv", content=(bytes(50_000) for _ in range(3))),
    ):
        assert answer.status_code == 413, answer.text
    monkeypatch.setattr(arriving, "MOST_FILES", 3)
    assert many(client, framed((f"a/{i}.png", b"") for i in range(4))).status_code == 413
    assert below(root) == []


def test_what_no_source_reads_is_said(client: TestClient) -> None:
    found = many(client, framed([("1.png", PNG), ("2.png", PNG)])).json()
    assert found["source"] == {} and "folder for each class" in found["notes"][0]


def test_data_below_the_folder_are_found_and_what_is_hidden_is_not(client: TestClient, root: Path) -> None:
    for path in ("deep/er/set/ants/1.png", "deep/er/set/bees/1.png", ".hidden/a/1.png", ".hidden/b/1.png"):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(PNG)
    (root / "runs" / "one").mkdir(parents=True)
    (root / "runs" / "one" / "run.json").write_text("{}")
    (root / "runs" / "one" / "t.csv").write_text("a,b\n1,2\n")
    (root / "notes.csv").write_text("no table")
    (root / "t.csv").write_text("a,label,b\n1,2,3\n")
    found = {item["path"]: item["source"] for item in client.get("/api/data-folders").json()}
    assert found == {
        "t.csv": {"Table": {"path": "t.csv", "target": "label"}},
        "deep/er/set": {"ImageFolder": {"root": "deep/er/set"}},
    }


def test_the_server_knows_the_same_pictures_and_splits_as_training() -> None:
    assert datasets.PICTURES == EXTENSIONS
    assert set(datasets.SPLITS) == set(KNOWN_SPLITS)
