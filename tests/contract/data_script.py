"""The data part of a script: printed, run where torchwork cannot be imported, compared with the run's batches."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from torchwork.code.data.batches import Pieces, print_data
from torchwork.code.text import imports
from torchwork.data import open_data
from torchwork.experiment.spec import Data

SEED = 3


def without_torchwork(name: str, *args: Any, **kwargs: Any) -> Any:
    """What `import` does for a script."""
    if name.split(".")[0] == "torchwork":
        raise ModuleNotFoundError(name)
    return builtins.__import__(name, *args, **kwargs)


def text_of(pieces: Pieces, data: Data, seed: int = SEED) -> str:
    """The pieces as a file, with the constants that the rest of a script defines."""
    constants = [f"SEED = {seed}", f"BATCH_SIZE = {data.batch_size}", 'DEVICE = "cpu"', *pieces.constants]
    parts = [imports(pieces.imports), "\n".join(constants), *pieces.definitions, "\n".join(pieces.setup)]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def run(text: str) -> dict[str, Any]:
    """What a script defines."""
    space: dict[str, Any] = {"__builtins__": vars(builtins) | {"__import__": without_torchwork}, "__name__": "script"}
    exec(compile(text, "script.py", "exec"), space)
    return space


def same(found: Iterable[Any], expected: Iterable[Any]) -> None:
    """Asserts that batches are equal bit for bit, in type and in the way they lie in memory."""
    pairs = list(zip(found, expected, strict=True))
    assert pairs
    for (x, y), (inputs, targets) in pairs:
        alike(x, inputs)
        assert (y is None) == (targets is None)
        if targets is not None:
            alike(y, targets)


def alike(found: Any, expected: Any) -> None:
    if isinstance(expected, tuple):  # several inputs
        for item, wanted in zip(found, expected, strict=True):
            alike(item, wanted)
        return
    assert found.dtype == expected.dtype and found.shape == expected.shape
    assert strides(found) == strides(expected)
    assert torch.equal(found, expected)


def strides(tensor: torch.Tensor) -> list[int]:
    """How a tensor lies in memory; the stride of a dimension with one element says nothing."""
    return [step for step, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1]


def check(written: dict[str, Any], base: Path, seed: int = SEED, limit: int | None = None) -> str:
    """Asserts that two epochs of a section `data` (of each at most `limit` batches) come out alike; gives the text."""
    data = Data.model_validate(written)
    bundle = open_data(data, seed=seed, base=base)
    pieces = print_data(data, bundle, base=base)
    text = text_of(pieces, data, seed)
    before, here = torch.get_rng_state(), Path.cwd()
    os.chdir(base)
    try:
        script = run(text)
        for epoch in range(2):
            found = eval(pieces.calls["train"], {**script, "epoch": epoch})
            same(islice(found, limit), islice(bundle.train.epoch(epoch), limit))
        for name in ("valid", "test"):
            batches = getattr(bundle, name)
            assert (name in pieces.calls) == (batches is not None)
            if batches is not None:
                same(islice(eval(pieces.calls[name], script), limit), islice(batches.epoch(0), limit))
    finally:
        os.chdir(here)
    assert torch.equal(before, torch.get_rng_state())
    return text
