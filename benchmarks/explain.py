"""Where networks look: maps against the exact reference on six famous networks, and on photographs with an animal."""

from __future__ import annotations

import copy
import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.measure import Options, Report, SkippedError
from benchmarks.process import fresh, peak_memory
from torchwork.catalog import vision
from torchwork.inside import METHODS, explain
from torchwork.inside.explaining import DEAR

EXACT = 1e-5
"""Of the largest value of a map."""
BEFORE_IN_PLACE = {
    "alexnet": "features.10",
    "vgg11": "features.18",
    "resnet18": "layer4.1.bn2",
    "mobilenet_v2": "features.18.1",
    "densenet121": "features.norm5",
    "vit_b_16": "encoder.layers.encoder_layer_10.ln_2",
}
"""A layer of each network whose output is overwritten afterwards; of the ViT one whose tokens are read as places."""
FORMULAS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "grad-cam": lambda a, g: (g.mean((1, 2), keepdim=True) * a).sum(0).relu(),
    "grad-cam++": lambda a, g: (_shares(a.double(), g.double()) * a).sum(0).relu().float(),
    "layer-cam": lambda a, g: (g.relu() * a).sum(0).relu(),
    "hires-cam": lambda a, g: (g * a).sum(0),
}
"""As the papers write them, of maps and gradients [K, h, w]."""
Box = tuple[int, int, int, int]
ANIMALS: tuple[tuple[str, tuple[int, ...], tuple[Box, ...]], ...] = (
    ("both.png", (242, 243), ((78, 12, 165, 140),)),
    ("both.png", (281, 282, 285), ((45, 120, 198, 222),)),
    ("elephant.jpg", (101, 385, 386), ((33, 50, 135, 186),)),
    ("zebra.jpg", (340,), ((33, 57, 210, 192),)),
    ("siamese.jpg", (284,), ((73, 38, 145, 201),)),
    ("Chicken.jpg", (7, 8), ((96, 76, 176, 224), (0, 113, 58, 224), (172, 108, 202, 224))),
    ("coco_000148.jpg", (13,), ((59, 70, 206, 180),)),
    ("dog_cat.jfif", (207,), ((7, 10, 132, 215),)),
    ("dog_cat.jfif", (281, 283, 285), ((117, 60, 192, 215),)),
)
"""Photograph, classes that are right, and where the animals are: x1, y1, x2, y2 of 224×224, marked by hand."""


def run(options: Options, report: Report) -> None:
    """All parts."""
    exact(options, report)
    slow(options, report)
    photographs(options, report)


def exact(options: Options, report: Report) -> None:
    """Six networks with random weights against themselves without operations in place, and against captum."""
    side = 224
    report.say(f"\ndifference of maps at {side}×{side}, of the largest value")
    names = list(BEFORE_IN_PLACE)[:: options.size(1, 5)]
    captum = _captum()
    for name in names:
        torch.manual_seed(3)
        model, x = getattr(vision().models, name)().eval(), torch.randn(1, 3, side, side)
        if name == "vit_b_16":
            nn.init.normal_(model.heads.head.weight)  # torchvision begins with zeros
        chosen = explain(model, x, check=False).layer
        for layer in (BEFORE_IN_PLACE[name], chosen):
            maps, gradients = reference(model, x, layer)
            worst = max(
                difference(explain(model, x, method, layer, check=False).raw, formula(maps, gradients))
                for method, formula in FORMULAS.items()
            )
            report.check(f"{name} {layer[-26:]}", worst, EXACT)
            if captum and name != "vit_b_16":  # captum knows nothing of tokens
                report.check("  grad-cam of captum", _from_captum(captum, model, x, layer), EXACT)


