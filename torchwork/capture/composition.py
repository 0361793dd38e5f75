"""Drafts of all instances to one model: a definition for each structure, with arguments where instances differ."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torchwork.capture.draft import Code, Draft, DraftNode
from torchwork.catalog import Entry, catalog
from torchwork.experiment.expression import CONSTANTS, FUNCTIONS
from torchwork.graph.wiring import TENSORS

SIZES = {"out_channels", "out_features", "in_channels", "in_features", "num_features", "hidden_size", "embed_dim",
         "embedding_dim", "num_channels", "groups", "d_model", "dim_feedforward", "output_size"}  # fmt: skip
"""Arguments that count channels or features: one is often a multiple of another."""
Values = list[Any]


@dataclass
class Face:
    """How an instance is written where it is used: a part with arguments, so many in a row."""

    part: str
    args: dict[str, Any] = field(default_factory=dict)
    repeat: int = 1


@dataclass
class Composition:
    """The document's model, and which definitions belong to which class."""

    model: dict[str, Any]
    classes: dict[str, str]


def compose(root: Draft) -> Composition:
    """The model of a root's draft, with every definition below it."""
    composer = _Composer(root)
    composer.run()
    model = _definition(root, composer.nodes(root, [root], {}))
    model.pop("inputs") if root.inputs == ["input"] else None
    return Composition({**model, **({"modules": composer.modules} if composer.modules else {})}, composer.classes)


class _Composer:
    """Groups instances by structure, children first; `faces` says how each instance is written where it is used."""

    def __init__(self, root: Draft) -> None:
        self.root = root
        self.modules: dict[str, Any] = {}
        self.classes: dict[str, str] = {}
        self.faces: dict[int, Face] = {}
        self._signatures: dict[int, str] = {}
        self._defaults: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        """Make every definition and every face."""
        groups: dict[tuple[int, str], list[Draft | Code]] = {}
        for item in _below(self.root):
            groups.setdefault((_height(item), self.signature(item)), []).append(item)
        for _, group in sorted(groups.items(), key=lambda item: item[0][0]):
            self._group(group)
        self.modules = dict(reversed(self.modules.items()))

    def signature(self, item: Draft | Code) -> str:
        """The structure of an instance without its numbers."""
        if id(item) not in self._signatures:
            self._signatures[id(item)] = json.dumps(self._structure(item))
        return self._signatures[id(item)]

    def _structure(self, item: Draft | Code) -> Any:
        if isinstance(item, Code):
            return ["code", item.title, item.source, item.inputs, item.outputs, item.arguments]
        kind = item.label.rstrip("0123456789") if item.container else item.title
        return [kind, item.inputs, item.outputs, *map(self._node, item.nodes)]

    def _node(self, node: DraftNode) -> Any:
        if isinstance(node.part, str):
            entry = _entry(node.part) if node.part else None
            fixed = {name: value for name, value in node.args.items() if not _may_vary(entry, name, value)}
            part: Any = [node.part, fixed]
        else:
            part = self.signature(node.part)
        return [node.name, part, node.sources, node.use]

    def _group(self, group: Sequence[Draft | Code]) -> None:
        first = group[0]
        if isinstance(first, Code):
            self._code(first, group)
            return
        drafts = [item for item in group if isinstance(item, Draft)]
        arguments: dict[str, Values] = {}
        nodes = self.nodes(first, drafts, arguments)
        repeated = _repeat(first, nodes)
        if repeated and all(self._inlined(draft, nodes[0][1].repeat) for draft in drafts):
            for draft in drafts:
                face = self.face(draft.nodes[0])
                self.faces[id(draft)] = Face(face.part, face.args, len(nodes))
            return
        name = self._name(first)
        defaults = {argument: _commonest(values) for argument, values in arguments.items()}
        self._defaults[name] = defaults
        self.modules[name] = {**({"arguments": defaults} if defaults else {}), **_definition(first, nodes)}
        self.classes[name] = first.title
        for place, draft in enumerate(drafts):
            given = {key: values[place] for key, values in arguments.items() if values[place] != defaults[key]}
            self.faces[id(draft)] = Face(name, given)

    def _inlined(self, draft: Draft, inner: int) -> bool:
        faces = [self.face(node) for node in draft.nodes]
        return inner == 1 and all(face.part == faces[0].part and face.args == faces[0].args for face in faces)

    def _code(self, code: Code, group: Sequence[Draft | Code]) -> None:
        name = self._name(code)
        made, source = _named(code, name)
        self.modules[name] = {
            **({"class": made} if name != made else {}), "inputs": code.inputs, "code": source,
            **({"arguments": code.arguments} if code.arguments else {}),
            **({"outputs": code.outputs} if code.outputs > 1 else {}),
        }  # fmt: skip
        self.classes[name] = code.title
        self.faces |= {id(item): Face(name) for item in group}

    def _name(self, item: Draft | Code) -> str:
        title = item.title
        if isinstance(item, Draft) and item.container:
            title = "".join(word[:1].upper() + word[1:] for word in re.split(r"_+", item.label)) or title
        title = re.sub(r"\W", "", title)
        known = (
            catalog().entries("layer").keys() | catalog().entries("operation").keys() | self.modules.keys() | TENSORS
        )
        known |= {"name", "from", "repeat", "use"}
        name, number = title, 1
        while name in known:
            number += 1
            name = f"{title}{number}"
        return name

    def face(self, node: DraftNode) -> Face:
        """How the part of a node is written, with the values of this instance."""
        return Face(node.part, node.args) if isinstance(node.part, str) else self.faces[id(node.part)]

    def nodes(self, first: Draft, group: Sequence[Draft], arguments: dict[str, Values]) -> list[tuple[DraftNode, Face]]:
        """The nodes of a group of instances, each with its part; differing numbers are added to `arguments`."""
        found = []
        for place, node in enumerate(first.nodes):
            faces = [self.face(draft.nodes[place]) for draft in group]
            names = dict.fromkeys(name for face in faces for name in face.args)
            args = {}
            for name in names:
                values = [face.args.get(name, self._default(face.part, name)) for face in faces]
                args[name] = _argument(node.name, name, values, arguments, [draft.constructor for draft in group])
            found.append((node, Face(faces[0].part, args, faces[0].repeat)))
        return found

    def _default(self, part: str, name: str) -> Any:
        if part in self._defaults:
            return self._defaults[part][name]
        argument = _entry(part).argument(name)
        return (
            list(argument.default)
            if argument and isinstance(argument.default, tuple)
            else argument and argument.default
        )


