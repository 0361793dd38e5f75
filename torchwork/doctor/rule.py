"""What a rule is: a small function that looks at the evidence, with what it needs and where its threshold is from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Finding

Check = Callable[[Evidence], Finding | None]


def _tried(name: str, evidence: Evidence) -> bool:
    return name in evidence.trials


NEEDS: dict[str, tuple[Callable[[Evidence], bool], str]] = {
    "document": (lambda e: e.document is not None, "there is no document"),
    "facts": (lambda e: bool(e.facts), "nothing was recorded of the data"),
    "classes": (lambda e: bool(e.counts("train")), "there are no classes"),
    "loss": (lambda e: e.loss is not None, "no loss was recorded"),
    "chance": (lambda e: e.chance is not None, "only a cross entropy says what guessing would cost"),
    "rate": (lambda e: e.rate is not None, "no learning rate was recorded"),
    "updates": (lambda e: bool(e.group("update_ratio")), "no statistics of weights were recorded"),
    "gradients": (lambda e: e.gradient is not None, "no norms of gradients were recorded"),
    "outputs": (lambda e: bool(e.group("output_std")), "no statistics of outputs were recorded"),
    "units": (lambda e: bool(e.group("dead_units")), "no layer that can have dead units was recorded"),
    "saturation": (lambda e: bool(e.group("output_saturated")), "no sigmoid or tanh was recorded"),
    "validation": (lambda e: e.valid_loss is not None, "no validation loss was recorded"),
    "waiting": (lambda e: e.waiting is not None, "it was not recorded how long data were waited for"),
    "memory": (lambda e: e.memory is not None, "no memory was recorded"),
    "train accuracy": (lambda e: e.train_accuracy is not None, "no training accuracy was recorded"),
    "accuracy": (lambda e: e.valid_accuracy is not None, "no validation accuracy was recorded"),
    **{
        name: (partial(_tried, name), "it was not tried")
        for name in ("start", "inputs", "neighbours", "few samples", "gap", "calibration")
    },
}
"""What a rule may need, how it is seen that it is there, and what is said when it is not."""


@dataclass(frozen=True)
class Rule:
    """`hides` are rules whose findings are only symptoms where this one has found the cause."""

    id: str
    needs: tuple[str, ...]
    source: str
    hides: tuple[str, ...]
    check: Check

    def missing(self, evidence: Evidence) -> str:
        """Why it cannot look; empty where it can."""
        gone = next((name for name in self.needs if not NEEDS[name][0](evidence)), "")
        return gone and evidence.untried.get(gone, NEEDS[gone][1])

    def look(self, evidence: Evidence) -> Finding | None:
        """What it finds."""
        found = self.check(evidence)
        return found and replace(found, rule=self.id, source=self.source)


def rule(id_: str, *needs: str, source: str, hides: tuple[str, ...] = ()) -> Callable[[Check], Rule]:
    """Makes a rule of a function."""
    return lambda check: Rule(id_, needs, source, hides, check)


def finding(severity: str, sentence: str, because: str, advice: str, **more: object) -> Finding:
    """A finding; the rule puts its name and source to it."""
    return Finding("", severity, sentence, because, advice, **more)  # type: ignore[arg-type]
