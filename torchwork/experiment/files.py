"""YAML and JSON text in and out, with the line of every place so that errors can name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from torchwork.errors import DocumentError, Problem
from torchwork.experiment.composing import TAG, YamlNode, composed, plain_tag
from torchwork.experiment.place import Place, step_text
from torchwork.experiment.values import DEEPEST, refused

LONGEST = 1_000_000
"""Characters of a document; more is a data file opened by mistake."""
LARGEST = 100_000
"""Values of a document once its aliases are written out: a few nested aliases can mean billions."""
FLOW_WIDTH = 88
PLAIN = re.compile(r"\w(?:[\w./*+()-]|:(?=\w)| (?=\S))*")
SYNTAX_HINTS = {
    "'\\t'": "indent with spaces, not with tabs",
    "mapping values": "a value that holds `: ` needs quotes",
    "end of stream": "a quote is not closed",
    "stream end": "a bracket is not closed",
    "another document": "a file holds one document, without a second `---`",
    "special characters": "remove the control character",
}


def read(text: str, file: str = "") -> tuple[Any, dict[str, int]]:
    """The plain value of a YAML or JSON text, and the line of each of its places.

    Raises:
        DocumentError: the text is not YAML, or holds what JSON has no word for; names the line.
    """
    lines: dict[str, int] = {}
    try:
        if len(text) > LONGEST:
            raise refused((), f"expected at most {LONGEST:,} characters, got {len(text):,}")
        root = composed(text)
        return (None if root is None else _value(root, (), "", lines)), lines
    except YAMLError as error:
        raise DocumentError(_syntax_problem(error, text, file)) from None
    except RecursionError:
        raise DocumentError(Problem("", "expected fewer levels inside each other, got thousands", file=file)) from None
    except DocumentError as error:
        raise DocumentError([problem.at(file, problem.line) for problem in error.problems]) from None


def shared(text: str, file: str = "") -> tuple[Any, Mapping[str, int]]:
    """The same, kept for the last texts, whose edits ask for it again and again: nobody may change what it gives."""
    try:
        return _shared(text)
    except DocumentError:
        return read(text, file)  # raises it with the name of the file


@lru_cache(maxsize=4)
def _shared(text: str) -> tuple[Any, Mapping[str, int]]:
    return read(text)


def _syntax_problem(error: YAMLError, text: str, file: str) -> Problem:
    words = (getattr(error, "problem", None) or str(error)).strip().splitlines()[0].removeprefix("but ")
    fix = next((hint for sign, hint in SYNTAX_HINTS.items() if sign in words), "")
    mark, position = getattr(error, "problem_mark", None), getattr(error, "position", 0)
    line = mark.line if mark else text.count("\n", 0, position)
    return Problem("", f"this is not valid YAML: {words}", fix, file or "document", line + 1)


# Values are built from YAML's nodes by hand, not by a constructor: only what JSON can say, each place with its line.
# `at` is the text of the place: made anew for each of its keys, it took longer than all the rest.
def _value(node: YamlNode, place: Place, at: str, lines: dict[str, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(at, line)
    if len(place) > DEEPEST or len(lines) > LARGEST:
        raise refused(place[:3], f"expected at most {LARGEST:,} values and {DEEPEST} levels, got more", line=line)
    if node.id == "mapping" and node.tag == f"{TAG}map":
        return _mapping(node, place, at, lines)
    if node.id == "sequence" and node.tag == f"{TAG}seq":
        return [_value(item, (*place, index), f"{at}[{index}]", lines) for index, item in enumerate(node.value)]
    if node.id == "scalar":
        return _scalar(node, place)
    raise refused(place, f"expected a mapping or a list, got the YAML tag {node.tag}", line=line)


def _mapping(node: YamlNode, place: Place, at: str, lines: dict[str, int]) -> dict[str, Any]:
    """The mapping; keys are text as written, as in JSON, so that `1: x` and `on: x` need no quotes."""
    found: dict[str, Any] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if key.id != "scalar" or key.tag == f"{TAG}merge":
            raise refused(place, "expected text as every key, got a list, a mapping or `<<`", line=line)
        name = _text(key, place)
        inside = at + step_text(name) if at else step_text(name).removeprefix(".")
        if name in found:
            first = lines[inside]
            raise refused((*place, name), f"the key `{name}` stands here twice, first in line {first}", line=line)
        lines[inside] = line
        found[name] = _value(item, (*place, name), inside, lines)
    return found


def _scalar(node: YamlNode, place: Place) -> Any:
    kind, text = str(node.tag).removeprefix(TAG), _text(node, place)
    try:
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}
            case "int":
                return int(text, 0 if text.lstrip("+-")[:2] in {"0x", "0o", "0b"} else 10)
            case "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
            case "str" | "timestamp" | "value" | "merge":  # words of YAML 1.1 that 1.2 takes as text
                return text
    except ValueError:
        pass
    message = f"expected text, a number, true, false or null, got `{text:.40}` with the YAML tag {kind}"
    raise refused(place, message, line=node.start_mark.line + 1)


def _text(node: YamlNode, place: Place) -> str:
    if node.value.isascii():
        return str(node.value)
    try:
        # JSON writes characters beyond U+FFFF as a pair of escapes, which YAML takes for two characters.
        return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        line = node.start_mark.line + 1
        raise refused(place, "expected text, got half of a surrogate pair (\\ud800 to \\udfff)", line=line) from None


def write(value: dict[str, Any]) -> str:
    """`value` (plain JSON values) as YAML: sections in lines of their own, short parts in one line."""
    return _dumped(_styled(value, 0))


def styled_entry(value: Any, depth: int, *, listed: bool = False) -> str:
    """A value at this depth as `write` has it: what stands behind its key, or its `-`, and the lines below."""
    if not listed:
        return _dumped(CommentedMap({"k": _styled(value, depth)}))[2:].removeprefix(" ")
    lines = _dumped(CommentedSeq([_styled(value, depth, in_list=True)])).splitlines(keepends=True)
    return "".join(line[2:] or "\n" for line in lines)[2:]


def is_plain(text: str) -> bool:
    """Whether a text needs no quotes, also between brackets."""
    return not _needs_quotes(text) and plain_tag(text) == f"{TAG}str"


def _dumped(styled: Any) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(styled, out)
    return out.getvalue()


def _styled(value: Any, depth: int, in_list: bool = False) -> Any:
    """`value` with the flow style set on what fits into one line below the sections."""
    if isinstance(value, dict):
        styled: Any = CommentedMap((_styled(key, depth), _styled(item, depth + 1)) for key, item in value.items())
    elif isinstance(value, list):
        styled = CommentedSeq(_styled(item, depth + 1, in_list=True) for item in value)
    else:
        return _styled_text(value) if isinstance(value, str) else value
    if not value or (_is_short(value, depth) and not (in_list and len(value) == 1)):
        styled.fa.set_flow_style()
    return styled


def _styled_text(text: str) -> Any:
    """Source code and other text of several lines as a block, short text with quotes where it needs them."""
    if _is_block(text):
        return LiteralScalarString(text)
    return DoubleQuotedScalarString(text) if _needs_quotes(text) else text


def _is_block(text: Any) -> bool:
    """Whether a text has several lines that YAML can hold as they are."""
    return isinstance(text, str) and len(text.splitlines()) > 1 and text.splitlines() == text.rstrip("\n").split("\n")


def _has_block(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_block, value if isinstance(value, list) else value.values()))
    return _is_block(value)


def _needs_quotes(text: str) -> bool:
    """Whether `text` is more than plain words, or a word that YAML 1.1, as others read it, takes as true or false."""
    return not PLAIN.fullmatch(text) or text.lower() in {"y", "n", "yes", "no", "on", "off"}


def _is_short(value: Any, depth: int) -> bool:
    """Whether `value` reads well in one line."""
    if _has_chain(value) or _has_block(value):
        return False
    return (depth > 1 or (depth == 1 and len(value) == 1)) and len(str(value)) <= FLOW_WIDTH


def _has_chain(value: Any) -> bool:
    """Whether a list of parts is in `value`: it reads downwards, one part a line, however short it is."""
    if not isinstance(value, dict | list):
        return False
    items = value if isinstance(value, list) else [*value.values()]
    own = isinstance(value, list) and len(value) > 1 and any(isinstance(item, dict) for item in value)
    return own or any(map(_has_chain, items))