def _named(code: Code, name: str) -> tuple[str, str]:
    """The class of a definition and its source; one that was written for it is called after it, as no other is."""
    if code.made == code.title:
        return code.made, code.source
    made = f"{name}Here"
    return made, re.sub(rf"\b{re.escape(code.made)}\b", made, code.source)


def _entry(name: str) -> Entry:
    kind = next(kind for kind in ("layer", "tensor", "operation") if name in catalog().entries(kind))
    return catalog().entries(kind)[name]


def _may_vary(entry: Entry | None, name: str, value: Any) -> bool:
    """Whether instances of one definition may differ in this argument: it always has a number, and not a text."""
    argument = entry.argument(name) if entry else None
    if argument is None or isinstance(value, str | dict) or value is None:
        return False
    return isinstance(argument.default, bool | int | float | tuple) or (argument.required and name in SIZES | VARIED)


VARIED = {
    "kernel_size",
    "p",
    "stride",
    "normalized_shape",
    "num_embeddings",
    "num_heads",
    "num_layers",
    "dim",
    "shape",
    "size",
}
"""Required arguments that differ between instances of one class as a matter of course."""


def _argument(node: str, name: str, values: Values, arguments: dict[str, Values], constructors: Sequence[Any]) -> Any:
    """What is written for an argument whose values are these: the value, an argument's name, or a multiple of one."""
    if all(value == values[0] and type(value) is type(values[0]) for value in values):
        return values[0]
    for known, others in arguments.items():
        if others == values and (_kin(known, name)):
            return known
        if name in SIZES and (factor := _factor(values, others)) and _kin(known, name):
            return f"{factor}*{known}"
    title = next((key for key in constructors[0] if _matches(key, values, constructors)), name)
    chosen = next(text for text in _titles(title, node, name) if text not in arguments)
    arguments[chosen] = values
    return chosen


