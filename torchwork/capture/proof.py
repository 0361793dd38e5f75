"""The proof of a capture: rebuild, load the weights strictly, compare outputs at two sizes and one training step."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchwork.capture.foreign import FOREIGN, told
from torchwork.capture.report import CLOSE, CLOSE_STEP, Proof
from torchwork.capture.stages import begin
from torchwork.capture.trial import Inputs
from torchwork.errors import TorchworkError
from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve
from torchwork.graph.value import tensors_in

SHARE = 1e-3
"""Gradients below this share of the largest are compared as if they were so large."""
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
    module: nn.Module,
    model: Model,
    sizes: Sequence[Inputs],
    prefix: str = "",
    further: Inputs | None = None,
    apart: Collection[str] = (),
) -> Proof:
    """Compare a module with what its document builds; it is left as it was.

    At `further` inputs, where the module takes them, a difference is no failure: it is told as a limit. The parts
    `apart`, by path, draw their numbers in ways of their own, and stay in evaluation while the two are trained.
    """
    texts = tuple(map(_text, sizes))
    try:
        with kept(module), torch.random.fork_rng(devices=[]):
            twin = rebuild(model, sizes[0])
            missing = _load(module, twin, prefix)
            if missing:
                return Proof(problem=missing, sizes=texts)
            begin("comparing")
            outputs = max(_outputs(module, twin, inputs) for inputs in sizes)
            step, told_apart = _step(module, twin, sizes[-1], apart)
            limit = _limit(module, twin, further) if further else ""
            return Proof(outputs, step, texts, _differs(step), limit, told_apart)
    except TorchworkError as error:
        return Proof(problem=str(error).splitlines()[0], sizes=texts)
    except FOREIGN as error:
        return Proof(problem=told(error), sizes=texts)


def _differs(step: float | None) -> str:
    """What a report says of gradients that are others."""
    far = step is not None and step > CLOSE_STEP
    return f"the gradients of a training step differ by {step:.1e} of the largest" if far else ""


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
        _seed()  # some draw numbers in evaluation too
        with torch.no_grad():
            found.append(each(*_copies(inputs)))
    return difference(*found)


def difference(first: Any, second: Any) -> float:
    """The largest difference of two outputs, relative to the first's largest number; infinite where shapes differ."""
    mine, theirs = list(tensors_in(first)), list(tensors_in(second))
    if [item.shape for item in mine[: len(theirs)]] != [item.shape for item in theirs] or not theirs:
        return float("inf")
    return max(_relative(a, b) for a, b in zip(mine, theirs, strict=False))


def _relative(a: Tensor, b: Tensor, floor: float = 0.0) -> float:
    if torch.equal(a, b):  # the usual case, and a tenth of the time of what follows
        return 0.0
    if a.shape != b.shape:
        return float("inf")
    a, b = a.detach().double(), b.detach().double()
    if not torch.equal(a.isnan(), b.isnan()):
        return float("inf")
    scale = a.nan_to_num().abs().max().clamp(min=max(floor, 1e-12))
    return float((a - b).nan_to_num().abs().max() / scale)


def _step(module: nn.Module, twin: nn.Module, inputs: Inputs, apart: Collection[str]) -> tuple[float | None, str]:
    """The largest relative difference of the gradients of one step of training, and what is left out of it.

    There is none where there are no gradients, or where those of the module are others each time.
    """
    try:
        mine = _gradients(module, inputs, apart)
    except (RuntimeError, ValueError):  # it cannot train on these inputs
        return None, ""
    if not mine:
        return None, ""
    found = _apart(mine, _gradients(twin, inputs, apart))
    if found > CLOSE_STEP and _apart(mine, _gradients(module, inputs, apart)) > CLOSE_STEP:
        return None, "its gradients are not compared: they are others each time, with the same random numbers too"
    return found, _left_out(module, apart)


def _left_out(module: nn.Module, apart: Collection[str]) -> str:
    names = dict.fromkeys(type(module.get_submodule(path)).__name__ for path in apart)
    return f"its gradients are compared with {' and '.join(names)} in evaluation" if names else ""


Gradients = Mapping[str, Tensor | None]


def _gradients(module: nn.Module, inputs: Inputs, apart: Collection[str]) -> Gradients:
    """The gradient of each parameter in a step of training, by name; none where nothing can be trained."""
    with kept(module):
        module.train()
        for path in apart:
            module.get_submodule(path).eval()
        _seed()
        loss = sum(item.float().square().mean() for item in list(tensors_in(module(*_copies(inputs))))[:1])
        named = {name: item for name, item in module.named_parameters() if item.requires_grad}
        if not isinstance(loss, Tensor) or not loss.requires_grad:
            return {}
        return dict(zip(named, torch.autograd.grad(loss, [*named.values()], allow_unused=True), strict=True))


def _apart(first: Gradients, second: Gradients) -> float:
    """The largest difference of two steps' gradients, each relative to its largest number.

    A gradient that is zero but for rounding, such as that of a bias before batch normalisation, is relative to a share
    of the largest of all.
    """
    pairs = [(item, second.get(name)) for name, item in first.items()]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    floor = SHARE * max((float(a.nan_to_num().abs().max()) for a, _ in both if a.numel()), default=0.0)
    return max((_relative(a, b, floor) for a, b in both), default=0.0)


def _seed() -> None:
    """Begin the random numbers of torch anew, and Python's, by which decoders choose what they are taught."""
    torch.manual_seed(0)
    random.seed(0)


def _copies(inputs: Inputs) -> list[Tensor]:
    return [item.clone() for item in inputs]


@contextmanager
def kept(module: nn.Module) -> Iterator[None]:
    """Buffers, which parts are in training, and Python's random numbers as they were."""
    modes, drawn = {part: part.training for part in module.modules()}, random.getstate()
    buffers: Mapping[str, Tensor] = {name: item.clone() for name, item in module.named_buffers()}
    try:
        yield
    finally:
        random.setstate(drawn)
        for part, mode in modes.items():
            part.training = mode
        with torch.no_grad():
            for name, item in module.named_buffers():
                item.copy_(buffers[name])
