"""Shapes as comments and docstrings say them: `64 x 56 x 56`, `N x channels x H/2 x W/2`; and as type annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchwork.code.network.scope import Scope
from torchwork.graph import TensorSpec, Unknown, Value

LETTERS = {1: "E", 2: "TE", 3: "CHW", 4: "CDHW"}
"""of dimensions that differ between instances and have no name in the class, by how many there are beside the batch"""
FACTORS = (1, 2, 3, 4, 6, 8, 16, 32)


class Sizes:
    """The shapes inside one class, told for all its instances together."""

    def __init__(self, scope: Scope, batch: int) -> None:
        self._scope, self._batch = scope, batch
        self._letters: dict[str, dict[tuple[int, ...], str]] = {}

    def comment(self, values: Sequence[Value]) -> str:
        """The shape of a value without the batch; empty where it is not known."""
        return self._text(values, "")

    def sentence(self, values: Sequence[Value]) -> str:
        """The shape of a value with the batch, which is called N."""
        return self._text(values, "N") or "what depends on the data"

    def _text(self, values: Sequence[Value], batch: str) -> str:
        first = values[0]
        if isinstance(first, tuple) and all(isinstance(value, tuple) and len(value) == len(first) for value in values):
            texts = [self._text(item, batch) for item in zip(*values, strict=True)]  # type: ignore[arg-type]
            return f"({', '.join(texts)})" if all(texts) else ""
        specs = [value for value in values if isinstance(value, TensorSpec)]
        if len(specs) < len(values) or len({len(spec.shape) for spec in specs}) > 1:
            return ""
        dtype = "" if specs[0].dtype == "float32" else f" {specs[0].dtype}"
        return self._tensor([spec.shape for spec in specs], batch) + dtype

    def _tensor(self, shapes: Sequence[tuple[int, ...]], batch: str) -> str:
        sizes = [tuple(vector) for vector in zip(*shapes, strict=True)]
        if sizes and set(sizes[0]) == {self._batch}:
            letters = LETTERS.get(len(sizes) - 1, "")
            texts = [batch, *(self._size(vector, letters[place:][:1]) for place, vector in enumerate(sizes[1:]))]
        else:
            texts = [
                "N" if self._batch > 1 and set(vector) == {self._batch} else self._size(vector) for vector in sizes
            ]
        return " x ".join(filter(None, texts)) or ("N" if batch == "N" and sizes else "scalar")

    def _size(self, vector: tuple[int, ...], letter: str = "") -> str:
        """A number, the name of an argument, or a letter, which may be divided or multiplied."""
        if len(set(vector)) == 1:
            return str(vector[0])
        return self._names().get(vector) or self._lettered(vector, letter)

    def _lettered(self, vector: tuple[int, ...], letter: str) -> str:
        known = self._letters.setdefault(letter, {})
        for numbers, name in known.items():
            for factor in FACTORS:
                if tuple(size * factor for size in vector) == numbers:
                    return name if factor == 1 else f"{name}/{factor}"
                if tuple(size * factor for size in numbers) == vector:
                    return f"{factor}*{name}"
        known[vector] = (letter or "A") + "'" * len(known)
        return known[vector]

    def _names(self) -> Mapping[tuple[int, ...], str]:
        """The sizes that have a name in the class."""
        scope, instances = self._scope, self._scope.instances
        inferred = [(item.name, [item.values[id(block)] for block in instances]) for item in scope.inferred]
        declared = [(text, [block.args[name] for block in instances]) for name, text in scope.written.items()]
        widths = [(text.replace(" ", ""), values) for values, text in scope.widths.items()]
        found: list[tuple[str, Sequence[Any]]] = [*widths, *inferred, *declared]
        return {tuple(sizes): name for name, sizes in found if all(isinstance(size, int) for size in sizes)}


def annotation(value: Value) -> str:
    """The type of a value: `Tensor`, `tuple[Tensor, Tensor]`."""
    if not isinstance(value, tuple):
        return "None" if value is None else "Tensor"
    inner = [annotation(item) for item in value]
    return "tuple[Tensor, ...]" if len(inner) > 3 and set(inner) == {"Tensor"} else f"tuple[{', '.join(inner)}]"


def element(value: Value, path: Sequence[int]) -> Value:
    """An element of nested tuples."""
    for place in path:
        value = value[place] if isinstance(value, tuple) else Unknown()
    return value
