"""The most memory a recorded training holds, against the bare loop's."""

from __future__ import annotations

from functools import partial

from benchmarks import bare, training
from benchmarks.measure import Options, Report, Spread, in_turns
from benchmarks.process import fresh

MORE = 1.15
"""Times the bare loop's memory that a training may need, beside its resident data."""
RESIDENT = 70_000 * (28 * 28 + 8)
"""Bytes of the pictures (uint8) and classes (int64) of both splits."""


def run(options: Options, report: Report) -> None:
    """Both batch sizes."""
    root = options.folder("fashion_mnist")
    report.say(f"\nresident data: {RESIDENT / 1e6:.1f} MB; peak of the process, in MB")
    for batch_size in (100, 1000):
        settings = training.fashion(root, data__batch_size=batch_size, train__epochs=options.size(2, 1))
        sides = {
            "bare loop": partial(fresh, bare.peak, root, batch_size, samples=options.size(bare.SAMPLES, 2000)),
            "torchwork": partial(fresh, training.peak, settings),
        }
        found = {name: [size / 1e6 for size in sizes] for name, sizes in in_turns(sides, options.size(3, 1)).items()}
        report.table(f"batch {batch_size}, MB", found)
        limit = MORE * Spread.of(found["bare loop"]).median + RESIDENT / 1e6
        report.check("torchwork", Spread.of(found["torchwork"]), round(limit, 1), unit=" MB")
