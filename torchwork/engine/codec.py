"""A tree of Python values and tensors as JSON and a flat dict of named tensors, and back, without pickle.

Plain JSON values, lists and dicts with text keys stay as they are. Everything else is `{"$": kind, ...}`: `float`
(infinities and NaN), `tuple`, `set`, `frozenset`, `bytes`, `complex`, `counter`, `dict` (other keys), and
`{"$": "tensor", "name": path}`, named by the path in the tree. Tensors that are one in memory are stored once.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchwork.errors import CheckpointError

TAG = "$"


def encode(tree: Any) -> tuple[Any, dict[str, Tensor]]:
    """`tree` as JSON values and the contiguous CPU tensors they name.

    Raises:
        CheckpointError: something in the tree has no encoding.
    """
    encoder = _Encoder()
    return encoder.value(tree, ""), encoder.tensors


def decode(skeleton: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The tree that `encode` made `skeleton` and `tensors` of; a tensor stored once is one object again.

    Raises:
        CheckpointError: a tag is unknown, or a tensor is missing.
    """
    return _Decoder(tensors).value(skeleton)


class _Encoder:
    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._seen: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._alive: list[Tensor] = []

    def value(self, value: Any, path: str) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, float | np.floating):
            return float(value) if math.isfinite(value) else {TAG: "float", "value": str(float(value))}
        if isinstance(value, Tensor):
            return self._tensor(value.detach(), path)
        if isinstance(value, Mapping):
            return self._mapping(value, path)
        if isinstance(value, list):
            return self._items(value, path)
        return self._other(value, path)

    def _items(self, values: Any, path: str) -> list[Any]:
        return [self.value(item, f"{path}/{index}") for index, item in enumerate(values)]

    def _mapping(self, value: Mapping[Any, Any], path: str) -> dict[str, Any]:
        if isinstance(value, Counter):
            return {TAG: "counter", "items": self._pairs(value, path)}
        if all(type(key) is str for key in value) and TAG not in value:
            return {key: self.value(item, f"{path}/{key}".lstrip("/")) for key, item in value.items()}
        return {TAG: "dict", "items": self._pairs(value, path)}

    def _pairs(self, value: Mapping[Any, Any], path: str) -> list[list[Any]]:
        return [[self.value(key, f"{path}/key"), self.value(item, f"{path}/{key}")] for key, item in value.items()]

    def _other(self, value: Any, path: str) -> Any:
        match value:
            case tuple():
                return {TAG: "tuple", "items": self._items(value, path)}
            case set() | frozenset():
                return {TAG: type(value).__name__, "items": self._items(sorted(value, key=repr), path)}
            case bytes():
                return {TAG: "bytes", "value": base64.b64encode(value).decode()}
            case complex():
                return {TAG: "complex", "items": self._items([value.real, value.imag], path)}
            case np.bool_() | np.integer():
                return value.item()
        raise CheckpointError(
            f"{path or 'the state'} holds a {type(value).__name__}, which a checkpoint cannot store; "
            "keep numbers, text, tensors, and lists and dicts of them in the state"
        )

    def _tensor(self, tensor: Tensor, path: str) -> dict[str, Any]:
        if tensor.is_sparse:
            return self._sparse(tensor.coalesce(), path)
        # Empty tensors all lie at address 0, which says nothing.
        place = (tensor.device, tensor.data_ptr(), tensor.dtype, tuple(tensor.shape), tensor.stride())
        if tensor.numel() and place in self._seen:
            return self._seen[place]
        entry = self._entry(tensor, self._free_name(path))
        self._alive.append(tensor)  # its address must not be given to another while this encoder lives
        self._seen[place] = entry
        return entry

    def _entry(self, tensor: Tensor, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = {TAG: "tensor", "name": name}
        strides = tensor.stride()
        order = sorted(range(tensor.dim()), key=lambda dim: -strides[dim])
        # Dense but permuted (channels_last): fused optimizers read state and weights side by side, the order stays.
        if not tensor.is_contiguous() and tensor.permute(order).is_contiguous():
            entry["order"] = order
            tensor = tensor.permute(order)
        if tensor.is_complex():
            entry["complex"] = True
            tensor = torch.view_as_real(tensor.resolve_conj())
        self.tensors[name] = tensor.cpu().contiguous().clone()
        return entry

    def _sparse(self, tensor: Tensor, path: str) -> dict[str, Any]:
        parts = [self._tensor(tensor.indices(), f"{path}/indices"), self._tensor(tensor.values(), f"{path}/values")]
        return {TAG: "sparse", "shape": list(tensor.shape), "items": parts}

    def _free_name(self, path: str) -> str:
        name, count = path or "tensor", 1
        while name in self.tensors:
            count += 1
            name = f"{path}~{count}"
        return name


class _Decoder:
    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors = tensors
        self._made: dict[str, Tensor] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        if TAG not in value:
            return {key: self.value(item) for key, item in value.items()}
        try:
            return self._tagged(value)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"the state of a checkpoint cannot be read: {error!r} in {value.get(TAG)!r}"
            ) from None

    def _tagged(self, value: dict[str, Any]) -> Any:
        match value[TAG]:
            case "tensor":
                return self._tensor(value)
            case "float":
                return float(value["value"])
            case "bytes":
                return base64.b64decode(value["value"])
            case "dict" | "counter" as kind:
                pairs = {self.value(key): self.value(item) for key, item in value["items"]}
                return Counter(pairs) if kind == "counter" else pairs
            case "tuple" | "set" | "frozenset" | "complex" | "sparse" as kind:
                return self._collection(kind, value)
        raise CheckpointError(
            f"the state of a checkpoint has the unknown kind {value[TAG]!r}; it was written by a newer version"
        )

    def _collection(self, kind: str, value: dict[str, Any]) -> Any:
        items = self.value(value["items"])
        if kind == "complex":
            return complex(*items)
        if kind == "sparse":
            return torch.sparse_coo_tensor(items[0], items[1], value["shape"], is_coalesced=True, check_invariants=True)
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[kind](items)

    def _tensor(self, value: dict[str, Any]) -> Tensor:
        name = value["name"]
        if name not in self._made:
            tensor = self.tensors[name]
            if value.get("complex"):
                tensor = torch.view_as_complex(tensor)
            order = value.get("order")
            self._made[name] = tensor.permute(sorted(range(len(order)), key=order.__getitem__)) if order else tensor
        return self._made[name]
