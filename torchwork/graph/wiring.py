"""Which node takes its inputs from where: names, references, order of calls. Knows nothing of layers."""

from __future__ import annotations

import heapq
import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from torchwork.errors import Problem, nearest
from torchwork.experiment import Definition, Module, Node, place_text
from torchwork.graph.containers import IN_DICT, outside
from torchwork.graph.module import RESERVED

NAME = re.compile(r"\w[\w-]*")
PATH = re.compile(rf"{NAME.pattern}(?:\.{NAME.pattern})*")
"""a node's name; one with dots lies in a container"""
REFERENCE = re.compile(rf"({PATH.pattern})((?:\[-?\d+\])*)")
TENSORS = frozenset({"Parameter", "Buffer"})
"""parts that are tensors of the module itself: their nodes take nothing, and none takes from them unless it says so"""


@dataclass(frozen=True)
class Ref:
    """The value of a node or an input, or an element of it: `lstm[1][0]`."""

    name: str
    index: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.name + "".join(f"[{place}]" for place in self.index)


@dataclass(frozen=True)
class Step:
    """One call: the node, its place in the document, and its sources (None: a wrong or missing one, and reported)."""

    name: str
    node: Node
    path: str
    sources: tuple[Ref | None, ...]
    repeated: bool = False


@dataclass(frozen=True)
class Wiring:
    """A definition as steps in the order of the document, the order of calls, and what it returns.

    A bypassed node is no step, unless another one calls its module: then it is none in the order of calls.
    """

    path: str
    inputs: tuple[str, ...]
    steps: Mapping[str, Step]
    order: tuple[str, ...]
    outputs: tuple[Ref | None, ...]
    single: bool
    problems: tuple[Problem, ...] = field(default=())

    def maker(self, name: str) -> Step | None:
        """The step whose module this step calls: itself, or the one that its `use:` leads to; None when it is wrong."""
        step = self.steps.get(name)
        for _ in self.steps:
            if step is None or step.node.use is None:
                return step
            step = self.steps.get(step.node.use)
        return None


def wire(definition: Definition, path: str) -> Wiring:
    """The wiring of a definition that stands at `path`; whatever is wrong is among its problems."""
    if isinstance(definition, Module) and definition.code is not None:
        return Wiring(
            path,
            tuple(definition.inputs),
            {},
            (),
            (),
            True,
            tuple(_input_problems(definition.inputs, f"{path}.inputs")),
        )
    problems: list[Problem] = []
    nodes = _named_nodes(definition, path, problems)
    known = dict.fromkeys([*definition.inputs, *(name for name, _, _ in nodes)])
    steps: dict[str, Step] = {}
    before = list(definition.inputs)
    by_name = {name: node for name, node, _ in nodes}
    for name, node, place in nodes:
        tensor = _is_tensor(name, by_name)
        written = _written(node, place, [] if tensor else before)
        problems += _tensor_problems(written) if tensor else _open_problems(node, written)
        steps[name] = Step(name, node, place, tuple(_reference(text, at, known, problems) for text, at in written))
        problems += _use_problems(name, node, place, by_name)
        before = before if tensor else [name]
    problems += [] if nodes else [_empty_problem(definition, path)]
    outputs, single = _outputs(definition, path, _last(nodes, by_name), known, problems)
    passed = _passed(steps, problems)
    live = {name: _around(step, passed) for name, step in steps.items() if name not in passed}
    order, rest = _order(live)
    problems += _cycle_problems(live, rest)
    kept = {name: replace(steps[name], sources=()) for name in _used(steps, live)}
    ordered = {name: live.get(name) or kept[name] for name in steps if name in live or name in kept}
    returned = tuple(_follow(ref, passed) for ref in outputs)
    return Wiring(path, tuple(definition.inputs), ordered, (*order, *rest), returned, single, tuple(problems))


def _empty_problem(definition: Definition, path: str) -> Problem:
    place = f"{path}.{'nodes' if definition.layers is None else 'layers'}"
    if isinstance(definition, Module):
        return Problem(place, f"{path.rpartition('.')[2]} has no layers yet", "add one")
    return Problem(place, "the model has no layers yet", "add one")


def _passed(steps: Mapping[str, Step], problems: list[Problem]) -> dict[str, Ref | None]:
    """What stands in for each bypassed node: its first source, past further bypassed ones; None where there is none."""
    found: dict[str, Ref | None] = {}
    for name, step in steps.items():
        if not step.node.bypass:
            continue
        if not step.sources:
            words = f"{name} is bypassed, but it takes no input that it could let through"
            problems.append(Problem(f"{step.path}.bypass", words, "remove `bypass:`"))
        ref, seen = _first(step), [name]
        while ref and ref.name in steps and steps[ref.name].node.bypass and ref.name not in found:
            if ref.name in seen:
                problems.append(_cycle_problem(step.path, [*seen, ref.name]))
                ref = None
                break
            seen.append(ref.name)
            ref = _element(_first(steps[ref.name]), ref.index)
        found[name] = _follow(ref, found)
    return found


