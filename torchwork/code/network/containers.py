"""Modules that a class holds in lists and dictionaries, and how they are called there: `self.convs[0]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from torchwork.graph.containers import Holder, holders

FEW = 2
"""equal instances in a row that are written one by one"""


def contained(holder: Holder, texts: Mapping[str, str]) -> str:
    """What makes an attribute: the text of its node, or a container of such texts."""
    if not holder.inner:
        return texts[holder.name]
    items = {key: contained(item, texts) for key, item in holder.items}
    if holder.listed:
        return listed([*items.values()])
    pairs = (f'"{key}": {text}' for key, text in items.items())
    return f"nn.ModuleDict({{{', '.join(pairs)}}})"


def listed(texts: Sequence[str]) -> str:
    """`nn.ModuleList([...])`, a comprehension where all are equal."""
    if len(texts) > FEW and len(set(texts)) == 1:
        return f"nn.ModuleList([{texts[0]} for _ in range({len(texts)})])"
    return f"nn.ModuleList([{', '.join(runs(texts))}])"


def runs(texts: Sequence[str]) -> list[str]:
    """Equal instances one by one where they are few, else as a comprehension."""
    found: list[str] = []
    for text, same in groupby(texts):
        count = len(list(same))
        found += [text] * count if count <= FEW else [f"*[{text} for _ in range({count})]"]
    return found


def attribute(name: str, names: Iterable[str], style: str, owner: str = "self") -> str:
    """The module of a node among these `names`, of a class of this style: `self.convs[0]`."""
    if "." not in name:
        return child(owner, name, style)
    word, *inside = name.split(".")
    text, holder = child(owner, word, style), holders(names)[word]
    for key in inside:
        text = f"{text}[{key}]" if holder.listed else f'{text}["{key}"]'
        holder = holder.inner[key]
    return text


def child(text: str, word: str, style: str) -> str:
    """The attribute `word` of what `text` means."""
    if word.isidentifier():
        return f"{text}.{word}"
    if style == "dict":
        return f'{text}["{word}"]'
    return f"{text}[{word}]" if word.isdigit() and style == "sequential" else f'getattr({text}, "{word}")'
