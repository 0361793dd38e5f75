"""Where a network looked: `inside.explain(model, x)` for any module that takes one picture.

Shapes: K classes, H W of the picture, h w of a layer's maps.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from torchwork.errors import OutOfMemoryError, TorchworkError, nearest
from torchwork.inside import cam, gradients
from torchwork.inside.aiming import Reading, Region, aim_at, scores_of, summed
from torchwork.inside.case import Case
from torchwork.inside.chunks import Progress, no_memory, share
from torchwork.inside.given import Inputs, given
from torchwork.inside.layers import unwrapped
from torchwork.inside.occlusion import occlusion
from torchwork.inside.order import in_order
from torchwork.inside.targets import Candidate, Trace, candidates, pick, trace
from torchwork.inside.trust import Trust, last_layers, trust
from torchwork.inside.untouched import untouched

TINY = 1e-30
MANY = 2**24
"""Pixels, of which torch computes no quantile."""
ASKED = 3
"""layers whether tokens lie in order: one that sees it is enough, as the attention of the first may look far"""
BRIGHTEST = 0.99
"""Of a map of single pixels, the few above this share would leave all others dark."""


@dataclass(frozen=True)
class Method:
    """A way to explain: what it makes of a case, and whether it looks at a layer."""

    draw: Callable[[Case], Tensor]
    layered: bool
    words: str


METHODS = {
    "grad-cam": Method(cam.grad_cam, True, "maps of a layer, weighed by their mean gradients; the usual choice"),
    "grad-cam++": Method(cam.grad_cam_plus_plus, True, "Grad-CAM for several things of a class in one picture"),
    "layer-cam": Method(cam.layer_cam, True, "gradients place by place; fine also at earlier layers"),
    "hires-cam": Method(cam.hires_cam, True, "gradients place by place, of both signs; exact before a linear end"),
    "score-cam": Method(cam.score_cam, True, "tries each map as a mask, without gradients; slow"),
    "eigen-cam": Method(cam.eigen_cam, True, "what the maps have most in common; the same for every class"),
    "cam": Method(cam.cam, True, "for global average pooling with one linear layer"),
    "saliency": Method(gradients.saliency, False, "how much the score changes with each pixel"),
    "smoothgrad": Method(gradients.smoothgrad, False, "saliency of the mean of noisy copies"),
    "integrated-gradients": Method(
        gradients.integrated_gradients, False, "each pixel's share of the score, from the mean colour on"
    ),
    "occlusion": Method(occlusion, False, "how much the score falls when a patch is hidden; slow, needs no gradients"),
}
"""Every method by name, the usual one first."""
DRAWS = 3
"""Random networks that a map is compared with."""
DEAR = frozenset({"score-cam", "occlusion", "smoothgrad", "integrated-gradients"})
"""Of these one must do: they run the network many times."""
OF_PIXELS = frozenset({"saliency", "smoothgrad", "integrated-gradients"})


@dataclass(frozen=True)
class Explanation:
    """Where a network looked."""

    map: Tensor = field(repr=False)
    """float32 [H, W] on the CPU, from 0 (did not matter) to 1"""
    raw: Tensor = field(repr=False)
    """what the method says itself: [h, w] of a layer, else [H, W]; of both signs for some"""
    scores: Tensor
    """of all classes [K], as the network gives them; of a segmentation their means in the region"""
    target: int
    method: str
    layer: str = ""
    """empty: the method looks at none"""
    candidates: list[Candidate] = field(default_factory=list, repr=False)
    """layers that can be looked at, best first"""
    places: bool = False
    """whether the network says something of each place, as a segmentation does: a region can be explained"""
    trust: Trust | None = None
    """None: it was not asked for"""
    notes: list[str] = field(default_factory=list)
    """what else is to be known of the map"""

    @property
    def flat(self) -> bool:
        """Whether the map shows nothing."""
        return not bool((self.map > 0).any())


def explain(
    model: nn.Module,
    x: Inputs,
    method: str = "grad-cam",
    layer: str = "",
    target: int | None = None,
    region: Region | None = None,
    *,
    input: int | str | None = None,
    read: Reading = scores_of,
    check: bool = True,
    progress: Progress | None = None,
) -> Explanation:
    """Explains the score of class `target` for one picture x [C, H, W] or [1, C, H, W], as the model takes it.

    Of a model with several inputs x is all of them in order, and `input` is the number or name of the one that is
    explained, else the first picture; the others stay as they are.
    The model is looked at in eval mode and left as it was. Without a layer the best is chosen; without a target it is
    the class with the highest score. `region` (x1, y1, x2, y2) is of a segmentation. `read` makes scores [N, K] or
    [N, K, H, W] of what the model gives; `check` tries whether the map depends on what the last layers learned.
    `progress(done, total)` is told how far it is; what it raises ends the work, and nothing is left of that either.

    Raises:
        TorchworkError: there is no such method, layer, input or class, or the method cannot say anything here.
        OutOfMemoryError: there is no memory for one picture at a time.
    """
    way, model = _way(method, layer), _plain(model)
    picture, run = given(model, x, input)
    try:
        with _looking(model):
            picture = picture.detach().clone()
            found, size = trace(model, picture, read, run), (picture.shape[2], picture.shape[3])
            aim = aim_at(found.scores, target, region, size)
            ranked = candidates(found, aim, size)
            chosen = pick(model, found, ranked, layer, size) if way.layered else None
            scores, name = summed(found.scores, aim).cpu(), chosen.name if chosen else ""
            last = last_layers(found, name) if check else None
            notes = _notes(found, chosen, ranked)
            del found  # it holds every output
            places = aim.weights is not None
            made = Explanation(
                torch.empty(0), torch.empty(0), scores, aim.target, method, name, ranked, places, notes=notes
            )
            return _drawn(made, Case(model, picture, read, aim, chosen, progress, run), last)
    except (RuntimeError, MemoryError) as error:
        if not no_memory(error):
            raise
    raise OutOfMemoryError("there is no memory to explain this picture; use a smaller one, or a smaller model")


def _notes(found: Trace, chosen: Candidate | None, ranked: Sequence[Candidate]) -> list[str]:
    """What to doubt of the map: asked of the first tokens that lie as those chosen, for later ones know all places."""
    if chosen is None:
        return []
    alike = {(item.name, item.time) for item in (*ranked, chosen) if item.places == chosen.places}
    values = [call.value for call in found.calls if (call.name, call.time) in alike][:ASKED]
    if any(in_order(found.picture, value, chosen.places) for value in values):
        return []
    return [
        f"the tokens of {chosen.name} do not lie row by row in the picture, as far as can be seen: do not trust where "
        "this map shows"
    ]


def candidates_for(
    model: nn.Module, x: Inputs, *, input: int | str | None = None, read: Reading = scores_of
) -> list[Candidate]:
    """The layers that could be looked at for what `explain` takes, best first."""
    model = _plain(model)
    picture, run = given(model, x, input)
    with _looking(model):
        found, size = trace(model, picture.detach().clone(), read, run), (picture.shape[2], picture.shape[3])
        return candidates(found, aim_at(found.scores, None, None, size), size)


def _plain(model: nn.Module) -> nn.Module:
    """The network itself, uncompiled and not in parallel; a copy of one that was made in inference mode."""
    model = unwrapped(model)
    return copy.deepcopy(model) if any(item.is_inference() for item in model.parameters()) else model


@contextmanager
def _looking(model: nn.Module) -> Iterator[None]:
    """The network in eval mode, with gradients of what depends on the picture and of nothing else."""
    with untouched(model), torch.inference_mode(False), torch.enable_grad():
        model.eval()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        yield


def _drawn(made: Explanation, case: Case, last: list[str] | None) -> Explanation:
    """The explanation with its map, and with a verdict on it by the layers `last`, unless that is None."""
    draw = METHODS[made.method].draw
    draws = 0 if last is None else 1 if made.method in DEAR else DRAWS
    raw = draw(replace(case, progress=share(case.progress, 0, 1 + draws))).float().cpu()
    shown = _shown(raw, made.method, case.size)
    if last is None:
        return replace(made, map=shown, raw=raw)
    verdict = trust(case, shown, last, lambda other: _shown(draw(other).float().cpu(), made.method, case.size), draws)
    return replace(made, map=shown, raw=raw, trust=verdict)


def _shown(raw: Tensor, method: str, size: tuple[int, int]) -> Tensor:
    """A map in the picture's size, from 0 to 1: what speaks for the class, of pixels also what speaks against it."""
    if method in OF_PIXELS:
        values = raw.abs()
        top = values.flatten().quantile(BRIGHTEST) if values.numel() < MANY else values.max()
        return (values / (top if top > 0 else values.max()).clamp_min(TINY)).clamp(max=1)
    values = raw.relu()
    values = values / values.max().clamp_min(TINY)
    large = F.interpolate(values[None, None], size, mode="bilinear", align_corners=False)[0, 0]
    return large / large.max().clamp_min(TINY)


def _way(name: str, layer: str) -> Method:
    """The method of that name; TorchworkError where a layer is named for one that looks at none."""
    way = method_of(name)
    if layer and not way.layered:
        layered = ", ".join(other for other, item in METHODS.items() if item.layered)
        raise TorchworkError(f"{name} looks at no layer; leave {layer} out, or use a method that does: {layered}")
    return way


def method_of(name: str) -> Method:
    """The method of that name; TorchworkError with the nearest names."""
    if name not in METHODS:
        hint = nearest(name, METHODS) or f"there are {', '.join(METHODS)}"
        raise TorchworkError(f"there is no method {name} to explain a prediction; {hint}")
    return METHODS[name]
