"""`torchwork inspect`: the layers of a run's network as a table, and their kernels and feature maps as pictures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from torchwork.cli import files
from torchwork.errors import DataError, TorchworkError

if TYPE_CHECKING:
    from torch import nn

    from torchwork.inside import LayerFacts

PAGES = 4
"""of a layer, unless all are asked for: a late convolution has hundreds of thousands of kernels"""


def inspect(options: argparse.Namespace) -> None:
    """Prints the layers of a run with their costs and latest statistics, or writes their pictures."""
    from torchwork.answer.insights import probe_batch
    from torchwork.inside import overview
    from torchwork.result import Run
    from torchwork.serve.layers import measured

    if options.out is None and (options.kernels or options.together):
        raise DataError("--kernels and --together are of pictures; say with --out where these are written")
    run = Run.open(options.run, trust=options.trust)
    model = run.model()
    inputs, count, notes = probe_batch(run)
    found = overview(model, inputs, timed=options.out is None)
    chosen = found.chosen(options.layer)
    if options.out is not None:
        if options.sample >= max(1, count):
            raise DataError(f"expected --sample from 0 to {max(0, count - 1)}, got {options.sample}")
        cut: list[str] = []
        written = list(_write(model, inputs, chosen, options, cut))
        said = [f"wrote {len(written)} picture{'s' * (len(written) != 1)} to {options.out}", *cut]
        print(json.dumps(written, indent=2) if options.json else "\n".join(said))
        return
    known = {layer.name: layer.numbers for layer in measured(run.metrics)[1]}
    rows = [{**known.get(layer.name, {}), **vars(layer)} for layer in chosen]
    if options.json:
        print(json.dumps({"layers": rows, "notes": [*notes, *found.notes]}, indent=2))
    else:
        _print(rows, [*notes, *found.notes])


def _print(rows: Sequence[dict[str, Any]], notes: Iterable[str]) -> None:
    from torchwork.cli import tables

    out = tables.console()
    columns = {
        "layer": "name", "": "type", "output": "output", "parameters": "parameters", "MAC": "macs",
        "ms": "milliseconds", "memory": "memory", "mean": "output_mean", "std": "output_std", "zeros": "output_zeros",
        "dead": "dead_units", "gradient": "gradient_norm", "update": "update_ratio",
    }  # fmt: skip
    used = {head: key for head, key in columns.items() if any(row.get(key) is not None for row in rows)}
    cells = [[_cell(key, row.get(key)) for key in used.values()] for row in rows]
    out.print(tables.grid(list(used), cells, left=3))
    for note in notes:
        out.print(f"· {note}", style="dim", markup=False)
    out.print("times and memory: of both passes, for one sample; the rest: as it was recorded last", style="dim")


def _cell(key: str, value: Any) -> str:
    from torchwork.cli import tables

    if value is None or value == "":
        return ""
    if key in ("macs", "memory"):
        return tables.short(value) + ("B" if key == "memory" else "") if value else ""
    if key == "parameters":
        return f"{value:,}" if value else ""
    return value if isinstance(value, str) else f"{value:.3g}"


def _write(
    model: nn.Module, inputs: Any, chosen: Sequence[LayerFacts], options: argparse.Namespace, cut: list[str]
) -> Iterator[str]:
    """Writes the grids, a file for each page; the names of the files. What is left out of large layers is in `cut`."""
    from torchwork.inside import grids

    drawn = False
    for name, values in _values(model, inputs, chosen, options):
        _, pages = grids.paged(len(values), 0)
        if pages > PAGES and not options.all:
            cut.append(f"· {name}: the first {PAGES} of {pages} pages; --all writes them all")
        for page in range(pages if options.all else min(pages, PAGES)):
            places, _ = grids.paged(len(values), page)
            made = grids.scaled(values, together=True) if options.together else grids.scaled(values[places])
            pixels = made.pixels[places.start : places.stop] if options.together else made.pixels
            file = files.folder_for(options.out) / f"{name}{f'-{page + 1}' * (pages > 1)}.png"
            files.write(file, grids.png(grids.grid(grids.enlarged(pixels))))
            drawn = True
            yield str(file)
    if not drawn:
        what = "kernels" if options.kernels else "feature maps"
        raise TorchworkError(f"none of these layers has {what}: {', '.join(layer.name for layer in chosen[:8])}; "
                             "choose convolutions with --layer")  # fmt: skip


def _values(
    model: nn.Module, inputs: Any, chosen: Sequence[LayerFacts], options: argparse.Namespace
) -> Iterator[tuple[str, Any]]:
    """What is drawn of each layer [k, h, w(, 3)], with the name of its file."""
    from torchwork.inside.kernels import kernels_of
    from torchwork.inside.maps import feature_maps

    modules = dict(model.named_modules())
    if options.kernels:
        for layer in chosen:
            kernels = kernels_of(modules[layer.name])
            if kernels is not None:
                yield f"{files.safe(layer.name)}-kernels", kernels
        return
    one = tuple(item[[options.sample]] for item in inputs) if isinstance(inputs, tuple) else inputs[[options.sample]]
    found = feature_maps(model, one, {layer.name for layer in chosen})
    for layer in chosen:
        maps = found.get(layer.name)
        if maps is not None:
            yield f"{files.safe(layer.name)}-maps-{options.sample}", maps[0]
