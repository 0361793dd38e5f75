"""Tensors that a class owns itself: its parameters and buffers, registered and read as an expert writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchwork.catalog import Entry, catalog
from torchwork.code.network.scope import Scope, by_name
from torchwork.code.text import call, literal
from torchwork.graph.parts import part_of

FILLED = {0.0: "torch.zeros", 1.0: "torch.ones"}
Values = Sequence[Mapping[str, Any]]


def registered(name: str, entry: Entry, text: str, resolved: Values) -> str:
    """The statement that gives a class its tensor `name`, which begins as `text`."""
    if entry.name == "Parameter":
        plain = name.isidentifier()
        return f"self.{name} = {text}" if plain else call("self.register_parameter", [f'"{name}"', text])
    kept = {} if resolved[0].get("persistent", True) else {"persistent": "False"}
    return call("self.register_buffer", [f'"{name}"', text], kept)


def beginning(scope: Scope, entry: Entry, raw: Mapping[str, Any], resolved: Values) -> str:
    """`nn.Parameter(torch.zeros(1, 1, 768))`, or the tensor with which a buffer begins."""
    texts = {
        argument.name: scope.value(argument, raw[argument.name], by_name(resolved, argument.name))
        for argument in entry.arguments
        if argument.name in raw and argument.name not in ("init", "value")
    }
    dtype = {"dtype": texts["dtype"]} if texts.get("dtype", "torch.float32") != "torch.float32" else {}
    if resolved[0].get("value") is not None:
        return _numbers(resolved[0]["value"], texts["size"], len(resolved[0]["size"]), dtype)
    text = _filled(texts, scope.symbolic(raw.get("fill")), by_name(resolved, "fill"), dtype)
    if entry.name == "Buffer":
        return text
    fixed = {} if resolved[0].get("requires_grad", True) else {"requires_grad": "False"}
    text = call("nn.Parameter", [text], fixed)
    return _drawn(scope, raw["init"], by_name(resolved, "init"), text) if resolved[0].get("init") else text


def _filled(texts: Mapping[str, str], symbolic: bool, fills: Sequence[Any], dtype: Mapping[str, str]) -> str:
    number = fills[0] or 0.0
    if symbolic or number not in FILLED:
        typed = dtype or ({} if isinstance(number, float) and not symbolic else {"dtype": "torch.float32"})
        return call("torch.full", [texts["size"], texts["fill"]], typed)
    return call(FILLED[number], [_bare(texts["size"])], dtype)


def _bare(size: str) -> str:
    """`1, 768` of `(1, 768)`: sizes as torch's functions take them one by one."""
    return size[1:-1].rstrip(",") if size.startswith("(") and size != "()" else size


def _numbers(numbers: Sequence[Any], size: str, dimensions: int, dtype: Mapping[str, str]) -> str:
    whole = not any(isinstance(number, float) for number in numbers)
    listed = f"[{', '.join(map(literal, numbers))}]"
    text = call("torch.tensor", [listed], dtype or ({"dtype": "torch.float32"} if whole else {}))
    return text if dimensions == 1 else f"{text}.reshape({_bare(size)})"


def _drawn(scope: Scope, raw: Any, values: Sequence[Any], text: str) -> str:
    """The parameter, drawn by an initializer."""
    written, parts = part_of(raw, ""), [part_of(value, "") for value in values]
    named = {name: scope.plain(item, [part.args[name] for part in parts]) for name, item in written.args.items()}
    return call(catalog().find("initializer", written.name).reference.replace("torch.", "", 1), [text], named)
