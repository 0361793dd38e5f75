"""Functions and methods of tensors as operations of the catalog."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from torchwork.capture import shapes
from torchwork.capture.binding import bind
from torchwork.capture.builder import Builder, Given, Handler, line, row
from torchwork.capture.layers import UnsupportedError, written
from torchwork.capture.picking import counted, picked
from torchwork.capture.recording import Numbers, Own, Ref
from torchwork.capture.shapes import Sizes, Varying
from torchwork.catalog import Entry, catalog

RENAMED = {
    "true_divide": "div", "__div__": "div", "__truediv__": "div", "__floordiv__": "floor_divide", "__pow__": "pow",
    "T": "t", "concat": "cat", "concatenate": "cat", "repeat": "tile", "__matmul__": "matmul",
    "__and__": "bitwise_and", "__or__": "bitwise_or", "__invert__": "bitwise_not", "multiply": "mul", "divide": "div",
    "subtract": "sub", "swapdims": "transpose", "negative": "neg", "data": "detach",
}  # fmt: skip
DROPPED = {
    "device",
    "layout",
    "pin_memory",
    "requires_grad",
    "memory_format",
    "out",
    "generator",
    "non_blocking",
    "names",
}
"""Arguments that say where a tensor lies, which the document leaves to the run."""


def translate(b: Builder, name: str, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """The nodes for one call of a function; the text by which its result is known."""
    kwargs = {key: value for key, value in kwargs.items() if key not in DROPPED and not key.startswith("_")}
    name = plain_name(name)
    if name in HANDLERS:
        return HANDLERS[name](b, args, kwargs, result, dtype)
    return _operation(b, name, args, kwargs)


def plain_name(name: str) -> str:
    """The name in the catalog: without the underscore of functions that work in place, operators by their functions."""
    operator = re.fullmatch(r"__i?(\w+?)__", name)
    known = catalog().entries("operation")
    if operator and name not in RENAMED and name not in HANDLERS and operator[1] in known | RENAMED.keys():
        name = operator[1]
    if name.startswith("__i") and f"__{name[3:]}" in RENAMED:
        name = f"__{name[3:]}"
    if name.endswith("_") and not name.endswith("__"):
        name = name[:-1]
    return RENAMED.get(name, name)


def _operation(b: Builder, name: str, args: Given, kwargs: Mapping[str, Any]) -> str:
    entry = catalog().entries("operation").get(name)
    if entry is None:
        raise UnsupportedError(f"the catalog has no operation {name}")
    given = {
        key: value for key, value in kwargs.items() if value is not None and (key, value) != ("return_indices", False)
    }
    bound = bind(entry, list(args), given)
    tensors, rest = _split(entry, bound)
    sources = [b.text(tensor) for tensor in tensors]
    found = {key: _literal(value, name) for key, value in rest.items() if key not in DROPPED}
    found = {key: value for key, value in found.items() if not _is_default(entry, key, value)}
    problems = entry.problems(found, inputs=len(sources))
    if problems:
        raise UnsupportedError(problems[0].message)
    return b.emit(name, found, sources)


def _split(entry: Entry, bound: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The tensors in the order in which the operation takes its inputs, and the other values by name."""
    if entry.spread:
        items = list(bound.get("", ()))
        items = [*items[:1], *items[1]] if len(items) == 2 and isinstance(items[1], list | tuple) else items
        literal = [item for item in items if not isinstance(item, Ref | Own)]
        names = [argument.name for argument in entry.arguments if argument.required]
        rest = {name: value for name, value in bound.items() if name}
        return [item for item in items if isinstance(item, Ref | Own)], {
            **dict(zip(names, literal, strict=False)),
            **rest,
        }
    if entry.listed:
        first = entry.tensors[0]
        return list(bound[first]), {name: value for name, value in bound.items() if name != first}
    rest = {name: value for name, value in bound.items() if not isinstance(value, Ref | Own)}
    free = [name for name in entry.tensors if name not in rest or rest[name] is None]
    tensors = [name for name in free if name in bound and name not in rest]
    if tensors != free[: len(tensors)] or len(tensors) + len(rest) != len(bound):
        raise UnsupportedError(f"{entry.name} leaves out a tensor before another one")
    return [bound[name] for name in tensors], rest


def _literal(value: Any, name: str) -> Any:
    if isinstance(value, Varying):
        raise UnsupportedError(f"{name} takes a size of the input as a number")
    if isinstance(value, Ref | Own):
        raise UnsupportedError(f"{name} takes a tensor where the document has a number")
    if isinstance(value, tuple | list):
        return [_literal(item, name) for item in value]
    return written(value)


