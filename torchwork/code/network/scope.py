"""The names inside one printed class: its constructor's parameters, and how the values of its instances are written."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from torchwork.catalog import Argument, catalog
from torchwork.catalog.forms import convert
from torchwork.code.network.arithmetic import is_symbolic, python
from torchwork.code.text import Code, call, literal
from torchwork.experiment import Module
from torchwork.experiment.expression import names
from torchwork.graph.containers import holders
from torchwork.graph.item import Block
from torchwork.graph.parts import part_of

TAKEN = frozenset({"self", "torch", "nn", "F", "math", "Tensor", "partial", *keyword.kwlist})
"""names that code of ours uses"""


@dataclass
class Parameter:
    """A constructor's parameter: `default` is its text; `late` where Python can only compute it inside; by instance,
    the `values` of one that the document leaves to be inferred."""

    name: str
    annotation: str
    default: str = ""
    late: str = ""
    values: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Width:
    """How the size of an output is written, and its values by instance."""

    text: str
    values: tuple[Any, ...]


class Scope:
    """The instances of one definition, whose values are written as one text: a number where all agree, else a name.

    `inside` is true while `__init__` is written, where arguments are plain names; forward reads them from `self`, and
    `stored` says which.
    """

    def __init__(self, instances: Sequence[Block], module: Module | None) -> None:
        self.instances = instances
        declared = module.arguments if module else {}
        self.written = {name: available(name, TAKEN) for name in declared}
        self.declared = {name: self._parameter(name, default) for name, default in declared.items()}
        self.inferred: list[Parameter] = []
        self.widths: dict[tuple[Any, ...], str] = {}
        self.stored: dict[str, str] = {}
        self.inside = True

    @property
    def parameters(self) -> list[Parameter]:
        """All of them in the order of the constructor: what is inferred, what must be given, what has a default."""
        declared = self.declared.values()
        required = [found for found in declared if not found.default]
        return [*self.inferred, *required, *(found for found in declared if found.default)]

    def symbolic(self, raw: Any) -> bool:
        """Whether a written value uses an argument of the definition."""
        return bool(self.declared) and is_symbolic(raw, self.instances[0].scope, self.declared)

    def expression(self, text: str, *, whole: bool = False) -> str:
        """An expression of the document, in the constructor or in forward."""
        used = {name: written for name, written in self.written.items() if name in names(text)}
        named = used if self.inside else {name: self._kept(name) for name in used}
        return python(text, self.instances[0].scope, named, whole=whole)

    def value(self, argument: Argument, raw: Any, values: Sequence[Any]) -> str:
        """What was written for an argument of the catalog; `values` are the numbers behind it, by instance."""
        if not self.symbolic(raw):
            return literal(convert(argument.forms, values[0], _nested))
        return self._merged(raw, values, [convert(argument.forms, value, _nested) for value in values])

    def plain(self, raw: Any, values: Sequence[Any]) -> str:
        """What was written for an argument of another definition."""
        return self._merged(raw, values, values) if self.symbolic(raw) else literal(values[0])

    def width(self, raw: Any, values: Sequence[Any]) -> Width | None:
        """A size that a node of the class gives its output, and how it is written; None for a number."""
        if not isinstance(raw, str) or not self.symbolic(raw):
            return None
        written = self.expression(raw, whole=any(isinstance(value, float) for value in values))
        self.widths.setdefault(tuple(values), written)
        return Width(written, tuple(values))

    def size(self, name: str, values: Sequence[Any], node: str, flows: Width | None = None) -> str:
        """What the document leaves to be inferred.

        It is the width that `flows` in from the nodes before, a number where all instances agree, a width of the class
        that is equal in each of them, or a further parameter.
        """
        vector = tuple(tuple(value) if isinstance(value, list) else value for value in values)
        if flows and flows.values == vector and self.inside:
            return flows.text
        if len(set(vector)) == 1:
            return literal(values[0])
        equal = [self.widths[vector]] if vector in self.widths else []
        known = [*equal, *(other.name for other in self.inferred if self._same(other, vector))]
        for text in known if self.inside else filter(str.isidentifier, known):
            return text if self.inside else self._kept(text)
        taken = {*TAKEN, *self.written.values(), *(other.name for other in self.inferred)}
        wanted = name if name not in taken or not node.isidentifier() else f"{node}_{name}"
        found = Parameter(available(wanted, taken), annotation(values))
        found.values = {id(block): value for block, value in zip(self.instances, values, strict=True)}
        self.inferred.append(found)
        return found.name if self.inside else self._kept(found.name)

    def _same(self, parameter: Parameter, vector: tuple[Any, ...]) -> bool:
        return tuple(parameter.values[id(block)] for block in self.instances) == vector

    def _kept(self, name: str) -> str:
        python_name = self.written.get(name, name)
        return f"self.{self.stored.setdefault(python_name, self._attribute(python_name))}"

    def _attribute(self, name: str) -> str:
        """An attribute that is none of a child."""
        return f"_{name}" if name in holders(self.instances[0].wiring.steps) else name

    def _merged(self, raw: Any, values: Sequence[Any], made: Sequence[Any]) -> str:
        """The written value with the document's expressions as they are; `made` is what torch wants, by instance."""
        if isinstance(raw, str) and self.symbolic(raw):
            whole = all(isinstance(item, int) for item in made)
            return self.expression(raw, whole=whole and any(isinstance(value, float) for value in values))
        if isinstance(raw, list) and isinstance(made[0], torch.Tensor):
            return f"torch.tensor({self._listed(raw, values, values, '[]')})"
        if isinstance(raw, list):
            return self._listed(raw, values, made, "()")
        return literal(made[0])

    def _listed(self, raw: Sequence[Any], values: Sequence[Any], made: Sequence[Any], brackets: str) -> str:
        columns = zip(raw, zip(*values, strict=True), zip(*made, strict=True), strict=True)
        items = [self._merged(*column) for column in columns]
        comma = "," if len(items) == 1 and brackets == "()" else ""
        return f"{brackets[0]}{', '.join(items)}{comma}{brackets[1]}"

    def _parameter(self, name: str, default: Any) -> Parameter:
        values = [block.args[name] for block in self.instances]
        typed = annotation([*values, *([default] if not self._late(default) and default is not None else [])])
        if default is None:
            return Parameter(self.written[name], typed)
        if self._late(default):
            late = python(default, self.instances[0].scope, self.written)
            return Parameter(self.written[name], f"{typed} | None", "None", late)
        symbols = {key: item for key, item in self.instances[0].scope.items() if key not in self.written}
        if isinstance(default, str) and is_symbolic(default, symbols, symbols):
            return Parameter(self.written[name], typed, python(default, symbols, {}))
        return Parameter(self.written[name], typed, literal(default))

    def _late(self, default: Any) -> bool:
        return isinstance(default, str) and is_symbolic(default, self.instances[0].scope, self.written)


