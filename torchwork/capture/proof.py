"""The proof of a capture: rebuild, load the weights strictly, compare outputs at two sizes and one training step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchwork.capture.foreign import FOREIGN, told
from torchwork.capture.report import CLOSE, Proof
from torchwork.capture.trial import Inputs
from torchwork.errors import TorchworkError
from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve
from torchwork.graph.value import tensors_in

DRAWN = frozenset({Tensor.normal_, Tensor.uniform_})
"""What the initial values of layers are drawn with."""


def rebuild(model: Model, inputs: Inputs) -> nn.Module:
    """The live module of a model, its weights not drawn; DocumentError when the document does not fit such inputs."""
    specs = [TensorSpec(tuple(item.shape), str(item.dtype).removeprefix("torch.")) for item in inputs]
    resolved = resolve(model, specs, trust=True)
    with _Unset():
        return resolved.build()


class _Unset(TorchFunctionMode):
    """Random values are not drawn: the twin gets its weights from the module, and drawing them first took as long."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return args[0] if func in DRAWN else func(*args, **(kwargs or {}))


def prove(
    module: nn.Module, model: Model, sizes: Sequence[Inputs], prefix: str = "", further: Inputs | None = None
) -> Proof:
    """Compare a module with what its document builds; it is left as it was.

    At `further` inputs, where the module takes them, a difference is no failure: it is told as a limit.
    """
    texts = tuple(map(_text, sizes))
    try:
        with kept(module), torch.random.fork_rng(devices=[]):
            twin = rebuild(model, sizes[0])
            missing = _load(module, twin, prefix)
            if missing:
                return Proof(problem=missing, sizes=texts)
            outputs = max(_outputs(module, twin, inputs) for inputs in sizes)
            step = _step(module, twin, sizes[-1])
            return Proof(outputs, step, texts, limit=_limit(module, twin, further) if further else "")
    except TorchworkError as error:
        return Proof(problem=str(error).splitlines()[0], sizes=texts)
    except FOREIGN as error:
        return Proof(problem=told(error), sizes=texts)


def _text(inputs: Inputs) -> str:
    return ", ".join("x".join(map(str, item.shape)) or "scalar" for item in inputs)


def _limit(module: nn.Module, twin: nn.Module, inputs: Inputs) -> str:
    """Where the twin does not follow the module to another size; empty where it does, or that has no such size."""
    try:
        with torch.no_grad():
            module.eval()(*_copies(inputs))
    except FOREIGN:
        return ""
    try:
        differs = _outputs(module, twin, inputs) > CLOSE
    except FOREIGN:
        differs = True
    return (
        f"its sizes are frozen in part: on an input of {_text(inputs)} it does not do what the original does" * differs
    )


def _load(module: nn.Module, twin: nn.Module, prefix: str) -> str:
    state = {f"{prefix}{name}": tensor for name, tensor in module.state_dict().items()}
    own = twin.state_dict()
    wrong = sorted(set(state) ^ set(own)) or [name for name in own if own[name].shape != state[name].shape]
    if wrong:
        return f"the names or shapes of its weights differ: {', '.join(wrong[:3])}"
    twin.load_state_dict(state, strict=True)
    return ""


def _outputs(module: nn.Module, twin: nn.Module, inputs: Inputs) -> float:
    found = []
    for each in (module, twin):
        each.eval()
        torch.manual_seed(0)  # some draw numbers in evaluation too
        with torch.no_grad():
            found.append(each(*_copies(inputs)))
    return difference(*found)


def difference(first: Any, second: Any) -> float:
    """The largest difference of two outputs, relative to the first's largest number; infinite where shapes differ."""
    mine, theirs = list(tensors_in(first)), list(tensors_in(second))
    if [item.shape for item in mine[: len(theirs)]] != [item.shape for item in theirs] or not theirs:
        return float("inf")
    return max(_relative(a, b) for a, b in zip(mine, theirs, strict=False))


def _relative(a: Tensor, b: Tensor) -> float:
    if torch.equal(a, b):  # the usual case, and a tenth of the time of what follows
        return 0.0
    if a.shape != b.shape:
        return float("inf")
    a, b = a.detach().double(), b.detach().double()
    if not torch.equal(a.isnan(), b.isnan()):
        return float("inf")
    scale = a.nan_to_num().abs().max().clamp(min=1e-12)
    return float((a - b).nan_to_num().abs().max() / scale)


def _step(module: nn.Module, twin: nn.Module, inputs: Inputs) -> float | None:
    """The largest relative difference of the gradients of one step of training; None where there are none."""
    moved = []
    for each in (module, twin):
        each.train()
        torch.manual_seed(0)
        try:
            loss = sum(item.float().square().mean() for item in list(tensors_in(each(*_copies(inputs))))[:1])
            parameters = [item for item in each.parameters() if item.requires_grad]
            if not isinstance(loss, Tensor) or not loss.requires_grad:
                return None
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        except (RuntimeError, ValueError):
            if each is module:
                return None
            raise
        names = [name for name, item in each.named_parameters() if item.requires_grad]
        moved.append(dict(zip(names, gradients, strict=True)))
    pairs = [(moved[0][name], moved[1].get(name)) for name in moved[0]]
    return max((_relative(a, b) for a, b in pairs if a is not None and b is not None), default=0.0)


def _copies(inputs: Inputs) -> list[Tensor]:
    return [item.clone() for item in inputs]


@contextmanager
def kept(module: nn.Module) -> Iterator[None]:
    """Buffers, and which parts are in training, as they were."""
    modes = {part: part.training for part in module.modules()}
    buffers: Mapping[str, Tensor] = {name: item.clone() for name, item in module.named_buffers()}
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode
        with torch.no_grad():
            for name, item in module.named_buffers():
                item.copy_(buffers[name])