def _kin(known: str, name: str) -> bool:
    """Whether an argument of this name may stand for the other."""
    return known.endswith(name) or (
        name in SIZES and not known.endswith(("kernel_size", "stride", "padding", "dilation"))
    )


def _matches(key: str, values: Values, constructors: Sequence[Mapping[str, Any]]) -> bool:
    return all(constructor.get(key) == value for constructor, value in zip(constructors, values, strict=True))


def _titles(title: str, node: str, name: str) -> Iterator[str]:
    first = f"{title}_" if title in FUNCTIONS or title in CONSTANTS else title
    yield first
    stem = re.sub(r"\W", "_", f"{node}_{name}" if node.isidentifier() else f"{name}_{node}")
    yield stem
    yield from (f"{stem}_{number}" for number in range(2, 10_000))


def _factor(values: Values, others: Values) -> int:
    """By which whole number all of `others` have to be multiplied; 0 when there is none."""
    if not all(type(value) is int and value > 0 for value in (*values, *others)):
        return 0
    factor = values[0] // others[0]
    return factor if factor > 1 and all(a == factor * b for a, b in zip(values, others, strict=True)) else 0


def _commonest(values: Values) -> Any:
    texts = [json.dumps(value) for value in values]
    return values[texts.index(Counter(texts).most_common(1)[0][0])]


def _repeat(draft: Draft, nodes: Sequence[tuple[DraftNode, Face]]) -> bool:
    """Whether it is only equal instances in a row, numbered from 0: `repeat:` says that without a definition."""
    numbered = [node.name for node, _ in nodes] == [str(place) for place in range(len(nodes))]
    faces = [face for _, face in nodes]
    return (
        len(nodes) > 1 and draft.container and numbered and all(face == faces[0] for face in faces) and _straight(draft)
    )


def _straight(draft: Draft) -> bool:
    names = [draft.inputs[0], *(node.name for node in draft.nodes)]
    chained = all(node.sources == [before] and not node.use for before, node in zip(names, draft.nodes, strict=False))
    return len(draft.inputs) == 1 and chained and draft.outputs == [names[-1]]


def _definition(draft: Draft, nodes: Sequence[tuple[DraftNode, Face]]) -> dict[str, Any]:
    """A definition as the document writes it: a chain where it is one."""
    inputs = {"inputs": draft.inputs}
    if _straight(draft) and not any("." in node.name for node in draft.nodes):
        layers = [
            _written(face, {} if node.name == str(place) else {"name": node.name})
            for place, (node, face) in enumerate(nodes)
        ]
        return {**inputs, "layers": layers}
    found: dict[str, Any] = {}
    before = draft.inputs
    for node, face in nodes:
        if face.part in TENSORS:
            found[node.name] = _written(face, {})
            continue
        source: Any = node.sources[0] if len(node.sources) == 1 else node.sources
        beside = {} if node.sources == before else {"from": source}
        found[node.name] = {"use": node.use, **beside} if node.use else _written(face, beside)
        before = [node.name]
    outputs = draft.outputs[0] if len(draft.outputs) == 1 else draft.outputs
    return {**inputs, "nodes": found, **({} if outputs == before[0] else {"outputs": outputs})}


def _written(face: Face, beside: Mapping[str, Any]) -> Any:
    beside = {**beside, **({"repeat": face.repeat} if face.repeat > 1 else {})}
    return {face.part: face.args, **beside} if face.args or beside else face.part


def _below(draft: Draft) -> Iterator[Draft | Code]:
    """Every instance below a draft, in the order of calls."""
    for node in draft.nodes:
        if isinstance(node.part, Draft):
            yield from _below(node.part)
        if not isinstance(node.part, str):
            yield node.part


def _height(item: Draft | Code) -> int:
    parts = [node.part for node in item.nodes if not isinstance(node.part, str)] if isinstance(item, Draft) else []
    return 1 + max(map(_height, parts), default=0)