def _nested(kind: str, value: Any, path: str) -> Code:
    """A function of torch that a layer calls."""
    part = part_of(value, path)
    entry = catalog().find("operation", part.name, path)
    if not part.args:
        return Code(function_name(entry.reference))
    _, named = entry.converted(part.args, _nested)
    texts = {name: literal(item) for name, item in named.items()}
    return Code(call("partial", [function_name(entry.reference)], texts))


def function_name(reference: str) -> str:
    """`F.relu` of torch.nn.functional.relu, `nn.Linear` of torch.nn.Linear; torch's other names as they are."""
    return reference.replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.")


def annotation(values: Sequence[Any]) -> str:
    """The type that holds all the values, as a parameter's annotation."""
    found = list(dict.fromkeys(_type(value) for value in values))
    if "float" in found and "int" in found:
        found.remove("int")
    return " | ".join(found)


def _type(value: Any) -> str:
    if isinstance(value, list | tuple):
        inner = annotation([*value]) or "int"
        return f"tuple[{inner}, ...]"
    return type(value).__name__


def available(name: str, taken: Any) -> str:
    """`name`, or with an underscore or a number behind it where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}_" if keyword.iskeyword(name) else f"{name}{number}"


BUILTINS = frozenset(dir(builtins))


def local(name: str, taken: Any) -> str:
    """A local variable's name: lower case, no builtin's, not taken."""
    wanted = name.lower()
    return available(f"{wanted}_" if wanted in BUILTINS else wanted, taken)


def by_name(values: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """One argument of all instances."""
    return [value.get(name) for value in values]
