"""One's own data set: a class or function in a Python file. Runs code, so only where the person allows it."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torchwork.catalog import with_vision
from torchwork.data.pictures import is_grey
from torchwork.data.samples import Source, Wrapped
from torchwork.data.sources.torchvision import as_targets, class_names
from torchwork.errors import DataError, nearest


class Code(Source):
    """Your own data set: a class (or function) in a Python file that gives (input, target) for each number.

    Where it takes an argument `split` (or `train`), it is made once for each split. Needs --trust, for it runs code.

    Args:
        file (str): the Python file
        name (str): the class or function in it
        arguments (dict, optional): its arguments
    """

    @classmethod
    def paths(cls, args: Mapping[str, Any]) -> tuple[str, ...]:
        """The file."""
        return ("file",)

    def __init__(self, file: str, name: str, arguments: dict[str, Any] | None = None) -> None:
        self.file, self.place = Path(file), f"{Path(file).name}: {name}"
        args = arguments or {}
        make = load(self.file, name)
        made = {split: self._make(make, {**args, **more}) for split, more in self._splits(make, args).items()}
        first = next(iter(made.values()))
        targets = {
            split: as_targets([self._pair(dataset, i)[1] for i in range(len(dataset))], "Code")
            for split, dataset in made.items()
        }
        example, classes = self._pair(first, 0)[0], class_names(first, next(iter(targets.values())))
        picture, mode = hasattr(example, "convert"), "L" if is_grey(getattr(example, "mode", None)) else "RGB"
        held = {
            split: Wrapped(dataset, targets[split], list(range(len(dataset))), mode) for split, dataset in made.items()
        }
        splits = {split: partial(held.__getitem__, split) for split in held}
        super().__init__(splits, classes, "picture" if picture else "array")
        self.encoding, self.fresh = {"mode": mode}, True

    def _splits(self, make: Any, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
        try:
            parameters = inspect.signature(make).parameters
        except (TypeError, ValueError):
            return {"train": {}}
        if "split" in parameters and "split" not in args:
            return {"train": {"split": "train"}, "valid": {"split": "valid"}}
        if "train" in parameters and "train" not in args:
            return {"train": {"train": True}, "valid": {"train": False}}
        return {"train": {}}

    def _make(self, make: Any, args: dict[str, Any]) -> Any:
        try:
            dataset = make(**args)
            length = len(dataset)
        except Exception as error:  # whatever someone's code raises
            raise DataError(f"{self.place}({args}) raised {type(error).__name__}: {error}") from None
        if not length:
            raise DataError(f"{self.place}({args}): expected samples, got none")
        return dataset

    def _pair(self, dataset: Any, index: int) -> tuple[Any, Any]:
        try:
            item = dataset[index]
        except Exception as error:  # whatever someone's code raises
            raise DataError(f"{self.place}[{index}] raised {type(error).__name__}: {error}") from None
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise DataError(f"{self.place}[{index}]: expected a pair (input, target), got {type(item).__name__}")
        return item[0], item[1]


def load(file: Path, name: str) -> Any:
    """The class or function of a Python file, which is run."""
    if not file.is_file():
        raise DataError(f"data.source.Code.file: expected a Python file at {file}, found none; check the path")
    spec = importlib.util.spec_from_file_location(f"torchwork_code_{file.stem}", file)
    if spec is None or (loader := spec.loader) is None:
        raise DataError(f"data.source.Code.file: expected a Python file (.py), got {file}")
    module = importlib.util.module_from_spec(spec)
    try:
        with_vision(lambda: loader.exec_module(module))
    except Exception as error:  # whatever someone's code raises
        raise DataError(f"{file} raised {type(error).__name__} when it was read: {error}") from None
    if not callable(getattr(module, name, None)):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise DataError(
            f"data.source.Code.name: expected a class or function of {file.name}, got {name!r}; {nearest(name, known)}"
        )
    return getattr(module, name)