def reference(model: nn.Module, x: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    """Maps and gradients [K, h, w] of a layer in a copy without anything in place, by retain_grad and backward."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    parent, _, name = layer.rpartition(".")
    kept = _Kept(model.get_submodule(layer))
    setattr(model.get_submodule(parent), name, kept)
    with patch.object(F, "relu", lambda given, inplace=False: torch.relu(given)):
        scores = model(x)
    scores[0, scores[0].argmax()].backward()
    assert kept.given.grad is not None
    maps, gradients = kept.given.detach()[0], kept.given.grad[0]
    if maps.dim() == 2:  # tokens, the class's first
        side = round((len(maps) - 1) ** 0.5)
        maps, gradients = (item[1:].T.reshape(-1, side, side) for item in (maps, gradients))
    return maps, gradients


class _Kept(nn.Module):
    """A layer that keeps what it gives, and gives something else on."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.given = layer, torch.empty(0)

    def forward(self, *inputs: Tensor) -> Tensor:
        self.given = self.layer(*inputs)
        self.given.retain_grad()
        return self.given * 1


def _shares(a: Tensor, g: Tensor) -> Tensor:
    alpha = torch.where(g != 0, g**2 / (2 * g**2 + a.sum((1, 2), keepdim=True) * g**3), 0)
    return (alpha * g.relu()).sum((1, 2), keepdim=True)


def difference(one: Tensor, other: Tensor) -> float:
    """The largest difference, of the largest value."""
    return float((one - other).abs().max() / other.abs().max().clamp_min(1e-30))


def _captum() -> Any:
    try:
        return importlib.import_module("captum.attr")
    except ImportError:
        return None


def _from_captum(captum: Any, model: nn.Module, x: Tensor, layer: str) -> float:
    theirs = captum.LayerGradCam(model, model.get_submodule(layer)).attribute(
        x, target=int(model(x).argmax()), relu_attributions=True
    )
    return difference(explain(model, x, layer=layer, check=False).raw, theirs[0, 0].detach())


def slow(options: Options, report: Report) -> None:
    """What the methods cost that run the network many times, with their check."""
    side = options.size(224, 64)
    report.say(f"\nResNet-18 at {side}×{side}, map and check: seconds of the processor, and memory beyond one pass")
    for method in ("grad-cam", *sorted(DEAR)):
        seconds, memory = fresh(cost, method, side)
        report.say(f"  {method:22}{seconds:7.1f} s   {memory / 2**20:5.0f} MB")


def cost(method: str, side: int) -> tuple[float, float]:
    """Seconds of the processor and bytes that one explanation takes beyond one pass, in a process of its own."""
    model, x = vision().models.resnet18().eval(), torch.randn(3, side, side)
    with torch.no_grad():
        model(x[None])
    held, begin = peak_memory(), time.process_time()
    explain(model, x, method)
    return time.process_time() - begin, peak_memory() - held


def photographs(options: Options, report: Report) -> None:
    """A trained network on photographs: is the animal in the brightest quarter of the map?"""
    folder, model = options.folder("photos"), mobilenet(options)
    fast = [name for name in METHODS if name not in ("score-cam", "occlusion")]
    methods = fast if options.quick else list(METHODS)
    animals = ANIMALS[: options.size(len(ANIMALS), 2)]
    report.say(
        f"\nMobileNetV2 on {len(animals)} animals: share of the brightest quarter on the animal; its peak is on it;"
    )
    report.say("seconds of the processor for one map with its check; how often it is trusted")
    for method in methods:
        rows = [_seen(model, picture(folder / file), classes, boxes, method) for file, classes, boxes in animals]
        shares = sum(row[0] for row in rows) / len(rows)
        peaks, seconds, trusted = (sum(row[place] for row in rows) for place in (1, 2, 3))
        report.say(
            f"  {method:22}{shares:6.2f}   {peaks}/{len(rows)}   {seconds / len(rows):7.2f} s   {trusted}/{len(rows)}"
        )
        if method == "grad-cam":
            report.check("  animals with the peak on them", peaks, len(rows), least=True)
            report.check("  least share of the brightest quarter", min(row[0] for row in rows), 0.5, least=True)


def mobilenet(options: Options) -> nn.Module:
    """torchvision's MobileNetV2 with weights of ImageNet; these were trained with ReLU."""
    file = options.folder("weights") / "mobilenet_v2_imagenet_dequant.pth"
    if not file.is_file():
        raise SkippedError(f"needs the weights {file}")
    model = vision().models.mobilenet_v2()
    model.load_state_dict(torch.load(file, weights_only=True))
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU6):
                setattr(module, name, nn.ReLU(inplace=True))
    return model.eval()


def picture(file: Any) -> Tensor:
    """The whole photograph as 224×224, normalised as for ImageNet."""
    image = Image.open(file).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (pixels - mean[:, None, None]) / std[:, None, None]


def _seen(
    model: nn.Module, x: Tensor, classes: tuple[int, ...], boxes: tuple[Box, ...], method: str
) -> tuple[float, bool, float, bool]:
    """The share of the brightest quarter that is on the animal, whether the peak is, seconds, whether it is trusted."""
    with torch.no_grad():
        scores = model(x[None])[0]
    target = max(classes, key=lambda index: float(scores[index]))
    begin = time.process_time()
    found = explain(model, x, method, target=target)
    seconds = time.process_time() - begin
    there = torch.zeros(224, 224, dtype=torch.bool)
    for x1, y1, x2, y2 in boxes:
        there[y1:y2, x1:x2] = True
    bright = found.map >= found.map.flatten().quantile(0.75)
    share = float((bright & there).sum() / bright.sum())
    peak = bool(there.flatten()[found.map.argmax()])
    return share, peak, seconds, bool(found.trust and found.trust.trusted)
