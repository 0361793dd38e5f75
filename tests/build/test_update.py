"""The update of a document, and the rehearsal that finds schedules that cannot do what training asks."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from torchwork.build.update import make_update, rehearse
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment

BATCHES = 7


def document(**sections: Any) -> Experiment:
    written = {"data": {"source": "Shapes"}, "model": {"layers": ["ReLU"]}, "loss": "MSELoss", "train": {"epochs": 3}}
    return Experiment.parse({**written, **sections})


def model() -> nn.Module:
    return nn.Linear(3, 2, device="meta")


def test_steps_are_counted_after_accumulation() -> None:
    one_cycle = {"OneCycleLR": {"max_lr": 0.1, "total_steps": "steps"}}
    accumulated = document(schedule=one_cycle, train={"epochs": 3, "accumulate": 2})
    [scheduler] = make_update(accumulated, model(), BATCHES).schedules
    assert scheduler is not None and scheduler.total_steps == 3 * 4  # type: ignore[attr-defined]
    rehearse(accumulated, model(), BATCHES)


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        {"CosineAnnealingLR": {"T_max": "epochs"}},
        {"OneCycleLR": {"max_lr": 0.1, "total_steps": "steps"}},
        {"OneCycleLR": {"max_lr": 0.1, "total_steps": "epochs"}, "every": "epoch"},
        {"ReduceLROnPlateau": {}},
        {"StepLR": {"step_size": 1}, "warmup": {"linear": {"length": "2 steps"}}},
    ],
)
def test_what_works_is_left_as_it_was(schedule: Any) -> None:
    network = nn.Linear(3, 2)
    before = [parameter.clone() for parameter in network.parameters()]
    rehearse(document(schedule=schedule), network, BATCHES)
    assert all(map(lambda one, two: one.equal(two), before, network.parameters()))


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"OneCycleLR": {"max_lr": 0.1, "total_steps": 20}}, "its total_steps is 20, and training makes 21 steps"),
        (
            {"OneCycleLR": {"max_lr": 1, "total_steps": 2}, "every": "epoch"},
            "its total_steps is 2, and training makes 3",
        ),
        ({"CosineAnnealingLR": {"T_max": 0}}, "CosineAnnealingLR cannot make its step 1: .*; change its settings"),
        ({"LambdaLR": {"lr_lambda": "1 / (2 - epoch)"}}, "LambdaLR cannot make its step 2: .* division by zero"),
        ({"LambdaLR": {"lr_lambda": "1.5 - epoch"}}, "the learning rate becomes -0.0005 at epoch 3"),
        ({"ReduceLROnPlateau": {}, "every": "step"}, "set every: epoch"),
    ],
)
def test_what_cannot_be_is_told_before_training(schedule: Any, told: str) -> None:
    with pytest.raises(DocumentError, match=told) as caught:
        rehearse(document(schedule=schedule), model(), BATCHES)
    assert caught.value.problems[0].path == "schedule"


def test_fp16_and_a_closure_do_not_go_together() -> None:
    with pytest.raises(DocumentError, match=r"train.precision: fp16 scales the loss, which LBFGS evaluates"):
        rehearse(document(optimizer="LBFGS", train={"precision": "fp16"}), model(), BATCHES)


def test_only_embeddings_have_sparse_gradients() -> None:
    with pytest.raises(DocumentError, match="optimizer: SparseAdam takes only sparse gradients, but weight has dense"):
        make_update(document(optimizer="SparseAdam"), model(), BATCHES)
    make_update(document(optimizer="SparseAdam"), nn.Embedding(3, 2, sparse=True), BATCHES)


def test_settings_of_a_rule_are_looked_at_as_those_of_an_optimizer() -> None:
    rules = [{"match": "bias", "set": {"weight_decay": -1}}]
    with pytest.raises(DocumentError, match=r"parameters.Adam: .*Invalid weight_decay value: -1"):
        make_update(document(parameters=rules), model(), BATCHES)
