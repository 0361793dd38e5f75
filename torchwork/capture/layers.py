"""Which live modules are layers of the catalog, and with which arguments they could be made again."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.catalog import Argument, Entry, catalog

MISSING = object()


class UnsupportedError(Exception):
    """Something that the document cannot say; the reason is a sentence for the report."""


@functools.cache
def _by_class() -> Mapping[type, Entry]:
    return {entry.target: entry for entry in catalog().entries("layer").values()}


def layer_of(module: nn.Module) -> Entry | None:
    """The entry of the layer that a module is; a class of one's own that changes nothing of `forward` counts."""
    if hasattr(module, "parametrizations"):
        return None
    for base in type(module).__mro__:
        entry = _by_class().get(base)
        if entry is not None:
            return entry if type(module).forward is base.forward else None  # type: ignore[attr-defined]
    return None


def layer_around(module: nn.Module) -> Entry | None:
    """The entry of the layer with weights whose `forward` a class of one's own has replaced; None for another class."""
    base = next((base for base in type(module).__mro__ if base in _by_class()), None)
    owned = bool(module._parameters) or bool(module._buffers)
    if base is None or not owned or hasattr(module, "parametrizations"):
        return None
    return _by_class()[base] if type(module).forward is not base.forward else None  # type: ignore[attr-defined]


def arguments_of(module: nn.Module, entry: Entry) -> dict[str, Any]:
    """The arguments that differ from the defaults, as a document writes them; UnsupportedError for an unknown one."""
    found: dict[str, Any] = {}
    for argument in entry.arguments:
        value = _value(module, entry, argument)
        if value is MISSING:
            if argument.required:
                raise UnsupportedError(f"the {argument.name} of {entry.name} cannot be read off the live object")
            continue
        value = written(value)
        if argument.required or not _same(value, argument.default):
            found[argument.name] = value
    return found


def written(value: Any) -> Any:
    """A value as the document writes it: lists for tuples, one number for equal ones, names for torch's objects."""
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, nn.Module):
        return as_part(value)
    if isinstance(value, tuple | list):
        return [written(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise UnsupportedError(f"it computes with {value}, and a document holds finite numbers only")
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    if callable(value) and getattr(value, "__name__", "") in catalog().entries("operation"):
        return value.__name__
    raise UnsupportedError(f"a value of type {type(value).__name__} stands in no document")


def as_part(module: nn.Module) -> Any:
    """A layer as a nested part: `Name` or `{Name: {argument: value}}`."""
    entry = layer_of(module)
    if entry is None:
        raise UnsupportedError(f"{type(module).__name__} inside a layer is no layer of torch")
    args = arguments_of(module, entry)
    return {entry.name: args} if args else entry.name


def _value(module: nn.Module, entry: Entry, argument: Argument) -> Any:
    special = SPECIAL.get((entry.name, argument.name))
    if special is not None:
        return special(module)
    value = getattr(module, argument.name, MISSING)
    if isinstance(value, Tensor) or (value is None and argument.name in getattr(module, "_parameters", ())):
        return value is not None  # `bias` is a flag to the constructor, a parameter afterwards
    if isinstance(value, tuple) and _collapses(argument, value):
        return value[0]
    if argument.name == "stride" and value == getattr(module, "kernel_size", None) and "Pool" in entry.name:
        return None
    return MISSING if inspect.ismethod(value) else value


def _collapses(argument: Argument, value: tuple[Any, ...]) -> bool:
    """Whether (3, 3) may be written 3: the argument takes one number for all dimensions."""
    alike = len(value) > 0 and all(type(item) is type(value[0]) and item == value[0] for item in value)
    return alike and argument.problem(value[0], "") is None and argument.name != "normalized_shape"


def _same(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        default = list(default)
    if callable(default) and isinstance(value, str):
        return value == getattr(default, "__name__", "")
    return bool(value == default) and isinstance(value, bool) == isinstance(default, bool)


def _has(name: str) -> Callable[[Any], bool]:
    return lambda module: getattr(module, name) is not None


def _unlike(name: str) -> Callable[[Any], Any]:
    """Key and value sizes, which MultiheadAttention takes from embed_dim when they are not given."""
    return lambda module: None if getattr(module, name) == module.embed_dim else getattr(module, name)


def _activation(layer: Any) -> Any:
    return written(layer.activation)


def _deep(path: str) -> Callable[[Any], Any]:
    def get(module: Any) -> Any:
        for name in path.split("."):
            module = module[int(name)] if name.isdecimal() else getattr(module, name)
        return module

    return get


def _is_there(path: str) -> Callable[[Any], bool]:
    return lambda module: _deep(path)(module) is not None


_ENCODER_LAYER: Mapping[str, Callable[[Any], Any]] = {
    "d_model": _deep("self_attn.embed_dim"),
    "nhead": _deep("self_attn.num_heads"),
    "dim_feedforward": _deep("linear1.out_features"),
    "dropout": _deep("dropout.p"),
    "activation": _activation,
    "layer_norm_eps": _deep("norm1.eps"),
    "batch_first": _deep("self_attn.batch_first"),
    "bias": _is_there("linear1.bias"),
}
_TRANSFORMER: Mapping[str, Callable[[Any], Any]] = {
    "num_encoder_layers": _deep("encoder.num_layers"),
    "num_decoder_layers": _deep("decoder.num_layers"),
    "norm_first": _deep("encoder.layers.0.norm_first"),
    **{name: (lambda get: lambda module: get(module.encoder.layers[0]))(_ENCODER_LAYER[name])
       for name in ("dim_feedforward", "dropout", "activation", "layer_norm_eps", "bias")},
}  # fmt: skip
SPECIAL: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("MultiheadAttention", "bias"): _has("in_proj_bias"),
    ("MultiheadAttention", "add_bias_kv"): _has("bias_k"),
    ("MultiheadAttention", "kdim"): _unlike("kdim"),
    ("MultiheadAttention", "vdim"): _unlike("vdim"),
    ("PairwiseDistance", "p"): _deep("norm"),
    ("Hardtanh", "min_val"): _deep("min_val"),
    ("Hardtanh", "max_val"): _deep("max_val"),
    ("TransformerEncoder", "encoder_layer"): _deep("layers.0"),
    ("TransformerDecoder", "decoder_layer"): _deep("layers.0"),
    **{("TransformerEncoderLayer", name): get for name, get in _ENCODER_LAYER.items()},
    **{("TransformerDecoderLayer", name): get for name, get in _ENCODER_LAYER.items()},
    **{("Transformer", name): get for name, get in _TRANSFORMER.items()},
}
"""Arguments that are no attribute of their own name."""
