"""The body of `forward`: which values get names, and the statements.

Along a straight line every value is called `x`; a value gets a name of its own only where it is used later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchwork.code.network.scope import TAKEN, local
from torchwork.code.network.sizes import element
from torchwork.code.text import annotated
from torchwork.graph import Value
from torchwork.graph.wiring import Ref, Step, Wiring

X = "x"
Path = tuple[int, ...]
Key = tuple[str, Path]
NAMES: Mapping[str, Any] = {
    "LSTM": ("output", ("hidden", "cell")),
    "LSTMCell": ("hidden", "cell"),
    "GRU": ("output", "hidden"),
    "RNN": ("output", "hidden"),
    "MultiheadAttention": ("output", "weights"),
    **dict.fromkeys(("max", "min", "sort", "topk", "kthvalue", "mode", "median"), ("values", "indices")),
}
"""what the elements of tuples are called, by what gives them"""
MANY = 4
"""elements of a tuple that are worth names; of a longer one they are taken by number"""


@dataclass(frozen=True)
class Loop:
    """A call that is made for each of several modules in a row, or `range(n)` times."""

    over: str
    variable: str
    call: Callable[[Sequence[str]], str]


Called = Callable[[Step, Sequence[str]], "str | Loop"]


class Forward:
    """Writes the statements of one class; `called` gives a step's expression, `values` what it gives, by instance.

    `comment` tells the shape of values, and `given` is that of the first input: a shape is only told where it changes.
    `own` are the steps that are tensors of the class, as they are read.
    """

    def __init__(
        self,
        wiring: Wiring,
        called: Called,
        values: Callable[[str], Sequence[Value]],
        comment: Callable[[Sequence[Value]], str],
        given: str,
        own: Mapping[str, str],
    ) -> None:
        self._wiring, self._called, self._values, self._shape, self._before = wiring, called, values, comment, given
        self._order = [name for name in wiring.order if name not in own]
        self._uses = _uses(wiring, self._order)
        self._taken = {*TAKEN, X}
        self._variables: dict[Key, str] = {(name, ()): text for name, text in own.items()}
        self._holder = ""  # the step or input whose value x holds
        self.parameters = [self._parameter(name) for name in wiring.inputs]
        self._lines: list[str] = []
        self.owners: list[str] = []
        """the step that each statement belongs to; empty for what keeps an input, and the return of several"""

    def lines(self) -> list[str]:
        """The statements, without an indentation."""
        for place, name in enumerate(self._order):
            self._write(place, self._wiring.steps[name])
            self.owners += [name] * (len(self._lines) - len(self.owners))
        if not self._returned:
            self._lines.append(f"return {', '.join(self._access(ref) for ref in self._wiring.outputs if ref)}")
            self.owners.append("")
        return self._lines

    @property
    def _returned(self) -> bool:
        return bool(self._lines) and self._lines[-1].lstrip().startswith("return ")

    def _parameter(self, name: str) -> str:
        single = name == "input" and X not in self._wiring.inputs
        if single:
            self._holder = name
        variable = X if single else local(name, self._taken - {X} if name == X else self._taken)
        if variable == X:
            self._holder = name
        self._taken.add(variable)
        self._variables[name, ()] = variable
        return variable

    def _comment(self, values: Sequence[Value]) -> str:
        before, self._before = self._before, self._shape(values)
        return "" if self._before == before else self._before

    def _write(self, place: int, step: Step) -> None:
        sources = [self._access(ref) for ref in step.sources if ref]
        paths = {self._counted(ref) for _, ref in self._uses.get(step.name, ())}
        made = self._called(step, sources)
        if isinstance(made, str) and self._unpackable(step, paths):
            self._unpack(step, made, paths)
            return
        path = next(iter(paths)) if len(paths) == 1 else ()
        comment = self._comment([element(value, path) for value in self._values(step.name)])
        if isinstance(made, Loop):
            self._loop(place, step, made, sources, comment)
            path = ()
        else:
            made += "".join(f"[{number}]" for number in path)
            target = "" if not paths and made.endswith(")") else self._target(place, step, path)
            self._lines.append(annotated(f"{target}{made}", comment))

    def _target(self, place: int, step: Step, path: Path) -> str:
        """What stands before the expression: `x = `, `return ` or a name of its own."""
        uses = self._uses.get(step.name, [])
        if not uses:
            return "_ = "
        end = len(self._order)
        if uses == [(end, uses[0][1])] and place == end - 1 and self._wiring.single:
            return "return "
        variable = self._variable(place, step)
        self._variables[step.name, path] = variable
        return f"{variable} = "

    def _variable(self, place: int, step: Step, avoid: Sequence[str] = ()) -> str:
        if X not in avoid and self._is_passing(place, step) and self._free(place):
            self._holder = step.name
            return X
        return self._own(step)

    def _own(self, step: Step) -> str:
        plain = step.name.replace(".", "_")
        wanted = plain if plain.isidentifier() else step.node.name or step.node.use or "value"
        name = local(wanted if wanted.isidentifier() else "value", self._taken)
        self._taken.add(name)
        return name

    def _is_passing(self, place: int, step: Step) -> bool:
        """Whether a value is used soon and once, so that it needs no name."""
        users = [user for user, _ in self._uses.get(step.name, ())]
        if set(users) == {place + 1}:
            return True
        continues = any(ref and ref.name == self._holder for ref in step.sources)
        return users == [place + 2] and continues and self._last(self._holder) <= place

    def _free(self, place: int) -> bool:
        """Whether x may be written over; an input that is still needed gets another name first."""
        if not self._holder or self._last(self._holder) <= place:
            return True
        if self._holder not in self._wiring.inputs:
            return False
        added = any(step.node.name == "add" and len(step.sources) > 1 for step in self._wiring.steps.values())
        name = local("identity" if added else "inputs", self._taken)
        self._taken.add(name)
        self._lines.append(f"{name} = {X}")
        self.owners.append("")
        self._variables[self._holder, ()] = name
        return True

    def _last(self, name: str) -> int:
        return max((user for user, _ in self._uses.get(name, ())), default=-1)

    def _loop(self, place: int, step: Step, loop: Loop, sources: Sequence[str], comment: str) -> None:
        target = self._variable(place, step, avoid=sources[1:])
        self._variables[step.name, ()] = target
        if target != sources[0]:
            self._lines.append(f"{target} = {sources[0]}")
        variable = "_" if loop.variable == "_" else local(loop.variable, self._taken)
        self._lines.append(f"for {variable} in {loop.over}:")
        call = loop.call([variable, target, *sources[1:]])
        self._lines.append(annotated(f"{target} = {call}", comment, indent=4))

    def _unpackable(self, step: Step, paths: set[Path]) -> bool:
        """Whether elements of a tuple get names: several are used, none of which lies in another, and it is short."""
        value = self._values(step.name)[0]
        if len(paths) < 2 or not isinstance(value, tuple) or len(value) > MANY:
            return False
        return not any(one != other and one == other[: len(one)] for one in paths for other in paths)

    def _unpack(self, step: Step, made: str, paths: set[Path]) -> None:
        value = self._values(step.name)[0]
        pattern = self._pattern(step, value, NAMES.get(step.node.name), (), paths)
        comment = self._comment(self._values(step.name))
        self._lines.append(annotated(f"{pattern[1:-1]} = {made}", comment))

    def _pattern(self, step: Step, value: Value, names: Any, at: Path, paths: set[Path]) -> str:
        """`(output, (hidden, _))`: names for the elements that are used."""
        if at in paths:
            plain = step.name.replace(".", "_")
            base = plain if plain.isidentifier() else step.node.name or "value"
            name = local(names if isinstance(names, str) else "_".join([base, *map(str, at)]), self._taken)
            self._taken.add(name)
            self._variables[step.name, at] = name
            return name
        if not isinstance(value, tuple) or not any(path[: len(at)] == at for path in paths):
            return "_"
        inner = names if isinstance(names, tuple) and len(names) == len(value) else [None] * len(value)
        parts = [self._pattern(step, value[i], inner[i], (*at, i), paths) for i in range(len(value))]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"

    def _counted(self, ref: Ref) -> Path:
        """The places of an element, none of them counted from the end."""
        if ref.name in self._wiring.inputs:
            return ref.index
        value, found = self._values(ref.name)[0], []
        for place in ref.index:
            items = value if isinstance(value, tuple) else ()
            found.append(place % len(items) if items else place)
            value = element(value, [place])
        return tuple(found)

    def _access(self, ref: Ref) -> str:
        path = self._counted(ref)
        for cut in range(len(path), -1, -1):
            variable = self._variables.get((ref.name, path[:cut]))
            if variable:
                return variable + "".join(f"[{number}]" for number in path[cut:])
        raise AssertionError(f"{ref} is used before it is computed")


def _uses(wiring: Wiring, order: Sequence[str]) -> dict[str, list[tuple[int, Ref]]]:
    """Who uses each value, by place in the order of calls; what is returned is used at the end."""
    found: dict[str, list[tuple[int, Ref]]] = {}
    for place, name in enumerate(order):
        for ref in wiring.steps[name].sources:
            if ref:
                found.setdefault(ref.name, []).append((place, ref))
    for ref in wiring.outputs:
        if ref:
            found.setdefault(ref.name, []).append((len(order), ref))
    return found
