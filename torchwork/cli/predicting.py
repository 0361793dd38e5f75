"""`torchwork predict RUN --split valid`: how right a run is on a whole split, class by class, and where it is wrong."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING

from torchwork.errors import DataError

if TYPE_CHECKING:
    from torchwork.inside import Predictions

MISTAKES = 10
"""So many are told."""


def predict_split(options: argparse.Namespace) -> None:
    """Prints what the best weights of a run say of a split of its data."""
    from torchwork.result import Run

    if options.input or options.explain is not None:
        raise DataError("expected inputs or --split, got both; ask for one of them at a time")
    made = Run.open(options.run, trust=options.trust).predictions(options.split)
    if options.json:
        print(json.dumps({"split": options.split, **made.as_dict(MISTAKES)}, indent=2))
    else:
        _print(made, options.split)


def _print(made: Predictions, split: str) -> None:
    from torchwork.cli import tables

    out = tables.console()
    for note in made.notes:
        out.print(f"· {note}", style="dim", markup=False)
    out.print(f"{split}: {made.samples:,} samples{_summary(made)}", markup=False)
    if made.rows:
        columns = ["class", "pixels" if made.kind == "places" else "samples", "predicted", "precision", "recall", "F1"]
        cells = [
            [row.name, f"{row.samples:,}", f"{row.predicted:,}", *map(_share, (row.precision, row.recall, row.f1))]
            + [_share(row.iou)] * (made.kind == "places")
            for row in made.rows
        ]
        out.print(tables.grid([*columns, *["IoU"] * (made.kind == "places")], cells))
    found = made.mistakes(MISTAKES)
    if found:
        sure = [] if made.kind == "values" else ["certainty"]
        rows = [
            [str(item.index), item.truth, item.predicted, *[_share(item.confidence)] * len(sure), f"{item.loss:.4g}"]
            for item in found
        ]
        out.print(f"\nlargest {'errors' if made.kind == 'values' else 'losses of what is wrong'}", style="bold")
        loss = "squared error" if made.kind == "values" else "loss"
        out.print(tables.grid(["sample", "is", "taken for", *sure, loss], rows, left=3))


def _summary(made: Predictions) -> str:
    if made.errors is not None:
        errors = made.errors
        return (
            f", mean absolute error {errors.mean_absolute:.4g}, root mean square error {errors.root_mean_square:.4g}, "
            f"R² {errors.r2:.4g}"
        )
    if made.accuracy is None:
        return ""
    error = made.calibration_error
    calibrated = f", calibration error {error:.3f}" if error is not None and not math.isnan(error) else ""
    return f", accuracy {made.accuracy:.2%}{calibrated}"


def _share(value: float) -> str:
    """`93.1 %`, nothing where there is no such share."""
    return "" if math.isnan(value) else f"{value:.1%}"
