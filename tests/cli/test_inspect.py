"""`torchwork inspect`: a table of layers, or pictures of what they hold and give."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from torchwork.cli import inspecting
from torchwork.inside import grids
from torchwork.result import Run

from .answer import ask, files, refused


def test_the_layers_are_a_table_with_costs_and_what_was_recorded_last(run: Path) -> None:
    answer = ask("inspect", run)
    assert answer.status == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "MAC", "ms", "memory", "mean", "std", "zeros", "dead",
                                "gradient", "update"]  # fmt: skip
    assert [line.split()[0] for line in lines[2:7]] == ["conv", "1", "pool", "3", "head"]
    assert lines[2].split()[1:5] == ["Conv2d", "4×14×14", "112", "21.2k"]


def test_as_json_one_layer_has_all_its_numbers(run: Path) -> None:
    found = ask("inspect", run, "--layer", "h*d", "--json").json
    [head] = found["layers"]
    told = [head[key] for key in ("name", "type", "output", "parameters", "macs")]
    assert told == ["head", "Linear", "10", 650, 640]
    assert head["gradient_norm"] > 0 and head["update_ratio"] > 0 and "output_std" in head


def test_numbers_of_a_layer_are_those_of_all_its_parameters_together(run: Path) -> None:
    [head] = ask("inspect", run, "--layer", "head", "--json").json["layers"]
    log, own = Run.open(run).metrics, ("head.weight", "head.bias")
    sizes = [log[f"weight_norm/{name}"].values[-1] for name in own]
    changes = [log[f"update_ratio/{name}"].values[-1] * size for name, size in zip(own, sizes, strict=True)]
    assert head["weight_norm"] == pytest.approx(np.hypot(*sizes))
    assert head["update_ratio"] == pytest.approx(np.hypot(*changes) / np.hypot(*sizes))


def test_maps_and_kernels_are_written_as_grids(run: Path, here: Path) -> None:
    assert ask("inspect", run, "--out", "maps").out == "wrote 3 pictures to maps\n"
    assert files(here / "maps") == {"conv-maps-0.png", "1-maps-0.png", "pool-maps-0.png"}
    assert np.asarray(Image.open("maps/conv-maps-0.png")).shape == (85, 85)  # of 14×14, enlarged to 42
    kernels = ask("inspect", run, "--layer", "conv", "--kernels", "--out", "maps", "--json")
    assert kernels.json == [str(Path("maps/conv-kernels.png"))]
    assert np.asarray(Image.open("maps/conv-kernels.png")).shape == (67, 67, 3)
    other = ask("inspect", run, "--layer", "conv", "--sample", "3", "--together", "--out", "maps")
    assert other.status == 0 and "conv-maps-3.png" in files(here / "maps")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--layer", "cnv"], "no layer is called cnv; did you mean conv?"),
        (["--kernels"], "--kernels and --together are of pictures; say with --out where these are written"),
        (["--out", "maps", "--sample", "8"], "expected --sample from 0 to 7, got 8"),
        (["--out", "maps", "--layer", "head"], "none of these layers has feature maps: head; choose convolutions"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(run: Path, here: Path, options: list[str], told: str) -> None:
    assert told in refused("inspect", run, *options)
    assert not (here / "maps").exists()


def test_a_table_has_layers_too(table_run: Path) -> None:
    answer = ask("inspect", table_run, "--json")
    assert [layer["name"] for layer in answer.json["layers"]] == ["0"]


def test_of_a_large_layer_the_first_pages_are_written_unless_all_are_wanted(
    run: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grids, "paged", partial(grids.paged, size=1))
    monkeypatch.setattr(inspecting, "PAGES", 3)
    few = ask("inspect", run, "--layer", "conv", "--out", "few").out.splitlines()
    assert few == ["wrote 3 pictures to few", "· conv-maps-0: the first 3 of 4 pages; --all writes them all"]
    assert ask("inspect", run, "--layer", "conv", "--out", "all", "--all").out == "wrote 4 pictures to all\n"
    assert len(files(here / "few")) == 3 and len(files(here / "all")) == 4
