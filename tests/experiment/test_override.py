"""`--set path=value`: what it changes, and every way to get it wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchwork.errors import DocumentError
from torchwork.experiment import Experiment
from torchwork.experiment.override import override

BASE = {
    "data": {"source": "Shapes", "augment": ["RandomHorizontalFlip"]},
    "model": {"layers": ["Flatten", {"Linear": {"out_features": 2}}], "tie": {"a.weight": "b.weight"}},
    "loss": "MSELoss",
    "optimizer": {"Adam": {"lr": 0.1}},
}


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("seed=3", ["seed"], 3),
        ("optimizer.Adam.lr=1e-3", ["optimizer", "Adam", "lr"], 0.001),
        ("optimizer=SGD", ["optimizer"], "SGD"),
        ("optimizer={SGD: {lr: 0.1}}", ["optimizer", "SGD", "lr"], 0.1),
        ("train.early_stop.patience=3", ["train", "early_stop", "patience"], 3),
        ("data.source.Shapes.size=16", ["data", "source", "Shapes", "size"], 16),
        ("model.layers[1].Linear.out_features=classes", ["model", "layers", 1, "Linear", "out_features"], "classes"),
        ("model.layers[0].Flatten.start_dim=1", ["model", "layers", 0, "Flatten", "start_dim"], 1),
        ("data.augment=[]", ["data", "augment"], []),
        ('model.tie["a.weight"]=c.weight', ["model", "tie", "a.weight"], "c.weight"),
        (" seed = 4 ", ["seed"], 4),
        ("schedule=null", ["schedule"], None),
        ("notes=a=b", ["notes"], "a=b"),
        ("notes=", ["notes"], None),
    ],
)
def test_a_setting_changes_one_place(setting: str, path: list[Any], value: Any) -> None:
    found: Any = override(BASE, [setting])
    for step in path:
        found = found[step]
    assert found == value


def test_the_document_itself_stays_and_later_settings_win() -> None:
    before = repr(BASE)
    assert override(BASE, ["seed=1", "seed=2"])["seed"] == 2
    assert repr(BASE) == before


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("seed", "expected `path=value`, such as `train.epochs=3`"),
        ("=3", "expected a place such as `train.epochs` or `model.layers[0].Conv2d.bias`, got ``"),
        ("a..b=3", "expected a place such as `train.epochs` or `model.layers[0].Conv2d.bias`, got `a..b`"),
        ("model.layers[-1]=ReLU", "expected a place such as"),
        (
            "model.layers[2]=ReLU",
            "`model.layers[2]` does not exist: the list `model.layers` has 2 items, numbered from 0",
        ),
        ("model.layers[2].ReLU.inplace=true", "`model.layers[2]` does not exist"),
        ("model.layers.Linear=1", "`model.layers.Linear` does not exist"),
        ("data.prepare[0]=ReLU", "`data.prepare` is not a list there: set the whole of it, as in `data.prepare=[...]`"),
        ("[0]=1", "`the document` is not a list there"),
        ("loss.L1Loss.reduction=sum", '`loss` is "MSELoss", which has no `L1Loss`'),
        ("optimizer.Adam.lr.x=1", "`optimizer.Adam.lr` is 0.1, which has no `x`"),
        (
            "notes=a: b: c",
            "this is not valid YAML: mapping values are not allowed here (a value that holds `: ` needs quotes)",
        ),
        ("notes={a: 1, a: 2}", "the key `a` stands here twice"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong_with_it(setting: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        override(BASE, [setting])
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"--set {setting}: ")
    assert sentence in str(problem)


@settings(deadline=None)
@given(st.text("abc.[]01=\"' {}:\\", max_size=20) | st.text(max_size=10))
def test_any_setting_gives_a_document_or_a_problem(setting: str) -> None:
    try:
        Experiment.parse(BASE).with_settings(setting)
    except DocumentError as error:
        assert error.problems


def test_settings_apply_while_loading_and_lose_the_line() -> None:
    text = "data: {source: Shapes}\nmodel: {layers: [ReLU]}\nloss: MSELoss\nseed: 1\nname: x\n"
    assert Experiment.loads(text, ["seed=5"]).seed == 5
    with pytest.raises(DocumentError) as caught:
        Experiment.loads(text, ["seed=-5"], file="x.yaml")
    assert str(caught.value) == "x.yaml: seed: expected a whole number of at least 0, got -5"


def test_with_settings_keeps_the_rest() -> None:
    experiment = Experiment.parse(BASE)
    changed = experiment.with_settings("optimizer.Adam.lr=0.5", "train.epochs=1")
    assert (changed.optimizer.args, changed.train.epochs) == ({"lr": 0.5}, 1)
    assert changed.model == experiment.model
    assert experiment.optimizer.args == {"lr": 0.1}
