"""Containers without a forward: what a class calls inside a ModuleList becomes one node, so that keys stay."""

from __future__ import annotations

import re

from torch import nn

from torchwork.capture.draft import Draft, DraftNode
from torchwork.capture.layers import UnsupportedError


def outline(draft: Draft, module: nn.Module) -> None:
    """Gather every node with a dotted name under the container that holds it; `module` is the class's instance.

    Raises:
        UnsupportedError: two containers with weights are called in turns.
    """
    while heads := [_owner(node).partition(".")[0] for node in draft.nodes if "." in _owner(node)]:
        _gather(draft, heads[0], module)


def _owner(node: DraftNode) -> str:
    return node.use or node.name


def base_of(text: str) -> str:
    """The node of a reference such as `lstm[1]`."""
    return text.partition("[")[0]


def _gather(draft: Draft, head: str, module: nn.Module) -> None:
    places = [place for place, node in enumerate(draft.nodes) if _owner(node).startswith(f"{head}.")]
    begin, end = places[0], places[-1] + 1
    region = draft.nodes[begin:end]
    others = [node for place, node in enumerate(region, begin) if place not in places and node.stateful]
    if others:
        raise UnsupportedError(f"it calls the modules of {head} and {others[0].name} in turns")
    inside = {node.name for node in region}
    later = [text for node in draft.nodes[end:] for text in node.sources] + draft.outputs
    outputs = list(dict.fromkeys(text for text in later if base_of(text) in inside))
    sources = list(dict.fromkeys(text for node in region for text in node.sources if base_of(text) not in inside))
    container = module.get_submodule(head)
    inner = _inner(draft, head, type(container).__name__, region, sources, outputs)
    outline(inner, container)
    seen = {text: head if len(outputs) == 1 else f"{head}[{place}]" for place, text in enumerate(outputs)}
    draft.nodes[begin:end] = [DraftNode(head, inner, {}, sources, stateful=True)]
    for node in draft.nodes[begin + 1 :]:
        node.sources = [seen.get(text, text) for text in node.sources]
    draft.outputs = [seen.get(text, text) for text in draft.outputs]


def _inner(
    draft: Draft, head: str, title: str, region: list[DraftNode], sources: list[str], outputs: list[str]
) -> Draft:
    """The container's own draft: the region with short names, what it takes and what is used of it."""
    short = {node.name: node.name.removeprefix(f"{head}.") for node in region}
    names = _input_names(sources, set(short.values()))
    texts = names | {text: _renamed(text, short) for node in region for text in node.sources if text not in names}
    nodes = [
        DraftNode(short[node.name], node.part, node.args, [texts[text] for text in node.sources],
                  node.use.removeprefix(f"{head}."), node.stateful)
        for node in region
    ]  # fmt: skip
    path = f"{draft.path}.{head}".lstrip(".")
    return Draft(title, head, path, list(names.values()), nodes, [_renamed(text, short) for text in outputs])


def _input_names(sources: list[str], taken: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in sources:
        plain = re.sub(r"\W", "_", text.replace("]", ""))
        name = plain if plain.isidentifier() else f"input_{plain}"
        while name in taken or name in found.values():
            name += "_"
        found[text] = name
    return found


def _renamed(text: str, short: dict[str, str]) -> str:
    base = base_of(text)
    return short.get(base, base) + text[len(base) :]
