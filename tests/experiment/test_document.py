"""The document as a whole: every way to write it says the same, and nothing but DocumentError comes of a wrong one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from torchwork.errors import DocumentError
from torchwork.experiment import Data, Experiment, Loss, Model, Node, Source, json_schema

SMALL: dict[str, Any] = {"data": {"source": "Shapes"}, "model": {"layers": ["Flatten"]}, "loss": "MSELoss"}
slowly = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def same_everywhere(experiment: Experiment) -> None:
    plain = experiment.as_dict()
    for other in (
        Experiment.loads(experiment.dumps()),
        Experiment.loads(json.dumps(plain)),
        Experiment.loads(json.dumps(plain, ensure_ascii=False, indent="\t")),
        Experiment.parse(plain),
        Experiment(**plain),
    ):
        assert other == experiment
        assert other.digest() == experiment.digest()
        assert other.dumps() == experiment.dumps()


def test_yaml_json_and_python_say_the_same(full_text: str) -> None:
    same_everywhere(Experiment.loads(full_text))


@slowly
@given(st.data())
def test_any_valid_document_comes_back_from_any_form(documents: SearchStrategy[Any], data: st.DataObject) -> None:
    document = data.draw(documents)
    experiment = Experiment.parse(document)
    same_everywhere(experiment)
    jsonschema.validate(experiment.as_dict(), json_schema())


@slowly
@given(st.data())
def test_any_value_as_a_document_gives_an_experiment_or_problems(
    json_values: SearchStrategy[Any], data: st.DataObject
) -> None:
    keys = st.sampled_from(["data", "model", "train", "loss", "schedule", "parameters", "name", "torchwork"])
    document = data.draw(json_values | st.dictionaries(keys, json_values))
    try:
        Experiment.parse({**SMALL, **document} if isinstance(document, dict) else document)
    except DocumentError as error:
        assert error.problems


@slowly
@given(st.text() | st.text("{}[]:,-?&*!|>'\"%@`#\n abc<1.~\t", max_size=60))
def test_any_text_gives_an_experiment_or_problems(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Experiment.loads(text)
    assert caught.value.problems


def test_python_objects_are_the_sections(full_text: str) -> None:
    made = Experiment(
        data=Data(source=Source("Shapes", {"size": (32, 32), "root": Path("data")})),
        model=Model(layers=[Node("Linear", {"out_features": "classes"}, label="head"), Node(use="head")]),
        loss=Loss.of("CrossEntropyLoss", label_smoothing=0.1),
    )
    assert made.as_dict()["data"] == {"source": {"Shapes": {"size": [32, 32], "root": "data"}}}
    assert made.as_dict()["model"]["layers"] == [
        {"Linear": {"out_features": "classes"}, "name": "head"},
        {"use": "head"},
    ]
    same_everywhere(made)


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    made = Experiment.parse({**SMALL, "seed": numpy.int64(3), "optimizer": {"Adam": {"lr": numpy.float32(0.5)}}})
    assert made.as_dict()["optimizer"] == {"Adam": {"lr": 0.5}}
    assert made.seed == 3


def test_a_document_is_written_with_what_differs_from_the_defaults() -> None:
    assert Experiment.parse({**SMALL, "seed": 0, "train": {"epochs": 10}}).as_dict() == {"torchwork": 1, **SMALL}


def test_the_digest_ignores_the_order_of_keys_but_not_of_nodes() -> None:
    optimizer = {"Adam": {"lr": 0.1, "eps": 1e-8}}
    turned = {"optimizer": {"Adam": {"eps": 1e-8, "lr": 0.1}}, **dict(reversed(SMALL.items()))}
    assert Experiment.parse({**SMALL, "optimizer": optimizer}).digest() == Experiment.parse(turned).digest()
    one, two = (
        Experiment.parse({**SMALL, "model": {"nodes": dict.fromkeys(names, "ReLU")}})
        for names in (["a", "b"], ["b", "a"])
    )
    assert one.digest() != two.digest()
    assert one != two


def test_equal_whatever_it_was_read_from(tmp_path: Path) -> None:
    experiment = Experiment.parse(SMALL)
    experiment.save(tmp_path / "experiment.yaml")
    assert Experiment.load(tmp_path / "experiment.yaml") == experiment
    assert experiment != SMALL


def test_a_document_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Experiment.parse(SMALL).seed = 3  # type: ignore[misc]


def test_without_a_version_it_is_the_present_one() -> None:
    assert Experiment.parse(SMALL).torchwork == 1


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (2, "torchwork: the document has format 2, but this torchwork reads formats up to 1 (update it"),
        (0, "torchwork: expected a whole number of at least 1, got 0"),
        (True, "torchwork: expected a whole number, got true"),
        ("1", 'torchwork: expected a whole number, got "1"'),
    ],
)
def test_other_versions_are_refused(version: Any, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Experiment.parse(
            {**SMALL, "torchwork": version, "new_section": 1} if version == 2 else {**SMALL, "torchwork": version}
        )
    assert str(caught.value).startswith(message)
    assert len(caught.value.problems) == 1


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        Experiment.parse({"data": {"batch_size": 0}, "model": {}, "train": {"epohcs": 1}})
    assert [problem.path for problem in caught.value.problems] == [
        "data.source",
        "data.batch_size",
        "model",
        "loss",
        "train.epohcs",
    ]


def test_locate_finds_the_line_of_a_place_or_of_what_is_around_it(full_text: str) -> None:
    experiment = Experiment.loads(full_text, file="full.yaml")
    numbers = {
        name: number for number, line in enumerate(full_text.splitlines(), 1) for name in [line.strip().split(":")[0]]
    }
    with pytest.raises(DocumentError) as caught:
        Experiment.loads(full_text.replace("epochs: 3", "epochs: 0"), file="full.yaml")
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == ("full.yaml", numbers["epochs"])
    moved = experiment.locate(problem.__class__("model.modules.Block.nodes.twice.Conv2d.bias", "x"))
    assert moved.line == numbers["twice"]


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(DocumentError, match="cannot read"):
        Experiment.load(tmp_path / name)


def test_a_file_that_is_not_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(DocumentError, match="not a text file"):
        Experiment.load(tmp_path / "weights.pt")


def test_a_file_of_notepad_loads(tmp_path: Path) -> None:
    (tmp_path / "experiment.json").write_text(json.dumps(SMALL), "utf-8-sig")
    assert Experiment.load(tmp_path / "experiment.json") == Experiment.parse(SMALL)


def test_the_digest_ignores_the_sheet_but_not_a_bypass() -> None:
    plain = Experiment.parse({**SMALL, "model": {"layers": ["ReLU"]}})
    drawn = Experiment.parse({**SMALL, "model": {"layers": [{"ReLU": {}, "at": [1, 2.5], "note": "first"}]}})
    off = Experiment.parse({**SMALL, "model": {"layers": [{"ReLU": None, "bypass": True}]}})
    assert plain.digest() == drawn.digest() != off.digest()
    assert plain != drawn and Experiment.loads(drawn.dumps()) == drawn
    module = {"modules": {"B": {"nodes": {"a": {"ReLU": {}, "at": [3, 4]}}}}, "layers": ["B"]}
    inner = {"modules": {"B": {"nodes": {"a": "ReLU"}}}, "layers": ["B"]}
    assert len({Experiment.parse({**SMALL, "model": model}).digest() for model in (module, inner)}) == 1


@pytest.mark.parametrize("at", [[1], [1, 2, 3], "left", [1, "x"], 4])
def test_a_place_on_the_sheet_is_two_numbers(at: Any) -> None:
    with pytest.raises(DocumentError, match=r"model.layers\[0\].at"):
        Experiment.parse({**SMALL, "model": {"layers": [{"ReLU": {}, "at": at}]}})
