"""Trying a run: pictures of somebody's, pictures that are none, samples of the validation set, exports."""

from __future__ import annotations

import ast
import asyncio
import base64
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from httpx import Client, Response
from PIL import Image
from safetensors import safe_open
from starlette.requests import Request

import torchwork
from torchwork.record import EventWriter
from torchwork.serve.refusal import RefusedError
from torchwork.serve.upload import receive

RUN = {"run": "runs/first"}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    out = BytesIO()
    image = Image.linear_gradient("L").resize(size).convert(mode)
    image.save(out, kind)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of side x side pixels in a few kilobytes; its content is not even needed."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def predict(client: Client, content: bytes | Iterator[bytes], name: str = "a.png", run: str = "runs/first") -> Response:
    return client.post("/api/predict", params={"run": run, "name": name}, content=content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_picture_gets_all_classes_with_scores(trained: Client, once: Path, tmp_path: Path, kind: str) -> None:
    found = predict(trained, picture(kind), f"ein Bild 图.{kind}").json()
    assert found["name"] == f"ein Bild 图.{kind}"
    scores = [item["score"] for item in found["scores"]]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-5)
    (tmp_path / "same").write_bytes(picture(kind))
    [expected] = torchwork.Run.open(once / "runs" / "first").predict([tmp_path / "same"])
    assert {item["label"]: pytest.approx(item["score"], abs=1e-5) for item in found["scores"]} == expected.scores


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is a text, not a picture", "not a picture"),
        (b"", "holiday.png is empty"),
        (picture()[:60], "not a picture"),
        (picture("JPEG", (400, 300))[:900], "not a picture"),
        (bomb(200), "not a picture"),
        (bomb(60_000), "million pixels"),
        (bomb(12_000), "100 million"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "not a picture"),
        (bytes(100_000), "not a picture"),
    ],
    ids=["text", "nothing", "cut", "cut jpeg", "empty png", "bomb", "small bomb", "postscript", "zeros"],
)
def test_what_is_no_picture_is_refused_in_one_sentence(trained: Client, content: bytes, words: str) -> None:
    refused = predict(trained, content, "holiday.png")
    assert refused.status_code == 400
    message = refused.json()["message"]
    assert words in message
    assert "\n" not in message and "Traceback" not in message and "/tmp" not in message
    assert predict(trained, picture()).status_code == 200


def test_too_large_a_file_is_refused(trained: Client) -> None:
    for content in (bytes(50_000_000), (bytes(1_000_000) for _ in range(50))):
        refused = predict(trained, content)
        assert refused.status_code == 413 and "a.png is too large: at most 32 MB" in refused.json()["message"]
    assert predict(trained, picture()).status_code == 200


@pytest.mark.parametrize(("headers", "pieces"), [([], 33), ([(b"content-length", b"50000000")], 0)])
def test_too_large_a_file_is_not_read_to_its_end(headers: list[tuple[bytes, bytes]], pieces: int) -> None:
    read = []

    async def more() -> dict[str, object]:
        read.append(1)
        return {"type": "http.request", "body": bytes(1 << 20), "more_body": True}

    async def upload() -> None:
        async with receive(Request({"type": "http", "headers": headers}, more), "a.png"):
            raise AssertionError("it was taken")

    with pytest.raises(RefusedError, match="32 MB"):
        asyncio.run(upload())
    assert len(read) == pieces


def test_a_sample_of_the_validation_set_comes_with_its_truth(trained: Client) -> None:
    shown = trained.get("/api/samples", params={**RUN, "n": 5, "from": 2}).json()
    assert [item["index"] for item in shown] == [2, 3, 4, 5, 6]
    content = base64.b64decode(shown[0]["picture"].removeprefix("data:image/png;base64,"))
    assert Image.open(BytesIO(content)).size == (16, 16)
    found = trained.post("/api/predict", params={**RUN, "sample": 2}).json()
    assert found["truth"] == shown[0]["label"] and not found["places"]
    assert len(found["scores"]) == 10
    drawn = predict(trained, content).json()
    assert found["scores"][0]["label"] == drawn["scores"][0]["label"]
    assert found["scores"][0]["score"] == pytest.approx(drawn["scores"][0]["score"], abs=1e-4)


def test_samples_end_where_the_validation_set_ends(trained: Client) -> None:
    assert len(trained.get("/api/samples", params={**RUN, "n": 12, "from": 10}).json()) == 6
    assert trained.get("/api/samples", params={**RUN, "from": 10**9}).json() == []
    refused = trained.post("/api/predict", params={**RUN, "sample": 16})
    assert (refused.status_code, "0 to 15" in refused.json()["message"]) == (400, True)
    for wrong in ({"n": 0}, {"n": 10**6}, {"from": -1}):
        assert trained.get("/api/samples", params={**RUN, **wrong}).status_code == 422


def test_a_run_of_a_table_predicts_its_samples(trained: Client) -> None:
    run = {"run": "runs/table"}
    [sample] = trained.get("/api/samples", params={**run, "n": 1}).json()
    assert (sample["picture"], sample["label"] in ("yes", "no")) == ("", True)
    found = trained.post("/api/predict", params={**run, "sample": 0}).json()
    assert {item["label"] for item in found["scores"]} == {"yes", "no"}
    refused = predict(trained, picture(), run="runs/table")
    assert (refused.status_code, "not trained on pictures" in refused.json()["message"]) == (400, True)


def test_the_model_is_taken_away_as_weights_program_and_script(trained: Client, tmp_path: Path) -> None:
    for to, name in (("safetensors", "first.safetensors"), ("script", "first.py"), ("pt2", "first.pt2")):
        found = trained.get("/api/export", params={**RUN, "to": to})
        assert found.status_code == 200
        assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
        (tmp_path / name).write_bytes(found.content)
    with safe_open(tmp_path / "first.safetensors", "pt") as file:
        assert "conv.weight" in file.keys()  # noqa: SIM118 - no mapping
    ast.parse((tmp_path / "first.py").read_text("utf-8"))
    assert (tmp_path / "first.pt2").read_bytes()[:2] == b"PK"
    assert trained.get("/api/export", params={**RUN, "to": "pickle"}).status_code == 422


def test_an_export_leaves_nothing_behind(trained: Client, once: Path) -> None:
    before = {path.name for path in (once / "runs" / "first").iterdir()}
    trained.get("/api/export", params={**RUN, "to": "safetensors"})
    assert {path.name for path in (once / "runs" / "first").iterdir()} == before


def test_runs_of_others_and_runs_that_are_gone_are_refused(trained: Client, once: Path) -> None:
    EventWriter(once / "logs" / "theirs").close()
    for run, status, words in (
        ("logs/theirs", 400, "not made by torchwork"),
        ("runs/gone", 404, "no run"),
        ("../once", 403, "no place inside"),
    ):
        for refused in (
            predict(trained, picture(), run=run),
            trained.get("/api/samples", params={"run": run}),
            trained.get("/api/export", params={"run": run, "to": "script"}),
        ):
            assert refused.status_code == status
            assert words in refused.json()["message"]
