"""Reads the docstrings of torch and torchvision: a summary and a help text for each argument, as plain text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SECTION = re.compile(r"^(args|arguments|parameters|keyword args|keyword arguments)\s*:+$", re.IGNORECASE)
SIGNATURE = re.compile(r"^[\w.]+\s?\(.*\)(\s*->.*)?$", re.DOTALL)
NAMES = re.compile(r"^[\s*`\\]*(\w+(?:\s*,\s*\w+)*)[`\s]*")
SYMBOLS = {
    "times": "×", "cdot": "·", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "pm": "±", "infty": "∞",
    "ldots": "...", "dots": "...", "in": "∈", "star": "⋆", "odot": "⊙", "sqrt": "√", "to": "→", "sum": "Σ", "prod": "Π",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "Phi": "Φ", "lfloor": "⌊", "rfloor": "⌋",
    "lceil": "⌈", "rceil": "⌉", "sim": "~", "approx": "≈", "quad": " ", "left": "", "right": "",
}  # fmt: skip


@dataclass(frozen=True)
class ArgumentText:
    """What a docstring says of one argument: its type in words (`int or tuple`) and its help."""

    type: str = ""
    help: str = ""


@dataclass(frozen=True)
class Documentation:
    """The first paragraph of a docstring and its arguments, as plain text."""

    summary: str = ""
    arguments: dict[str, ArgumentText] = field(default_factory=dict)


def read(docstring: str | None) -> Documentation:
    """Parse a Google style docstring with the remnants of reST that torch's carry; an absent one is empty."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    return Documentation(_summary(lines), _arguments(lines))


def plain(text: str) -> str:
    """reST as plain text on one line: roles, links, literals, emphasis and TeX are reduced to what they show."""
    text = re.sub(r":math:`([^`]*)`", lambda match: plain_math(match[1]), text)
    text = re.sub(r":[\w:]+:`~([^`]*)`", lambda match: match[1].rsplit(".", 1)[-1], text)
    text = re.sub(r"(?::[\w:]+:)?`([^`<]*?)\s*<[^`>]*>`_{0,2}", r"\1", text)
    text = re.sub(r":[\w:]+:`([^`]*)`", r"\1", text)
    text = re.sub(r"``(.*?)``", r"\1", text)
    text = re.sub(r"`([^`]+)`_{0,2}", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])", r"\2", text)
    return " ".join(
        text.replace("\\_", "_").replace("\\*", "*").replace("\\:", ":").replace("\\(", "(").replace("\\)", ")").split()
    )


def plain_math(text: str) -> str:
    """TeX as it would be typed: `N \\times C_{\\text{in}}` is `N × C_in`."""
    text = text.replace("\\_", "_").replace("\\\\", " ")
    text = re.sub(r"\\(?:text|mathrm|mathcal|mathbf|operatorname)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda match: SYMBOLS.get(match[1], match[1]), text)
    return re.sub(r"[{}\\]", "", text)


def _summary(lines: list[str]) -> str:
    skipping = False
    for paragraph in _paragraphs(lines):
        skipping = (skipping and paragraph[0].startswith(" ")) or paragraph[0].startswith(
            ".. "
        )  # a directive and its body
        text = _without_signature("\n".join(paragraph)).strip()
        heading = SECTION.match(paragraph[0].strip())
        if text and not (skipping or heading or SIGNATURE.match(text)):
            return re.sub(r"[\s:]*:$", ".", plain(text))
    return ""


def _without_signature(text: str) -> str:
    """A paragraph that begins with the signature on a line of its own, without that line."""
    first, newline, rest = text.partition("\n")
    return rest if newline and SIGNATURE.match(first.strip()) else text


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []


def _arguments(lines: list[str]) -> dict[str, ArgumentText]:
    found: dict[str, ArgumentText] = {}
    for number, line in enumerate(lines):
        if SECTION.match(line.strip()):
            for item in _items(lines[number + 1 :], _indent(line)):
                for name, text in _argument(item):
                    found.setdefault(name, text)
    return found


def _items(lines: list[str], outer: int) -> Iterator[list[str]]:
    """The items of a section: each a line at the section's indent with the deeper lines that follow it."""
    base, item = None, []
    for line in lines:
        if not line.strip():
            item.append("")
            continue
        indent = _indent(line)
        if indent <= outer:
            break
        base = indent if base is None else base
        if indent <= base and item:
            yield item
            item = []
        item.append(line)
    yield item


def _argument(item: list[str]) -> Iterator[tuple[str, ArgumentText]]:
    text = "\n".join(item).strip()
    match = NAMES.match(text)
    if not match:
        return
    rest = text[match.end() :].lstrip()
    kind, rest = _parenthesis(rest) if rest.startswith("(") else ("", rest)
    if not rest.lstrip(" *`").startswith(":"):
        return
    body = re.split(r"\n\s*\.\. ", rest.lstrip(" *`")[1:], maxsplit=1)[0]
    for name in match[1].split(","):
        yield name.strip(), ArgumentText(plain(kind), plain(body))


def _parenthesis(text: str) -> tuple[str, str]:
    """Split `(a (b)) rest` into `a (b)` and ` rest`."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:place], text[place + 1 :].lstrip()
    return "", text


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
