"""The layers of a run's network, and pages of their kernels and feature maps."""

from __future__ import annotations

from typing import Any, Literal
from weakref import WeakKeyDictionary

import torch
from PIL import Image
from torch import Tensor, nn

from torchwork.answer.looking import given
from torchwork.answer.opened import opened_data, opened_run
from torchwork.answer.pictures import data_url
from torchwork.answer.trying import samples
from torchwork.data.still import split_of
from torchwork.errors import DataError, TorchworkError
from torchwork.inside import Overview, overview
from torchwork.inside.epochs import MOST_SAMPLES
from torchwork.inside.grids import paged, scaled
from torchwork.inside.hooks import no_such
from torchwork.inside.kernels import kernels_of
from torchwork.inside.layers import layers as all_layers
from torchwork.inside.maps import feature_maps
from torchwork.result import Run

Weights = Literal["best", "last", "first"]
_seen: WeakKeyDictionary[nn.Module, tuple[Overview, int]] = WeakKeyDictionary()
_outputs: WeakKeyDictionary[nn.Module, dict[tuple[str, int], Tensor]] = WeakKeyDictionary()
_others: dict[tuple[str, str, int], nn.Module] = {}
"""The model with other than its best weights that was asked for last."""


def layers(run: str) -> dict[str, Any]:
    """The message `Layers` for the run in the folder `run`."""
    opened = opened_run(run)
    if opened.model not in _seen:
        inputs, count, notes = probe_batch(opened.run)
        found = overview(opened.model, inputs)
        _seen[opened.model] = Overview(found.layers, [*notes, *found.notes]), count
    found, count = _seen[opened.model]
    return {"layers": [vars(layer) for layer in found.layers], "samples": count, "notes": found.notes}


def grid(
    run: str,
    layer: str,
    what: Literal["kernels", "maps"] = "maps",
    sample: int = 0,
    together: bool = False,
    page: int = 0,
    weights: Weights = "best",
) -> dict[str, Any]:
    """The message `Grid`: kernels of a layer, or its feature maps for one sample of the probe batch.

    Raises:
        TorchworkError: there is no such layer, sample or checkpoint, or nothing that can be drawn.
    """
    opened = opened_run(run)
    model = opened.model if weights == "best" else _with(opened.run, weights)
    module = layer_of(model, layer)
    if what == "kernels":
        return _page(_kernels(layer, module), together, page)
    inputs, count, _ = probe_batch(opened.run)
    if sample >= max(1, count):
        raise DataError(f"expected the number of a sample of the probe batch, 0 to {max(0, count - 1)}, got {sample}")
    picture = samples(run, 1, sample)[0]["picture"] if count and opened.run.spec.kind == "picture" else ""
    return {**_page(_maps(model, layer, inputs, sample), together, page), "input": picture}


def probe_batch(run: Run) -> tuple[Any, int, list[str]]:
    """The first validation samples as the model gets them, how many, and notes; noise where the data are gone."""
    try:
        batches = split_of(opened_data(run), "valid")
        count = min(MOST_SAMPLES, len(batches.store))
        return given(batches, range(count)), count, []
    except (TorchworkError, OSError) as error:
        drawn, dtype = torch.Generator().manual_seed(0), getattr(torch, run.spec.dtype)
        noise = tuple(torch.randn(2, *shape, generator=drawn).to(dtype) for shape in run.spec.inputs)
        return noise[0] if len(noise) == 1 else noise, 0, [f"its layers are tried on noise: {error}"]


def layer_of(model: nn.Module, name: str) -> nn.Module:
    """The layer of this name.

    Raises:
        TorchworkError: there is none; it says the nearest names.
    """
    found: dict[str, nn.Module] = dict(model.named_modules())
    if name not in found:
        raise TorchworkError(no_such(name, [known for known, _ in all_layers(model)]))
    return found[name]


def _kernels(name: str, layer: nn.Module) -> Tensor:
    kernels = kernels_of(layer)
    if kernels is None:
        raise TorchworkError(f"{name} has no kernels: it is a {type(layer).__name__}; choose a convolution")
    return kernels


def _maps(model: nn.Module, name: str, inputs: Any, sample: int) -> Tensor:
    """The maps [c, h, w] of one sample; the last layer's are kept for its next page."""
    kept = _outputs.setdefault(model, {})
    if (name, sample) not in kept:
        one = tuple(item[sample : sample + 1] for item in inputs) if isinstance(inputs, tuple) else inputs[[sample]]
        found = feature_maps(model, one, {name})
        maps = found.get(name)
        if maps is None:
            why = "its outputs have no place in a picture" if name in found else "it is not called"
            raise TorchworkError(f"{name} has no feature maps: {why}; choose a convolution, or what comes after one")
        kept.clear()
        kept[name, sample] = maps[0]
    return kept[name, sample]


def _page(values: Tensor, together: bool, page: int) -> dict[str, Any]:
    """One page of pictures [k, h, w(, 3)]; all on one scale means all of all pages."""
    places, pages = paged(len(values), page)
    made = scaled(values, together=True) if together else scaled(values[places.start : places.stop])
    begin = places.start if together else 0
    cells = [
        {
            "channel": channel,
            "picture": data_url(Image.fromarray(made.pixels[place])),
            "low": made.lows[place],
            "high": made.highs[place],
        }
        for place, channel in enumerate(places, begin)
    ]
    height, width = values.shape[1:3]
    return {"cells": cells, "pages": pages, "total": len(values), "width": width, "height": height, "input": ""}


def _with(run: Run, weights: Weights) -> nn.Module:
    """The model of a run with its last weights, or as its training began."""
    checkpoints = run.path / "checkpoints"
    key = str(run.path), weights, checkpoints.stat().st_mtime_ns if checkpoints.exists() else 0
    if key not in _others:
        _others.clear()
        _others[key] = run.first_model() if weights == "first" else run.model("last")
    return _others[key]
