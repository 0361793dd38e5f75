"""Classes of torchvision that draw numbers in training, said with layers that know training from evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from torchwork.capture.functions import Builder, row
from torchwork.capture.layers import UnsupportedError


def stochastic_depth(b: Builder, module: nn.Module, ref: Any) -> str:
    """Whole samples dropped out: dropout of one number for each sample, which draws the same numbers."""
    if module.mode != "row":
        raise UnsupportedError("it drops a whole batch out")
    sizes = b.sizes(ref)
    if sizes[0][0] == sizes[0][1]:
        raise UnsupportedError("it drops samples out, and the number of samples was the same twice")
    wanted = [sizes[0], *[(1, 1)] * (len(sizes) - 1)]
    ones = b.emit("ones_like", {"dtype": "float32"}, [row(b, wanted, 0)])
    kept = b.layer("Dropout", {"p": module.p}, [ones])
    return b.emit("mul", {}, [b.text(ref), kept])


KNOWN: Mapping[str, Callable[[Builder, nn.Module, Any], str]] = {
    "torchvision.ops.stochastic_depth.StochasticDepth": stochastic_depth,
}
"""By the full name of the class; each gives what the forward returns for its one input."""
