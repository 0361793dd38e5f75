"""The canvas and its server: edits and drawings, copies, what fits, small pictures, the catalog, questions given up."""

from __future__ import annotations

import asyncio
import base64
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from PIL import Image
from starlette.requests import Request

from torchwork.serve.refusal import RefusedError
from torchwork.serve.waiting import wanted
from torchwork.serve.worker import Worker

from .served import DOCUMENT


def drawn(client: Client, text: str = DOCUMENT, *edits: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = client.post("/api/draw", json={"text": text, "edits": [*edits], **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_text_is_drawn_with_shapes_counts_and_the_lines_of_its_code(trained: Client) -> None:
    found = drawn(trained)
    [level] = found["levels"]
    conv, relu, _, head = level["nodes"]
    assert found["text"] == DOCUMENT and found["faults"] == [] and found["can_train"]
    assert conv["outputs"] == ["B×4×14×14"] and conv["inferred"] == {"in_channels": 3} and conv["parameters"] == 112
    assert conv["macs"] == 4 * 14 * 14 * 27
    assert relu["inputs"] == [{"name": "input", "source": "conv", "shape": "B×4×14×14", "needed": True}]
    assert head["outputs"] == ["B×10"] and level["outputs"][0]["shape"] == "B×10"
    assert {node["state"] for node in level["nodes"]} == {"right"}
    lines = found["code"].splitlines()
    assert "nn.Conv2d(3, 4, 3)" in lines[conv["made"] - 1] and "nn.Linear(784, 10)" in lines[head["made"] - 1]


def test_an_edit_answers_with_the_new_text_and_its_drawing(trained: Client) -> None:
    found = drawn(trained, DOCUMENT, {"do": "node", "node": "conv", "args": {"out_channels": 6}})
    assert "out_channels: 6" in found["text"] and found["selected"] == ["conv"]
    assert found["levels"][0]["nodes"][0]["outputs"] == ["B×6×14×14"]
    removed = drawn(trained, found["text"], {"do": "remove", "nodes": ["conv"]})
    assert len(removed["levels"][0]["nodes"]) == 3


def test_an_edit_that_cannot_be_is_refused_with_its_problems(trained: Client) -> None:
    answer = trained.post("/api/draw", json={"text": DOCUMENT, "edits": [{"do": "remove", "nodes": ["nobody"]}]})
    assert answer.status_code == 400
    assert "nobody" in answer.json()["message"] and answer.json()["problems"]
    assert trained.post("/api/draw", json={"text": DOCUMENT, "edits": [{"do": "fly"}]}).status_code == 422


def test_what_lies_behind_a_fault_is_behind_and_not_wrong(trained: Client) -> None:
    right = drawn(trained)
    found = drawn(trained, DOCUMENT.replace("kernel_size: 3", "kernel_size: 30"))
    [fault] = found["faults"]
    assert (fault["node"], fault["level"]) == ("conv", "") and fault["fixes"][0]["label"] == "set kernel_size to 16"
    assert [node["state"] for node in found["levels"][0]["nodes"]] == ["wrong", "behind", "behind", "behind"]
    assert not found["can_train"] and found["code"] == right["code"]  # that of the last right version
    mended = drawn(trained, found["text"], *fault["fixes"][0]["edits"])
    assert mended["faults"] == []


@pytest.mark.parametrize(
    "text", ["", "a: [", "model: 3", "model: {layers: [3, {}]}", "model: {layers: []}", "[]", "x: 1"]
)
def test_a_text_that_is_no_document_is_drawn_as_far_as_it_can_be(trained: Client, text: str) -> None:
    found = drawn(trained, text)
    assert found["faults"] and not found["can_train"]


def test_missing_data_do_not_take_the_drawing_away(trained: Client) -> None:
    text = DOCUMENT.replace("Shapes: {size: 16, train: 48, valid: 16}", "ImageFolder: {root: nowhere}")
    found = drawn(trained, text)
    assert [fault["place"].partition(".")[0] for fault in found["faults"]] == ["data"]
    assert [node["type"] for node in found["levels"][0]["nodes"]] == ["Conv2d", "ReLU", "Flatten", "Linear"]
    assert {node["state"] for node in found["levels"][0]["nodes"]} == {"behind"}
    text = text.replace("model:\n", "model:\n  example: [2x3x16x16]\n")
    assert drawn(trained, text)["levels"][0]["nodes"][0]["outputs"] == ["B×4×14×14"]


def test_a_section_that_is_missing_does_not_take_the_shapes_away(trained: Client) -> None:
    found = drawn(trained, DOCUMENT.replace("loss: CrossEntropyLoss\n", ""))
    assert found["levels"][0]["nodes"][0]["outputs"] == ["B×4×14×14"]
    assert [fix["label"] for fix in found["faults"][0]["fixes"]] == ["add loss"]


NESTED = """model:
  example: [2x3x8x8]
  modules:
    Block: {inputs: [x], arguments: {n: 4}, layers: [{Conv2d: {out_channels: n, kernel_size: 1}, name: conv}, ReLU]}
  layers: [{Block: {n: 5}, name: a}, {Block: {n: 6}, name: b, repeat: 2}, {Dropout: {}, bypass: true}, Flatten]
"""


def test_a_definition_shows_the_shapes_of_the_instance_that_is_asked_for(trained: Client) -> None:
    outer, inner = drawn(trained, NESTED)["levels"]
    assert inner["instances"] == ["a", "b.0", "b.1"] and inner["instance"] == "a"
    assert inner["nodes"][0]["outputs"] == ["B×5×8×8"]
    assert [node["parameters"] for node in outer["nodes"]] == [20, 36 + 42, 0, 0]
    assert outer["nodes"][2]["outputs"] == ["B×6×8×8"]
    asked = drawn(trained, NESTED, instances={"Block": "b.1"})["levels"][1]
    assert asked["instance"] == "b.1" and asked["nodes"][0]["inferred"] == {"in_channels": 6}


def test_nodes_are_copied_as_text(trained: Client) -> None:
    found = trained.post("/api/copy", json={"text": DOCUMENT, "level": "", "nodes": ["conv"]}).json()
    assert "Conv2d" in found["text"]
    pasted = drawn(trained, DOCUMENT, {"do": "paste", "text": found["text"]})
    assert [node["type"] for node in pasted["levels"][0]["nodes"]].count("Conv2d") == 2


def test_only_what_runs_on_a_wire_is_offered(trained: Client) -> None:
    found = trained.post("/api/fits", json={"text": DOCUMENT, "source": "conv"}).json()
    assert found["likely"][:3] == ["BatchNorm2d", "ReLU", "MaxPool2d"]
    assert {"Conv2d", "Flatten", "add"} <= {*found["names"]}
    assert not {"Conv3d", "LSTM", "BatchNorm1d", "Embedding"} & {*found["names"]}
    everything = trained.post("/api/fits", json={"text": DOCUMENT}).json()
    assert {"Conv3d", "LSTM", "Embedding", "Parameter"} <= {*everything["names"]}


def test_each_node_has_a_picture_of_what_it_gives(trained: Client) -> None:
    found = trained.post("/api/node-pictures", json={"text": DOCUMENT}).json()
    assert found["why"] == "" and [*found["pictures"]] == ["conv", "1", "2", "head"] and found["input"]
    image = Image.open(BytesIO(base64.b64decode(found["pictures"]["conv"].partition(",")[2])))
    assert image.format == "PNG" and image.size == (14, 14)
    why = trained.post("/api/node-pictures", json={"text": DOCUMENT.replace("ReLU", "Relu")}).json()
    assert why["pictures"] == {} and "marked" in why["why"]


def test_an_operation_in_place_does_not_change_the_picture_before_it(trained: Client) -> None:
    plain = trained.post("/api/node-pictures", json={"text": DOCUMENT}).json()
    text = DOCUMENT.replace("- ReLU", "- {ReLU: {inplace: true}}")
    assert trained.post("/api/node-pictures", json={"text": text}).json()["pictures"] == plain["pictures"]


def test_the_catalog_comes_packed_and_is_asked_for_once(trained: Client) -> None:
    answer = trained.get("/api/parts")
    assert answer.headers["content-encoding"] == "gzip"
    parts = {(part["kind"], part["name"]): part for part in answer.json()["parts"]}
    conv = parts["layer", "Conv2d"]
    assert conv["group"] == "convolution" and conv["common"] and conv["link"].endswith("torch.nn.Conv2d.html")
    assert [field["name"] for field in conv["fields"]][:2] == ["out_channels", "kernel_size"]
    assert conv["fields"][0]["low"] == 1 and conv["fields"][-1]["inferred"]
    assert ("warmup", "linear") in parts and ("source", "ImageFolder") in parts and ("operation", "cat") in parts
    again = trained.get("/api/parts", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_question_that_nobody_waits_for_leaves_the_queue(tmp_path: Path) -> None:
    worker, asked, free = Worker(tmp_path), list[str](), threading.Event()

    def answer(number: int, method: str, arguments: dict[str, Any]) -> str:
        asked.append(arguments["text"])
        free.wait(10)
        return arguments["text"]

    worker._ask = answer  # type: ignore[method-assign]

    async def page() -> str:
        gone = asyncio.Event()

        async def receive() -> dict[str, str]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def forever() -> dict[str, str]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        left, stays = Request({"type": "http"}, receive), Request({"type": "http"}, forever)
        first = asyncio.create_task(wanted(stays, worker.call("draw", text="first")))
        while not asked:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(wanted(left, worker.call("draw", text="second")))
        third = asyncio.create_task(wanted(stays, worker.call("draw", text="third")))
        await asyncio.sleep(0)
        gone.set()
        with pytest.raises(RefusedError):
            await second
        free.set()
        await first
        return await third

    assert asyncio.run(page()) == "third"
    assert asked == ["first", "third"]
    asyncio.run(worker.close())
