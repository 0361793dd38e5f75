"""The schedule of a script: schedulers of torch, and the warm-up in front of them."""

from __future__ import annotations

from dataclasses import dataclass

from torchwork.build.schedules import cadence, schedule_scope
from torchwork.code.making import Maker
from torchwork.code.text import literal
from torchwork.experiment import Experiment, Part, Schedule, parse_duration

NAMES = {"epochs": "EPOCHS", "steps_per_epoch": "STEPS_PER_EPOCH", "steps": "EPOCHS * STEPS_PER_EPOCH"}


@dataclass(frozen=True)
class Scheduling:
    """`make` is the call that makes the scheduler of `optimizer`, empty where there is none."""

    make: str = ""
    each_step: bool = False
    metric: str = ""
    """for ReduceLROnPlateau: the metric as an expression of `train` and `valid`"""
    constants: tuple[str, ...] = ()
    warmup: str = ""
    """the definition of `warmed_up`, empty where there is no warm-up"""


def metric_text(tag: str) -> str:
    """`valid["loss"]` of `valid/loss`."""
    split, _, name = tag.partition("/")
    return f"{split}[{literal(name)}]"


def scheduling(experiment: Experiment, steps_per_epoch: int, *, several: bool) -> Scheduling:
    """How the learning rates of the document's optimizers change, with so many steps in an epoch."""
    schedule = experiment.schedule
    if schedule is None:
        return Scheduling()
    scope = schedule_scope(experiment.train.epochs, steps_per_epoch)
    make = Maker(scope, NAMES).call("scheduler", schedule, "optimizer") if schedule.name else ""
    metric = metric_text(schedule.monitor) if schedule.name == "ReduceLROnPlateau" else ""
    constants = [f"STEPS_PER_EPOCH = {steps_per_epoch}"] if "STEPS_PER_EPOCH" in make else []
    warmup = _warmup(schedule.warmup, several) if schedule.warmup else ""
    if "WARMUP_STEPS" in warmup:
        constants.append(f"WARMUP_STEPS = {_length(schedule, steps_per_epoch)}")
    return Scheduling(make, cadence(schedule) == "step", metric, tuple(constants), warmup)


def _length(schedule: Schedule, steps_per_epoch: int) -> int:
    assert schedule.warmup is not None
    return parse_duration(str(schedule.warmup.args["length"])).steps(steps_per_epoch)


def _warmup(part: Part, several: bool) -> str:
    """The context in which the learning rates are dampened, unseen by the scheduler."""
    given = "optimizers: list[torch.optim.Optimizer]" if several else "optimizer: torch.optim.Optimizer"
    groups = "[group for optimizer in optimizers for group in optimizer.param_groups]"
    return "\n".join([
        "@contextmanager",
        f"def warmed_up({given}, step: int) -> Iterator[None]:",
        '    """Lowers the learning rates of one of the first steps, unseen by the schedule."""',
        f"    groups = {groups if several else 'optimizer.param_groups'}",
        '    rates = [group["lr"] for group in groups]',
        "    for group, rate in zip(groups, rates, strict=True):",
        *(f"        {line}" for line in _dampened(part)),
        "    yield",
        "    for group, rate in zip(groups, rates, strict=True):",
        '        group["lr"] = rate',
    ])  # fmt: skip


def _dampened(part: Part) -> list[str]:
    length, lines = "WARMUP_STEPS", []
    if part.name.startswith("untuned"):
        length = "steps"
        count = "2.0" if part.name == "untuned_linear" else "1.0"
        lines = [f'steps = {count} / (1.0 - group["betas"][1])']
    if part.name == "constant":
        start = literal(float(str(part.args["factor"]))) if "factor" in part.args else "1 / 3"
        return [f'group["lr"] = rate * ({start} if step < WARMUP_STEPS else 1.0)']
    if part.name.endswith("linear"):
        return [*lines, f'group["lr"] = rate * min(1.0, (step + 1) / {length})']
    return [*lines, f'group["lr"] = rate * (1.0 - math.exp(-(step + 1) / {length}))']
