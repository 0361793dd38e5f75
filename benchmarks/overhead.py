"""A whole recorded epoch of Fashion-MNIST against the bare computation on one preloaded batch."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import bare, training
from benchmarks.measure import Options, Report, in_turns, ratios
from benchmarks.process import fresh

LIMITS = {100: (1.10, 0.80), 1000: (1.05, 0.65)}
"""By batch size: at most so much of the bare loop in a tuned process, and in a plain one."""
BF16 = 0.5
ROUNDING = 1e-5
"""The losses of ten steps may differ by this share; float32 holds seven digits."""
TUNED, PLAIN, OURS = "bare, tuned process", "bare, plain process", "torchwork"


def run(options: Options, report: Report) -> None:
    """The epochs of both batch sizes, bf16, and that the numbers stay what they are."""
    root = options.folder("fashion_mnist")
    report.say(COUNTED)
    for batch_size in LIMITS:
        compare(batch_size, root, options, report)
    if has_bf16() or options.quick:
        compare_bf16(root, options, report)
    else:
        report.say("\nbf16: this processor has no instructions for it; skipped")
    same_numbers(root, report)


COUNTED = """
Counted for torchwork: an epoch after the first, from the end of one to the end of the next: gathering and normalising
60,000 pictures in a new order, training, recording every step, histograms of all weights and gradients, the
checkpoint. Not counted: validation (the bare loop has none). For the bare loop: 60,000 / batch steps on one batch. Each
measurement is made in a fresh process; tuned means mallopt thresholds; both have the same threads."""


def compare(batch_size: int, root: Path, options: Options, report: Report) -> None:
    """One batch size in float32."""
    samples = options.size(bare.SAMPLES, 2000)
    sides = {
        TUNED: partial(fresh, bare.epoch_seconds, root, batch_size, tuned=True, samples=samples),
        OURS: partial(fresh, training.epoch_seconds, ours(root, batch_size, options)),
        PLAIN: partial(fresh, bare.epoch_seconds, root, batch_size, samples=samples),
    }
    found = in_turns(sides, options.rounds)
    report.table(f"batch {batch_size}, seconds an epoch", found)
    for base, limit in zip((TUNED, PLAIN), LIMITS[batch_size], strict=True):
        report.check(f"torchwork / {base}", ratios(found[OURS], found[base]), limit)


def compare_bf16(root: Path, options: Options, report: Report) -> None:
    """bf16 at batch 1000 against the bare loop in float32."""
    settings = ours(root, 1000, options, train__precision="bf16")
    sides = {
        PLAIN: partial(fresh, bare.epoch_seconds, root, 1000, samples=options.size(bare.SAMPLES, 2000)),
        OURS: partial(fresh, training.epoch_seconds, settings),
    }
    found = in_turns(sides, options.rounds)
    report.table("batch 1000, torchwork in bf16, seconds an epoch", found)
    report.check("torchwork in bf16 / bare, plain process", ratios(found[OURS], found[PLAIN]), BF16)


def same_numbers(root: Path, report: Report) -> None:
    """The losses of ten steps, with channels_last and fused and without.

    By SGD: Adam divides each gradient by its own size, so that rounding in a gradient near zero becomes a whole step.
    """
    optimizer = "{SGD: {lr: 0.05, momentum: 0.9, fused: %s}}"
    settings = training.fashion(root, data__limit=1000, train__epochs=1)
    sides = [
        fresh(training.losses, settings | {"train.memory_format": layout, "optimizer": optimizer % fused})
        for layout, fused in (("contiguous", "false"), ("channels_last", "true"))
    ]
    difference = max(abs(tuned - plain) / plain for plain, tuned in zip(*sides, strict=True))
    report.say()
    report.check("largest relative difference of ten losses", difference, ROUNDING)


def ours(root: Path, batch_size: int, options: Options, **settings: Any) -> dict[str, Any]:
    """The example with this batch size, for three epochs."""
    limit = 2000 if options.quick else "null"
    return training.fashion(root, data__batch_size=batch_size, data__limit=limit, train__epochs=3, **settings)


def has_bf16() -> bool:
    """Whether the processor computes in bfloat16 itself."""
    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
