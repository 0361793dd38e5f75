"""YAML text to nodes: libyaml's parser for speed, with ruamel's rules for plain words, and ruamel where they differ."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Protocol

import yaml as libyaml  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from yaml.cyaml import CParser  # type: ignore[import-untyped]

TAG = "tag:yaml.org,2002:"
UNUSUAL = re.compile("[\t\r\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]|^[%.?]|[?] |&|(?:^|[-{,\\[]) *:(?: |$)", re.M)
"""What YAML 1.1, which libyaml reads, has another meaning for."""
DEEPEST = 200
"""Levels that libyaml goes down; its stack, which it does not watch, holds some thousands."""


class Mark(Protocol):
    """A place in the text: `index` in characters, `line` and `column` from 0."""

    index: int
    line: int
    column: int


class YamlNode(Protocol):
    """A scalar, a sequence or a mapping (`id`) with its tag and place.

    `value` is text, a list of nodes, or a list of pairs of nodes.
    """

    id: str
    tag: Any
    value: Any
    flow_style: Any
    start_mark: Mark
    end_mark: Mark


@lru_cache(maxsize=4)
def composed(text: str) -> YamlNode | None:
    """The nodes of a YAML 1.2 text, not to be changed; ruamel's YAMLError, with its mark, when it is none."""
    if not UNUSUAL.search(text):
        try:
            root: YamlNode | None = _Loader(text).get_single_node()
            return root
        except (libyaml.YAMLError, RecursionError):
            pass  # ruamel may take it, and has the better words if not
    # YAML 1.2: `1e-3` is a number and `off` a word, which YAML 1.1 has the other way round.
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    slow: YamlNode | None = yaml.compose(text)
    return slow


_RESOLVER = VersionedResolver(version=(1, 2))


@lru_cache(maxsize=4096)
def plain_tag(text: str) -> str:
    """What a word without quotes is in YAML 1.2: the tag of text, a number, true, false or null."""
    return str(_RESOLVER.resolve(ScalarNode, text, (True, False)))


class _Loader(CParser):  # type: ignore[misc]
    """libyaml's parser with YAML 1.2's words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag of a node that has none."""
        if kind is libyaml.ScalarNode:
            return plain_tag(value) if implicit[0] else f"{TAG}str"
        return f"{TAG}seq" if kind is libyaml.SequenceNode else f"{TAG}map"

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """One level down."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise RecursionError

    def ascend_resolver(self) -> None:
        """One level up."""
        self.depth -= 1
