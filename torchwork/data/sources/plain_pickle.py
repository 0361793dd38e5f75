"""Numbers, text, containers and numpy arrays out of a pickle, without running it.

A pickle is a program. This reads its instructions (`pickletools.genops` executes nothing) and follows the few that
build plain data; the first one that wants anything else ends the reading.
"""

from __future__ import annotations

import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from torchwork.errors import DataError

VALUES = frozenset({
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING",
    "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
})  # fmt: skip
"""instructions that put their own argument on the stack"""
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
NOTHING = frozenset({"PROTO", "FRAME", "STOP"})
ARRAY, BUFFER, DTYPE, ENCODE = "_reconstruct", "_frombuffer", "dtype", "encode"
MODULES = (
    "numpy",
    "_codecs",
    *(f"numpy.{core}.{file}" for core in ("core", "_core") for file in ("multiarray", "numeric")),
)
CALLS = {(module, name): name for module in MODULES for name in (ARRAY, BUFFER, DTYPE, ENCODE, "ndarray")}
"""what plain arrays are pickled with; none of it is called"""
MARK = object()


class _Array:
    """An array that has been announced and not yet filled."""

    value: np.ndarray | None = None


class _Type:
    """A numpy type that has been named."""

    def __init__(self, name: str) -> None:
        self.value = np.dtype(name)


def read_plain_pickle(path: Path) -> dict[str, Any]:
    """A pickled dictionary with text keys; DataError when the file is damaged or wants anything but plain data."""
    try:
        content = _Reader().run(path.read_bytes())
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError) as error:
        raise DataError(f"{path} cannot be read ({error}); it is damaged, get it again") from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected a dictionary, got {type(content).__name__}; get it again")
    return {_text(key): _filled(value) for key, value in content.items()}


def _filled(value: Any) -> Any:
    return value.value if isinstance(value, _Array) else value


def _text(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class _Reader:
    """A stack and a memo, as the format has them."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, content: bytes) -> Any:
        for opcode, argument, _ in pickletools.genops(content):
            if opcode.name in VALUES:
                self.stack.append(argument)
            elif opcode.name in CONSTANTS:
                self.stack.append(CONSTANTS[opcode.name])
            elif opcode.name not in NOTHING:
                self._step(opcode.name, argument)
        return self.stack.pop()

    def _step(self, name: str, argument: Any) -> None:
        step = getattr(self, f"_{name.lower()}", None)
        if step is None:
            raise DataError(f"expected plain data, got a pickle with the instruction {name}; do not trust it")
        step(argument)

    def _marked(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        place = max(i for i, item in enumerate(self.stack) if item is MARK)
        found = self.stack[place + 1 :]
        del self.stack[place:]
        return found

    def _mark(self, _: Any) -> None:
        self.stack.append(MARK)

    def _empty_list(self, _: Any) -> None:
        self.stack.append([])

    def _empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def _list(self, _: Any) -> None:
        self.stack.append(self._marked())

    def _dict(self, _: Any) -> None:
        self.stack.append(_pairs(self._marked()))

    def _tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._marked()))

    def _tuple1(self, _: Any) -> None:
        self.stack[-1:] = [tuple(self.stack[-1:])]

    def _tuple2(self, _: Any) -> None:
        self.stack[-2:] = [tuple(self.stack[-2:])]

    def _tuple3(self, _: Any) -> None:
        self.stack[-3:] = [tuple(self.stack[-3:])]

    def _append(self, _: Any) -> None:
        value = self.stack.pop()
        self.stack[-1].append(value)

    def _appends(self, _: Any) -> None:
        values = self._marked()
        self.stack[-1].extend(values)

    def _setitem(self, _: Any) -> None:
        pair = self.stack[-2:]
        del self.stack[-2:]
        self.stack[-1].update(_pairs(pair))

    def _setitems(self, _: Any) -> None:
        values = self._marked()
        self.stack[-1].update(_pairs(values))

    def _memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _put(self, argument: int) -> None:
        self.memo[int(argument)] = self.stack[-1]

    def _get(self, argument: int) -> None:
        self.stack.append(self.memo[int(argument)])

    _binput = _long_binput = _put
    _binget = _long_binget = _get

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._named(module, name)

    def _stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self._named(module, name)

    def _named(self, module: str, name: str) -> None:
        if (module, name) not in CALLS:
            wish = f"{module}.{name}"
            raise DataError(f"expected plain data, got a pickle that wants to call {wish}; do not trust it")
        self.stack.append(CALLS[module, name])

    def _reduce(self, _: Any) -> None:
        arguments, call = self.stack.pop(), self.stack.pop()
        self.stack.append(self._made(call, arguments))

    def _made(self, call: str, arguments: tuple[Any, ...]) -> Any:
        if call == ENCODE:
            return arguments[0].encode("latin1")
        if call == DTYPE:
            return _Type(_text(arguments[0]))
        array = _Array()
        if call == BUFFER:
            content, kind, shape, order = arguments
            array.value = np.frombuffer(content, kind.value).reshape(shape, order=order)
        return array

    def _build(self, _: Any) -> None:
        """Fills an array from (version, shape, type, in column order, bytes); a type needs nothing more."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, _Array):
            _, shape, kind, by_column, content = state
            content = content.encode("latin1") if isinstance(content, str) else content
            target.value = np.frombuffer(content, kind.value).reshape(shape, order="F" if by_column else "C")


def _pairs(values: list[Any]) -> dict[Any, Any]:
    return dict(zip(values[::2], values[1::2], strict=True))