def _is_default(entry: Entry, key: str, value: Any) -> bool:
    argument = entry.argument(key)
    if argument is None:
        return value is None
    default = list(argument.default) if isinstance(argument.default, tuple) else argument.default
    return not argument.required and (value is None or (value == default and type(value) is type(default)))


def _same(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """What changes nothing that the document knows: contiguous, to(device)."""
    if b.dtype(args[0]) == dtype:
        return b.text(args[0])
    if dtype == torch.get_default_dtype() and not b.dtype(args[0]).is_floating_point:
        return b.emit("mul", {"other": 1.0}, [b.text(args[0])])
    raise UnsupportedError(f"it changes numbers to {str(dtype).removeprefix('torch.')}")


def _reshape(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    return _chain(b, b.text(args[0]), shapes.reshaped(b.sizes(args[0]), result))


def _chain(b: Builder, source: str, operations: Sequence[shapes.Operation]) -> str:
    for name, args in operations:
        source = b.emit(name, args, [source])
    return source


def _flatten(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    names = ("start_dim", "end_dim")
    found = {**dict(zip(names, args[1:], strict=False)), **kwargs}
    defaults = {"start_dim": 0, "end_dim": -1}
    found = {name: value for name, value in found.items() if value != defaults[name]}
    return b.emit("flatten", found, [b.text(args[0])])


def _expand(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """To a larger size: sizes that stay are -1; one that varies is another tensor's, and the two are broadcast."""
    given = [(1, 1)] * (len(result) - len(b.sizes(args[0]))) + list(b.sizes(args[0]))
    grown = [
        place for place, (old, new) in enumerate(zip(given, result, strict=True)) if old != new and new[0] != new[1]
    ]
    if not grown:
        size = [-1 if old == new else new[0] for old, new in zip(given, result, strict=True)]
        size = [1 if at < len(result) - len(b.sizes(args[0])) and item == -1 else item for at, item in enumerate(size)]
        return b.emit("broadcast_to", {"size": size}, [b.text(args[0])])
    if len(grown) > 1:
        raise UnsupportedError("it expands a tensor to several sizes of the input at once")
    other = row(b, result, grown[0])
    return b.emit("broadcast_tensors", {}, [b.text(args[0]), other]) + "[0]"


def _like(name: str) -> Handler:
    """zeros(...) as zeros_like of a tensor of that size."""

    def handler(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
        varying = [place for place, (first, second) in enumerate(result) if first != second]
        if not varying:
            raise UnsupportedError(f"it makes a new tensor by {name}, which is not the same at each call")
        value = kwargs.get("fill_value", args[-1]) if name == "full_like" else 0
        infinite = isinstance(value, float) and math.isinf(value)
        extra = {"fill_value": written(value)} if name == "full_like" and not infinite else {}
        first, *others = (row(b, result if place == varying[0] else _alone(result, place), place) for place in varying)
        for other in others:  # together they are as large as the result, whatever they hold
            first = b.emit("broadcast_tensors", {}, [first, other]) + "[0]"
        made = b.emit("zeros_like" if infinite else name, {**extra, "dtype": written(dtype)}, [first])
        return _infinity(b, made, value) if infinite else made

    return handler


def _infinity(b: Builder, zeros: str, value: float) -> str:
    """Infinity in place of zeros: a document holds finite numbers only, and the logarithm of 0 is -inf."""
    found = b.emit("log", {}, [zeros])
    return found if value < 0 else b.emit("neg", {}, [found])


def _masked_fill(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    found = {**dict(zip(("input", "mask", "value"), args, strict=False)), **kwargs}
    value = found["value"]
    if not isinstance(value, float) or not math.isinf(value):
        return _operation(b, "masked_fill", args, kwargs)
    zero = b.constant(Numbers((), dtype, (0.0,)), "zero")
    return b.emit("where", {}, [b.text(found["mask"]), _infinity(b, zero, value), b.text(found["input"])])


def _alone(sizes: Sizes, place: int) -> Sizes:
    """One of the sizes, and 1 for the others."""
    return [size if at == place else (1, 1) for at, size in enumerate(sizes)]


def _arange(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """0, 1, 2, ... as long as another tensor."""
    numbers = [value for value in (*args, *kwargs.values()) if not isinstance(value, torch.dtype)]
    plain = len(numbers) == 1 or (len(numbers) == 2 and numbers[0] == 0)
    if not plain or dtype != torch.int64:
        raise UnsupportedError("it makes a range of numbers that does not count 0, 1, 2, ...")
    return counted(b, result[0])


def _eye(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """The unit matrix from its diagonal."""
    if result[0] != result[1]:
        raise UnsupportedError("it makes a unit matrix that is not square")
    side, other = result[0]
    if side == other:
        ones = b.constant(Numbers((side,), dtype, (1,)), "ones")
    else:
        ones = b.emit("ones_like", {"dtype": written(dtype)}, [line(b, result[0])])
    return b.emit("diag", {}, [ones])


def _empty(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """A tensor that is filled later."""
    if all(first == second for first, second in result):
        return b.constant(Numbers(tuple(first for first, _ in result), dtype, (0,)), "zeros")
    return _like("zeros_like")(b, args, kwargs, result, dtype)


def _repeat(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """So many times as a size of the input says: dimensions of one element grow, as in `expand`."""
    given = [(1, 1)] * (len(result) - len(b.sizes(args[0]))) + list(b.sizes(args[0]))
    varies = any(old != new and new[0] != new[1] for old, new in zip(given, result, strict=True))
    if varies and all(old in (new, (1, 1)) for old, new in zip(given, result, strict=True)):
        return _expand(b, args, kwargs, result, dtype)
    return _operation(b, "tile", args, kwargs)


def _pooled(name: str) -> Handler:
    """A window as large as the picture is pooling to one element."""

    def handler(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
        dimensions = int(name[-2])
        window = kwargs.get("kernel_size", args[1] if len(args) > 1 else None)
        windows = window if isinstance(window, list | tuple) else [window]
        whole = all(size == (1, 1) for size in result[-dimensions:])
        if whole and any(isinstance(size, Varying) for size in windows):
            return b.emit(f"adaptive_{name}", {"output_size": 1}, [b.text(args[0])])
        return _operation(b, name, args, kwargs)

    return handler


def _unfold(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """The method of tensors cuts one dimension into windows, unlike the function of the same name."""
    sizes = b.sizes(args[0])
    if len(result) != len(sizes) + 1:
        return _operation(b, "unfold", args, kwargs)
    given = {**dict(zip(("dimension", "size", "step"), args[1:], strict=False)), **kwargs}
    dim, size = given["dimension"] % len(sizes), given["size"]
    if size != given["step"] or any(side % size for side in sizes[dim]):
        raise UnsupportedError("its windows by unfold overlap, or leave a rest")
    windows = b.emit("unflatten", {"dim": dim, "sizes": [-1, size]}, [b.text(args[0])])
    return b.emit("movedim", {"source": dim + 1, "destination": -1}, [windows]) if dim < len(sizes) - 1 else windows


def _transposed(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    return b.emit("transpose", {"dim0": -2, "dim1": -1}, [b.text(args[0])])


def _reverse(name: str) -> Handler:
    def made(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
        tensor, number = b.text(args[0]), args[1]
        if isinstance(number, Ref | Own | Varying):
            raise UnsupportedError("it computes with a number that the document cannot say")
        if name == "pow":
            return _power(b, number, args[0])
        first = b.emit("neg" if name == "sub" else "reciprocal", {}, [tensor])
        simple = name == "div" and number == 1
        return first if simple else b.emit("add" if name == "sub" else "mul", {"other": number}, [first])

    return made


def _power(b: Builder, base: float, exponent: Any) -> str:
    """A number to the power of a tensor: the operation takes two tensors."""
    dtype = b.dtype(exponent)
    return b.emit("pow", {}, [b.constant(Numbers((), dtype, (base,)), "base"), b.text(exponent)])


def _pow(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    if len(args) == 2 and isinstance(args[0], int | float):
        return _power(b, args[0], args[1])
    return _operation(b, "pow", args, kwargs)


def _interpolate(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """A size that comes from another tensor becomes the factor between the two, where it is the same at both sizes."""
    names = ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
    found = {**dict(zip(names, args[1:], strict=False)), **kwargs}
    found.pop("input", None)
    if found.get("size") is not None:
        given = b.sizes(args[0])[2:]
        factors = {
            wanted / old for pair in zip(given, result[2:], strict=True) for old, wanted in zip(*pair, strict=True)
        }
        sizes = [size for size, _ in result[2:]]
        if len(factors) == 1 and result[2:] != given:
            found = {**found, "size": None, "scale_factor": float(factors.pop())}
            b.freeze(f"interpolate enlarges {found['scale_factor']:g} times, where the code may ask for any size")
        elif any(first != second for first, second in result[2:]):
            raise UnsupportedError("interpolate takes a size of the input as a number")
        else:
            found["size"] = sizes
    return _operation(b, "interpolate", [args[0]], {name: value for name, value in found.items() if value is not None})


def _dropout(layer: str, on: bool = True) -> Handler:
    """A function of dropout as its layer, which knows training from evaluation; `on` is the function's default."""

    def made(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
        given = {**dict(zip(("p", "training", "inplace"), args[1:], strict=False)), **kwargs}
        if given.get("training", on) is True and not b.training:
            raise UnsupportedError("its dropout is on in evaluation too")
        p = given.get("p", 0.5)
        return b.layer(layer, {} if p == 0.5 else {"p": p}, [b.text(args[0])])

    return made


def _softmax(name: str) -> Handler:
    """Without a dimension torch takes the first of 0, 1 and 3 dimensions, else the second, and warns."""

    def made(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
        given = {**dict(zip(("input", "dim", "_stacklevel", "dtype"), args, strict=False)), **kwargs}
        given.pop("_stacklevel", None)
        if given.get("dim") is None:
            given["dim"] = 0 if len(result) in (0, 1, 3) else 1
            b.freeze(f"{name} along dimension {given['dim']}, which torch chose: the code does not say which")
        return _operation(b, name, [given.pop("input")], given)

    return made


def _norm(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """The norm over one dimension, or over all: the distance to zero."""
    named = "ord" if "ord" in kwargs else "p"
    given = {**dict(zip(("input", named, "dim", "keepdim"), args, strict=False)), **kwargs}
    order, dim, keep = given.get(named, 2), given.get("dim"), given.get("keepdim", False)
    dim = dim[0] if isinstance(dim, list | tuple) and len(dim) == 1 else dim
    if order not in (None, 2, "fro") or isinstance(dim, list | tuple) or (dim is None and keep) or given.get("dtype"):
        raise UnsupportedError("it takes a norm that is not the Euclidean one over one or all dimensions")
    source, count = b.text(given["input"]), len(b.sizes(given["input"]))
    if dim is None:
        source, dim, count = b.emit("flatten", {}, [source]) if count != 1 else source, 0, 1
    moved = dim % count != count - 1
    if moved:
        source = b.emit("movedim", {"source": dim, "destination": -1}, [source])
    zero = b.emit("zeros_like", {}, [source])
    found = b.emit("pairwise_distance", {"eps": 0.0, **({"keepdim": True} if keep else {})}, [source, zero])
    return b.emit("movedim", {"source": -1, "destination": dim}, [found]) if moved and keep else found


def _fill(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    """The tensor of the same size with one number everywhere."""
    value = {**dict(zip(("input", "value"), args, strict=False)), **kwargs}["value"]
    if not isinstance(value, bool | int | float) or math.isinf(value):
        raise UnsupportedError("it fills a tensor with another tensor, or with infinity")
    if value == 0:
        return b.emit("zeros_like", {}, [b.text(args[0])])
    return b.emit("full_like", {"fill_value": value}, [b.text(args[0])])


def _rolled(b: Builder, args: Given, kwargs: Mapping[str, Any], result: Sizes, dtype: torch.dtype) -> str:
    found = {**dict(zip(("shifts", "dims"), args[1:], strict=False)), **kwargs}
    return _operation(b, "roll", [args[0]], found)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(("contiguous", "to", "cuda", "cpu", "float", "type", "type_as"), _same),
    **dict.fromkeys(("view", "reshape", "unflatten", "view_as", "reshape_as"), _reshape),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expand),
    **dict.fromkeys(("zeros", "new_zeros"), _like("zeros_like")),
    **dict.fromkeys(("ones", "new_ones"), _like("ones_like")),
    **dict.fromkeys(("full", "new_full"), _like("full_like")),
    **{name: _softmax(name) for name in ("softmax", "log_softmax", "softmin")},
    **dict.fromkeys(("norm", "linalg_norm", "linalg_vector_norm", "vector_norm"), _norm),
    "fill": _fill, "zero": lambda b, args, *rest: _fill(b, [args[0], 0], *rest),
    "arange": _arange, "flatten": _flatten, "__getitem__": picked, "roll": _rolled, "dropout": _dropout("Dropout"),
    "dropout1d": _dropout("Dropout1d"), "dropout2d": _dropout("Dropout2d"), "dropout3d": _dropout("Dropout3d"),
    "alpha_dropout": _dropout("AlphaDropout", on=False),
    **{name: _pooled(name) for name in ("avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d")},
    **dict.fromkeys(("empty", "new_empty"), _empty), "eye": _eye, "tile": _repeat, "pow": _pow,
    "masked_fill": _masked_fill, "unfold": _unfold, "mT": _transposed,
    "__rdiv__": _reverse("div"), "__rtruediv__": _reverse("div"), "__rpow__": _reverse("pow"),
    "__rsub__": _reverse("sub"), "rsub": _reverse("sub"), "interpolate": _interpolate,
}  # fmt: skip
