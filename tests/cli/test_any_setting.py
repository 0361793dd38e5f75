"""Whatever stands behind `--set`, a person gets an answer in words: never a traceback, never half a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from torchwork.experiment import Experiment

from .answer import DOCUMENT, ask, files

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A working folder that stays as it is serves all examples."""


def places(value: Any, path: str = "") -> list[str]:
    """Every place of a document, as `--set` writes it."""
    if isinstance(value, dict):
        inside = [(f"{path}.{key}".lstrip("."), item) for key, item in value.items()]
    else:
        inside = [(f"{path}[{index}]", item) for index, item in enumerate(value)] if isinstance(value, list) else []
    return [place for name, item in inside for place in [name, *places(item, name)]]


FURTHER = [
    "data.split.valid", "data.split.test", "data.prepare", "data.augment", "data.limit", "data.loading", "model.nodes",
    "model.outputs", "model.inputs", "model.tie", "model.modules", "parameters", "schedule.every", "schedule.monitor",
    "schedule.warmup", "train.accumulate", "train.clip", "train.ema", "train.early_stop", "train.checkpoint.best",
    "train.record.images", "model.layers[0].repeat", "model.layers[1].from", "model.layers[1].use", "loss.weight",
    "optimizer.Adam.betas", "optimizer.Adam.foreach", "schedule.StepLR.step_size", "model.layers[0].Conv2d.padding",
]  # fmt: skip
PLACES = [*places(Experiment.loads(DOCUMENT).as_dict()), *FURTHER]
NAMES = [
    "ReLU",
    "Linear",
    "Conv2d",
    "LSTM",
    "add",
    "cat",
    "Adam",
    "SGD",
    "LBFGS",
    "StepLR",
    "MSELoss",
    "Resize",
    "Shapes",
]
WORDS = ["classes", "epochs", "steps", "auto", "none", "head", "conv", "input", "valid/loss", "2 epochs", "1 / 0", "x"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(width=32)
    | st.sampled_from([*NAMES, *WORDS])
    | st.text(max_size=5)
)
KEYS = st.sampled_from(
    [*NAMES, "size", "lr", "out_features", "kernel_size", "p", "name", "from", "repeat", "mean", "norm"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=5
)


@QUIET
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_at_any_place(here: Path, place: str, value: Any) -> None:
    setting = f"{place}={json.dumps(value)}"
    answer = ask("check", "experiment.yaml", "--set", setting)
    assert answer.status == (2 if answer.errors else 0), answer
    assert all(len(sentence) > 10 for sentence in answer.errors)
    assert files(here) == {"experiment.yaml"}


@QUIET
@given(setting=st.text(max_size=30) | st.builds("{}={}".format, st.sampled_from(PLACES), st.text(max_size=20)))
def test_any_text(here: Path, setting: str) -> None:
    answer = ask("check", "experiment.yaml", f"--set={setting}")
    assert answer.status == (2 if answer.errors else 0), answer
    assert files(here) == {"experiment.yaml"}


@settings(QUIET, max_examples=25)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_what_check_takes_is_trained_or_refused_in_words(here: Path, place: str, value: Any) -> None:
    setting = ["--set", "train.epochs=1", "--set", f"{place}={json.dumps(value)}"]
    if ask("check", "experiment.yaml", *setting).status == 0 and place != "train.epochs":
        answer = ask("train", "experiment.yaml", *setting)
        assert answer.status == (2 if answer.errors else 0), answer
