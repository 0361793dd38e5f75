"""Resume is bit-equal wherever training stopped: final checkpoints are compared completely, generators included."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, Dataset, TensorDataset

from torchwork.engine import Batches, Checkpoints, Listener, Trainer, Update, Warmup, as_batches, load_checkpoint

from .small import Log, convolutional, differences, make_trainer, mlp, pictures, points


def cosine(model: nn.Module) -> Update:
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, 14)
    return Update([optimizer], [schedule], every="step", warmup=Warmup("exponential", 4))


def plateau(model: nn.Module) -> Update:
    optimizer = torch.optim.AdamW(model.parameters(), 0.01)
    return Update([optimizer], [lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5)])


def sequence(model: nn.Module) -> Update:
    optimizer = torch.optim.NAdam(model.parameters(), 0.01)
    parts = [lr_scheduler.LinearLR(optimizer, 0.1, total_iters=1), lr_scheduler.MultiStepLR(optimizer, [1, 2])]
    schedule = lr_scheduler.SequentialLR(optimizer, parts, [1])
    return Update([optimizer], [schedule], warmup=Warmup("untuned_linear"))


def lbfgs(model: nn.Module) -> Update:
    return Update([torch.optim.LBFGS(model.parameters(), 0.1, max_iter=3, history_size=4)])


def fused(model: nn.Module) -> Update:
    return Update([torch.optim.Adam(model.parameters(), 0.01, fused=True, amsgrad=True)])


def pair(model: nn.Module) -> list[Update]:
    layers = list(model.children())
    first, last = torch.optim.RMSprop(layers[0].parameters(), 0.01), torch.optim.Adam(layers[3].parameters(), 0.01)
    return [Update([first], name="first"), Update([last], name="last")]


class Embedded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.embed, self.out = nn.Embedding(12, 5, sparse=True), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.embed((x[:, 0].abs() * 4).long().clamp(max=11)))
        return found


def sparse(model: nn.Module) -> Update:
    assert isinstance(model, Embedded)
    return Update(
        [torch.optim.SparseAdam(model.embed.parameters(), 0.01), torch.optim.Adam(model.out.parameters(), 0.01)]
    )


class Noisy(Dataset[tuple[Tensor, Tensor]]):
    """Augments with every global generator."""

    def __init__(self) -> None:
        self.x, self.y = points()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.x[index] + 0.1 * torch.randn(6) + 0.1 * random.random(), self.y[index]


def loader() -> Batches:
    return as_batches(DataLoader(TensorDataset(*points()), 10, shuffle=True), seed=4)


CASES: dict[str, dict[str, Any]] = {
    "adam and dropout": {},
    "accumulation": {"accumulate": 3},
    "average": {"ema": 0.9},
    "lbfgs": {"update": lbfgs},
    "plateau and early stop": {"update": plateau, "early_stop": {"patience": 3}},
    "cosine with warm-up by step": {"update": cosine},
    "sequence with warm-up": {"update": sequence, "clip": {"norm": 0.5}},
    "fp16": {"precision": "fp16", "clip": {"norm": 1.0}},
    "bf16": {"precision": "bf16", "clip": {"value": 0.1}},
    "two updates": {"update": pair},
    "sparse": {"update": sparse, "model": Embedded, "clip": {"norm": 0.5}},
    "pictures, channels_last, fused": {
        "model": convolutional,
        "update": fused,
        "memory_format": "channels_last",
        "train": lambda: as_batches(pictures(), 6),
        "valid": False,
    },
    "dataset with random numbers": {"train": lambda: as_batches(Noisy(), 10)},
    "dataset with workers": {"train": lambda: as_batches(Noisy(), 10, workers=2)},
    "loader": {"train": loader},
    "sum": {"task": "sum", "accumulate": 2},
}


def trainer_for(case: str, folder: Path, *, every: str = "1 steps", listeners: Sequence[Listener] = ()) -> Trainer:
    """The same trainer each time: everything in it is made anew."""
    from torchwork.engine import Classification

    given = dict(CASES[case])
    model: Callable[[], nn.Module] = given.pop("model", mlp)
    train = given.pop("train", lambda: None)()
    task = Classification(nn.CrossEntropyLoss(reduction="sum")) if given.pop("task", None) else None
    return make_trainer(
        model(),
        train=train,
        task=task,
        listeners=listeners,
        checkpoints=folder,
        checkpoint={"every": every, "keep": 99},
        **given,
    )


def scramble() -> None:
    """A new process begins with other random generators."""
    torch.manual_seed(random.randrange(1 << 30))
    random.seed()


@pytest.mark.parametrize("case", CASES)
def test_resume_from_every_checkpoint(case: str, tmp_path: Path) -> None:
    whole = Log()
    outcome = trainer_for(case, tmp_path / "whole", listeners=[whole]).fit()
    last = f"step-{outcome.step}"
    expected = load_checkpoint(tmp_path / "whole" / last)
    steps = sorted(int(path.name[5:]) for path in (tmp_path / "whole").glob("step-*"))
    assert steps == list(range(outcome.step + 1))
    for step in sorted({0, 1, 3, len(steps) // 2 - 1, len(steps) // 2, outcome.step - 1}):
        folder = tmp_path / f"from-{step}"
        shutil.copytree(tmp_path / "whole" / f"step-{step}", folder / f"step-{step}")
        scramble()
        log = Log()
        again = trainer_for(case, folder, listeners=[log]).fit()
        assert log.infos[0].resumed and log.infos[0].step == step
        assert again == outcome
        assert differences(load_checkpoint(folder / last), expected) == []
        assert log.rows == {key: row for key, row in whole.rows.items() if key > step}
        assert [report.metrics for report in log.reports] == [
            report.metrics
            for report in whole.reports
            if report.step > step or (report.step == step and log.reports[0].step == step)
        ]


class Interrupting(Listener):
    """Sends the signal as soon as the step is reported."""

    def __init__(self, step: int, number: signal.Signals) -> None:
        self.step, self.number = step, number

    def on_checkpoint(self, path: Path) -> None:
        if path.name == f"step-{self.step}":
            signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", [2, 6, 7, 10])
def test_a_signal_stops_and_the_rest_is_as_if_nothing_happened(
    step: int, number: signal.Signals, tmp_path: Path
) -> None:
    before = signal.getsignal(number)
    trainer_for("average", tmp_path / "whole").fit()
    stopped = trainer_for("average", tmp_path / "cut", listeners=[Interrupting(step, number)]).fit()
    assert stopped.status == "stopped" and step <= stopped.step <= step + 1
    assert signal.getsignal(number) == before
    assert trainer_for("average", tmp_path / "cut").fit().status == "done"
    whole, cut = (load_checkpoint(tmp_path / name / "step-14") for name in ("whole", "cut"))
    assert differences(whole, cut) == []


def test_a_second_interrupt_leaves_at_once() -> None:
    class Twice(Listener):
        def on_epoch(self, report: Any) -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    log = Log()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        make_trainer(listeners=[Twice(), log]).fit()
    assert log.outcomes[0].status == "failed"
    assert signal.getsignal(signal.SIGINT) == before


def test_a_finished_training_can_be_extended(tmp_path: Path) -> None:
    make_trainer(checkpoints=tmp_path / "a", epochs=2).fit()
    assert make_trainer(checkpoints=tmp_path / "a", epochs=2).fit().step == 14
    make_trainer(checkpoints=tmp_path / "a", epochs=3).fit()
    make_trainer(checkpoints=tmp_path / "b", epochs=3).fit()
    longer, whole = (load_checkpoint(tmp_path / name / "step-21") for name in "ab")
    assert differences(longer, whole) == []


KILLED = """
import sys
from pathlib import Path
from tests.engine.small import make_trainer
make_trainer(epochs=300, checkpoints=Path(sys.argv[1]), checkpoint={"every": "1 steps"}, ema=0.9, valid=False).fit()
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_bit_for_bit(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    make_trainer(epochs=300, checkpoints=tmp_path / "whole", ema=0.9, valid=False).fit()
    store = Checkpoints(tmp_path / "cut")
    for _ in range(4):
        reached = max(store.steps(), default=0)
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "cut")], cwd=root)
        end = time.monotonic() + 240
        while max(store.steps(), default=0) <= reached and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.2))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    make_trainer(epochs=300, checkpoints=tmp_path / "cut", ema=0.9, valid=False).fit()
    whole, cut = (load_checkpoint(tmp_path / name / "step-2100") for name in ("whole", "cut"))
    assert differences(whole, cut) == []


def test_resuming_a_loader_inside_an_epoch_is_noted(tmp_path: Path) -> None:
    trainer_for("loader", tmp_path, listeners=[Interrupting(3, signal.SIGTERM)]).fit()
    log = Log()
    trainer_for("loader", tmp_path, listeners=[log]).fit()
    assert any("drawn again" in note for note in log.notes)
