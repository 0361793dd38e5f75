"""Parts of a document as the calls that make them: `torch.optim.Adam(model.parameters(), lr=0.01)`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from torchwork.catalog import catalog
from torchwork.code.constructing import Text, expression
from torchwork.experiment import Part, evaluate, is_expression, substitute

POWER = re.compile(r"([\w.]+) \*\* ([\w.]+)(?![\w(\[.])")
OF_MATH = frozenset({"sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "floor", "ceil", "pi", "e"})
BUILTIN = frozenset({"min", "max", "abs", "round", "int", "float"})
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Maker:
    """Writes calls. `scope` are the names that expressions of the document know, `texts` what a script calls them."""

    scope: Mapping[str, int | float] = field(default_factory=lambda: NOTHING)
    texts: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def call(self, kind: str, part: Part, *leading: str) -> str:
        """The call that makes what `build.make` makes of a part; `leading` is the text of what it gives beforehand."""
        entry = catalog().find(kind, part.name, kind)

        def inside(inner: str, value: Any, path: str) -> Text:
            own = leading if inner == kind else ()
            return Text(self._function(value) if inner == "callable" else self.call(inner, _as_part(value), *own))

        positional, named = entry.converted(substitute(part.args, self.scope), inside)
        written = {name: self._argument(part.args.get(name), value) for name, value in named.items()}
        given = list(leading)
        if given and next(iter(inspect.signature(entry.target).parameters)) not in entry.supplied:
            given, written = [], {**written, **dict(zip(entry.supplied, leading, strict=False))}  # ChainedScheduler
        texts = [*given, *map(expression, positional), *(f"{name}={text}" for name, text in written.items())]
        return f"{entry.reference.replace('torch.nn.', 'nn.')}({', '.join(texts)})"

    def _argument(self, written: Any, value: Any) -> str:
        """A value as it is, or the expression that stands for it where a script has all its names."""
        if isinstance(written, str) and is_expression(written, self.scope) and self._known(written):
            computed = evaluate(written, self.scope)
            if computed == value and type(computed) is type(value):
                return self._arithmetic(written)
        return expression(value)

    def _known(self, written: str) -> bool:
        return (_names(written) & self.scope.keys()) <= self.texts.keys()

    def _function(self, value: Any) -> str:
        """`0.95 ** epoch` as a lambda; the name of a layer as that layer."""
        if isinstance(value, Mapping) or value in catalog().entries("layer"):
            return self.call("layer", _as_part(value))
        free = _names(str(value)) - {*self.scope, *OF_MATH, *BUILTIN}
        return f"lambda {', '.join(sorted(free))}: {self._arithmetic(str(value))}"

    def _arithmetic(self, written: str) -> str:
        """An expression of a document as Python, with the script's names."""
        tree = _Renamed(self.texts).visit(ast.parse(written.strip(), mode="eval"))
        return POWER.sub(r"\1**\2", ast.unparse(tree))


class _Renamed(ast.NodeTransformer):
    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The name that a script has for it."""
        text = self.texts.get(node.id) or (f"math.{node.id}" if node.id in OF_MATH else node.id)
        return ast.parse(text, mode="eval").body


def _names(written: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(written.strip(), mode="eval")) if isinstance(node, ast.Name)}


def _as_part(value: Any) -> Part:
    return Part.model_validate(value)
