"""What each node gives on a real sample before any training, as small pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from torchwork.answer.checking import look
from torchwork.answer.levels import Found
from torchwork.answer.looking import gather
from torchwork.answer.pictures import data_url
from torchwork.build import Checked
from torchwork.build.assemble import make_model
from torchwork.data.randomness import borrowed
from torchwork.data.several import Inputs
from torchwork.graph import Graph
from torchwork.graph.value import tensors_in

LARGEST = 500_000_000
"""Bytes of parameters; a larger model takes too long to make for a glance."""
SECONDS = 20.0
SIDE = 64
"""Pixels of the longer side."""
STRIP = 16
"""Height of a strip of bars, in pixels."""
_made: dict[tuple[str, str], nn.Module] = {}
"""The model that was made last, by path and text: another sample or level needs no new one."""


def node_pictures(text: str, path: str, level: str, instance: str, sample: int) -> dict[str, Any]:
    """The message `NodePictures` for a level: of the instance that is asked for, else of its first."""
    looked = look(text, path)
    checked = looked.checked
    if not isinstance(checked, Checked):
        return _none("there is no sample to try: a document without data has none")
    resolved, bundle = checked.graph, checked.bundle
    if looked.problems or resolved is None or bundle is None or resolved.not_run:
        return _none("the network does not run yet: first put right what is marked")
    if resolved.totals.parameter_bytes > LARGEST:
        return _none(f"the network has more than {LARGEST // 10**6} MB of parameters, too much to try at a glance")
    block = Found(resolved, {level: instance}).block(level)
    if block is None:
        return _none("nothing uses this definition")
    batches = bundle.valid or bundle.train
    picked = gather(batches, [sample % max(1, len(batches.store))])
    inputs = batches.given(torch.stack(picked))
    try:
        with torch.inference_mode():
            found = dict(_pictures(_model(text, path, checked), block.name, inputs))
    except _LateError:
        return _none(f"trying the network took longer than {SECONDS:g} s")
    return {"pictures": found, "input": picture(inputs)}


def _none(why: str) -> dict[str, Any]:
    return {"pictures": {}, "why": why}


def _model(text: str, path: str, checked: Checked) -> nn.Module:
    """The model with the weights that training would begin with."""
    if (path, text) not in _made:
        assert checked.graph is not None and checked.bundle is not None
        with borrowed(), torch.inference_mode(False):
            model, _ = make_model(checked.experiment, checked.graph.build, checked.bundle.spec, Path.cwd())
        _made.clear()
        _made[path, text] = model.eval()
    return _made[path, text]


class _ReachedError(Exception):
    """The module that is looked at gets its inputs."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        super().__init__()
        self.inputs = inputs


class _LateError(Exception):
    """It takes too long."""


def _pictures(model: nn.Module, name: str, inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Node and picture, for the module of that name inside the model."""
    end = time.monotonic() + SECONDS

    def watch(module: nn.Module, given: Any) -> None:
        if time.monotonic() > end:
            raise _LateError

    hooks = [module.register_forward_pre_hook(watch) for module in model.modules()]
    try:
        module = model.get_submodule(name)
        given = _reached(model, module, inputs) if name else _copied(inputs)
        for node, value in _values(module, given):
            if drawn := picture(value):
                yield node, drawn
    finally:
        for hook in hooks:
            hook.remove()


def _reached(model: nn.Module, module: nn.Module, inputs: Inputs) -> tuple[Any, ...]:
    """What a module inside the model is called with."""

    def stop(_: nn.Module, given: tuple[Any, ...]) -> None:
        raise _ReachedError(given)

    hook = module.register_forward_pre_hook(stop)
    try:
        model(*_copied(inputs))
    except _ReachedError as reached:
        return reached.inputs
    finally:
        hook.remove()
    return ()


def _copied(inputs: Inputs) -> tuple[Tensor, ...]:
    """Inputs that may be changed in place."""
    return tuple(item.clone() for item in (inputs if isinstance(inputs, tuple) else (inputs,)))


def _values(module: nn.Module, inputs: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """What each node of a level gives, one after the other: the next may change it in place."""
    if isinstance(module, Graph):
        yield from module.traced(*inputs)
    elif isinstance(module, nn.Sequential):
        [value] = inputs
        for name, child in module.named_children():
            value = child(value)
            yield name, value


def picture(value: Any) -> str:
    """A value of one sample as a PNG in a data URL; empty for what holds nothing to see."""
    tensor = next(tensors_in(value), None)
    if tensor is None or not tensor.numel() or tensor.is_complex():
        return ""
    sample = tensor[0] if tensor.dim() else tensor
    image = Image.fromarray(_pixels(sample.detach().float().nan_to_num()).numpy())
    image.thumbnail((SIDE, SIDE))
    return data_url(image)


def _pixels(sample: Tensor) -> Tensor:
    """uint8 [H, W] or [H, W, 3]: three channels as colours, more as their mean, a vector as bars."""
    if sample.dim() < 2:
        return _bars(sample.flatten())
    while sample.dim() > 3:
        sample = sample[:, sample.shape[1] // 2]  # the middle of a volume
    if sample.dim() == 3 and sample.shape[0] == 3:
        return _stretched(sample.permute(1, 2, 0))
    return _stretched(sample.mean(0) if sample.dim() == 3 else sample).contiguous()


def _stretched(numbers: Tensor) -> Tensor:
    low, high = numbers.min(), numbers.max()
    return ((numbers - low) / (high - low).clamp_min(1e-12) * 255).round().to(torch.uint8).contiguous()


def _bars(numbers: Tensor) -> Tensor:
    """A bar for each number, from zero up or down; of more than SIDE the means of neighbours."""
    if len(numbers) > SIDE:
        numbers = nn.functional.adaptive_avg_pool1d(numbers[None], SIDE)[0]
    low, high = min(float(numbers.min()), 0.0), max(float(numbers.max()), 0.0)
    rows = torch.linspace(high, low, STRIP)[:, None]
    filled = ((rows <= numbers) & (rows >= 0)) | ((rows >= numbers) & (rows <= 0))
    width = max(1, SIDE // len(numbers))
    return torch.where(filled, 230, 30).to(torch.uint8).repeat_interleave(width, 1).contiguous()
