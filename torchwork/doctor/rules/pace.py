"""What goes wrong beside the learning: training that waits for its data, and memory that grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from torchwork.doctor.changes import set_to
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding
from torchwork.doctor.rule import finding, rule

WAITING, MOSTLY = 0.3, 0.6
"""of the time of training"""
SHORT = 60.0
"""seconds that a training may take before it matters how it spends them"""
EPOCHS, GROWN, LEAST = 5, 1.3, 300.0
"""in which memory grows without end, to so many times what it was, and by so many MB"""


@rule("training waits for data", "waiting", source="torch's performance tuning guide; SageMaker Debugger")
def starved(evidence: Evidence) -> Finding | None:
    shares, seconds = evidence.waiting, evidence.curve("time/epoch")
    assert shares is not None
    later = shares.finite[1:]  # the first epoch reads files that later ones find in memory
    if len(later) < 2:
        return None
    share = float(np.median(later))
    if share < WAITING or (seconds is not None and float(seconds.values.sum()) < SHORT):
        return None
    return finding(
        "warning" if share >= MOSTLY else "note",
        f"Training waits for its data {share:.0%} of the time.",
        "so long the network has nothing to do, and would be done sooner with faster data",
        "Keep the data in memory where they fit, take more workers, or make augmentation cheaper.",
        tags=("time/waiting",), changes=_kept(evidence),
    )  # fmt: skip


def _kept(evidence: Evidence) -> tuple[Change, ...]:
    if evidence.document is None or evidence.document.data.loading != "streamed":
        return ()
    return (set_to("loading: auto", "data.loading", "auto"),)


@rule("memory grows", "memory", source="torch's FAQ: my model reports out of memory")
def growing(evidence: Evidence) -> Finding | None:
    held = _by_epoch(evidence)
    if len(held) < EPOCHS or not _without_end(held):
        return None
    return finding(
        "warning",
        "The process holds more memory after each epoch.",
        f"{held[0]:,.0f} MB after epoch 2, {held[-1]:,.0f} MB after epoch {len(held) + 1}",
        "Look for losses or outputs that are kept with their graph: keep loss.item() or loss.detach() instead.",
        tags=("system/process_memory",),
    )  # fmt: skip


def _by_epoch(evidence: Evidence) -> NDArray[np.float64]:
    """Megabytes at the end of each epoch from the second on, for the first takes what all need."""
    memory, ends = evidence.memory, evidence.curve("epoch")
    if memory is None or ends is None:
        return np.zeros(0)
    places = np.searchsorted(memory.steps, ends.steps, side="right") - 1
    return memory.values[places[places >= 0]][1:]


def _without_end(held: NDArray[np.float64]) -> bool:
    """Whether memory [n] grows in every epoch, later as in the beginning: what is taken once comes to an end."""
    grown, half = held[-1] - held[0], len(held) // 2
    later = held[-1] - held[half]
    return bool((np.diff(held) > 0).all() and held[-1] > GROWN * held[0] and grown > LEAST and later > 0.3 * grown)


RULES = (starved, growing)
