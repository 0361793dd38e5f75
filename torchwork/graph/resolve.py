"""Resolves a model: every node's arguments, shapes, cost and problems, without making a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from torchwork.catalog import Entry
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import Model
from torchwork.graph import memory
from torchwork.graph.arguments import Scope, corrected, prepare, wanted_dimensions
from torchwork.graph.definitions import Definitions, definitions_of
from torchwork.graph.evaluate import Failure, Outcome, Weight, run, run_code, weights_of, weights_of_code
from torchwork.graph.explain import (
    Case,
    Words,
    counted,
    explain,
    input_count,
    tuple_given,
    whole_numbers,
    wrong_dimensions,
)
from torchwork.graph.item import Block, Code, Item, Layer, build
from torchwork.graph.source import NEEDS_TRUST, NOT_RUN, ClassSource, source_of
from torchwork.graph.summary import Row, Summary
from torchwork.graph.ties import Owned, checked, tie, uncounted
from torchwork.graph.value import Unknown, Value, text, unknown_in
from torchwork.graph.wiring import TENSORS, Ref, Step, Wiring

LARGEST = 30_000
"""rows of a model; more come from `repeat` inside `repeat`, and would fill memory before anyone looks at them"""

Number = int | float


@dataclass(frozen=True)
class Resolved(Summary):
    """A model resolved: rows, outputs and all problems; without problems it can be built."""

    problems: tuple[Problem, ...] = ()
    root: Block | None = field(default=None, repr=False)
    ties: Mapping[str, str] = field(default_factory=dict)
    not_run: tuple[str, ...] = ()
    """places of the definitions that are code and were not trusted to run"""

    def build(self) -> nn.Module:
        """The model as live modules, initialised by torch's global generator; DocumentError when there are problems."""
        if self.problems or self.root is None:
            raise DocumentError(self.problems)
        if self.not_run:
            name = self.not_run[0].rpartition(".")[2]
            raise DocumentError(Problem(self.not_run[0], f"{name} is code, and building it would run it", NEEDS_TRUST))
        module = build(self.root)
        assert isinstance(module, nn.Module)
        tie(module, self.ties)
        return module

    def as_dict(self, depth: int | None = None) -> dict[str, Any]:
        """Rows, totals and problems as JSON."""
        found = [{"path": p.path, "message": p.message, "fix": p.fix} for p in self.problems]
        return {**super().as_dict(depth), "problems": found}


def resolve(
    model: Model,
    inputs: Sequence[Value],
    symbols: Mapping[str, Number] | None = None,
    path: str = "model",
    *,
    trust: bool = False,
) -> Resolved:
    """Every node of `model` for inputs of these shapes; whatever is wrong is in `problems`, never raised.

    `symbols` are the names that the data defines, such as `classes`; `path` is where the model stands in its document.
    Definitions that are code run only with `trust`; without it what they give is unknown, which is no problem.
    """
    symbols = dict(symbols or {})
    definitions = definitions_of(model, symbols, path)
    resolver = _Resolver(definitions, trust)
    for problem in definitions.problems:
        resolver.report(problem)
    root = Block("Graph", definitions.wiring(), symbols, path, "", model.layers is not None)
    values: list[Value] = list(inputs)
    if len(inputs) != len(model.inputs):
        message = f"the model takes {counted(model.inputs)}, but the data gives {len(inputs)}"
        resolver.report(Problem(f"{path}.inputs", message))
        values = [Unknown()] * len(model.inputs)
    output = resolver.block(root, values, 0)
    complete = not (resolver.problems or resolver.not_run)
    ties = checked(model.tie, resolver.weights, f"{path}.tie", resolver.report, complete=complete)
    rows = uncounted(resolver.rows, ties, resolver.weights)
    problems = definitions.in_order(resolver.problems)
    return Resolved(tuple(rows), tuple(values), output, tuple(problems), root, ties, tuple(resolver.not_run))


