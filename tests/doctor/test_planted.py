"""Faults planted in small real trainings are named; all of them are in `python -m benchmarks doctor`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import torchwork
from benchmarks import doctor_data, doctor_loops
from benchmarks.doctor_faults import FAULTS, Fault, planted
from benchmarks.doctor_judging import judged
from benchmarks.measure import Options
from torchwork.doctor.rules import RULES

BY_NAME = {fault.name: fault for fault in FAULTS}
TRAIN, VALID = 640, 128
TRIED = ("learning rate 100 times too high, Adam", "learning rate 100 times too low", "biases of -5", "weights of zero",
         "softmax before CrossEntropyLoss", "pixels of 0 to 255", "validation copied from training")  # fmt: skip

LONGER = {"learning rate 100 times too low": 6}
"""epochs: what only slowly learns is told from what has not begun after a hundred steps"""


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    whole = doctor_data.arrays("shapes", Options())
    return {name: values[: TRAIN if name.endswith("train") else VALID] for name, values in whole.items()}


def trained(fault: Fault, arrays: dict[str, np.ndarray], folder: Path) -> Path:
    document, content = planted(fault, str(folder / "data.npz"), arrays)
    if fault.loop:
        return doctor_loops.run(fault.loop, content, folder)
    doctor_data.save(folder, content)
    document["train"]["epochs"] = LONGER.get(fault.name, 3)
    torchwork.train(torchwork.Experiment.parse(document), folder=folder / "run")
    return folder / "run"


@pytest.mark.parametrize("name", TRIED)
def test_a_planted_fault_is_found(name: str, arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    fault = BY_NAME[name]
    said = judged(trained(fault, arrays, tmp_path))
    assert fault.rules & {item.rule for item in said}, said


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if fault.loop])
def test_a_mistake_in_ones_own_loop_is_found(name: str, arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    fault = BY_NAME[name]
    said = judged(trained(fault, arrays, tmp_path))
    assert fault.rules & {item.rule for item in said}, said


def test_a_run_says_what_is_wrong_with_it(arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    folder = trained(BY_NAME["softmax before CrossEntropyLoss"], arrays, tmp_path)
    found = torchwork.Run.open(folder).doctor()
    assert [item.rule for item in found.findings] == ["softmax twice"] and found.alarmed
    facts = torchwork.Run.open(folder).folder.info.data["facts"]
    assert facts["loss"] == "CrossEntropyLoss" and facts["samples"] == {"train": TRAIN, "valid": VALID}


def test_every_fault_expects_rules_that_there_are() -> None:
    assert {rule for fault in FAULTS for rule in fault.rules} <= {rule.id for rule in RULES}
    assert len(FAULTS) >= 25 and len({fault.name for fault in FAULTS}) == len(FAULTS)
