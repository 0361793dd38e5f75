"""Classes drawn from the resolved tree: constructors, chains, repetition, and what belongs to each definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import nn

from torchwork.code.network import verbatim
from torchwork.code.network.calls import GIVES, constructor, operation
from torchwork.code.network.containers import attribute, child, contained, listed, runs
from torchwork.code.network.forward import Forward, Loop
from torchwork.code.network.places import NOWHERE, Places, height, spans
from torchwork.code.network.scope import Parameter, Scope, Width, by_name
from torchwork.code.network.sizes import Sizes, annotation
from torchwork.code.network.tensors import beginning, registered
from torchwork.code.text import annotated, call, docstring, exploded, itemised, wrap
from torchwork.experiment import Model, Node
from torchwork.graph import Resolved, Value
from torchwork.graph.containers import Holder, holders
from torchwork.graph.item import Block, Code, Item, Layer
from torchwork.graph.wiring import TENSORS, Ref, Step

TAKEN_BY_DICT = frozenset(dir(nn.ModuleDict))


@dataclass
class Drawn:
    """A class that is written, how it holds its children, and which argument is the width of what it gives."""

    name: str
    text: str
    scope: Scope | None
    style: str
    gives: str = ""
    places: Places = NOWHERE


class Drawing:
    """Writes the classes of one model; a definition must be written before those that use it."""

    def __init__(self, model: Model, resolved: Resolved, names: Mapping[str, str]) -> None:
        assert resolved.root is not None
        self._model, self._root, self._names = model, resolved.root, names
        self._inputs, self._output = resolved.inputs, resolved.output
        self._drawn: dict[str, Drawn] = {}
        self._sources: list[str] = []
        self._rows: dict[str, Any] = {}
        for row in resolved.rows:
            self._rows.setdefault(row.name, row)
        self._instances: dict[str, list[Block]] = {}
        for title, block in _blocks(model, self._root):
            self._instances.setdefault(title, []).append(block)
        first = resolved.inputs[0] if resolved.inputs else None
        self._batch = next(iter(getattr(first, "shape", ())), 0)

    def definition(self, title: str) -> Drawn:
        """The class of a definition."""
        module = self._model.modules[title]
        if module.code is not None:
            text = verbatim.without_known(module.code, self._sources)
            self._sources.append(module.code)
            self._drawn[title] = Drawn(self._names[title], text, None, "sequential")
            return self._drawn[title]
        page = _Page(self, Scope(self._instances[title], module), self._batch)
        self._drawn[title] = page.draw(self._names[title])
        return self._drawn[title]

    def root(self, ties: Mapping[str, str]) -> Drawn:
        """The class of the whole model; for a plain chain its expression, a class without a name."""
        page = _Page(self, Scope([self._root], None), self._batch)
        numbered = _are_numbers(self._root.wiring.steps)
        if page.sequential and numbered and not ties:
            text = exploded("nn.Sequential(", page.elements(), ")", comments=page.comments())
            return Drawn("", text, None, "sequential", places=Places(page.element_lines(0, 1)))
        drawn = page.draw(self._names[""], [self._tied(name, source) for name, source in ties.items()])
        return drawn

    def drawn(self, title: str) -> Drawn | None:
        """The class of a definition; None when it is no definition."""
        return self._drawn.get(title)

    def inputs(self, block: Block) -> Sequence[Value]:
        """What an instance is called with."""
        found: Sequence[Value] = self._inputs if block is self._root else self._rows[block.name].inputs
        return found

    def output(self, block: Block) -> Value:
        """What an instance gives."""
        found: Value = self._output if block is self._root else self._rows[block.name].output
        return found

    def value(self, block: Block, step: str) -> Value:
        """What a step of an instance gives."""
        row = self._rows.get(f"{block.name}.{step}".lstrip("."))
        return row.output if row else None

    def _tied(self, name: str, source: str) -> str:
        """`self.head.weight = self.embed.weight`."""
        (owner, target), (other, taken) = (
            (self._module(path[0]), path[2]) for path in (name.rpartition("."), source.rpartition("."))
        )
        value = child(other, taken, "")
        return f"{owner}.{target} = {value}" if target.isidentifier() else f'setattr({owner}, "{target}", {value})'

    def _module(self, name: str) -> str:
        """A module inside the whole model as an expression: `self.blocks[0]`."""
        item: Item | None = self._root
        style = _Page(self, Scope([self._root], None), self._batch).style
        text, words = "self", name.split(".") if name else []
        while words:
            names = item.items if isinstance(item, Block) else {}
            within = (".".join(words[:count]) for count in range(1, len(words) + 1))
            step = next((found for found in within if found in names), words[0])
            text = attribute(step, names, style, text)
            words = words[step.count(".") + 1 :]
            item = names.get(step)
            drawn = self._drawn.get(item.title) if isinstance(item, Block) else None
            style = drawn.style if drawn else "sequential"
        return text


def _blocks(model: Model, block: Block) -> Iterator[tuple[str, Block]]:
    """All instances of definitions in a block, with the name of the definition."""
    for name, item in block.items.items():
        node = block.wiring.steps[name].node
        if not isinstance(item, Block):
            continue
        if node.repeat == 1:
            yield node.name, item
        yield from _blocks(model, item)


def _are_numbers(names: Collection[str]) -> bool:
    """Whether these are the names that a chain gives by itself; a bypassed node leaves a gap."""
    return list(names) == [str(number) for number in range(len(names))]


class _Page:
    """Writes one class."""

    def __init__(self, drawing: Drawing, scope: Scope, batch: int) -> None:
        self.drawing, self.scope = drawing, scope
        self.wiring = scope.instances[0].wiring
        self.sizes = Sizes(scope, batch)
        self.makers = [step for step in self.wiring.steps.values() if step.node.use is None]
        self.own = {step.name: self._width(step) for step in self.makers}
        self.flows = self._flowing()
        self.texts = {step.name: self._made(step) for step in self.makers}
        self.tensors = {step.name for step in self.makers if step.node.name in TENSORS}
        self.sequential = self._is_sequential()
        names = [name for name, text in self.texts.items() if text and name not in self.tensors]
        heads = set(holders(names))
        numbers = not all(name.isidentifier() for name in heads)
        self.style = "sequential" if self.sequential else "dict" if numbers else "plain"
        if self.style == "dict" and not TAKEN_BY_DICT.isdisjoint({*heads, *self.tensors}):
            self.style = "getattr"

    # Constructors

    def _items(self, name: str) -> list[Any]:
        return [block.items[name] for block in self.scope.instances]

    def _made(self, step: Step) -> str:
        """The expression that makes a step's module; empty for an operation."""
        return self._constructed(step.node, self._items(step.name), step.name, self._given_width(step))

    def _constructed(self, node: Node, items: Sequence[Any], name: str, flows: Width | None) -> str:
        if node.repeat > 1:
            return self._repeated(node, items, name, flows)
        first = items[0]
        if isinstance(first, Layer):
            values = [item.args for item in items]
            if first.entry.kind == "operation":
                return ""
            if first.entry.kind == "tensor":
                return beginning(self.scope, first.entry, node.args, values)
            return constructor(self.scope, first.entry, node.args, values, name, flows)
        drawn = self.drawing.drawn(node.name)
        assert drawn is not None  # those that a class uses are written before it
        if isinstance(first, Code):
            return call(drawn.name, (), {key: self._given_to_code(key, node, items) for key in first.args})
        return self._instance(drawn, node, items, name, flows)

    def _given_to_code(self, name: str, node: Node, items: Sequence[Code]) -> str:
        raw, values = node.args.get(name), [item.args[name] for item in items]
        return self.scope.plain(raw, values) if self.scope.symbolic(raw) else verbatim.value(values[0])

    def _instance(self, drawn: Drawn, node: Node, blocks: Sequence[Block], name: str, flows: Width | None) -> str:
        """`Block(64, 128, stride=2)`: an instance of another definition."""
        positional, named = [], {}
        assert drawn.scope is not None
        for parameter in drawn.scope.inferred:
            values = [parameter.values[id(block)] for block in blocks]
            positional.append(self.scope.size(parameter.name, values, name, flows))
        for argument, written in drawn.scope.written.items():
            raw = node.args.get(argument)
            parameter = drawn.scope.declared[argument]
            if raw is None:
                continue
            text = self.scope.plain(raw, [block.args[argument] for block in blocks])
            if not parameter.default:
                positional.append(text)
            elif text != parameter.default:
                named[written] = text
        return call(drawn.name, positional, named)

    def _repeated(self, node: Node, rows: Sequence[Block], name: str, flows: Width | None) -> str:
        """Instances in a row: equal ones as a comprehension."""
        single = node.model_copy(update={"repeat": 1})
        before = [flows, *[self.own[name]] * (node.repeat - 1)]
        texts = [
            self._constructed(single, [row.items[str(place)] for row in rows], name, given)
            for place, given in enumerate(before)
        ]
        if not texts[0]:
            return ""
        return call("nn.Sequential", runs(texts)) if rows[0].title == "Sequential" else listed(texts)

    # Widths

    def _width(self, step: Step) -> Width | None:
        """The size that a node's arguments say its output has."""
        items = self._items(step.name)
        if step.node.repeat > 1:
            items = [row.items["0"] for row in items]
        drawn = self.drawing.drawn(step.node.name)
        giving = GIVES if isinstance(items[0], Layer) else {drawn.gives} if drawn else set()
        found = (
            self.scope.width(raw, by_name([item.args for item in items], name))
            for name, raw in step.node.args.items()
            if name in giving
        )
        return next(filter(None, found), None)

    def _flowing(self) -> dict[str, Width | None]:
        """The width of every value: that of the node that gives it, else of the first value that goes into it.

        What is added to an input has its width.
        """
        flows: dict[str, Width | None] = dict.fromkeys(self.wiring.inputs)
        for name in self.wiring.order:
            step, maker = self.wiring.steps[name], self.wiring.maker(name)
            assert maker is not None
            given = [flows[ref.name] for ref in step.sources if ref]
            added = step.node.name == "add"
            opaque = maker.node.name in self._opaque or not given
            passed = next(filter(None, given), None) if added else None if opaque else given[0]
            flows[name] = self.own[maker.name] or passed
            for ref in step.sources if added else ():
                if ref and ref.name in self.wiring.inputs and not ref.index:
                    flows[ref.name] = flows[ref.name] or flows[name]
        return flows

    @cached_property
    def _opaque(self) -> frozenset[str]:
        """Definitions, of which nobody knows here what they do with the width of their input."""
        return frozenset(step.node.name for step in self.makers if self.drawing.drawn(step.node.name))

    def _given_width(self, step: Step) -> Width | None:
        ref = step.sources[0] if step.sources else None
        return self.flows[ref.name] if ref else None

    def gives(self) -> str:
        """The argument of the definition that is the width of what it gives; empty when there is none."""
        ref = self.wiring.outputs[0]
        flows = self.flows[ref.name] if ref else None
        return next((name for name, text in self.scope.written.items() if flows and flows.text == text), "")

    # Chains

    def _is_sequential(self) -> bool:
        """Whether nn.Sequential does what the wiring says."""
        block, wiring = self.scope.instances[0], self.wiring
        if not (block.chain and wiring.single and len(wiring.inputs) == 1 and all(self.texts.values())):
            return False
        names = [*wiring.inputs, *wiring.steps]
        straight = all(
            step.sources == (Ref(before),) for before, step in zip(names, wiring.steps.values(), strict=False)
        )
        made = len(self.makers) == len(wiring.steps) and not any("." in name for name in self.texts)
        straight = straight and not self.tensors
        return made and straight and wiring.outputs == (Ref(names[-1]),)

    def elements(self) -> list[str]:
        """The modules of a chain."""
        return list(self.texts.values())

    def element_lines(self, indent: int, before: int) -> dict[str, tuple[int, int]]:
        """The lines of the modules of a chain that stand at `indent` behind `before` lines."""
        return spans(itemised(self.elements(), indent, self.comments()), [*self.texts], before)

    def comments(self) -> list[str]:
        """The shapes of what the modules of a chain give, where they change."""
        shapes = [self.sizes.comment(self._values(name)) for name in self.texts]
        return [
            "" if shape == before else shape for before, shape in zip([self._given(), *shapes], shapes, strict=False)
        ]

    def _given(self) -> str:
        """The shape of the first input."""
        return self.sizes.comment([self.drawing.inputs(block)[0] for block in self.scope.instances])

    # The class

    def draw(self, name: str, ending: Sequence[str] = ()) -> Drawn:
        """The class, with these statements at the end of its constructor."""
        own = {step: self._attribute(maker.name) for step, maker in self._owned()}
        forward = Forward(self.wiring, self._called, self._values, self.sizes.comment, self._given(), own)
        sentence = self._sentence(forward.parameters)  # first, for letters go by the order in which sizes are met
        base = {"sequential": "Sequential", "dict": "ModuleDict"}.get(self.style, "Module")
        body = [] if self.sequential else self._forward(forward)
        init = self._init(ending)
        blank = [""] if init and body else []
        head = [f"class {name}(nn.{base}):", docstring(sentence, 4), ""]
        text = "\n".join([*head, *init, *blank, *body])
        calls = spans(body, ["", *forward.owners], height([*head, *init, *blank])) if body else {}
        places = Places(self._made_lines(init, len(ending), height(head)), calls)
        return Drawn(name, text, self.scope, self.style, self.gives(), places)

    def _made_lines(self, init: Sequence[str], ending: int, before: int) -> dict[str, tuple[int, int]]:
        """The lines of the constructor that make each node's module."""
        if self.sequential and _are_numbers(self.texts):
            start = next(place for place, text in enumerate(init) if text.startswith("        super().__init__("))
            return self.element_lines(8, before + height(init[:start]) + 1)
        held = holders(name for name, text in self.texts.items() if text)
        rest = len(init) - ending - len(held)
        lines = spans(init, [*[""] * rest, *held, *[""] * ending], before) if init else {}
        return {node: lines[name] for name, holder in held.items() for node in holder.nodes}

    def _init(self, ending: Sequence[str]) -> list[str]:
        parameters = self.scope.parameters
        late = [
            f"{item.name} = {item.late} if {item.name} is None else {item.name}" for item in parameters if item.late
        ]
        stored = [f"self.{attribute} = {name}" for name, attribute in self.scope.stored.items()]
        numbered = self.sequential and _are_numbers(self.texts)
        made = [] if numbered else self._assignments()
        if not (parameters or made or numbered or ending):
            return []
        signature = ", ".join(["self", *map(_declared, parameters)])
        lines = [wrap(f"def __init__({signature}) -> None:", 4), *(wrap(line, 8) for line in late)]
        if numbered:
            lines.append(exploded("super().__init__(", self.elements(), ")", 8, self.comments()))
        else:
            lines.append("        super().__init__()")
        return [*lines, *(wrap(line, 8) for line in stored), *made, *(wrap(line, 8) for line in ending)]

    def _assignments(self) -> list[str]:
        notes = dict(zip(self.texts, self.comments(), strict=True)) if self.sequential else {}
        held = holders(name for name, text in self.texts.items() if text)
        return [annotated(self._assigned(name, holder), notes.get(name, ""), 8) for name, holder in held.items()]

    def _assigned(self, name: str, holder: Holder) -> str:
        """The statement that gives the class the attribute `name`."""
        if name in self.tensors:
            items = self._items(name)
            return registered(name, items[0].entry, self.texts[name], [item.args for item in items])
        text = contained(holder, self.texts)
        if name.isidentifier():
            return f"self.{name} = {text}"
        return f'self["{name}"] = {text}' if self.style == "dict" else f'self.add_module("{name}", {text})'

    def _forward(self, forward: Forward) -> list[str]:
        self.scope.inside = False
        lines = forward.lines()
        self.scope.inside = True
        block = self.scope.instances[0]
        types = [annotation(value) for value in self.drawing.inputs(block)]
        names = [f"{name}: {type}" for name, type in zip(forward.parameters, types, strict=True)]
        gives = annotation(self.drawing.output(block))
        head = wrap(f"def forward({', '.join(['self', *names])}) -> {gives}:", 4)
        return [head, *("\n".join(" " * 8 + part for part in line.split("\n")) for line in lines)]

    def _values(self, step: str) -> list[Value]:
        return [self.drawing.value(block, step) for block in self.scope.instances]

    def _called(self, step: Step, inputs: Sequence[str]) -> str | Loop:
        maker = self.wiring.maker(step.name)
        assert maker is not None
        text, items = self.texts[maker.name], self._items(maker.name)
        place = self._attribute(maker.name)
        if maker.node.repeat == 1:
            return call(place, inputs) if text else self._function(maker.node, items, inputs)
        if not text:
            first = [row.items["0"] for row in items]
            return Loop(f"range({maker.node.repeat})", "_", lambda given: self._function(maker.node, first, given[1:]))
        if items[0].title == "Sequential":
            return call(place, inputs)
        return Loop(place, _singular(maker.name), lambda given: call(given[0], given[1:]))

    def _function(self, node: Node, items: Sequence[Any], inputs: Sequence[str]) -> str:
        return operation(self.scope, items[0].entry, node, [item.args for item in items], inputs)

    def _attribute(self, name: str) -> str:
        return attribute(name, self.texts, "tensor" if name in self.tensors else self.style)

    def _owned(self) -> Iterator[tuple[str, Step]]:
        """The steps that are tensors of the class, each with the one that makes it."""
        for name in self.wiring.steps:
            maker = self.wiring.maker(name)
            if maker is not None and maker.name in self.tensors:
                yield name, maker

    def _sentence(self, names: Sequence[str]) -> str:
        """`From N x 3 x 32 x 32 to N x 10.`"""
        instances = self.scope.instances
        given = list(zip(*(self.drawing.inputs(block) for block in instances), strict=True))
        shapes = [self.sizes.sentence(values) for values in given]
        if len(shapes) > 1:
            shapes = [f"{name} ({shape})" for name, shape in zip(names, shapes, strict=True)]
        gives = self.sizes.sentence([self.drawing.output(block) for block in instances])
        listed = " and ".join(filter(None, [", ".join(shapes[:-1]), shapes[-1]]))
        return f"From {listed} to {gives}."


def _declared(parameter: Parameter) -> str:
    default = f" = {parameter.default}" if parameter.default else ""
    return f"{parameter.name}: {parameter.annotation}{default}"


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and len(name) > 2 and name.isidentifier() else "layer"
