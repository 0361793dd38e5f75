"""Each rule that reads curves says what is wrong, and nothing where nothing is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from torchwork.doctor import Diagnosis, Evidence, diagnose, open_folder
from torchwork.doctor.rules import RULES
from torchwork.errors import RunFolderError
from torchwork.record import Log, read_run

from .records import DATA, DOCUMENT, EPOCH, LAYERS, LOOKS, STEPS, Curves, evidence, healthy, recorded

ENDS = list(range(EPOCH, STEPS + 1, EPOCH))
LATER = [EPOCH * number for number in range(1, 9)]
Change = Callable[[Curves], None]


def rules(found: Diagnosis) -> list[str]:
    return [item.rule for item in found.findings]


def level(curves: Curves, tag: str, values: Sequence[float]) -> None:
    curves[tag] = curves[tag][0], list(values)


def all_of(curves: Curves, prefix: str, value: float) -> None:
    for tag in [tag for tag in curves if tag.startswith(prefix)]:
        level(curves, tag, [value] * len(curves[tag][0]))


def flat(curves: Curves, value: float = 2.303) -> None:
    level(curves, "step/loss", [value] * STEPS)
    level(curves, "train/loss", [value] * 5)
    level(curves, "valid/loss", [value + 0.01] * 5)
    level(curves, "train/accuracy", [0.1] * 5)
    level(curves, "valid/accuracy", [0.1] * 5)


def too_high(curves: Curves) -> None:
    flat(curves)
    all_of(curves, "update_ratio/", 0.3)


def jumped(curves: Curves) -> None:
    flat(curves)
    level(curves, "step/loss", [2.3, 2.4, 80.0, 300.0, 90.0] + [2.31] * (STEPS - 5))
    for name in LAYERS:
        level(curves, f"update_ratio/{name}.weight", [0.4] * 5 + [0.0] * (len(LOOKS) - 5))
    level(curves, "dead_units/act", [1.0] * 5)


def too_low(curves: Curves) -> None:
    flat(curves, 2.29)
    all_of(curves, "update_ratio/", 3e-5)


def vanishing(curves: Curves) -> None:
    flat(curves)
    for place, name in enumerate(LAYERS):
        level(curves, f"gradient_norm/{name}.weight", [10.0 ** (place - 5)] * len(LOOKS))


def exploding(curves: Curves) -> None:
    level(curves, "step/gradient_norm", [5000.0] * 5 + [3.0] * (len(LOOKS) - 5))
    level(curves, "output_std/third", [900.0] * len(LOOKS))


def diverged(curves: Curves) -> None:
    level(curves, "step/loss", [2.3] * 30 + [math.nan] * (STEPS - 30))


def dead(curves: Curves) -> None:
    level(curves, "dead_units/act", [0.5, 0.8, 0.85, 0.9, 0.9])


def saturated(curves: Curves) -> None:
    flat(curves)
    level(curves, "output_saturated/act", [0.9] * len(LOOKS))
    level(curves, "valid/accuracy", [0.1, 0.1, 0.1, 0.1, 0.4])


def too_sure(curves: Curves) -> None:
    level(curves, "step/loss", [9.0, *curves["step/loss"][1][1:]])


def overfitting(curves: Curves) -> None:
    for name, values in (
        ("train/loss", [1.0 / step for step in range(1, 11)]),
        ("valid/loss", [1.0, 0.8, 0.8] + [1.3] * 7),
    ):
        curves[name] = [EPOCH * number for number in range(1, 11)], values


def meaningless(curves: Curves) -> None:
    flat(curves)
    level(curves, "step/loss", [2.303] * 200 + [2.2] * (STEPS - 200))


def wrong_labels(curves: Curves) -> None:
    for split, right, loss in (("train", 0.65, 1.4), ("valid", 0.6, 1.65)):
        level(curves, f"{split}/accuracy", [right] * 5)
        level(curves, f"{split}/loss", [loss] * 5)


def never(curves: Curves) -> None:
    level(curves, "update_ratio/third.weight", [0.0] * len(LOOKS))


def zero(curves: Curves) -> None:
    flat(curves)
    for name in LAYERS[:-1]:
        level(curves, f"update_ratio/{name}.weight", [1.0] + [0.02] * (len(LOOKS) - 1))


def softmaxed(curves: Curves) -> None:
    level(curves, "output_mean/head", [0.1] * len(LOOKS))
    level(curves, "output_std/head", [0.2] * len(LOOKS))


def negative(curves: Curves) -> None:
    level(curves, "step/loss", (-np.arange(STEPS) / 10.0).tolist())


def too_good(curves: Curves) -> None:
    level(curves, "valid/accuracy", [1.0] * 5)


def spiking(curves: Curves) -> None:
    losses, norms = list(curves["step/loss"][1]), list(curves["step/gradient_norm"][1])
    for step in (150, 220, 300):
        losses[step - 1] = 6.0
        norms[LOOKS.index(step)] = 40.0
    level(curves, "step/loss", losses)
    level(curves, "step/gradient_norm", norms)


def waiting(curves: Curves) -> None:
    curves["time/waiting"] = ENDS, [0.9, 0.7, 0.7, 0.65, 0.7]
    curves["time/epoch"] = ENDS, [30.0] * 5


def memory(curves: Curves) -> None:
    curves["system/process_memory"] = LATER, [500.0 + 200 * number for number in range(8)]
    curves["epoch"] = LATER, [float(number) for number in range(1, 9)]


def underfitting(curves: Curves) -> None:
    for split in ("train", "valid"):
        level(curves, f"{split}/loss", [1.5, 1.5, 1.49, 1.49, 1.49])


FAULTS: list[tuple[str, Change]] = [
    ("training waits for data", waiting), ("memory grows", memory), ("underfitting", underfitting),
    ("learning rate too high", too_high), ("learning rate too high", jumped), ("learning rate too low", too_low),
    ("vanishing gradients", vanishing), ("exploding gradients", exploding), ("diverged", diverged),
    ("dead units", dead), ("saturated units", saturated), ("too sure at the start", too_sure),
    ("overfitting", overfitting), ("labels without meaning", meaningless), ("wrong labels", wrong_labels),
    ("never trained", never), ("weights begin at zero", zero), ("softmax twice, by what it gives", softmaxed),
    ("loss below zero", negative), ("too good too soon", too_good), ("loss spikes", spiking), ("not learning", flat),
]  # fmt: skip


def test_nothing_is_said_of_a_healthy_training(tmp_path: Path) -> None:
    assert rules(diagnose(evidence(tmp_path / "own", healthy()))) == []
    assert rules(diagnose(evidence(tmp_path / "document", healthy(), DOCUMENT))) == []


@pytest.mark.parametrize(("rule", "change"), FAULTS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_what_the_curves_show_is_named(rule: str, change: Change, tmp_path: Path) -> None:
    curves = healthy()
    change(curves)
    data = DATA
    if rule == "not learning":  # labels without meaning say more, where there is a validation
        curves = {tag: item for tag, item in curves.items() if not tag.startswith("valid/")}
    found = diagnose(evidence(tmp_path, curves, data=data))
    assert rule in rules(found)
    [finding] = [item for item in found.findings if item.rule == rule]
    assert finding.sentence.endswith((".", "?")) and finding.because and finding.advice and finding.source


@pytest.mark.parametrize("change", [too_high, too_low, vanishing, jumped, zero], ids=lambda change: change.__name__)
def test_one_cause_is_one_finding(change: Change, tmp_path: Path) -> None:
    curves = healthy()
    change(curves)
    found = diagnose(evidence(tmp_path, curves))
    assert len(found.findings) == 1


def test_a_rate_is_not_blamed_for_large_steps_alone(tmp_path: Path) -> None:
    curves = healthy()
    all_of(curves, "update_ratio/", 0.3)  # as Adam has in its first steps
    assert rules(diagnose(evidence(tmp_path, curves))) == []


def test_a_plateau_that_comes_to_its_end_is_no_low_rate(tmp_path: Path) -> None:
    curves = healthy()
    too_low(curves)
    for name in LAYERS:
        level(curves, f"update_ratio/{name}.weight", np.geomspace(1e-5, 4e-4, len(LOOKS)).tolist())
    assert "learning rate too low" not in rules(diagnose(evidence(tmp_path, curves)))


def test_validation_that_wobbles_is_no_overfitting(tmp_path: Path) -> None:
    curves = healthy()
    overfitting(curves)
    level(curves, "valid/loss", [1.0, 0.8, 0.8, 1.1, 0.9, 1.3, 0.9, 1.2, 0.85, 1.1])
    assert "overfitting" not in rules(diagnose(evidence(tmp_path, curves)))


def test_labels_are_not_doubted_while_validation_still_improves(tmp_path: Path) -> None:
    curves = healthy()
    meaningless(curves)
    level(curves, "valid/loss", [2.304, 2.303, 2.302, 2.301, 2.3])
    assert "labels without meaning" not in rules(diagnose(evidence(tmp_path, curves)))


def test_labels_are_not_called_wrong_while_validation_improves(tmp_path: Path) -> None:
    curves = healthy()
    wrong_labels(curves)
    level(curves, "valid/loss", [2.4, 2.2, 2.0, 1.8, 1.65])  # right already, and not yet sure of it
    assert "wrong labels" not in rules(diagnose(evidence(tmp_path, curves)))


def test_a_log_with_one_validation_loss_says_nothing_of_labels(tmp_path: Path) -> None:
    curves = healthy()
    wrong_labels(curves)
    curves["valid/loss"] = curves["valid/loss"][0][:1], [1.65]
    assert "wrong labels" not in rules(diagnose(evidence(tmp_path, curves)))


def test_a_bias_that_only_rounding_would_move_is_not_forgotten(tmp_path: Path) -> None:
    curves = healthy()
    never(curves)
    level(curves, "gradient_norm/third.weight", [1e-9] * len(LOOKS))
    assert "never trained" not in rules(diagnose(evidence(tmp_path, curves)))


def test_gradients_that_add_up_are_seen_in_a_loop_of_ones_own(tmp_path: Path) -> None:
    curves = healthy()
    level(curves, "step/gradient_norm", [float(min(step, 20)) for step in LOOKS])
    assert "gradients add up" in rules(diagnose(evidence(tmp_path / "loop", curves, data={"steps_per_epoch": EPOCH})))
    assert "gradients add up" not in rules(diagnose(evidence(tmp_path / "document", curves, DOCUMENT)))


def test_clipping_that_takes_everything_is_found(tmp_path: Path) -> None:
    document = {**DOCUMENT, "train": {"epochs": 5, "clip": {"norm": 0.001}}}
    found = diagnose(evidence(tmp_path, healthy(), document))
    assert rules(found) == ["clipping too hard"]
    assert "train.clip.norm" in str(found.findings[0].changes)


def test_a_rate_that_is_gone_is_found(tmp_path: Path) -> None:
    curves = healthy()
    steps = list(range(1, 101))
    curves["step/lr"] = steps, [0.05 * 0.5 ** (step // 2) for step in steps]
    curves["step/loss"] = steps, curves["step/loss"][1][:100]
    found = diagnose(evidence(tmp_path, curves, {**DOCUMENT, "train": {"epochs": 50}}))
    assert rules(found) == ["learning rate gone"]


def test_one_class_for_all_is_seen_by_its_share(tmp_path: Path) -> None:
    curves = healthy()
    flat(curves, 0.56)
    level(curves, "valid/accuracy", [0.75] * 5)
    counts = {"train": [1500, 500], "valid": [192, 64]}
    data = {**DATA, "spec": {**DATA["spec"], "classes": ["a", "b"], "class_counts": counts}}
    assert rules(diagnose(evidence(tmp_path, curves, data=data))) == ["one class for all"]


def test_tags_of_others_are_enough_for_some_rules(tmp_path: Path) -> None:
    steps = list(range(1, 41))
    curves: Curves = {
        "Loss/train": (steps, [1 / step for step in steps]),
        "Loss/val": (steps, [1.0, 0.8, *[1.5] * 38]),
    }
    found = diagnose(Evidence(read_run(recorded(tmp_path, curves))))
    assert rules(found) == ["overfitting"]
    assert "dead units: no layer that can have dead units was recorded" in found.skipped
    assert found.checked + len(found.skipped) == len(RULES)


def test_nothing_at_all_is_no_finding() -> None:
    found = diagnose(Evidence(Log([])))
    assert found.findings == () and found.checked == 0


def test_until_looks_at_what_was_known_then(tmp_path: Path) -> None:
    curves = healthy()
    dead(curves)
    log = read_run(recorded(tmp_path, curves))
    assert rules(diagnose(Evidence(log, None, DATA, until=EPOCH))) == []
    assert rules(diagnose(Evidence(log, None, DATA, until=3 * EPOCH))) == ["dead units"]


def test_what_is_hidden_is_the_name_of_a_rule() -> None:
    names = [rule.id for rule in RULES]
    assert len(set(names)) == len(names)
    assert {hidden for rule in RULES for hidden in rule.hides} <= set(names)


TRIALS: dict[str, dict[str, float]] = {
    "start": {"loss": 2.35, "outputs are zero": 2.303}, "inputs": {"differ": 0.4}, "neighbours": {"changes": 1e-7},
    "few samples": {"first": 2.3, "last": 0.02, "steps": 40.0, "samples": 8.0},
    "gap": {"evaluation": 0.5, "training": 0.48},
    "calibration": {"error": 0.03, "confidence": 0.78, "accuracy": 0.75, "samples": 2000.0},
}  # fmt: skip
UNLEARNT = {"first": 2.3, "last": 1.9, "steps": 250.0, "samples": 8.0}


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("", {}),
        ("cannot learn a few samples", {"few samples": UNLEARNT}),
        ("inputs without effect", {"few samples": UNLEARNT, "inputs": {"differ": 0.0}}),
        ("samples mix in a batch", {"neighbours": {"changes": 0.3}}),
        ("loss at the start", {"start": {"loss": 9.0, "outputs are zero": 2.303}}),
        ("loss at the start", {"start": {"loss": 0.9, "outputs are zero": 2.303}}),
        ("another network in evaluation", {"gap": {"evaluation": 2.5, "training": 0.48}}),
        ("too sure of itself", {"calibration": {**TRIALS["calibration"], "error": 0.12, "confidence": 0.87}}),
        ("", {"calibration": {"error": 0.12, "confidence": 0.87, "accuracy": 0.75, "samples": 60.0}}),
        # A last layer of zeros gives the same for all, and learns; a trial that ended too soon says nothing.
        ("", {"inputs": {"differ": 0.0}}),
        ("", {"few samples": {**UNLEARNT, "steps": 12.0}}),
    ],
)
def test_what_trials_show_is_named(rule: str, changed: dict[str, dict[str, float]], tmp_path: Path) -> None:
    tried = evidence(tmp_path, healthy(), DOCUMENT).with_trials({**TRIALS, **changed}, {})
    assert rules(diagnose(tried)) == [rule] * bool(rule)


def test_why_a_trial_was_not_made_is_said(tmp_path: Path) -> None:
    untried = diagnose(evidence(tmp_path / "a", healthy(), DOCUMENT)).skipped
    assert "samples mix in a batch: it was not tried" in untried
    before = evidence(tmp_path / "b", healthy(), DOCUMENT)
    failed = before.with_trials({}, {"few samples": "no memory"})
    assert "cannot learn a few samples: no memory" in diagnose(failed).skipped
    assert "samples mix in a batch: it was not tried" in diagnose(before).skipped
    assert before.trials == before.untried == {}


def test_memory_that_comes_to_rest_is_no_finding(tmp_path: Path) -> None:
    curves = healthy()
    memory(curves)
    level(curves, "system/process_memory", [500.0, 700.0, 1400.0, 1500.0, 1510.0, 1511.0, 1512.0, 1513.0])
    assert rules(diagnose(evidence(tmp_path, curves))) == []


def test_a_short_training_may_wait(tmp_path: Path) -> None:
    curves = healthy()
    waiting(curves)
    level(curves, "time/epoch", [2.0] * 5)
    assert rules(diagnose(evidence(tmp_path, curves))) == []


def test_the_waiting_that_others_record_in_percent_is_read(tmp_path: Path) -> None:
    steps = list(range(1, 30))
    curves: Curves = {"time_metrics/data_loading(%)": (steps, [45.0] * 29)}
    [found] = diagnose(evidence(tmp_path, curves, data={})).findings
    assert (found.rule, found.severity) == ("training waits for data", "note") and "45%" in found.sentence


def easier(curves: Curves) -> None:
    level(curves, "train/accuracy", [0.4, 0.6, 0.7, 0.72, 0.73])
    level(curves, "valid/accuracy", [0.6, 0.86, 0.87, 0.88, 0.88])


def test_validation_that_is_easier_is_found_where_nothing_makes_training_harder(tmp_path: Path) -> None:
    curves = healthy()
    easier(curves)
    assert rules(diagnose(evidence(tmp_path / "a", curves, DOCUMENT))) == ["validation better than training"]
    augmented = {**DOCUMENT, "data": {**DOCUMENT["data"], "augment": ["RandomHorizontalFlip"]}}
    assert rules(diagnose(evidence(tmp_path / "b", curves, augmented))) == []


def test_a_network_that_still_learns_is_measured_better_on_validation(tmp_path: Path) -> None:
    curves = healthy()
    level(curves, "train/accuracy", [0.3, 0.45, 0.6, 0.75, 0.85])
    level(curves, "valid/accuracy", [0.45, 0.6, 0.75, 0.85, 0.9])  # as the next epoch has it
    assert rules(diagnose(evidence(tmp_path, curves, DOCUMENT))) == []


def test_tags_are_read_however_they_are_spelt(tmp_path: Path) -> None:
    steps = list(range(1, 41))
    curves: Curves = {
        "Train Loss": (steps, [1 / step for step in steps]),
        "VAL-LOSS": (steps, [1.0, 0.8, *[1.5] * 38]),
    }
    assert rules(diagnose(Evidence(read_run(recorded(tmp_path, curves))))) == ["overfitting"]


def test_training_and_validation_in_folders_of_their_own_are_one_training(tmp_path: Path) -> None:
    steps = list(range(1, 41))
    recorded(tmp_path / "train", {"epoch_loss": (steps, [1 / step for step in steps])})
    with pytest.raises(RunFolderError, match=r"neither run\.json nor event files"):
        open_folder(tmp_path)
    recorded(tmp_path / "validation", {"epoch_loss": (steps, [1.0, 0.8, *[1.5] * 38])})
    assert rules(diagnose(open_folder(tmp_path))) == ["overfitting"]
