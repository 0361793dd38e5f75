"""Inputs that lead nowhere, are missing, or are too many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from torchwork.answer.fixes.trouble import Fix, Trouble
from torchwork.answer.levels import parts_of
from torchwork.answer.trial import runs
from torchwork.draw import SheetNode
from torchwork.draw.edit import Connect, Disconnect, SetNode
from torchwork.errors import suggested

OFFERED = 2


def wire_fixes(trouble: Trouble) -> Iterator[Fix]:
    """Another source for an input or output, or one input less."""
    if trouble.sheet is None:
        return
    if trouble.field in ("from", "outputs") and trouble.input is not None:
        yield from islice(_sources(trouble, trouble.input), OFFERED)
    if trouble.node is None:
        return
    if trouble.node.repeat > 1 and trouble.field in ("use", "repeat"):
        yield Fix("do not repeat it", (SetNode(level=trouble.level, node=trouble.node.name, repeat=1),))
    if not trouble.rest or trouble.rest == (trouble.node.part,):
        yield from islice(_counts(trouble, trouble.node), OFFERED)


def _sources(trouble: Trouble, place: int) -> Iterator[Fix]:
    """The nearest name, elements of what it names already, and what stands before."""
    written = _written(trouble, place)
    found = [_renamed(written, suggested(trouble.problem.fix)), *_elements(trouble, written), *_before(trouble)]
    for source in dict.fromkeys(filter(None, found)):
        if source != written and _fits(trouble, source, place):
            name = trouble.node.name if trouble.node else ""
            yield Fix(f"connect it to {source}", (Connect(level=trouble.level, source=source, node=name, input=place),))


def _written(trouble: Trouble, place: int) -> str:
    assert trouble.sheet is not None
    sources = trouble.node.sources if trouble.node else trouble.sheet.outputs
    return sources[place] if place < len(sources) else ""


def _renamed(source: str, name: str) -> str:
    return name + source.removeprefix(parts_of(source)[0]) if source and name else ""


def _elements(trouble: Trouble, source: str) -> list[str]:
    """`lstm` and `lstm[0]` for an element that does not exist."""
    name, index = parts_of(source)
    return [name, f"{name}[0]"] if index else []


def _before(trouble: Trouble) -> Iterator[str]:
    """The nodes before this one, the nearest first, then the inputs of the level; before an output all nodes."""
    assert trouble.sheet is not None
    names = [node.name for node in trouble.sheet.nodes]
    end = names.index(trouble.node.name) if trouble.node else len(names)
    yield from reversed(
        [name for name in names[:end] if trouble.meanings.of(_node(trouble, name), trouble.sheet).kind != "tensor"]
    )
    yield from trouble.sheet.inputs


def _node(trouble: Trouble, name: str) -> SheetNode:
    assert trouble.sheet is not None
    return next(node for node in trouble.sheet.nodes if node.name == name)


def _fits(trouble: Trouble, source: str, place: int) -> bool:
    """Whether the node runs with this source; where its other inputs are not known, whether the source is."""
    if trouble.node is None:
        return bool(trouble.spots_with([source])) or not trouble.spots_with([])
    sources = [*trouble.node.sources, *[""] * (place + 1 - len(trouble.node.sources))]
    sources[place] = source
    spots = trouble.spots_with(sources)
    if trouble.entry is None or not spots:
        return True
    return all(runs(trouble.entry, trouble.node.args, spot.inputs, spot.scope) for spot in spots)


def _counts(trouble: Trouble, node: SheetNode) -> Iterator[Fix]:
    """One input more or less, as the part takes them."""
    named = trouble.meaning.inputs(node.args)
    least = sum(item.needed for item in named)
    if trouble.meaning.grows or not named:
        return
    if len(node.sources) < least:
        before = list(_before(trouble))
        place = len(node.sources)
        for source in sorted(before, key=lambda source: source in node.sources):  # one that is taken already at the end
            if _fits(trouble, source, place):
                edit = Connect(level=trouble.level, source=source, node=node.name, input=place)
                yield Fix(f"connect {named[place].name} to {source}", (edit,))
    elif len(node.sources) > len(named):
        edits = [
            Disconnect(level=trouble.level, node=node.name, input=place)
            for place in range(len(node.sources) - 1, len(named) - 1, -1)
        ]
        yield Fix(f"take nothing from {', '.join(node.sources[len(named) :])}", tuple(edits))
