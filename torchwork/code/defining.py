"""An edited class of a script as the definition that it may have been printed from; printing it is the proof."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchwork.catalog import catalog
from torchwork.code.bodies import Body, Called, Flow, UnreadableError, Value, body_of, classes_of
from torchwork.code.network.classes import class_names
from torchwork.experiment import Definition, Experiment, ModelDocument, Module
from torchwork.experiment.alignment import Placed, placed
from torchwork.experiment.expression import ExpressionError, names
from torchwork.graph.arguments import INFERRED

Sized = Collection[tuple[str, str]] | None
"""attributes, each behind its class, whose inferred sizes are written too; None: all"""
FILLS = {"torch.zeros": None, "torch.ones": 1}
Written = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """Definitions by class, the parameters of each constructor, the arguments of each definition; see `redefined`."""

    titles: Mapping[str, str]
    parameters: Mapping[str, Sequence[str]]
    given: Mapping[str, Sequence[str]]
    sized: Sized


def redefined(
    document: Experiment | ModelDocument,
    printed: ast.Module,
    edited: ast.Module,
    wanted: Collection[str],
    sized: Sized,
) -> Written | None:
    """The model, as a document writes it, with the `wanted` classes of the edited script read anew.

    Sizes that a document leaves to be inferred are written only for `sized`. None where no class can be read.
    """
    model = document.model
    old, new = classes_of(printed), classes_of(edited)
    titles = {name: title for title, name in class_names(model, document.name).items()}
    bodies = {name: body_of(node) for name, node in new.items()}
    known = Known(
        {name: titles.get(name, name) for name in new},
        {name: list(body.parameters) for name, body in bodies.items()},
        {title: list(module.arguments) for title, module in model.modules.items()},
        sized,
    )
    lost = [name for name in old if name not in new]
    found: dict[str, Written] = {}
    for name in wanted:
        before = name if name in old else lost.pop(0) if lost else ""
        template = model if titles.get(before) == "" else model.modules.get(titles.get(before, ""))
        if isinstance(template, Module) and template.code is not None:
            continue
        try:
            body = body_of(old[before]) if before else None
            found[known.titles[name]] = _Definition(bodies[name], body, template, known).written()
        except (UnreadableError, ExpressionError, ValueError):
            continue
    return _with(model.as_dict(), found, [titles[name] for name in old if name not in new]) if found else None


def _with(written: Written, found: dict[str, Written], gone: Sequence[str]) -> Written:
    """The model with definitions read anew (empty title: its own nodes), without those whose class is gone."""
    if "" in found:
        own = {key: value for key, value in written.items() if key not in ("inputs", "layers", "nodes", "outputs")}
        written = own | found.pop("")
    modules = {title: module for title, module in {**written.get("modules", {}), **found}.items() if title not in gone}
    return {
        **{key: value for key, value in written.items() if key != "modules"},
        **({"modules": modules} if modules else {}),
    }


class _Definition:
    """Reads one class; `before` is it as printed, `template` the definition that it was printed from."""

    def __init__(self, body: Body, before: Body | None, template: Definition | None, known: Known) -> None:
        self.body, self.before, self.template, self.known = body, before, template, known
        self.old: dict[str, Placed] = {item.name: item for item in placed(template, ())} if template else {}
        self.declared = set(template.arguments) if isinstance(template, Module) else set()
        self.arguments = self._arguments()

    def written(self) -> Written:
        """The definition as a document writes it."""
        if self.body.chain is not None:
            found: Written = {"layers": self._chain(self.body.chain)}
        else:
            found = self._graph()
        return found | ({"arguments": self.arguments} if self.arguments else {})

    def _arguments(self) -> Written:
        """The constructor's parameters that are arguments of the definition."""
        old = self.before.parameters if self.before else {}
        declared = self.template.arguments if isinstance(self.template, Module) else {}
        found: Written = {}
        for name, default in self.body.parameters.items():
            if name in old and name not in declared:
                continue  # a size that the printed class is given, and no document writes
            if name not in old and self.known.sized is not None and name in INFERRED:
                continue
            same = name in old and ast.dump(default or ast.Pass()) == ast.dump(old[name] or ast.Pass())
            found[name] = declared[name] if same else None if default is None else _literal(default)
        return found

    def _chain(self, items: Sequence[ast.expr]) -> list[Any]:
        """Layers in a row: those that stand in the printed chain too as they were written, the others read."""
        before = [ast.dump(item) for item in (self.before.chain or [])] if self.before else []
        layers = list((self.template.layers if self.template else None) or [])
        found: list[Any] = []
        rest = list(range(len(layers))) if len(layers) == len(before) else []
        for item in items:
            same = next((place for place in rest if before[place] == ast.dump(item)), None)
            if same is None:
                found.append(self._part(item, at=str(len(found))))
            else:
                rest = [place for place in rest if place > same]
                found.append(layers[same].model_dump(mode="json"))
        return found

    def _graph(self) -> Written:
        made = {name: value for name, value in self.body.made.items() if isinstance(value, ast.Call)}
        kept = {name: value for name, value in self.body.made.items() if name not in made}
        old = self.before.made if self.before else {}
        if any(name not in old or ast.dump(old[name]) != ast.dump(value) for name, value in kept.items()):
            raise UnreadableError("an attribute that is no module")
        if self.body.rest != (self.before.rest if self.before else []):
            raise UnreadableError("a statement of its own")
        flow = self._flow(made)
        return _Nodes(self, made, flow).written()

    def _flow(self, made: Mapping[str, ast.expr]) -> Flow:
        if self.body.forward is not None:
            return Flow(self.body.forward)
        steps = "\n".join(f"    x = self.{name}(x)" for name in made if name.isidentifier())
        function = ast.parse(f"def forward(self, x):\n{steps}\n    return x").body[0]
        assert isinstance(function, ast.FunctionDef)
        return Flow(function)

    def node(self, name: str) -> Written:
        """What an attribute is, without its name and inputs: as it was written where its text is as printed."""
        value = self.body.made[name]
        old = self.before.made if self.before else {}
        if name in old and name in self.old and ast.dump(old[name]) == ast.dump(value):
            return self._as_written(self.old[name]) if not self._sized(name) else self._with_sizes(name, value)
        gone = [other for other in old if other not in self.body.made and other in self.old]
        for other in gone:
            if ast.dump(old[other]) == ast.dump(value):
                return self._as_written(self.old[other])
        return self._part(value, self.old.get(name), old.get(name), at=name)

    def _sized(self, name: str) -> bool:
        """Whether the sizes of an attribute are written that could be inferred."""
        return self.known.sized is None or (self.body.node.name, name) in self.known.sized

    def _with_sizes(self, name: str, value: ast.expr) -> Written:
        """An attribute as it was written, and what it is given that the document had left to be inferred."""
        written = self._as_written(self.old[name])
        part = self.old[name].node.name
        if part and isinstance(value, ast.Call) and ast.unparse(value.func).startswith("nn.") and part in written:
            given = {key: item for key, item in self._call(value)[1].items() if key in INFERRED}
            return {**written, part: given | (written[part] or {})}
        return written

    @staticmethod
    def _as_written(item: Placed) -> Written:
        written = item.node.model_dump(mode="json")
        written = {written: {}} if isinstance(written, str) else written
        return {key: value for key, value in written.items() if key not in ("name", "from")}

    def _part(
        self, value: ast.expr, old: Placed | None = None, before: ast.expr | None = None, at: str = ""
    ) -> Written:
        if not isinstance(value, ast.Call):
            raise UnreadableError(ast.unparse(value))
        function = ast.unparse(value.func)
        if function == "nn.Sequential":
            return self._repeated(value)
        if function in ("nn.Parameter", "self.register_buffer"):
            return self._tensor(value, function)
        name, given = self._call(value)
        inferred = set(INFERRED) if function.startswith("nn.") and not self._sized(at) else set()
        if old is not None and old.node.name == name and isinstance(before, ast.Call):
            printed = self._call(before)[1]
            args = dict(old.node.args)
            for key in {**printed, **given}:
                if printed.get(key, self) != given.get(key, self) and not (key in inferred and key not in args):
                    args |= {key: given[key]} if key in given else {}
                    args = args if key in given else {k: v for k, v in args.items() if k != key}
            return {name: args, **_beside(old)}
        return {name: {key: item for key, item in given.items() if key not in inferred}}

    def _call(self, value: ast.Call) -> tuple[str, Written]:
        """A layer, or a definition, with its arguments by name."""
        function = ast.unparse(value.func)
        if function.startswith("nn."):
            name = function.removeprefix("nn.")
            entry = catalog().entries("layer").get(name)
            if entry is None:
                raise UnreadableError(function)
            parameters, known = [argument.name for argument in entry.arguments], None
        elif function in self.known.parameters:
            name, parameters = self.known.titles[function], list(self.known.parameters[function])
            known = self.known.given.get(name)
        else:
            raise UnreadableError(function)
        pairs = [*zip(parameters, value.args, strict=False), *((item.arg or "", item.value) for item in value.keywords)]
        own = [(key, item) for key, item in pairs if known is None or key in known or key not in INFERRED]
        return name, {key: self._value(item) for key, item in own}

    def _repeated(self, value: ast.Call) -> Written:
        """`nn.Sequential(Block(64), Block(64))`, or of `[Block(64) for _ in range(2)]`."""
        inner = value.args[0].value if value.args and isinstance(value.args[0], ast.Starred) else None
        if isinstance(inner, ast.ListComp) and isinstance(inner.generators[0].iter, ast.Call):
            count = _literal(inner.generators[0].iter.args[0])
            parts = [self._part(inner.elt)]
        else:
            parts = [self._part(item) for item in value.args]
            count = len(parts)
        if any(part != parts[0] for part in parts[1:]) or not parts:
            raise UnreadableError(ast.unparse(value))
        return {**parts[0], "repeat": count} if count > 1 else parts[0]

    def _tensor(self, value: ast.Call, function: str) -> Written:
        buffer = function == "self.register_buffer"
        filled = value.args[1] if buffer else value.args[0]
        options = {item.arg: _literal(item.value) for item in value.keywords}
        if not isinstance(filled, ast.Call):
            raise UnreadableError(ast.unparse(value))
        name = ast.unparse(filled.func)
        args = [self._value(item) for item in filled.args]
        kinds = {item.arg: ast.unparse(item.value).removeprefix("torch.") for item in filled.keywords}
        if name == "torch.full":
            options |= {"size": args[0], "fill": args[1]}
        elif name in FILLS:
            options |= {"size": args[0] if isinstance(args[0], list) else args}
            options |= {"fill": FILLS[name]} if FILLS[name] else {}
        else:
            raise UnreadableError(name)
        return {"Buffer" if buffer else "Parameter": {**options, **kinds}}

    def _value(self, node: ast.expr) -> Any:
        """A value of a document: a literal, an expression of the definition's arguments, or a layer."""
        try:
            return _literal(node)
        except ValueError:
            pass
        if isinstance(node, ast.Tuple | ast.List):
            return [self._value(item) for item in node.elts]
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("nn."):
            name, args = self._call(node)
            return {name: args} if args else name
        text = ast.unparse(node)
        known = {*self.arguments, *self.body.parameters}
        if isinstance(node, ast.Name | ast.BinOp | ast.UnaryOp) and names(text) <= known:
            return text
        raise UnreadableError(text)

    def argument(self, node: ast.expr) -> Any:
        """A value that `forward` gives to an operation; `self.n` is what `__init__` kept of the argument."""
        return self._value(node)


