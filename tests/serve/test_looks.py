"""Looking into a run through the server: layers as they were measured, maps, and what is refused."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from httpx import Client
from PIL import Image

from torchwork.record import EventWriter
from torchwork.serve.held import HeldPictures
from torchwork.serve.looks import LayerNumbers
from torchwork.serve.refusal import NotFoundError

from .inprocess import TestClient, serving
from .served import DOCUMENT

RUN = {"run": "runs/first"}


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[tuple[Path, TestClient]]:
    """A folder for logs, and its server."""
    with serving(tmp_path) as client:
        yield tmp_path / "log", client


def layers(client: TestClient, run: str = "log") -> dict[str, LayerNumbers]:
    found = client.get("/api/inside", params={"run": run}).json()["layers"]
    return {item["name"]: LayerNumbers.model_validate(item) for item in found}


def heat(client: TestClient, what: str, columns: int = 10) -> dict[str, object]:
    return client.get("/api/inside/heat", params={"run": "log", "what": what, "columns": columns}).json()


def picture() -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize((20, 16)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def test_parameters_of_a_layer_are_taken_together(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    row = {"gradient_norm/a.weight": 3.0, "gradient_norm/a.bias": 4.0, "weight_norm/a.weight": 6.0,
           "weight_norm/a.bias": 8.0, "update_ratio/a.weight": 0.5, "update_ratio/a.bias": 0.5,
           "output_std/a": 2.0}  # fmt: skip
    with EventWriter(folder) as writer:
        writer.scalars(1, row | {"gradient_norm/a.weight": 1.0})
        writer.scalars(2, row)
    found = layers(client)["a"].numbers
    assert found["gradient_norm"] == pytest.approx(5) and found["weight_norm"] == pytest.approx(10)
    assert found["update_ratio"] == pytest.approx(0.5) and found["output_std"] == 2
    assert client.get("/api/inside", params={"run": "log"}).json()["step"] == 2


def test_a_weight_of_zero_does_not_hide_the_updates_of_the_others(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    row = {"update_ratio/a.weight": 0.1, "update_ratio/a.bias": float("inf"), "weight_norm/a.weight": 2.0,
           "weight_norm/a.bias": 0.0}  # fmt: skip
    with EventWriter(folder) as writer:
        writer.scalars(1, row)
    assert layers(client)["a"].numbers["update_ratio"] == pytest.approx(0.1)


def test_layers_stand_in_the_order_of_their_calls_and_own_their_inner_parameters(
    logs: tuple[Path, TestClient],
) -> None:
    folder, client = logs
    with EventWriter(folder) as writer:
        writer.scalars(
            1, {"gradient_norm/z.attention.out_proj.weight": 1.0, "output_mean/b": 0.0, "output_mean/a": 0.0}
        )
        writer.scalars(2, {"layer_time/a": 1.5, "layer_time/z.attention": 2.0, "layer_time/b": 0.5})
    found = layers(client)
    assert list(found) == ["a", "z.attention", "b"]
    assert found["z.attention"].numbers == {"milliseconds": 2.0, "gradient_norm": 1.0}


def test_numbers_that_are_none_come_as_null_and_words(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    with EventWriter(folder) as writer:
        writer.scalars(1, {"output_mean/a": float("nan"), "output_std/a": float("inf")})
    assert layers(client)["a"].numbers == {"output_mean": None, "output_std": "Infinity"}


def test_the_last_distribution_of_outputs_comes_as_a_shape(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    with EventWriter(folder) as writer:
        writer.scalars(1, {"output_mean/a": 0.0, "output_mean/b": 0.0})
        for step, centre in ((1, -50.0), (2, 5.0)):
            edges, counts = np.linspace(centre - 1, centre + 1, 21), np.r_[np.zeros(10), np.full(10, 7.0)]
            writer.histogram_counts(step, "outputs/a", edges, counts)
    found = layers(client)
    shape = found["a"].shape
    assert shape is not None and found["b"].shape is None
    assert 4.9 < shape.low < shape.high < 6.1 and max(shape.heights) == 1
    assert min(shape.heights) > 0.9, "its values are spread evenly"
    assert found["a"].histograms == ["outputs/a"]


def test_heat_has_a_row_for_each_layer_and_holds_what_is_measured_rarely(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    with EventWriter(folder) as writer:
        for step in range(100):
            row = {"gradient_norm/a.weight": 3.0, "gradient_norm/a.bias": 4.0, "gradient_norm/b.weight": float(step)}
            writer.scalars(step, row if step else {**row, "gradient_norm/b.weight": float("nan")})
        writer.scalars(50, {"dead_units/r": 0.25})
    found = heat(client, "gradient_norm")
    assert found["steps"] == [9, 19, 29, 39, 49, 59, 69, 79, 89, 99]
    first, second = found["rows"]
    assert first == {"layer": "a", "begin": 0, "values": [5.0] * 10}
    assert second["values"][:2] == [None, 14.5], "a NaN shows in its column, and only there"
    assert heat(client, "dead_units")["rows"] == [{"layer": "r", "begin": 4, "values": [0.25] * 6}]
    assert client.get("/api/inside/heat", params={"run": "log", "what": "evil"}).status_code == 422


def test_a_log_without_statistics_has_no_layers(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    with EventWriter(folder) as writer:
        writer.scalars(1, {"train/loss": 1.0, "accuracy": 0.5})
    found = client.get("/api/inside", params={"run": "log"}).json()
    assert found == {"run": "log", "step": None, "layers": [], "document": ""}
    assert heat(client, "update_ratio") == {"what": "update_ratio", "steps": [0], "rows": []}


def test_a_document_that_leads_out_of_the_folder_is_not_shown(
    logs: tuple[Path, TestClient], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, client = logs
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("secret")
    EventWriter(folder).close()
    (folder / "run.json").write_text("{}")
    (folder / "experiment.yaml").symlink_to(secret)
    refused = client.get("/api/inside", params={"run": "log"})
    assert refused.status_code == 403 and "secret" not in refused.text


def test_a_trained_run_shows_its_layers_and_its_document(trained: Client) -> None:
    found = trained.get("/api/inside", params=RUN).json()
    assert [item["name"] for item in found["layers"]][:1] == ["conv"]
    numbers = {item["name"]: item["numbers"] for item in found["layers"]}
    assert {"gradient_norm", "update_ratio", "output_std"} <= numbers["conv"].keys()
    assert found["document"].replace("\n", "")[:12] == DOCUMENT.replace("\n", "")[:12]
    assert found["step"] > 0


def test_layers_maps_and_kernels_of_a_trained_run(trained: Client) -> None:
    found = trained.get("/api/inside/layers", params=RUN).json()
    conv = next(item for item in found["layers"] if item["name"] == "conv")
    assert (conv["type"], conv["kernels"], conv["maps"], found["samples"]) == ("Conv2d", 4, 4, 8)
    grid = trained.post("/api/inside/grid", json={**RUN, "layer": "conv", "what": "kernels"}).json()
    assert (grid["total"], grid["width"], len(grid["cells"])) == (4, 3, 4)
    refused = trained.post("/api/inside/grid", json={**RUN, "layer": "con"})
    assert refused.status_code == 400 and "conv" in refused.json()["message"]


def test_a_picture_that_was_sent_is_explained(trained: Client) -> None:
    sent = trained.post("/api/inside/picture", params={"name": "a.png"}, content=picture()).json()
    assert sent["picture"].startswith("data:image/png;base64,")
    found = trained.post("/api/inside/explain", json={**RUN, "upload": sent["upload"], "method": "saliency"}).json()
    assert found["method"] == "saliency" and found["heat"].startswith("data:image/png") and found["scores"]
    gone = trained.post("/api/inside/explain", json={**RUN, "upload": "../../etc/passwd"})
    assert gone.status_code == 404 and "send it again" in gone.json()["message"]


@pytest.mark.parametrize("content", [b"no picture", b"RIFF1234WAVE", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_not_held(logs: tuple[Path, TestClient], content: bytes) -> None:
    _, client = logs
    refused = client.post("/api/inside/picture", params={"name": "a.png"}, content=content)
    assert refused.status_code == 400 and "a.png is not a picture" in refused.json()["message"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for what is kept for a person, and a picture `a.png` beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "a.png").write_bytes(picture())
    return tmp_path / "state"


@pytest.mark.parametrize("limits", [{"most": 2}, {"most_bytes": 2 * len(picture())}])
def test_only_so_many_pictures_are_held_those_that_were_used_last(state: Path, limits: dict[str, int]) -> None:
    held, file = HeldPictures(**limits), state.parent / "a.png"
    names = []
    for age in (300, 200):
        names.append(held.hold(file, "a")[0])
        os.utime(held.path(names[-1]), (time.time() - age,) * 2)
    held.path(names[0])  # it is used again
    names.append(held.hold(file, "a")[0])
    places = [held.path(names[place]) for place in (0, 2)]
    assert all(place.read_bytes() == picture() for place in places)
    assert {path.name for path in places[0].parent.iterdir()} == {names[0], names[2]}
    with pytest.raises(NotFoundError, match="send it again"):
        held.path(names[1])


def test_the_next_server_holds_them_too_and_nobody_else_reads_them(state: Path) -> None:
    name, _ = HeldPictures().hold(state.parent / "a.png", "a")
    place = HeldPictures().path(name)
    assert place.is_relative_to(state) and place.read_bytes() == picture()
    assert os.name == "nt" or place.parent.stat().st_mode & 0o077 == 0


def test_where_nothing_can_be_kept_pictures_go_with_the_server(state: Path) -> None:
    state.write_text("no folder")
    held = HeldPictures()
    place = held.path(held.hold(state.parent / "a.png", "a")[0])
    assert place.read_bytes() == picture()
    del held
    gc.collect()
    assert not place.parent.exists()


def test_runs_of_others_are_watched_but_not_looked_into(logs: tuple[Path, TestClient]) -> None:
    folder, client = logs
    EventWriter(folder).close()
    asked = [
        client.get("/api/inside/layers", params={"run": "log"}),
        client.post("/api/inside/grid", json={"run": "log", "layer": "a"}),
        client.post("/api/inside/explain", json={"run": "log", "sample": 0}),
        client.get("/api/inside/predictions", params={"run": "log"}),
    ]
    assert {answer.status_code for answer in asked} == {400}
    assert all("not made by torchwork" in answer.json()["message"] for answer in asked)
