"""Counts what a computation costs while it runs on fake or real tensors: FLOP, and bytes kept for the backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Self

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from torchwork.graph.value import tensors_in

aten = torch.ops.aten


def _attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any, **__: Any) -> int:
    """Two matrix products for each batch and head: (T, E) with (E, S), then (T, S) with (S, V)."""
    rows = math.prod(query.shape[:-1])
    return 2 * rows * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _trilinear(first: torch.Tensor, weight: torch.Tensor, second: torch.Tensor, *_: Any, **__: Any) -> int:
    """y = x1 A x2: a product with every element of A (out, in1, in2), and one with x2 for each (out, in2)."""
    out, in2 = weight.shape[0], weight.shape[-1]
    return 2 * math.prod(first.shape[:-1]) * (weight.numel() + out * in2)


def _mv(matrix: torch.Tensor, vector: torch.Tensor, *_: Any, **__: Any) -> int:
    return 2 * matrix.numel()


def _addmv(bias: torch.Tensor, matrix: torch.Tensor, *_: Any, **__: Any) -> int:
    return 2 * matrix.numel()


OWN: dict[Any, Callable[..., int]] = {
    aten._scaled_dot_product_flash_attention_for_cpu: _attention,  # torch's registry knows the GPU kernels only
    aten._trilinear: _trilinear,
    aten.mv: _mv,
    aten.dot: _mv,
    aten.addmv: _addmv,
}
"""Formulas for what torch.utils.flop_counter counts as nothing; in FLOP, two for a multiplication and addition."""


class FlopCount(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the FLOP of matrix products, convolutions and attention; elementwise work counts as nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flop = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        packet = func._overloadpacket
        if packet in OWN:
            self.flop += OWN[packet](*args, **kwargs)
        elif packet in flop_registry:
            self.flop += flop_registry[packet](*args, **kwargs, out_val=result)
        return result


GATES = {torch._VF.lstm: 4, torch._VF.gru: 3, torch._VF.rnn_tanh: 1, torch._VF.rnn_relu: 1}


class Recurrent(TorchFunctionMode):
    """Answers whole-sequence LSTM, GRU and RNN calls by their shapes, and counts their FLOP.

    On fake tensors torch would unroll GRU and RNN step by step (seconds for a long sequence), and its fused LSTM kernel
    counts as nothing. Where `count_only`, the call itself goes on to torch.
    """

    def __init__(self, counter: FlopCount, count_only: bool = False) -> None:
        super().__init__()
        self.counter, self.count_only = counter, count_only

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func not in GATES or not isinstance(args[3], bool):  # a packed sequence has its weights there
            return func(*args, **(kwargs or {}))
        before = self.counter.flop
        result = func(*args, **(kwargs or {})) if self.count_only else _recurrent_shapes(func, *args)
        self.counter.flop = before + _recurrent_flop(args[0], args[2])
        return result


def _recurrent_flop(input: torch.Tensor, weights: Sequence[torch.Tensor]) -> int:
    """Every weight matrix (input, hidden, projection) is used once for each time step of each sequence."""
    steps = math.prod(input.shape[:-1])
    return 2 * steps * sum(weight.numel() for weight in weights if weight.dim() == 2)


def _recurrent_shapes(func: Any, input: Any, hx: Any, weights: Any, bias: bool, layers: int, dropout: float,
                      training: bool, bidirectional: bool, batch_first: bool) -> tuple[torch.Tensor, ...]:  # fmt: skip
    """Input (T, B, I) or (B, T, I) to output with the last dimension D*H, and the states as they came."""
    states = hx if isinstance(hx, tuple | list) else (hx,)
    output = input.new_empty(*input.shape[:-1], states[0].shape[-1] * (2 if bidirectional else 1))
    # One sum with the inputs keeps the result in the autograd graph without holding any of them.
    link = sum(tensor.flatten()[:1].sum() for tensor in (input, *weights) if tensor.requires_grad)
    return (output + link, *(state.clone() for state in states))


class Meter:
    """A context that measures one computation: `flop`, and the bytes that the backward pass needs."""

    def __init__(self, real: bool = False) -> None:
        self._counter = FlopCount()
        self._recurrent = Recurrent(self._counter, count_only=real)
        self._saved: list[torch.UntypedStorage] = []
        self._held: list[torch.UntypedStorage] = []  # so that no later storage gets the address of a known one
        self._known: set[int] = set()
        self._stack = ExitStack()

    @property
    def flop(self) -> int:
        """FLOP so far."""
        return self._counter.flop

    def __enter__(self) -> Self:
        self._stack.enter_context(torch.autograd.graph.saved_tensors_hooks(self._save, lambda tensor: tensor))
        self._stack.enter_context(self._counter)
        self._stack.enter_context(self._recurrent)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def known(self, *things: Any) -> None:
        """Tensors that exist anyway, and so are not kept for this computation: inputs and parameters."""
        self._known |= {_address(tensor.untyped_storage()) for tensor in tensors_in(things)}

    def newly_kept(self, outputs: Any) -> int:
        """Bytes of the outputs and of what autograd saved since the last call, without views and in-place results."""
        storages = [*self._saved, *(tensor.untyped_storage() for tensor in tensors_in(outputs))]
        sizes = {_address(storage): storage.nbytes() for storage in storages if _address(storage) not in self._known}
        self._known |= sizes.keys()
        self._held += storages
        self._saved.clear()
        return sum(sizes.values())

    def _save(self, tensor: torch.Tensor) -> torch.Tensor:
        if tensor.layout is torch.strided:  # a sparse tensor has no storage of its own
            self._saved.append(tensor.untyped_storage())
        return tensor


def _address(storage: torch.UntypedStorage) -> int:
    return int(storage._cdata)