class _Nodes:
    """The calls of a `forward` as nodes, in the order of a document."""

    def __init__(self, definition: _Definition, made: Mapping[str, ast.expr], flow: Flow) -> None:
        self.definition, self.made, self.flow = definition, made, flow
        self.template = definition.template
        self.inputs = self._inputs()
        self.unclaimed = [item for item in definition.old.values() if item.name not in made and not item.node.bypass]
        self.names: list[str] = []
        for call in flow.calls:
            self.names.append(self._named(call))

    def _inputs(self) -> dict[str, str]:
        """The names of the inputs in the document, by those of the parameters."""
        old = list(self.template.inputs) if self.template else []
        if len(old) == len(self.flow.inputs):
            return dict(zip(self.flow.inputs, old, strict=True))
        return {name: name for name in self.flow.inputs}

    def _named(self, call: Called) -> str:
        """The name of a call's node: its attribute; of a second call, and of an operation, the old one where it is."""
        if call.attribute and call.attribute not in self.names:
            if call.attribute not in self.made:
                raise UnreadableError(call.attribute)
            return call.attribute
        for item in self.unclaimed:
            if item.node.name in call.names or (call.attribute and item.node.use == call.attribute):
                self.unclaimed.remove(item)
                return item.name
        wanted, number = call.names[0] if call.names else call.attribute, 0
        taken = {*self.names, *self.made, *self.inputs.values(), *(item.name for item in self.unclaimed)}
        while (name := f"{wanted}_{number}" if number else wanted) in taken:
            number += 1
        return name

    def written(self) -> Written:
        """Nodes, in a chain where the definition was one, with inputs and outputs."""
        order = self._order()
        calls = dict(zip(self.names, self.flow.calls, strict=True))
        found: dict[str, Written] = {}
        before: list[str] = list(self.inputs.values())
        for name in order:
            node = self._node(name, calls.get(name))
            if name in calls:
                sources = [self._reference(value) for value in calls[name].sources]
                if sources != before or self._explicit(name, sources):
                    node["from"] = sources[0] if len(sources) == 1 else sources
                before = [name]
            found[name] = node
        result: Written = self._body(found)
        inputs = list(self.inputs.values())
        returned = [self._reference(value) for value in self.flow.returned]
        if inputs != ["input"]:
            result["inputs"] = inputs
        if returned != before:
            result["outputs"] = returned[0] if len(returned) == 1 else returned
        return result

    def _body(self, found: dict[str, Written]) -> Written:
        if self.template is None or self.template.layers is None:
            return {"nodes": found}
        return {
            "layers": [
                node if name == str(place) else {**node, "name": name}
                for place, (name, node) in enumerate(found.items())
            ]
        }

    def _explicit(self, name: str, sources: Sequence[str]) -> bool:
        """Whether the document wrote this node's inputs though it need not."""
        old = self.definition.old.get(name)
        return old is not None and old.node.source is not None and list(old.sources) == list(sources)

    def _node(self, name: str, call: Called | None) -> Written:
        if call is None or (call.attribute and call.attribute == name):
            return self.definition.node(name)
        old = self.definition.old.get(name)
        if call.attribute:
            return {"use": call.attribute, **_beside(old)}
        title = old.node.name if old and old.node.name in call.names else call.names[0]
        args = {key: self._argument(old, key, value) for key, value in call.args}
        return {title: args, **_beside(old)}

    def _argument(self, old: Placed | None, key: str, value: ast.expr) -> Any:
        try:
            return self.definition.argument(value)
        except UnreadableError:
            if old is not None and key in old.node.args:
                return old.node.args[key]
            raise

    def _order(self) -> list[str]:
        """Attributes in the order of the constructor, operations behind what is called before them."""
        attributes = list(self.made)
        called = [name for name in self.names if name in self.made]
        if [name for name in attributes if name in called] == called:
            order, place = list(self.names), 0
            for name in attributes:
                place = order.index(name) + 1 if name in order else place
                if name not in order:
                    order.insert(place, name)
                    place += 1
            return order
        order = attributes
        for number, name in enumerate(self.names):
            if name not in self.made:
                order.insert(order.index(self.names[number - 1]) + 1 if number else 0, name)
        return order

    def _reference(self, value: Value) -> str:
        index = "".join(f"[{place}]" for place in value.index)
        if isinstance(value.of, int):
            return self.names[value.of] + index
        tensor = value.of.removeprefix("self.")
        if tensor != value.of and tensor not in self.made:
            raise UnreadableError(value.of)
        return (self.inputs[value.of] if tensor == value.of else tensor) + index


def _beside(old: Placed | None) -> Written:
    """What no code says of a node: its place on the sheet and its note."""
    written = old.node.model_dump(mode="json") if old else ""
    return {key: written[key] for key in ("at", "note") if key in written} if isinstance(written, dict) else {}


def _literal(node: ast.expr) -> Any:
    """The value of a literal as a document writes it; ValueError for anything else."""
    value = ast.literal_eval(node)
    return list(value) if isinstance(value, tuple) else value
