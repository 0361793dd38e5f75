"""Containers without a forward: what a class calls inside a ModuleList becomes one node, so that keys stay.

That is so where its modules are called in one go and one value comes out; else their nodes keep names with dots.
"""

from __future__ import annotations

import re

from torch import nn

from torchwork.capture.draft import Draft, DraftNode, label_of


def outline(draft: Draft, module: nn.Module) -> None:
    """Gather the nodes of each container that can be one node; `module` is the class's instance."""
    _outline(draft, module, "")
    makers = {node.name for node in draft.nodes}
    for node in draft.nodes:
        if node.again in makers:
            node.use, node.part, node.args = node.again, "", {}


def _outline(draft: Draft, module: nn.Module, within: str) -> None:
    names = [_owner(node).removeprefix(within) for node in draft.nodes if _owner(node).startswith(within)]
    for word in dict.fromkeys(name.partition(".")[0] for name in names if "." in name):
        head = f"{within}{word}"
        region = _region(draft, head)
        if region:
            _gather(draft, head, module, *region)
        else:
            _outline(draft, module, f"{head}.")


def _owner(node: DraftNode) -> str:
    return node.use or node.name


def _region(draft: Draft, head: str) -> tuple[int, int] | None:
    """From where to where the nodes of a container stand, with functions behind them that bring them to one value.

    None where nodes of other modules stand between them, or several values come out.
    """
    places = [place for place, node in enumerate(draft.nodes) if _owner(node).startswith(f"{head}.")]
    begin, end = places[0], places[-1] + 1
    between = [draft.nodes[place] for place in range(begin, end) if place not in places]
    if len(draft.nodes[begin:end]) == 1 or not all(map(_is_function, between)):
        return None
    inside, sources = _inside(draft, begin, end), _sources(draft, begin, end)
    while len(_outputs(draft, begin, end)) > 1:
        follower = draft.nodes[end] if end < len(draft.nodes) else None
        if follower is None or not _is_function(follower) or not {*follower.sources} <= inside | {*sources}:
            return None
        inside.add(follower.name)
        end += 1
    return (begin, end) if _outputs(draft, begin, end) else None


def _is_function(node: DraftNode) -> bool:
    """Whether a node has no weights and lies in no container, so that it may stand in any."""
    return not node.stateful and "." not in _owner(node)


def base_of(text: str) -> str:
    """The node of a reference such as `lstm[1]`."""
    return text.partition("[")[0]


def _inside(draft: Draft, begin: int, end: int) -> set[str]:
    return {node.name for node in draft.nodes[begin:end]}


def _outputs(draft: Draft, begin: int, end: int) -> list[str]:
    """What is used of the nodes between two places behind them."""
    inside = _inside(draft, begin, end)
    later = [text for node in draft.nodes[end:] for text in node.sources] + draft.outputs
    return list(dict.fromkeys(text for text in later if base_of(text) in inside))


def _sources(draft: Draft, begin: int, end: int) -> list[str]:
    """What the nodes between two places take of others."""
    inside = _inside(draft, begin, end)
    taken = (text for node in draft.nodes[begin:end] for text in node.sources)
    return list(dict.fromkeys(text for text in taken if base_of(text) not in inside))


def _gather(draft: Draft, head: str, module: nn.Module, begin: int, end: int) -> None:
    """Make one node of those between two places."""
    outputs, sources = _outputs(draft, begin, end), _sources(draft, begin, end)
    container = module.get_submodule(head)
    inner = _inner(draft, head, type(container).__name__, draft.nodes[begin:end], sources, outputs)
    outline(inner, container)
    draft.nodes[begin:end] = [DraftNode(head, inner, {}, sources, stateful=True)]
    for node in draft.nodes[begin + 1 :]:
        node.sources = [head if text in outputs else text for text in node.sources]
    draft.outputs = [head if text in outputs else text for text in draft.outputs]


def _inner(
    draft: Draft, head: str, title: str, region: list[DraftNode], sources: list[str], outputs: list[str]
) -> Draft:
    """The container's own draft: the region with short names, what it takes and what is used of it."""
    short = _short_names(region, f"{head}.")
    label = label_of(head, draft.label)
    names = _input_names(sources, set(short.values()), numbered=label != head.rpartition(".")[2])
    texts = names | {text: _renamed(text, short) for node in region for text in node.sources if text not in names}
    nodes = [
        DraftNode(short[node.name], node.part, node.args, [texts[text] for text in node.sources],
                  node.use.removeprefix(f"{head}."), node.stateful, short.get(node.again, ""))
        for node in region
    ]  # fmt: skip
    path = f"{draft.path}.{head}".lstrip(".")
    return Draft(title, label, path, list(names.values()), nodes, [_renamed(text, short) for text in outputs])


def _short_names(region: list[DraftNode], prefix: str) -> dict[str, str]:
    """The nodes' names in the container; functions are numbered anew, so that equal parts of a list are equal."""
    found = {node.name: node.name.removeprefix(prefix) for node in region if node.name.startswith(prefix)}
    for node in region:
        if node.name not in found:
            plain = node.name.replace(".", "_")
            stem = re.sub(r"_\d+$", "", plain)
            names = (stem, *(f"{stem}_{number}" for number in range(1, len(region))), plain)
            found[node.name] = next(name for name in names if name not in found.values())
    return found


def _input_names(sources: list[str], taken: set[str], numbered: bool) -> dict[str, str]:
    """Names of a container's inputs: those of what it takes, or for one of several alike a number."""
    found: dict[str, str] = {}
    for place, text in enumerate(sources):
        plain = "input" + str(place or "") if numbered else re.sub(r"\W", "_", text.replace("]", ""))
        name = plain if plain.isidentifier() else f"input_{plain}"
        while name in taken or name in found.values():
            name += "_"
        found[text] = name
    return found


def _renamed(text: str, short: dict[str, str]) -> str:
    base = base_of(text)
    return short.get(base, base) + text[len(base) :]
