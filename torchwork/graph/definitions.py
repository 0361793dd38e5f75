"""The definitions of a model: what a node's name means, which definitions use themselves, and their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from torchwork.catalog import Entry, catalog
from torchwork.errors import DocumentError, Problem, nearest
from torchwork.experiment import Definition, ExpressionError, Model, Module, substitute
from torchwork.experiment.expression import CONSTANTS, FUNCTIONS
from torchwork.graph.arguments import Scope, unknown_names
from torchwork.graph.source import source_of
from torchwork.graph.wiring import TENSORS, Step, Wiring, wire

_last: list[tuple[Model, Scope, str, Definitions]] = []
"""of the last model: it is resolved for two sizes of the batch, one after the other"""


def definitions_of(model: Model, symbols: Scope, path: str) -> Definitions:
    """The definitions of a model, which nobody changes; those of the last model are kept."""
    for kept, scope, place, found in _last:
        if kept is model and (scope, place) == (symbols, path):
            return found
    made = Definitions(model, symbols, path)
    _last[:] = [(model, dict(symbols), path, made)]
    return made


class Definitions:
    """The model and its `modules:`, wired; `problems` are those that do not depend on shapes."""

    def __init__(self, model: Model, symbols: Scope, path: str) -> None:
        self._modules, self._symbols, self._path = model.modules, symbols, path
        self._wirings = {"": wire(model, path)} | {
            name: wire(module, f"{path}.modules.{name}") for name, module in model.modules.items()
        }
        self._targets: dict[str, Entry | Module | None] = {}
        self._circular: set[str] = set()
        self.problems = [problem for name in self._wirings for problem in self._problems(name)]

    def wiring(self, name: str = "") -> Wiring:
        """The wiring of a definition, by default of the model itself."""
        return self._wirings[name]

    def target(self, step: Step) -> Entry | Module | None:
        """What a step's name means: a definition, a layer or an operation; None when it has a problem."""
        return self._targets.get(step.node.name)

    def scope(self, name: str, args: Mapping[str, Any], outer: Scope, path: str) -> tuple[Scope | None, list[Problem]]:
        """The names in scope inside an instance of a definition: the symbols and its arguments; None with problems.

        `args` are those of the node, whose expressions use the names of the `outer` scope.
        """
        declared = self._modules[name].arguments
        problems = [_unknown_argument(name, given, declared, path) for given in args if given not in declared]
        scope = dict(self._symbols)
        for argument, default in declared.items():
            value, where = args.get(argument), outer
            if value is None:
                value, where = default, scope  # a default may use the arguments before it
            if value is None:
                problems.append(Problem(path, f"{name} needs {argument}", f"write `{{{name}: {{{argument}: ...}}}}`"))
                continue
            found = _evaluated(value, where, default, f"{path}.{argument}")
            problems += found if isinstance(found, list) else []
            scope[argument] = found[0] if isinstance(found, tuple) else value
        return (None if problems else scope), problems

    def in_order(self, problems: Sequence[Problem]) -> list[Problem]:
        """The problems in the order of the document: those of the model, of its modules, ties."""
        places = [place for wiring in self._wirings.values() for place in _places(wiring)] + [f"{self._path}.tie"]
        return sorted(problems, key=lambda problem: _rank(problem.path, places))

    def _problems(self, name: str) -> Iterator[Problem]:
        wiring = self._wirings[name]
        if name in TENSORS:
            yield Problem(wiring.path, f"a module cannot be called {name}, which is a tensor of a module", "rename it")
        if name:
            yield from _argument_names(self._modules[name], wiring.path)
            cycle = self._cycle(name)
            if cycle and name not in self._circular:  # the others of the cycle are the same mistake
                self._circular.update(cycle)
                yield Problem(
                    wiring.path, f"{name} uses itself: {' -> '.join(cycle)}", "a module cannot contain itself"
                )
        yield from wiring.problems
        source = source_of(self._modules[name], name) if name else None
        yield from filter(None, [source and source.problem(wiring.path)])
        for step in wiring.steps.values():
            yield from self._find(step)

    def _find(self, step: Step) -> Iterator[Problem]:
        name = step.node.name
        if not name or self._targets.get(name):
            return
        if name in TENSORS:
            self._targets[name] = catalog().find("tensor", name)
        elif name in self._modules:
            self._targets[name] = None if self._cycle(name) else self._modules[name]
        elif name in (operations := catalog().entries("operation")) and name not in catalog().entries("layer"):
            self._targets[name] = operations[name]
        else:
            try:
                self._targets[name] = catalog().find("layer", name, f"{step.path}.{name}")
            except DocumentError as error:
                self._targets[name] = None
                yield from (self._with_nearest(problem, name) for problem in error.problems)

    def _with_nearest(self, problem: Problem, name: str) -> Problem:
        """The catalog's problem; for a name that torch.nn has not, with the nearest among all that a node can be."""
        if hasattr(nn, name):
            return Problem(problem.path, problem.message)
        known = [*self._modules, *catalog().entries("layer"), *catalog().entries("operation"), *TENSORS]
        return Problem(problem.path, problem.message, problem.fix or nearest(name, known))

    def _cycle(self, start: str) -> list[str]:
        """The way by which a definition uses itself, empty when it does not."""
        ways, seen = [[start]], {start}
        while ways:
            way = ways.pop()
            for used in self._used(way[-1]):
                if used == start:
                    return [*way, start]
                if used not in seen:
                    seen.add(used)
                    ways.append([*way, used])
        return []

    def _used(self, name: str) -> list[str]:
        names = (step.node.name for step in self._wirings[name].steps.values())
        return [used for used in names if used in self._modules]


def _places(wiring: Wiring) -> list[str]:
    """The places of a definition that hold problems, in the order of the document."""
    fields = (f"{wiring.path}.arguments", f"{wiring.path}.inputs")
    return [wiring.path, *fields, *(step.path for step in wiring.steps.values()), f"{wiring.path}.outputs"]


def _rank(path: str, places: Sequence[str]) -> int:
    """The number of the innermost of `places` that `path` lies in."""
    inside = [place for place in places if path == place or path.startswith((f"{place}.", f"{place}["))]
    return places.index(max(inside, key=len)) if inside else len(places)


def _evaluated(value: Any, scope: Scope, default: Any, path: str) -> tuple[Any] | list[Problem]:
    """The value of an argument in a tuple, or its problems; an unknown name is wrong where a number is expected."""
    try:
        value = substitute(value, scope)
    except ExpressionError as error:
        return [Problem(path, str(error))]
    found = list(unknown_names(value, scope, path)) if isinstance(default, int | float) else []
    return found or (value,)


def _unknown_argument(name: str, given: str, declared: Mapping[str, Any], path: str) -> Problem:
    fix = nearest(given, declared) or (f"it has {', '.join(declared)}" if declared else "it takes no arguments")
    return Problem(f"{path}.{given}", f"{name} has no argument {given!r}", fix)


def _argument_names(definition: Definition, path: str) -> Iterator[Problem]:
    for name in definition.arguments if isinstance(definition, Module) else ():
        if not name.isidentifier() or name in FUNCTIONS or name in CONSTANTS:
            why = "expressions use this name already" if name.isidentifier() else "expressions could not use it"
            yield Problem(f"{path}.arguments.{name}", f"an argument cannot be called {name}", why)
