"""Every command as a person and as a program meets it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from torchwork.cli import tables
from torchwork.experiment import Experiment
from torchwork.record import EventWriter, RunFolder

from .answer import ask, files, picture, pictures, refused, settings

COMMANDS = ("new", "check", "train", "resume", "runs", "compare", "predict", "export", "schema")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    answer = ask(command, "--help")
    assert answer.status == 0 and answer.out.startswith(f"usage: torchwork {command}")
    assert command in ask("--help").out


def test_the_version_is_told() -> None:
    assert ask("--version").out.startswith("torchwork ")


@pytest.mark.parametrize("wrong", [(), ("frobnicate",), ("train",), ("runs", "--json", "--csv"), ("compare",)])
def test_a_wrong_command_line_has_status_2(wrong: tuple[str, ...]) -> None:
    answer = ask(*wrong)
    assert answer.status == 2 and "usage: torchwork" in answer.err


def test_new_lists_its_templates_and_writes_one(here: Path) -> None:
    names = [line.split()[0] for line in ask("new", "--list").out.splitlines()]
    assert {"shapes", "fashion", "pictures", "table"} <= set(names)
    assert ask("new", "mine", "--template", "table").status == 0
    assert Experiment.load(here / "mine.yaml").name == "table"
    assert "torchwork check mine.yaml" in (here / "mine.yaml").read_text("utf-8")


def test_new_writes_what_one_can_type_again(here: Path) -> None:
    assert "torchwork check 'my first.yaml'" in ask("new", "my first").out
    assert (here / "my first.yaml").exists()


def test_new_keeps_a_file_that_is_there_unless_forced(here: Path) -> None:
    before = (here / "experiment.yaml").read_text("utf-8")
    assert "experiment.yaml exists already" in refused("new")
    assert (here / "experiment.yaml").read_text("utf-8") == before
    assert ask("new", "--force").status == 0
    assert (here / "experiment.yaml").read_text("utf-8") != before


def test_new_where_no_file_can_be(here: Path) -> None:
    assert "cannot write none/first.yaml: No such file or directory" in refused("new", "none/first")
    assert "expected the name of a file" in refused("new", "")
    assert "there is no template shape (did you mean shapes?)" in refused("new", "x", "--template", "shape")
    assert files(here) == {"experiment.yaml"}


def test_every_template_is_right_as_it_comes(shared: Path, here: Path) -> None:
    pictures(here / "pets", cats=3, dogs=3)
    (here / "flowers.csv").write_text("length,width,kind\n" + "1,2,a\n3,4,b\n" * 10)
    places = {
        "shapes": [],
        "fashion": [f"data.source.FashionMNIST.root={shared / 'data' / 'fashion_mnist'}"],
        "pictures": [f"data.source.ImageFolder.root={here / 'pets'}"],
        "table": ["data.source.Table.path=flowers.csv", "data.source.Table.target=kind"],
    }
    for line in ask("new", "--list").out.splitlines():
        template = line.split()[0]
        assert ask("new", template, "--template", template).status == 0
        answer = ask("check", f"{template}.yaml", "--json", *settings("data.limit=64", *places.get(template, [])))
        assert answer.status == 0 and answer.json["problems"] == [], template


def test_check_prints_the_layers_and_what_they_cost() -> None:
    answer = ask("check", "experiment.yaml")
    assert answer.status == 0 and answer.err == ""
    assert "Conv2d" in answer.out and "16x4x14x14" in answer.out
    assert "762 parameters" in answer.out and "the document is right" in answer.out


def test_check_answers_a_program() -> None:
    answer = ask("check", "experiment.yaml", "--json").json
    assert answer["problems"] == []
    assert [layer["type"] for layer in answer["layers"]] == ["Conv2d", "ReLU", "AdaptiveAvgPool2d", "Flatten", "Linear"]
    assert answer["totals"]["parameters"] == 4 * 3 * 9 + 4 + 64 * 10 + 10
    assert answer["data"]["samples"] == {"train": 48, "valid": 16}


@pytest.mark.parametrize("wrong", ["optimizer=Adamm", "train.epochs=0", "nonsense"])
def test_check_tells_a_program_what_is_wrong_with_any_document(wrong: str) -> None:
    answer = ask("check", "experiment.yaml", "--json", "--set", wrong)
    assert answer.status == 2 and answer.err == ""
    (problem,) = answer.json["problems"]
    assert set(problem) == {"path", "message", "fix", "file", "line"} and problem["message"]


def test_train_records_a_run_and_says_what_next(here: Path) -> None:
    answer = ask("train", "experiment.yaml", "--set", "train.epochs=1")
    assert answer.status == 0 and answer.err == ""
    assert "done  runs/first-1" in answer.out and "next  torchwork predict runs/first-1" in answer.out
    assert "epoch 1/1" in (here / "runs/first-1/console.log").read_text("utf-8")
    assert ask("train", "experiment.yaml", "--set", "train.epochs=1").status == 0
    assert {path.name for path in (here / "runs").iterdir()} == {"first-1", "first-2"}


def test_a_name_and_a_place_may_hold_any_letters(here: Path) -> None:
    shutil.copy("experiment.yaml", "mit Leer ü.yaml")
    assert ask("train", "mit Leer ü.yaml", "--run", "Läufe/你 好", "--set", "train.epochs=1").status == 0
    answer = ask("export", "Läufe/你 好", "--to", "safetensors", "-o", "Läufe/a b.safetensors")
    assert answer.status == 0 and (here / "Läufe/a b.safetensors").exists()
    assert [row["name"] for row in ask("runs", "Läufe", "--json").json] == ["你 好"]


def test_resume_goes_on_and_knows_when_nothing_is_left(run: Path) -> None:
    assert "nothing is left to train: 2 epochs are done" in ask("resume", run).out
    answer = ask("resume", run, "--epochs", "3")
    assert answer.status == 0 and "epoch 3/3" in answer.out and "epoch 2/3" not in answer.out


def test_runs_as_table_json_and_csv(run: Path, table_run: Path) -> None:
    assert "first" in ask("runs").out and "table" in ask("runs").out
    rows = ask("runs", "--json").json
    assert [row["name"] for row in rows] == ["first", "table"]
    assert {row["status"] for row in rows} == {"done"} and rows[0]["epochs"] == 2
    assert 0 <= rows[0]["best valid/accuracy"] <= 1
    written = list(csv.DictReader(io.StringIO(ask("runs", "--csv").out)))
    assert [row["name"] for row in written] == ["first", "table"]
    assert float(written[0]["valid/loss"]) == pytest.approx(rows[0]["valid/loss"])


def test_runs_of_an_empty_folder_and_of_none(here: Path) -> None:
    assert "there is no folder runs; `torchwork train` makes one" in refused("runs")
    (here / "runs").mkdir()
    assert ask("runs", "--json").json == []
    assert "no runs yet" in ask("runs").out


def test_compare_shows_the_settings_that_differ(here: Path) -> None:
    for rate in ("0.1", "0.001"):
        ask("train", "experiment.yaml", *settings("train.epochs=1", f"optimizer.Adam.lr={rate}"))
    rows = ask("compare", "runs/first-1", "runs/first-2", "--json").json
    assert [row["optimizer.Adam.lr"] for row in rows] == [0.1, 0.001]
    assert "seed" not in rows[0] and "valid/loss" in rows[0]
    written = list(csv.DictReader(io.StringIO(ask("compare", "runs/first-1", "runs/first-2", "--csv").out)))
    assert [row["optimizer.Adam.lr"] for row in written] == ["0.1", "0.001"]
    assert "optimizer.Adam.lr" in ask("compare", "runs/first-1", "runs/first-2").out


def test_logs_of_other_programs_are_runs_too(run: Path, shared: Path) -> None:
    foreign = shared / "data" / "tfevents"
    rows = ask("runs", foreign, "--json").json
    assert len(rows) > 10 and {"unknown"} >= {row["status"] for row in rows}
    assert ask("runs", foreign, "--csv").status == 0 and ask("runs", foreign).status == 0
    theirs = next(path.parent for path in sorted(foreign.rglob("*tfevents*")) if path.is_file())
    assert [row["name"] for row in ask("compare", run, theirs, "--json").json] == ["first", theirs.name]


@pytest.fixture
def mixed(here: Path) -> Path:
    """Ten runs that share settings and results, and one of others with thirty metrics of its own."""
    for number in range(10):
        settings = {"optimizer": {"Adam": {"lr": number / 100}}, "seed": 1}
        folder = RunFolder.create(here / "mixed", "run", settings=settings)
        with EventWriter(folder.path, 1) as writer:
            writer.scalars(10, {"train/loss": 1.0, "valid/loss": 2.0, "valid/accuracy": number / 10, "epoch": 1})
    with EventWriter(here / "mixed" / ("deep/" * 20) / "theirs", 1) as writer:
        writer.scalars(1, {f"odd/metric {number}": float(number) for number in range(30)})
    return here / "mixed"


@pytest.mark.parametrize("width", [70, 100, 160])
def test_a_table_fits_the_terminal(mixed: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(tables, "console", lambda: Console(width=width, highlight=False))
    lines = ask("runs", mixed).out.splitlines()
    assert all(len(line) <= width for line in lines) and len(lines) == 14
    assert {"name", "status"} < set(lines[0].split()) and "best valid/accuracy" in lines[0]
    assert "odd/" not in lines[0] and "…" not in lines[0] and re.match(r"\d+ columns left out.* --csv", lines[-1])
    assert any("/deep/theirs" in line for line in lines)


def test_a_wide_table_leaves_out_what_few_runs_have(mixed: Path) -> None:
    answer = ask("runs", mixed).out
    head, note = answer.splitlines()[0], answer.splitlines()[-1]
    shown = re.split(r" {2,}", head.strip())
    assert shown == [
        "name", "status", "started", "epochs", "step", "optimizer.Adam.lr",
        "best valid/accuracy", "best valid/loss", "valid/accuracy", "valid/loss", "train/loss",
    ]  # fmt: skip
    assert note.startswith("30 columns left out") and "odd/metric 7" in ask("runs", mixed, "--csv").out


def test_a_table_of_runs_leaves_the_numbers_of_layers_to_inspect(run: Path) -> None:
    recorded = ask("runs", run, "--csv").out.splitlines()[0]
    assert all(f",{what}/" in recorded for what in ("gradient_norm", "output_mean", "layer_time"))
    answer = ask("runs", run).out
    assert "valid/accuracy" in answer.splitlines()[0]
    assert not re.search(r"(_norm|_ratio|_units|output_\w+|layer_\w+)/|left out", answer)


def test_predict_names_classes_with_scores(run: Path, here: Path) -> None:
    picture(here / "a.png")
    picture(here / "b.png", size=40)
    lines = ask("predict", run, "a.png", "b.png", "--top", "2").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.png", "b.png"]
    assert lines[0].count("%") == 2
    first, second = ask("predict", run, "a.png", "b.png", "--json").json
    assert first["input"] == "a.png" and len(first["scores"]) == 10
    assert sum(second["scores"].values()) == pytest.approx(1)


def test_predict_takes_every_row_of_a_table(table_run: Path, here: Path) -> None:
    (here / "new.csv").write_text("a,b\n1,2\n3,4\n")
    answer = ask("predict", table_run, "new.csv", "--json").json
    assert [item["input"] for item in answer] == ["new.csv:2", "new.csv:3"]
    assert set(answer[0]["scores"]) == {"yes", "no"}


def test_export_writes_weights_and_programs(run: Path, here: Path) -> None:
    assert ask("export", run, "--to", "safetensors").status == 0
    weights = load_file(run / "model.safetensors")
    assert ask("export", run, "--to", "pt2", "-o", "program.pt2").status == 0
    program = torch.export.load("program.pt2").module()
    assert torch.equal(dict(program.named_parameters())["conv.weight"], weights["conv.weight"])
    assert not list(here.rglob("unfinished*"))


def test_schema_completes_documents_in_editors() -> None:
    whole, short = ask("schema").json, ask("schema", "--short").json
    assert whole["properties"].keys() == short["properties"].keys() >= {"data", "model", "train"}
    assert "Conv2d" in json.dumps(whole) and "Conv2d" not in json.dumps(short)
