"""How answers look in a terminal: tables, and the numbers a person wants to see."""

from __future__ import annotations

import argparse
import math
import re
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from torchwork.cli.columns import choose

if TYPE_CHECKING:
    from torchwork.build import Checked, CheckedModel
    from torchwork.graph import Row, Summary
    from torchwork.record import Table
    from torchwork.result import Prediction, Run

UNITS = ("", "k", "M", "G", "T")
LONGEST_CELL = 40
WIDE = 1000
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")


def console() -> Console:
    """The terminal; piped output is not cut to a width that nobody sees."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def short(value: float) -> str:
    """A count in three digits: 61.1M."""
    if value < 1000:
        return f"{value:g}"
    power = min(int(math.log10(value) // 3), len(UNITS) - 1)
    return f"{value / 1000**power:.3g}{UNITS[power]}"


def print_table(table: Table, options: argparse.Namespace) -> None:
    """A table as the options want it: JSON, CSV, or for a person."""
    if options.json:
        print(table.to_json())
    elif options.csv:
        print(table.to_csv(), end="")
    elif not table.rows:
        print("no runs yet; `torchwork train FILE` makes one")
    else:
        _print_fitting(table, console())


def _print_fitting(table: Table, out: Console) -> None:
    """The columns for which there is room, and a word about the others."""
    longest = min(LONGEST_CELL, out.width // 3)

    def text(column: str, value: Any) -> str:
        whole = str(value)  # of a long path the end says which one it is
        return f"…{whole[1 - longest :]}" if column == "name" and len(whole) > longest else _cell(value)

    choice = choose(table, out.width, text)
    out.print(grid(choice.shown, ([text(name, row.get(name)) for name in choice.shown] for row in table.rows)))
    if choice.left_out:
        noun = "column" if choice.left_out == 1 else "columns"
        note = f"{choice.left_out} {noun} left out (no room, or few runs have them): --csv has all"
        out.print(Text(note, style="dim"))


def grid(columns: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> RichTable:
    """A table with its first `left` columns aligned to the left, numbers to the right."""
    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < left else "right", overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    if STAMP.fullmatch(text):
        return text[:16].replace("T", " ")
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def print_check(checked: Checked | CheckedModel) -> None:
    """What a document describes: data, layers and totals."""
    out = console()
    for note in checked.notes:
        out.print(Text(f"· {note}", style="dim"))
    if checked.graph is not None:
        out.print(_layers(checked.graph, checked.totals["batch_size"]))
        _print_totals(out, checked.totals, checked.graph.complete)
    if not checked.problems:
        seen = checked.graph is None or checked.graph.complete
        out.print(
            Text("✓ ", style="bold green") + Text(f"the document is right{'' if seen else ', as far as it was run'}")
        )


def _layers(graph: Summary, batch: int) -> RichTable:
    columns = ("layer", "", "arguments", "output", "parameters", "MAC")
    return grid(
        columns, [_layer(row, label, batch) for row, label in zip(graph.rows, graph.labels, strict=True)], left=3
    )


def _layer(row: Row, label: str, batch: int) -> list[str]:
    name = "  " * row.depth + label
    arguments = ", ".join(f"{key}={value}" for key, value in row.args.items())
    unsaid = "?" if row.unknown else ""
    parameters = f"{row.parameters:,}" if row.parameters else f"shared with {row.shared}" if row.shared else unsaid
    output = row.as_dict()["output_text"]
    return [name, row.type, arguments, output, parameters, short(row.mac // batch) if row.mac else unsaid]


def _print_totals(out: Console, totals: Mapping[str, Any], complete: bool) -> None:
    out.print(
        f"{'' if complete else 'at least '}{totals['parameters']:,} parameters ({totals['trainable']:,} trained), "
        f"{short(totals['mac'])} MAC = {short(totals['flop'])} FLOP for one sample"
    )
    out.print(
        f"memory at batch {totals['batch_size']}: "
        f"{short(totals['state_bytes'])}B for weights, gradients and optimizer, "
        f"about {short(totals['activation_bytes'])}B for activations"
    )


def print_result(run: Run) -> None:
    """How a training ended, and what one can do next."""
    out = console()
    out.print(Text(f"\n{run.status}", style="bold") + Text(f"  {run.path}"))
    for name, value in run.result.items():
        out.print(f"  {name:22} {_cell(value)}")
    if run.status == "stopped":
        out.print(f"next  torchwork resume {shlex.quote(str(run.path))}")
        return
    path, runs = shlex.quote(str(run.path)), shlex.quote(str(run.path.parent))
    for command, purpose in (
        (f"torchwork open {runs}", "curves, pictures and comparisons in the browser"),
        (f"torchwork runs {runs}", "all runs side by side"),
        (f"torchwork doctor {path}", "what is wrong with it, and what to change"),
        (f"torchwork predict {path} FILE", "what it says of an input of yours; --explain: where it looked"),
        (f"torchwork export {path} --to safetensors", "its weights for other programs"),
    ):
        out.print(f"next  {command:55}", Text(purpose, style="dim"))


def print_predictions(predictions: Sequence[Prediction], top: int) -> None:
    """One line for each input: its best classes with scores, or its numbers."""
    for prediction in predictions:
        print(f"{prediction.input}: {prediction.words(top)}")