@dataclass(frozen=True)
class _Spot:
    """Where a call stands: its step, the name of its attribute in the whole model, and how deep."""

    step: Step
    name: str
    depth: int
    instance: str

    @property
    def part(self) -> str:
        """The place of the node's part, such as `model.layers[3].Linear`."""
        return f"{self.step.path}.{self.step.node.name or 'use'}"

    @property
    def sources(self) -> list[str]:
        """Its sources as they are written; empty for one of several in a row, whose sources nobody writes."""
        return [] if self.step.repeated else [str(ref) for ref in self.step.sources]

    @property
    def open(self) -> bool:
        """Whether a source is wrong or missing, which was told; how many there are is then no further mistake."""
        return None in self.step.sources

    def problem(self, words: Words, path: str = "") -> Problem:
        """A problem of the node's part, or of `path`; in a definition it says in which instance it was found."""
        return Problem(path or self.part, words[0] + (f" (in {self.instance})" if self.instance else ""), words[1])


class _Resolver:
    """Walks the blocks in the order of calls; `weights` are all parameters by their full names, with their rows."""

    def __init__(self, definitions: Definitions, trust: bool = False) -> None:
        self.definitions, self.trust = definitions, trust
        self.not_run: dict[str, None] = {}
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.weights: dict[str, Owned] = {}
        self._counted: set[int] = set()
        self._refused: dict[str, int] = {}
        self._right = True

    def report(self, problem: Problem) -> None:
        """Keep a problem; one place of a definition that is used often is told once."""
        self._right = False
        if problem not in self.problems:
            self.problems.append(problem)

    def block(self, block: Block, inputs: Sequence[Value], depth: int) -> Value:
        """Call every step of a block once; its value."""
        values: dict[str, Value] = dict(zip(block.wiring.inputs, inputs, strict=True))
        scope = repr(block.scope)
        instance = block.name if ".modules." in block.path else ""
        for name in block.wiring.order:
            step = block.wiring.steps[name]
            spot = _Spot(step, f"{block.name}.{name}".lstrip("."), depth, instance)
            given = [self._pick(values, ref, f"{step.path}.from") for ref in step.sources]
            values[name] = self._remembered(block, spot, given, scope)
        return self._outputs(block, values)

    def _remembered(self, block: Block, spot: _Spot, inputs: list[Value], scope: str) -> Value:
        """What a step gives: as found before, where a layer stood just so and nothing was wrong with it."""
        node = spot.step.node
        entry = self.definitions.target(spot.step)
        if node.use or node.repeat > 1 or not isinstance(entry, Entry) or spot.step.name in block.items:
            return self._step(block, spot, inputs)
        place = (spot.step.path, spot.name, spot.depth, spot.instance)
        key = (*place, entry.kind, entry.name, repr(node.args), scope, tuple(inputs))
        known = memory.find(key)
        if known is not None:
            block.items[spot.step.name] = known.layer
            self._owns(known.layer)
            self.rows.append(known.row)
            return known.row.output
        self._right = True
        output = self._step(block, spot, inputs)
        layer = block.items.get(spot.step.name)
        if self._right and isinstance(layer, Layer) and unknown_in([*inputs, output]) is None:
            memory.keep(key, layer, self.rows[-1])
        return output

    def _outputs(self, block: Block, values: Mapping[str, Value]) -> Value:
        path = f"{block.wiring.path}.outputs"
        found = tuple(self._pick(values, ref, path) for ref in block.wiring.outputs)
        return found[0] if block.wiring.single else found

    def _pick(self, values: Mapping[str, Value], ref: Ref | None, path: str) -> Value:
        """The value of a reference that is written at `path`; an element that does not exist is a problem."""
        value = Unknown() if ref is None else values.get(ref.name, Unknown())
        for index in ref.index if ref else ():
            if isinstance(value, Unknown):
                return value
            if not isinstance(value, tuple) or not -len(value) <= index < len(value):
                gives = f"a tuple of {len(value)}" if isinstance(value, tuple) else f"one tensor ({text(value)})"
                self.report(Problem(path, f"there is no {ref}: {ref.name if ref else ''} gives {gives}"))
                return Unknown()
            value = value[index]
        return value

    def _step(self, block: Block, spot: _Spot, inputs: list[Value]) -> Value:
        maker = block.wiring.maker(spot.step.name)
        if maker is None:
            return self._row(spot, "layer", "", inputs, Unknown())
        first = maker.name not in block.items
        if first:
            name = f"{block.name}.{maker.name}".lstrip(".")
            block.items[maker.name] = self._make(block, replace(spot, step=maker, name=name), inputs)
        item = block.items[maker.name]
        shared = "" if first else maker.name
        if item is None:
            target = self.definitions.target(maker)
            kind = target.kind if isinstance(target, Entry) else "module" if target else "layer"
            code = unknown_in(inputs) is NOT_RUN
            output = NOT_RUN if code else Unknown()
            return self._row(spot, kind, maker.node.name, inputs, output, shared=shared, unknown=code)
        if spot.step.node.use and isinstance(item, Layer) and item.entry.kind == "operation":
            words = f"{maker.name} is {item.entry.name}, an operation without weights", "write the operation again"
            self.report(spot.problem(words))
        return self._call(item, spot, inputs, shared)

    def _make(self, block: Block, spot: _Spot, inputs: Sequence[Value]) -> Item | None:
        """The item of a node, None when it has a problem."""
        node = spot.step.node
        target = self.definitions.target(spot.step)
        if target is None:
            return None
        if node.repeat > 1 and node.name in TENSORS:
            words = f"`repeat` makes calls in a row, and a {node.name.lower()} is not called", "remove `repeat:`"
            self.report(spot.problem(words))
            return None
        if isinstance(target, Entry) and target.kind == "operation" and "." in spot.step.name:
            words = f"only modules lie in lists, and {node.name} is a function", "give it a name without a dot"
            self.report(spot.problem(words))
            return None
        if node.repeat > 1:
            return self._repeat(block, spot, len(inputs))
        if isinstance(target, Entry):
            return self._layer(target, block.scope, spot, inputs)
        scope, problems = self.definitions.scope(node.name, node.args, block.scope, spot.part)
        for problem in problems:
            self.report(problem)
        wiring = self.definitions.wiring(node.name)
        if scope is None or not self._fits(wiring, spot, len(inputs)):
            return None
        args = {name: scope[name] for name in target.arguments}
        source = source_of(target, node.name)
        if source is not None:
            return self._code(source, args, wiring, spot, target.outputs)
        return Block(node.name, wiring, scope, wiring.path, spot.name, target.layers is not None, args)

    def _code(
        self, source: ClassSource, args: Mapping[str, Any], wiring: Wiring, spot: _Spot, outputs: Any
    ) -> Code | None:
        if any(problem.path.startswith((f"{wiring.path}.code", f"{wiring.path}.class")) for problem in self.problems):
            return None  # it was told already that this is no class
        weights = weights_of_code(source, args, wiring.path) if self.trust else ()
        if isinstance(weights, Failure):
            self.report(spot.problem((weights.text, weights.fix or "change its arguments or its code")))
            return None
        count = outputs if isinstance(outputs, int) else 1
        return Code(spot.step.node.name, source, args, wiring.path, spot.name, wiring.inputs, count, weights)

    def _fits(self, wiring: Wiring, spot: _Spot, count: int) -> bool:
        if count == len(wiring.inputs):
            return True
        if spot.open:
            return False
        self.report(spot.problem((f"it takes {counted(wiring.inputs)}, but gets {count}", "list them in `from:`")))
        return False

    def _repeat(self, block: Block, spot: _Spot, inputs: int) -> Block:
        """Instances in a row: each takes what the one before gives, and the further inputs as they are."""
        node = spot.step.node.model_copy(update={"repeat": 1, "source": None, "label": None})
        names = [f"input{place}" for place in range(inputs)]
        steps = {}
        before = names[0] if names else ""
        for place in range(spot.step.node.repeat):
            sources = (Ref(before), *map(Ref, names[1:]))
            given = (None,) * inputs if spot.open else sources
            steps[str(place)] = Step(str(place), node, spot.step.path, given, repeated=True)
            before = str(place)
        wiring = Wiring(spot.step.path, tuple(names), steps, tuple(steps), (Ref(before),), single=True)
        sequential = inputs == 1 and getattr(self.definitions.target(spot.step), "kind", "") != "operation"
        return Block("Sequential" if sequential else "Repeat", wiring, block.scope, block.path, spot.name, chain=True)

    def _layer(self, entry: Entry, scope: Scope, spot: _Spot, inputs: Sequence[Value]) -> Layer | None:
        prepared = prepare(entry, spot.step.node.args, scope, inputs, spot.part)
        for problem in prepared.problems:
            self.report(problem)
        if prepared.blocked:
            self._report_blocked(prepared.blocked, spot, inputs)
        if prepared.problems or prepared.blocked:
            return None
        weights = weights_of(entry, prepared.args)
        if isinstance(weights, Failure):
            self.report(spot.problem((weights.text, "")))
            return None
        return Layer(entry, prepared.args, spot.part, spot.name, prepared.inferred, weights)

    def _report_blocked(self, names: Sequence[str], spot: _Spot, inputs: Sequence[Value]) -> None:
        unknown = unknown_in(inputs)
        if unknown and (not unknown.reason or unknown is NOT_RUN):
            return  # what lies behind an error is not an error of its own
        shape = f"its input has the shape {' and '.join(map(text, inputs))}"
        why = f"the shape of its input {unknown}" if unknown else shape
        words = f"{' and '.join(names)} cannot be inferred, because {why}", f"write {' and '.join(names)}"
        self.report(spot.problem(tuple_given(spot.step.node.name, inputs, spot.sources) or words))

    def _call(self, item: Item, spot: _Spot, inputs: list[Value], shared: str) -> Value:
        if isinstance(item, Layer):
            return self._call_layer(item, spot, inputs, shared)
        if isinstance(item, Code):
            return self._call_code(item, spot, inputs, shared)
        if not self._fits(item.wiring, spot, len(inputs)):
            return Unknown()
        if len(self.rows) > LARGEST:
            self.report(Problem("model", f"the model has more than {LARGEST:,} layers", "repeat fewer"))
            return Unknown()
        place = len(self.rows)
        self._row(spot, "module", item.title, inputs, Unknown(), args=item.args, shared=shared)
        output = self.block(item, inputs, spot.depth + 1)
        self.rows[place] = replace(self.rows[place], output=output)
        return output

    def _call_layer(self, layer: Layer, spot: _Spot, inputs: list[Value], shared: str) -> Value:
        outcome = self._outcome(layer, spot, inputs, first=not shared)
        more = {"inferred": layer.inferred, "unknown": unknown_in(inputs) is NOT_RUN}
        return self._counting_row(layer, layer.entry.kind, layer.entry.name, spot, inputs, outcome, shared, more)

    def _call_code(self, code: Code, spot: _Spot, inputs: list[Value], shared: str) -> Value:
        outcome, unknown = Outcome(NOT_RUN if code.outputs == 1 else (NOT_RUN,) * code.outputs), True
        if not self.trust:
            self.not_run[code.path] = None
        elif found := unknown_in(inputs):
            outcome = Outcome(found)
        else:
            outcome, unknown = self._run(code, spot, inputs), False
        return self._counting_row(code, "code", code.title, spot, inputs, outcome, shared, {"unknown": unknown})

    def _run(self, code: Code, spot: _Spot, inputs: list[Value]) -> Outcome:
        outcome = run_code(code.source, code.args, inputs, code.path)
        if isinstance(outcome, Failure):
            words = f"{code.title} cannot run on {' and '.join(map(text, inputs))}: {outcome.text}"
            self.report(spot.problem((words, "change its code, or what it gets")))
            return Outcome(Unknown())
        given = len(outcome.output) if isinstance(outcome.output, tuple) else 1
        if given != code.outputs:
            words = f"`outputs:` of {code.title} says {code.outputs}, but its code gives {given}"
            self.report(Problem(f"{code.path}.outputs", words, f"write `outputs: {given}`"))
            return replace(outcome, output=Unknown())
        return outcome

    def _counting_row(
        self, item: Layer | Code, kind: str, type_: str, spot: _Spot, inputs: list[Value], outcome: Outcome,
        shared: str, more: Mapping[str, Any],
    ) -> Value:  # fmt: skip
        """The row of a call, with the item's weights where they were not counted before."""
        mine = self._owns(item)
        return self._row(
            spot, kind, type_, inputs, outcome.output, shared=shared, args=item.args,
            **more, flop=outcome.flop, memory=outcome.memory,
            parameters=sum(weight.numel for weight in mine), parameter_bytes=sum(weight.nbytes for weight in mine),
            trainable=sum(weight.numel for weight in mine if weight.trainable),
            gradient_bytes=sum(weight.nbytes for weight in mine if weight.trainable),
        )  # fmt: skip

    def _owns(self, item: Layer | Code) -> tuple[Weight, ...]:
        """The weights of an item that comes into the next row, if they were not counted before."""
        if id(item) in self._counted:
            return ()
        self._counted.add(id(item))
        self.weights |= {f"{item.name}.{weight.name}".rstrip("."): (weight, len(self.rows)) for weight in item.weights}
        return item.weights

    def _outcome(self, layer: Layer, spot: _Spot, inputs: Sequence[Value], first: bool) -> Outcome:
        """What a call gives; what cannot be is a problem, and shapes go on behind it where one argument explains it."""
        unknown = unknown_in(inputs)
        counts = layer.entry.kind == "layer" and not (unknown and spot.open)
        words = input_count(layer.entry, len(inputs)) if counts else None
        if words is None and not unknown:
            dimensions = wanted_dimensions(layer.entry)
            words = wrong_dimensions(layer.entry, dimensions, inputs) if dimensions else None
            words = words or whole_numbers(layer.entry, inputs)
        if words:
            self._refuse(layer, spot, words)
            return Outcome(Unknown())
        if unknown:
            return Outcome(unknown)
        outcome = run(layer.entry, layer.args, inputs)
        if isinstance(outcome, Outcome):
            return outcome
        mended = self._mended(layer, spot, inputs) if first else None
        if mended:
            return mended
        self._refuse(layer, spot, explain(Case(layer.entry, layer.args, inputs, spot.sources, outcome)))
        return Outcome(Unknown())

    def _mended(self, layer: Layer, spot: _Spot, inputs: Sequence[Value]) -> Outcome | None:
        """The outcome with arguments as the input's shape wants them, each difference a problem; else None."""
        args, differences = corrected(layer.entry, layer.args, inputs)
        outcome = run(layer.entry, args, inputs) if differences else None
        weights = weights_of(layer.entry, args) if differences else None
        if not isinstance(outcome, Outcome) or not isinstance(weights, tuple):
            return None
        for wrong in differences:
            its = f"its input has {wrong.fits} {wrong.counts} (shape {text(inputs[wrong.input])})"
            words = f"{wrong.name} is {wrong.given}, but {its}", f"set {wrong.name} to {wrong.fits} or leave it out"
            self._refuse(layer, spot, words)
        layer.args, layer.weights = args, weights
        return outcome

    def _refuse(self, layer: Layer, spot: _Spot, words: Words) -> None:
        """Report why a layer cannot run, once for each place in the document."""
        self._right = False
        # Another instance of the same definition fails for the same reason; one layer may have several reasons.
        if self._refused.setdefault(spot.part, id(layer)) == id(layer):
            self.report(spot.problem(words))

    def _row(self, spot: _Spot, kind: str, type: str, inputs: Sequence[Value], output: Value, **more: Any) -> Value:
        self.rows.append(
            Row(spot.step.path, spot.name, kind, type, spot.depth, inputs=tuple(inputs), output=output, **more)
        )
        return output
