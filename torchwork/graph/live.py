"""Summarises any live nn.Module: one forward on fake tensors, with nothing of it left in the module."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from torchwork.errors import TorchworkError
from torchwork.graph.cost import Meter
from torchwork.graph.evaluate import DATA_DEPENDENT_ERRORS, FakeMode, quiet
from torchwork.graph.explain import first_sentence
from torchwork.graph.summary import Row, Summary
from torchwork.graph.value import TensorSpec, value_of


def summarize(module: nn.Module, inputs: Sequence[TensorSpec | torch.Tensor]) -> Summary:
    """A row for every call of a module inside `module`, as it is (training or evaluation), run on such inputs.

    It runs on fake tensors; where the shapes depend on the numbers, a copy runs on the given tensors (zeros for a
    TensorSpec). Training mode, buffers, gradients and random generators stay as they are. Raises TorchworkError when
    the module cannot run on these inputs.
    """
    try:
        try:
            return _on_fakes(module, inputs)
        except DATA_DEPENDENT_ERRORS:
            return _on_copy(module, inputs)
    except TorchworkError:
        raise
    except Exception as error:  # foreign code may raise anything
        shapes = ", ".join(str(_spec(given)) for given in inputs)
        told = first_sentence(str(error)) or type(error).__name__
        raise TorchworkError(f"{type(module).__name__} cannot run on inputs of the shapes {shapes}: {told}") from error


def _on_fakes(module: nn.Module, inputs: Sequence[TensorSpec | torch.Tensor]) -> Summary:
    device = _device(module)
    with quiet(), FakeMode(allow_non_fake_inputs=True) as mode:
        memo = {id(tensor): mode.from_tensor(tensor) for tensor in (*module.parameters(), *module.buffers())}
        fakes: dict[str, torch.Tensor] = {name: memo[id(tensor)] for name, tensor in _tensors(module)}
        given = [_empty(_spec(item), device) for item in inputs]
        return _recorded(module, given, lambda *args: torch.func.functional_call(module, fakes, args), fakes.values())


def _on_copy(module: nn.Module, inputs: Sequence[TensorSpec | torch.Tensor]) -> Summary:
    device = _device(module)
    devices = [device] if device.type == "cuda" else []
    with quiet(), torch.random.fork_rng(devices=devices):
        twin = copy.deepcopy(module)
        given = [item.detach().clone() if isinstance(item, torch.Tensor) else _zeros(item, device) for item in inputs]
        return _recorded(twin, given, twin, list(twin.parameters()), real=True)


def _recorded(module: nn.Module, inputs: Sequence[Any], call: Any, weights: Any, real: bool = False) -> Summary:
    with Meter(real) as meter, _recording(module, meter) as record:
        meter.known(inputs, list(weights))
        output = call(*inputs)
    rows = _with_parameters(module, record.rows)
    return Summary(tuple(rows), tuple(map(value_of, inputs)), value_of(output))


@dataclass
class _Open:
    """A call that has not returned: its row, FLOP at its begin, and those of the calls inside it."""

    place: int
    flop: int
    inner: int = 0


@dataclass
class _Record:
    """Rows in the order of calls, filled in when the calls return."""

    meter: Meter
    names: Mapping[nn.Module, str]
    rows: list[Row] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    called: set[nn.Module] = field(default_factory=set)

    def enter(self, module: nn.Module, args: Any) -> None:
        name, depth = self.names[module], len(self.open) - 1
        shared = name if module in self.called else ""
        self.called.add(module)
        self.open.append(_Open(len(self.rows), self.meter.flop))
        inputs = tuple(value_of(arg) for arg in args)
        self.rows.append(Row("", name, "module", type(module).__name__, depth, inputs=inputs, shared=shared))

    def leave(self, module: nn.Module, args: Any, output: Any) -> None:
        call = self.open.pop()
        whole = self.meter.flop - call.flop
        if self.open:
            self.open[-1].inner += whole
        leaf = call.place == len(self.rows) - 1
        memory = self.meter.newly_kept(output if leaf else ())
        self.rows[call.place] = replace(
            self.rows[call.place],
            output=value_of(output),
            flop=whole - call.inner,
            memory=memory,
            kind="layer" if leaf else "module",
        )


@contextmanager
def _recording(module: nn.Module, meter: Meter) -> Iterator[_Record]:
    record = _Record(meter, {child: name for name, child in module.named_modules()})
    with ExitStack() as stack:
        for child in module.modules():
            stack.callback(child.register_forward_pre_hook(record.enter).remove)
            stack.callback(child.register_forward_hook(record.leave).remove)
        yield record


def _with_parameters(module: nn.Module, rows: Sequence[Row]) -> list[Row]:
    """The rows with each parameter counted at the first call of the innermost called module that holds it."""
    places: dict[str, int] = {}
    for place, row in enumerate(rows):
        places.setdefault(row.name, place)
    found = list(rows)
    for name, weight in module.named_parameters():
        owner = name.rpartition(".")[0]
        while owner not in places:
            owner = owner.rpartition(".")[0]
        row, nbytes = found[places[owner]], weight.numel() * weight.element_size()
        found[places[owner]] = replace(
            row,
            parameters=row.parameters + weight.numel(),
            parameter_bytes=row.parameter_bytes + nbytes,
            trainable=row.trainable + weight.numel() * weight.requires_grad,
            gradient_bytes=row.gradient_bytes + nbytes * weight.requires_grad,
        )
    return found


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters(remove_duplicate=False)
    yield from module.named_buffers(remove_duplicate=False)


def _spec(given: TensorSpec | torch.Tensor) -> TensorSpec:
    if isinstance(given, TensorSpec):
        return given
    return TensorSpec(tuple(given.shape), str(given.dtype).removeprefix("torch."))


def _empty(spec: TensorSpec, device: torch.device) -> torch.Tensor:
    return torch.empty(spec.shape, dtype=getattr(torch, spec.dtype), device=device)


def _zeros(spec: TensorSpec, device: torch.device) -> torch.Tensor:
    return torch.zeros(spec.shape, dtype=getattr(torch, spec.dtype), device=device)


def _device(module: nn.Module) -> torch.device:
    return next((tensor.device for _, tensor in _tensors(module)), torch.device("cpu"))
