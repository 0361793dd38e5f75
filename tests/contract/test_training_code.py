"""Scripts repeat the training of their documents: every loss, optimizer, scheduler, warm-up and setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from .flow import CLASSES, NUMBERS, PERCEPTRON, PICTURES, document
from .printed import repeated
from .test_initializers import ARGUMENTS as INITIAL
from .test_initializers import CONVOLUTION
from .test_initializers import ENTRIES as INITIALIZERS
from .test_losses import CASES as LOSSES
from .test_losses import ENTRIES as LOSS_ENTRIES
from .test_losses import Case
from .test_optimizers import CASES as OPTIMIZERS
from .test_optimizers import ENTRIES as OPTIMIZER_ENTRIES
from .test_schedulers import ARGUMENTS as SCHEDULES
from .test_schedulers import ENTRIES as SCHEDULER_ENTRIES
from .test_schedulers import by_step

TWO = {**NUMBERS, "batch_size": 2}
"""3 steps an epoch, the last with one sample"""
TWO_CLASSES = {**CLASSES, "batch_size": 2}


def short(**sections: Any) -> dict[str, Any]:
    """A small document of 2 epochs of 3 steps."""
    train = {"epochs": 2, **sections.pop("train", {})}
    return document(**{"data": TWO, **sections}, train=train)


@pytest.mark.parametrize("name", LOSS_ENTRIES)
@pytest.mark.parametrize("reduction", ["", "sum", "none"])
def test_loss(name: str, reduction: str, base: Path) -> None:
    case = LOSSES.get(name, Case())
    args = {**case.args}
    if reduction:
        if LOSS_ENTRIES[name].argument("reduction") is None:
            pytest.skip("it has no reduction")
        args["reduction"] = reduction
    repeated(short(data={**case.data, "batch_size": 2}, model=case.model, loss={name: args}), base)


@pytest.mark.parametrize("name", OPTIMIZER_ENTRIES)
def test_optimizer(name: str, base: Path) -> None:
    repeated(short(optimizer=name, **OPTIMIZERS.get(name, {})), base)


@pytest.mark.parametrize("name", [name for name in OPTIMIZER_ENTRIES if name not in ("LBFGS", *OPTIMIZERS)])
def test_groups(name: str, base: Path) -> None:
    rules = [{"match": "*.bias", "set": {"lr": 0.5}}, {"match": "0.weight", "freeze": True}]
    repeated(short(optimizer={name: {"lr": 0.1}}, parameters=rules), base)


@pytest.mark.parametrize("name", SCHEDULER_ENTRIES)
@pytest.mark.parametrize("warm", [False, True])
def test_scheduler(name: str, warm: bool, base: Path) -> None:
    warmup = {"warmup": {"linear": {"length": "4 steps"}}} if warm else {}
    repeated(short(schedule={name: SCHEDULES.get(name, {}), **by_step(name), **warmup}), base)


@pytest.mark.parametrize("name", [name for name in SCHEDULER_ENTRIES if name not in ("OneCycleLR", "CyclicLR")])
def test_scheduler_by_epoch(name: str, base: Path) -> None:
    repeated(short(schedule={name: SCHEDULES.get(name, {})}), base)


WARMUPS: list[Any] = [
    {"constant": {"length": "4 steps", "factor": 0.1}},
    {"constant": {"length": "4 steps"}},
    {"linear": {"length": "1 epochs"}},
    {"exponential": {"length": "4 steps"}},
    "untuned_linear",
    "untuned_exponential",
]


@pytest.mark.parametrize("warmup", WARMUPS, ids=str)
@pytest.mark.parametrize("schedule", [{}, {"ExponentialLR": {"gamma": 0.5}}], ids=["alone", "in-front"])
def test_warmup(warmup: Any, schedule: dict[str, Any], base: Path) -> None:
    repeated(short(schedule={**schedule, "warmup": warmup}), base)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializer(name: str, base: Path) -> None:
    sections: dict[str, Any] = {"data": CLASSES, "loss": "CrossEntropyLoss"}
    if name == "dirac_":
        sections |= {"data": PICTURES, "model": CONVOLUTION}
    rules = [{"match": match, "init": {name: INITIAL.get(name, {})}} for match in ("0.weight", "*.weight")]
    repeated(document(**sections, parameters=rules[: 1 if name == "dirac_" else 2]), base)


NORMED = {"layers": [{"Linear": {"out_features": 8}}, "BatchNorm1d", "Dropout", {"Linear": {"out_features": 3}}]}
FOUR = {**NUMBERS, "batch_size": 2, "drop_last": True}
"""batches of 2 only, which a BatchNorm1d takes"""
PLATEAU = {"ReduceLROnPlateau": {"patience": 0, "threshold": 10.0}}
MANY = [
    {"match": "0.*", "optimizer": {"SGD": {"lr": 0.1, "momentum": 0.9}}, "set": {"weight_decay": 0.1}},
    {"match": "*.bias", "set": {"lr": 0.02}},
    {"match": "2.weight", "optimizer": {"SGD": {"lr": 0.2}}},
]
SETTINGS: dict[str, dict[str, Any]] = {
    "bf16": {"train": {"precision": "bf16"}},
    "fp16": {"train": {"precision": "fp16"}},
    "fp16 clip": {"train": {"precision": "fp16", "clip": {"norm": 0.1}}},
    "bf16 classes": {"data": TWO_CLASSES, "loss": "BCEWithLogitsLoss", "train": {"precision": "bf16"}},
    "accumulate": {"train": {"accumulate": 2}},
    "accumulate a sum": {"train": {"accumulate": 2}, "loss": {"MSELoss": {"reduction": "sum"}}},
    "accumulate bf16": {"train": {"accumulate": 3, "precision": "bf16", "clip": {"value": 0.01}}},
    "norm": {"train": {"clip": {"norm": 0.1}}},
    "value": {"train": {"clip": {"value": 0.01}}},
    "sparse norm": {"optimizer": "SparseAdam", "train": {"clip": {"norm": 0.1}}, **OPTIMIZERS["SparseAdam"]},
    "ema": {"train": {"ema": 0.9}, "data": FOUR, "model": NORMED},
    "dropout": {"data": FOUR, "model": NORMED},
    "threads": {"train": {"threads": 1}},
    "deterministic": {"train": {"deterministic": True}},
    "several": {
        "parameters": MANY, "schedule": {"StepLR": {"step_size": 1}, "warmup": {"linear": {"length": "4 steps"}}},
    },
    "several clipped": {"parameters": MANY, "train": {"clip": {"norm": 0.1}, "ema": 0.5}},
    "plateau": {"schedule": PLATEAU},
    "plateau of train": {"schedule": {**PLATEAU, "monitor": "train/rmse"}},
    "stop": {"train": {"epochs": 6, "early_stop": {"patience": 1, "min_delta": 10.0}}},
    "stop by loss": {"train": {"epochs": 30, "early_stop": {"patience": 1}}, "optimizer": {"SGD": {"lr": 1.9}}},
    "best": {"data": TWO_CLASSES, "loss": "CrossEntropyLoss", "train": {"checkpoint": {"best": "valid/accuracy"}}},
    "lbfgs accumulate": {"optimizer": "LBFGS", "train": {"accumulate": 2, "clip": {"norm": 1.0}}},
    "lbfgs and sgd": {"optimizer": "LBFGS", "parameters": [{"match": "*.bias", "optimizer": {"SGD": {"lr": 0.1}}}]},
    "warm lbfgs": {"optimizer": "LBFGS", "schedule": {"warmup": {"linear": {"length": "4 steps"}}}},
    "weighted": {
        "data": TWO_CLASSES, "loss": {"CrossEntropyLoss": {"weight": [1, 2, 0.3], "label_smoothing": 0.1}},
    },
    "channels last": {
        "data": {**PICTURES, "batch_size": 2}, "model": CONVOLUTION, "loss": "CrossEntropyLoss",
        "train": {"memory_format": "channels_last"},
    },
    "expressions": {"schedule": {"LambdaLR": {"lr_lambda": "(1 - x / steps) ** 2 + sqrt(epochs)"}, "every": "step"}},
    "milestones": {"schedule": {"MultiStepLR": {"milestones": ["epochs // 2"]}}},
    "groups of lambdas": {
        "parameters": [{"match": "*.bias", "set": {"lr": 0.5}}],
        "schedule": {"OneCycleLR": {"max_lr": [0.1, 0.2], "total_steps": "epochs * steps_per_epoch"}},
    },
    "draws": {
        "model": {"layers": [{"Linear": {"out_features": 3}}, {"gumbel_softmax": {"dim": 1}}]},
    },
    "regression of classes": {"data": {**TWO_CLASSES}, "task": "regression", "model": {"layers": [
        {"Linear": {"out_features": 1}}]}},
    "multi-label": {"data": TWO_CLASSES, "loss": "MultiLabelMarginLoss"},
    **{
        f"mixed {loss} {precision}": {
            "data": {**PICTURES, "batch_size": 2, "augment": ["MixUp"]}, "model": CONVOLUTION, "loss": loss,
            "train": {"precision": precision},
        }
        for loss in ("CrossEntropyLoss", "BCEWithLogitsLoss", "SoftMarginLoss") for precision in ("float32", "bf16")
    },
    "a test split": {"data": {**TWO, "split": {"test": "valid"}}},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # of torch, about what the document asks for
@pytest.mark.parametrize("name", SETTINGS)
def test_setting(name: str, base: Path) -> None:
    repeated(short(**SETTINGS[name]), base)


@pytest.mark.parametrize("form", ["safetensors", "plain", "wrapped"])
def test_weights_to_begin_from(form: str, base: Path) -> None:
    torch.manual_seed(7)
    state = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).state_dict()
    file = base / f"begin.{'safetensors' if form == 'safetensors' else 'pt'}"
    if form == "safetensors":
        save_file(state, file)
    else:
        parallel = {f"module.{name}": value for name, value in state.items()}
        torch.save(state if form == "plain" else {"epoch": 3, "state_dict": {"model": parallel}}, file)
    repeated(short(model={**PERCEPTRON, "weights": file.name}), base)
