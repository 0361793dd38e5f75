"""`torchwork predict --explain METHOD`: pictures of where a network looked."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchwork.cli import files
from torchwork.errors import TorchworkError

if TYPE_CHECKING:
    from torchwork.explained import Explained
    from torchwork.inside import Region

FOLDER = "maps"


class Named(argparse.Action):
    """`--explain list` names the methods and ends, as `--version` does: no run is needed for that."""

    def __call__(self, parser: argparse.ArgumentParser, options: argparse.Namespace, given: Any, *_: Any) -> None:
        if given == "list":
            from torchwork.inside import METHODS

            for name, method in METHODS.items():
                print(f"{name:22}{method.words}")
            parser.exit()
        setattr(options, self.dest, given)


def region(text: str) -> Region:
    """`10,20,42,52` as x1, y1, x2, y2."""
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 4 or not all(number.isdecimal() for number in numbers):
        raise argparse.ArgumentTypeError(f"expected four whole numbers x1,y1,x2,y2 in pixels, got {text!r}")
    x1, y1, x2, y2 = map(int, numbers)
    return x1, y1, x2, y2


def check_asked(options: argparse.Namespace) -> None:
    """TorchworkError where something is said of an explanation that is not asked for."""
    said = {
        "--layer": options.layer, "--target": options.target, "--input": options.which, "--region": options.region,
        "--out": options.out,
    }  # fmt: skip
    for option in (name for name, value in said.items() if value and options.explain is None):
        raise TorchworkError(f"{option} says how to explain a prediction; say by which method with --explain")


def explain(options: argparse.Namespace) -> None:
    """Explains each input with the best weights of a run and writes its picture with the map over it."""
    from torchwork.explained import explained
    from torchwork.inside import method_of
    from torchwork.result import Run

    method_of(options.explain)
    subject = Run.open(options.run, trust=options.trust).subject()
    named = [item for given in options.input for item in subject.preprocess.read(given)]
    how = {
        "method": options.explain, "layer": options.layer, "target": options.target, "region": options.region,
        "input": options.which,
    }  # fmt: skip
    found = [explained(subject, *item, **how, progress=_progress(item[0], options.explain)) for item in named]
    pictures = _written(found, options)
    if options.json:
        rows = [{**item.as_dict(), "picture": str(file)} for item, file in zip(found, pictures, strict=True)]
        print(json.dumps(rows, indent=2))
        return
    for item, file in zip(found, pictures, strict=True):
        print(f"{item.input}: {item.words(options.top)}\n{_described(item)}\nwrote {file}")


def _described(found: Explained) -> str:
    """`grad-cam of bee at layer4.1 (512×7×7): the map changes ...`."""
    made = found.explanation
    at = next((f" ({item.output})" for item in made.candidates if item.name == made.layer), "")
    layer = f" at {made.layer}{at}" if made.layer else ""
    return f"{made.method} of {found.target}{layer}: {made.trust.sentence if made.trust else ''}" + "".join(
        f"\n· {note}" for note in made.notes
    )


def _progress(name: str, method: str) -> Any:
    """Counts in the terminal, for the slow methods; None where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        line = f"{method} of {name}: {done}/{total}" if done < total else ""
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    return show


def _written(found: list[Explained], options: argparse.Namespace) -> list[Path]:
    """Writes all pictures, each by a name of its own: what is there already stays."""
    import numpy as np

    from torchwork.inside.grids import png

    folder = files.folder_for(options.out or FOLDER)
    written: list[Path] = []
    for item in found:
        asked = [item.target] * (options.target is not None) + [options.layer] * bool(options.layer)
        stem = "-".join([Path(item.input).stem, item.explanation.method, *map(files.safe, asked)])
        written.append(files.free(folder, stem))
        files.write(written[-1], png(np.asarray(item.overlaid())))
    return written