def _first(step: Step) -> Ref | None:
    return step.sources[0] if step.sources else None


def _element(ref: Ref | None, index: tuple[int, ...]) -> Ref | None:
    return ref and Ref(ref.name, ref.index + index)


def _follow(ref: Ref | None, passed: Mapping[str, Ref | None]) -> Ref | None:
    """The reference itself, or past bypassed nodes what they let through."""
    return _element(passed[ref.name], ref.index) if ref and ref.name in passed else ref


def _around(step: Step, passed: Mapping[str, Ref | None]) -> Step:
    if not any(ref and ref.name in passed for ref in step.sources):
        return step
    return replace(step, sources=tuple(_follow(ref, passed) for ref in step.sources))


def _used(steps: Mapping[str, Step], live: Mapping[str, Step]) -> set[str]:
    """The bypassed nodes whose module others call."""
    found: set[str] = set()
    for step in live.values():
        used = step.node.use
        while used is not None and used in steps and used not in found and used not in live:
            found.add(used)
            used = steps[used].node.use
    return found


def _is_tensor(name: str, nodes: Mapping[str, Node]) -> bool:
    """Whether a node, or the one that it uses, is a tensor of the module itself."""
    for _ in nodes:
        if name not in nodes or nodes[name].use is None:
            break
        name = str(nodes[name].use)
    return name in nodes and nodes[name].name in TENSORS


def _tensor_problems(written: Sequence[tuple[str, str]]) -> list[Problem]:
    return [Problem(path, f"a tensor of the module takes no input, got `{text}`", "remove `from:`")
            for text, path in written[:1] if text.strip()]  # fmt: skip


def _open_problems(node: Node, written: Sequence[tuple[str, str]]) -> list[Problem]:
    """The inputs that take nothing; a bypassed node needs its first one only."""
    part, fix = node.name or node.use, "wire something to it"
    missing = [(number, path) for number, (text, path) in enumerate(written) if not text.strip()]
    if len(written) == 1:
        return [Problem(path, f"the input of {part} is not connected", fix) for _, path in missing]
    return [
        Problem(path, f"input {number + 1} of {part} is not connected", fix)
        for number, path in missing
        if not (node.bypass and number)
    ]


def _last(nodes: Sequence[tuple[str, Node, str]], by_name: Mapping[str, Node]) -> str | None:
    """The node whose value a definition returns when it does not say so: the last that computes something."""
    names = [name for name, _, _ in nodes]
    return next((name for name in reversed(names) if not _is_tensor(name, by_name)), names[-1] if names else None)


def _named_nodes(definition: Definition, path: str, problems: list[Problem]) -> list[tuple[str, Node, str]]:
    """Name, node and place of every node; a name that cannot be one is reported, and the node kept under its place."""
    problems += _input_problems(definition.inputs, f"{path}.inputs")
    if definition.nodes is not None:
        listed = [(name, node, f"{path}.{place_text(('nodes', name))}", "") for name, node in definition.nodes.items()]
    else:
        listed = [
            (str(place) if node.label is None else node.label, node, f"{path}.layers[{place}]", ".name")
            for place, node in enumerate(definition.layers or ())
        ]
    found: dict[str, tuple[str, Node, str]] = {}
    for name, node, place, key in listed:
        wrong = _name_problem(name, place + key, definition.inputs, found)
        problems += wrong
        found[place if wrong else name] = (place if wrong else name, node, place)
    problems += _container_problems(found)
    return list(found.values())


def _name_problem(name: str, path: str, inputs: Sequence[str], taken: Iterable[str]) -> list[Problem]:
    if not PATH.fullmatch(name) or keyword.iskeyword(name):
        words = f"expected a node's name of letters, digits, _ and -, got `{name}`"
        return [Problem(path, words, "it becomes an attribute, `convs.0` one in a list")]
    if name in inputs:
        return [Problem(path, f"an input is called {name} already", "give the node another name")]
    if name in taken:
        return [Problem(path, f"two nodes are called {name}", "give one of them another name")]
    first, *inside = name.split(".")
    if first in RESERVED:
        return [Problem(path, f"{first} is an attribute of every nn.Module", "give the node another name")]
    if wrong := [word for word in inside if word in IN_DICT]:
        return [Problem(path, f"{wrong[0]} is an attribute of every container", "give the node another name")]
    return []


def _container_problems(nodes: Mapping[str, tuple[str, Node, str]]) -> list[Problem]:
    """Problems of nodes that others lie in (`convs` and `convs.0`), and of tensors in a container."""
    containers = {container: name for name in nodes for container in outside(name)}
    found = [
        Problem(place, f"{name} cannot be a node, for {containers[name]} lies in it", "give one of them another name")
        for name, _, place in nodes.values()
        if name in containers
    ]
    return found + [
        Problem(place, f"only modules lie in lists, and {name} is none of its own", "give it a name without a dot")
        for name, node, place in nodes.values()
        if (node.name in TENSORS or node.use is not None) and name != place and "." in name
    ]


