"""The module that runs a graph: a short loop over calls that are planned ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from torch import Tensor, nn


class Source(NamedTuple):
    """Where an argument of a call lies: a slot, and the places to take in nested tuples."""

    slot: int
    places: tuple[int, ...] = ()


class Call(NamedTuple):
    """One call: a child by its name (`convs.0` in a list), else a function; its arguments; slots to drop after it.

    `step` is the node that calls.
    """

    child: str | None
    function: Callable[..., Any] | None
    sources: tuple[Source, ...]
    drop: tuple[int, ...] = ()
    step: str = ""


class Graph(nn.Module):
    """A graph of modules, functions and tensors of its own.

    Slot i holds input i; the tensors fill the slots behind the inputs, and each call of the plan fills the next one.
    """

    def __init__(
        self,
        children: Mapping[str, nn.Module],
        plan: Sequence[Call],
        inputs: Sequence[str],
        outputs: Sequence[Source],
        single: bool = True,
        title: str = "Graph",
        tensors: Mapping[str, Tensor] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._title, self._inputs, self._single = title, tuple(inputs), single
        self._tensors = tuple(tensors)
        self._plan, self._outputs = _with_drops(plan, len(inputs) + len(tensors), outputs), tuple(outputs)
        for name, tensor in tensors.items():
            setattr(self, name, tensor)
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, *inputs: Any) -> Any:
        """The outputs: one value, or a tuple where the document lists them.

        Several inputs may come as one list or tuple, as batches hold them.
        """
        if len(inputs) == 1 < len(self._inputs) and isinstance(inputs[0], list | tuple):
            inputs = tuple(inputs[0])
        if len(inputs) != len(self._inputs):
            raise TypeError(
                f"{self._title} takes {len(self._inputs)} inputs ({', '.join(self._inputs)}), got {len(inputs)}"
            )
        values: list[Any] = [*inputs, *(getattr(self, name) for name in self._tensors)]
        for child, function, sources, drop, _ in self._plan:
            call = function if child is None else self._child(child)
            values.append(call(*[_take(values, source) for source in sources]))  # type: ignore[misc]
            for slot in drop:
                values[slot] = None
        results = tuple(_take(values, source) for source in self._outputs)
        return results[0] if self._single else results

    def traced(self, *inputs: Any) -> Iterator[tuple[str, Any]]:
        """Each node with what its call gives, before the next one is made, which may change it in place."""
        values: list[Any] = [*inputs, *(getattr(self, name) for name in self._tensors)]
        yield from ((name, getattr(self, name)) for name in self._tensors)
        for child, function, sources, _, step in self._plan:
            call = function if child is None else self._child(child)
            values.append(call(*[_take(values, source) for source in sources]))  # type: ignore[misc]
            yield step, values[-1]

    def _child(self, name: str) -> nn.Module | None:
        """The module of a node; one of a name with dots lies in a container."""
        return self._modules[name] if name in self._modules else self.get_submodule(name)

    def _get_name(self) -> str:
        return self._title


def _take(values: Sequence[Any], source: Source) -> Any:
    value = values[source.slot]
    for place in source.places:
        value = value[place]
    return value


def _with_drops(plan: Sequence[Call], inputs: int, outputs: Sequence[Source]) -> tuple[Call, ...]:
    """The plan with the slots that each call is the last to use: intermediates are released as early as can be."""
    last = {inputs + place: place for place in range(len(plan))}
    for place, call in enumerate(plan):
        last.update({source.slot: place for source in call.sources})
    for source in outputs:
        last.pop(source.slot, None)
    drops: list[list[int]] = [[] for _ in plan]
    for slot, place in last.items():
        drops[place].append(slot)
    return tuple(call._replace(drop=tuple(drop)) for call, drop in zip(plan, drops, strict=True))


RESERVED = frozenset(dir(Graph({}, (), (), ())))
"""Attributes that a child cannot be called."""
