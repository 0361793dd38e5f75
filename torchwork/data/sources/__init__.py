"""Where data come from: sources of torchwork's own, and every data set of torchvision by its name."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from torchwork.catalog import Entry, catalog, describe
from torchwork.data.samples import Source
from torchwork.data.sources.arrays import Arrays
from torchwork.data.sources.cifar import CIFAR10, CIFAR100
from torchwork.data.sources.code import Code
from torchwork.data.sources.folder import ImageFolder
from torchwork.data.sources.idx import MNIST, FashionMNIST
from torchwork.data.sources.masks import MaskFolder
from torchwork.data.sources.shapes import Shapes
from torchwork.data.sources.table import Table
from torchwork.data.sources.torchvision import open_torchvision
from torchwork.errors import DataError, DocumentError, Problem, nearest
from torchwork.experiment.part import Part
from torchwork.experiment.spec import Data
from torchwork.experiment.spec import Source as SourcePart

OWN: tuple[type[Source], ...] = (
    Shapes,
    MNIST,
    FashionMNIST,
    CIFAR10,
    CIFAR100,
    ImageFolder,
    MaskFolder,
    Arrays,
    Table,
    Code,
)
PLACE = "data.source"
TORCHVISION_PATHS = ("root", "annFile", "ann_file", "annotation_path")
"""the arguments of torchvision's data sets that are paths"""


@functools.cache
def own_sources() -> dict[str, Entry]:
    """torchwork's own sources by name; does not load torchvision."""
    return {kind.__name__: describe(kind, "source") for kind in OWN}


def sources() -> dict[str, Entry]:
    """Every source by name: torchvision's data sets, and torchwork's own, which win where both have the name."""
    return {**catalog().entries("source"), **own_sources()}


def needs_torchvision(data: Data) -> bool:
    """Whether torchvision reads these data or changes their samples."""
    return bool(data.prepare or data.augment) or data.source.name not in own_sources()


def find(name: str) -> Entry:
    """The entry of a source; DocumentError with the nearest name when there is none."""
    entry = own_sources().get(name) or sources().get(name)
    if entry is None:
        fix = (
            nearest(name, sources())
            or f"torchwork's own are {', '.join(own_sources())}; torchvision's data sets go by their names"
        )
        raise DocumentError(Problem(PLACE, f"expected the name of a data set, got {name!r}", fix))
    return entry


def open_source(part: SourcePart, base: Path, trust: bool) -> Source:
    """The source that the document names, with paths relative to `base`; one's own code only with `trust`."""
    entry = find(part.name)
    if entry.target is Code and not trust:
        raise DataError(
            f"{PLACE}: Code runs the file {part.args.get('file')!r}, which a document may do only when you allow it; "
            f"read that file, then add --trust (in Python: trust=True)"
        )
    found = entry.problems(part.args, f"{PLACE}.{part.name}")
    if found:
        raise DocumentError(found)
    if entry.target not in OWN:
        return open_torchvision(entry, based(part.args, TORCHVISION_PATHS, base))
    args = based(part.args, entry.target.paths(part.args), base, entry)
    source: Source = entry.construct(args, path=f"{PLACE}.{part.name}")
    return source


def part_problems(section: Data) -> list[Problem]:
    """All that is wrong with the names and arguments of the source and the transforms; reads no data."""
    found = _problems("source", section.source, PLACE)
    for place in ("prepare", "augment"):
        for i, part in enumerate(getattr(section, place)):
            found += _problems("transform", part, f"data.{place}[{i}]")
    return found


def _problems(kind: str, part: Part, path: str) -> list[Problem]:
    try:
        entry = find(part.name) if kind == "source" else catalog().find(kind, part.name, path)
        return entry.problems(part.args, f"{path}.{part.name}", part=_nested_problems)
    except DocumentError as error:
        return error.problems


def _nested_problems(kind: str, value: Any, path: str) -> list[Problem]:
    try:
        return _problems(kind, Part.model_validate(value), path)
    except ValidationError as error:
        return [Problem(path, str(error.errors()[0]["msg"]).removeprefix("Value error, "))]


def based(args: dict[str, Any], paths: tuple[str, ...], base: Path, entry: Entry | None = None) -> dict[str, Any]:
    """The arguments with those that are paths, given or by default, put below `base` unless they are absolute."""
    defaults = {item.name: item.default for item in entry.arguments} if entry else {}
    found = {name: args.get(name, defaults.get(name)) for name in paths}
    return args | {
        name: str(base / Path(value).expanduser()) for name, value in found.items() if isinstance(value, str)
    }
