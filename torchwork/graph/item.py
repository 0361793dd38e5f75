"""A resolved model as a tree: layers, and blocks that consist of items, ready to be built."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from torchwork.catalog import Entry
from torchwork.graph.containers import attributes, in_order
from torchwork.graph.evaluate import Weight
from torchwork.graph.module import Call, Graph, Source
from torchwork.graph.parts import make_part
from torchwork.graph.source import ClassSource
from torchwork.graph.wiring import Ref, Wiring


@dataclass
class Layer:
    """A layer or an operation with all its arguments; `weights` are its parameters."""

    entry: Entry
    args: Mapping[str, Any]
    path: str
    name: str
    inferred: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()


@dataclass
class Code:
    """An instance of a class that the document holds as source; `weights` are known only where it may run."""

    title: str
    source: ClassSource
    args: Mapping[str, Any]
    path: str
    name: str
    inputs: tuple[str, ...]
    outputs: int
    weights: tuple[Weight, ...] = ()


@dataclass
class Block:
    """An instance of a definition: its wiring, its arguments, the names in scope, and its items by name of step."""

    title: str
    wiring: Wiring
    scope: Mapping[str, Any]
    path: str
    name: str
    chain: bool
    args: Mapping[str, Any] = field(default_factory=dict)
    items: dict[str, Item | None] = field(default_factory=dict)


Item = Layer | Code | Block


def build(item: Item) -> nn.Module | Tensor | Callable[..., Any]:
    """The live module of a layer or block without problems, the function of an operation, a parameter or a buffer.

    Modules are made depth first in the order of the document, those of one container together, so that a seed gives
    the weights that the same classes written by hand would have.
    """
    if isinstance(item, Layer):
        made: nn.Module | Tensor | Callable[..., Any] = item.entry.construct(item.args, part=make_part, path=item.path)
        return made
    if isinstance(item, Code):
        instance: nn.Module = item.source.make(item.args, item.path)
        return instance
    built = {name: build(found) for name in in_order(item.wiring.steps) if (found := item.items.get(name)) is not None}
    modules = {name: made for name, made in built.items() if isinstance(made, nn.Module)}
    tensors = {name: made for name, made in built.items() if isinstance(made, Tensor)}
    if _is_sequential(item, modules):
        return nn.Sequential(OrderedDict(modules))
    wiring = item.wiring
    owned = {name: maker.name for name in wiring.order if (maker := wiring.maker(name)) and maker.name in tensors}
    calls = [name for name in wiring.order if name not in owned]
    slots = {name: slot for slot, name in enumerate([*wiring.inputs, *tensors, *calls])}
    slots |= {name: slots[maker] for name, maker in owned.items()}
    plan = [_call(wiring, name, built, slots) for name in calls]
    outputs = [_source(ref, slots) for ref in wiring.outputs]
    return Graph(attributes(modules), plan, wiring.inputs, outputs, wiring.single, item.title, tensors)


def _call(wiring: Wiring, name: str, built: Mapping[str, Any], slots: Mapping[str, int]) -> Call:
    maker = wiring.maker(name)
    assert maker is not None  # a wrong `use:` is a problem, and then nothing is built
    made = built[maker.name]
    sources = tuple(_source(ref, slots) for ref in wiring.steps[name].sources)
    module = isinstance(made, nn.Module)
    return Call(maker.name if module else None, None if module else made, sources, step=name)


def _source(ref: Ref | None, slots: Mapping[str, int]) -> Source:
    assert ref is not None  # a wrong reference is a problem, and then nothing is built
    return Source(slots[ref.name], ref.index)


def _is_sequential(block: Block, modules: Mapping[str, nn.Module]) -> bool:
    """Whether a chain does what nn.Sequential does: only modules, each on what the one before gives."""
    wiring = block.wiring
    dotted = any("." in name for name in modules)
    single = wiring.single and len(wiring.inputs) == 1 and not dotted
    if not (block.chain and single and list(modules) == list(wiring.order)):
        return False
    names = [*wiring.inputs, *wiring.steps]
    straight = all(step.sources == (Ref(before),) for before, step in zip(names, wiring.steps.values(), strict=False))
    return straight and wiring.outputs == (Ref(names[-1]),)