def _input_problems(names: Sequence[str], path: str) -> list[Problem]:
    wrong = [name for name in names if not name.isidentifier() or keyword.iskeyword(name)]
    double = sorted({name for name in names if names.count(name) > 1})
    found = [Problem(path, f"expected an input's name of letters, digits and _, got `{name}`") for name in wrong]
    return found + [Problem(path, f"two inputs are called {name}", "give one of them another name") for name in double]


def _written(node: Node, place: str, before: Sequence[str]) -> list[tuple[str, str]]:
    """The references of a node as they are written, each with its place; by default the node before."""
    if node.source is None:
        return [(name, place) for name in before]
    if isinstance(node.source, str):
        return [(node.source, f"{place}.from")]
    if not node.source:
        return [("", f"{place}.from")]
    return [(text, f"{place}.from[{number}]") for number, text in enumerate(node.source)]


def _reference(text: str, path: str, known: Collection[str], problems: list[Problem]) -> Ref | None:
    if text in known:
        return Ref(text)
    if not text.strip():
        return None
    match = REFERENCE.fullmatch(text.strip())
    if not match:
        problems.append(
            Problem(path, f"expected a node's name such as `stem` or an element such as `lstm[0]`, got `{text}`")
        )
        return None
    if match[1] not in known:
        fix = nearest(match[1], known) or f"known here: {', '.join(known)}"
        problems.append(Problem(path, f"there is no node or input called {match[1]}", fix))
        return None
    return Ref(match[1], tuple(map(int, re.findall(r"-?\d+", match[2]))))


def _use_problems(name: str, node: Node, place: str, nodes: Mapping[str, Node]) -> list[Problem]:
    if node.use is None:
        return []
    path = f"{place}.use"
    if node.repeat > 1:
        return [Problem(path, "`repeat` makes new instances and `use` makes none", "remove one of them")]
    if node.use not in nodes:
        fix = nearest(node.use, nodes) or f"known here: {', '.join(nodes)}"
        return [Problem(path, f"there is no node called {node.use} whose module could be used", fix)]
    seen, at = [name], node.use
    while at in nodes and nodes[at].use is not None and at not in seen:
        seen.append(at)
        at = str(nodes[at].use)
    if at != name or name != min(seen, key=list(nodes).index):  # the others of the circle are the same mistake
        return []
    return [Problem(path, f"nobody makes the module: {' uses '.join([*seen, name])}", "write the layer in one of them")]


def _outputs(
    definition: Definition, path: str, last: str | None, known: Collection[str], problems: list[Problem]
) -> tuple[tuple[Ref | None, ...], bool]:
    if definition.outputs is None:
        return (None if last is None else Ref(last),), True
    if isinstance(definition.outputs, str):
        problems += _open_outputs([(definition.outputs, f"{path}.outputs")])
        return (_reference(definition.outputs, f"{path}.outputs", known, problems),), True
    places = [(text, f"{path}.outputs[{number}]") for number, text in enumerate(definition.outputs)]
    problems += _open_outputs(places)
    for number, (text, at) in enumerate(places):
        if text.strip() and text in definition.outputs[:number]:
            problems.append(Problem(at, f"two outputs are called {text}", "list it once"))
    return tuple(_reference(text, at, known, problems) for text, at in places), False


def _open_outputs(places: Sequence[tuple[str, str]]) -> list[Problem]:
    return [
        Problem(path, "the output is not connected", "wire something to it")
        for text, path in places
        if not text.strip()
    ]


def _order(steps: Mapping[str, Step]) -> tuple[list[str], list[str]]:
    """Names in the order of calls, nearest to the order of the document, and those in or behind a cycle."""
    names = list(steps)
    place = {name: number for number, name in enumerate(names)}
    needs = {name: {ref.name for ref in step.sources if ref and ref.name in steps} for name, step in steps.items()}
    users: dict[str, list[str]] = {name: [] for name in names}
    for name, sources in needs.items():
        for source in sources:
            users[source].append(name)
    ready = [place[name] for name in names if not needs[name]]  # ascending, and so a heap
    order = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for user in users[name]:
            needs[user].discard(name)
            if not needs[user]:
                heapq.heappush(ready, place[user])
    return order, [name for name in names if needs[name]]


def _cycle_problems(steps: Mapping[str, Step], rest: Sequence[str]) -> list[Problem]:
    """One problem for a cycle among `rest`, where every node has a source that is in it too."""
    if not rest:
        return []
    walk = [rest[0]]
    while walk[-1] not in walk[:-1]:
        walk.append(next(ref.name for ref in steps[walk[-1]].sources if ref and ref.name in rest))
    cycle = walk[walk.index(walk[-1]) :][::-1]
    first = steps[min(cycle, key=list(steps).index)]
    return [_cycle_problem(first.path, cycle)]


def _cycle_problem(path: str, cycle: Sequence[str]) -> Problem:
    fix = "a node can only use what was computed before it"
    return Problem(f"{path}.from", f"the nodes form a cycle: {' -> '.join(cycle)}", fix)
