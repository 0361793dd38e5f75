"""One question to a network: what in this picture speaks for that score? What every method of explanation asks of it.

Shapes: N pictures, C H W of the picture, c h w of a layer's maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.errors import TorchworkError
from torchwork.inside.aiming import Aim, Reading
from torchwork.inside.chunks import Progress, in_chunks
from torchwork.inside.given import Run, alone
from torchwork.inside.hooks import Hooks, exactly
from torchwork.inside.layers import first_tensor
from torchwork.inside.targets import Candidate, replaced


@dataclass(frozen=True)
class Case:
    """A network in eval mode, a picture [1, C, H, W], what is aimed at, and the layer that is looked at."""

    model: nn.Module
    x: Tensor
    read: Reading
    aim: Aim
    layer: Candidate | None = None
    progress: Progress | None = None
    run: Run = alone

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.x.shape[2], self.x.shape[3]

    def score(self, inputs: Tensor) -> Tensor:
        """The score of each picture, [N]."""
        with Hooks(self.model) as hooks:
            return self.aim(self.read(self.run(hooks.model, inputs)))

    def scores(self, inputs: Tensor) -> Tensor:
        """The same without gradients."""
        with torch.no_grad():
            return self.score(inputs)

    def gradient(self, inputs: Tensor) -> Tensor:
        """How the score of each picture changes with it, [N, C, H, W]."""
        leaf = inputs.detach().clone().requires_grad_()
        return _gradient(self.score(leaf), leaf, "its input")

    def maps(self, scale: float = 1.0) -> tuple[Tensor, Tensor]:
        """The layer's maps and the gradients of the score with respect to them, both [c, h, w].

        They are the layer's own whatever changes its output in place afterwards: the network goes on with a copy.
        `scale` multiplies the output before it goes on.
        """
        found: list[tuple[Tensor, Tensor]] = []

        def look() -> Tensor:
            leaf, score = self._cut(scale)
            found.append((leaf, _gradient(score, leaf, self._layer.name)))
            return score.detach()

        in_chunks(1, lambda _, __: look())
        leaf, gradient = found[-1]
        return self._layer.places.maps(leaf.detach())[0].float(), self._layer.places.maps(gradient)[0].float()

    def activations(self) -> Tensor:
        """The layer's maps alone, [c, h, w]."""
        with torch.no_grad():
            leaf, _ = self._cut(1.0)
        return self._layer.places.maps(leaf.detach())[0].float()

    @property
    def _layer(self) -> Candidate:
        assert self.layer is not None
        return self.layer

    def _cut(self, scale: float) -> tuple[Tensor, Tensor]:
        """The layer's output as the beginning of a graph, and the score that it leads to."""
        kept: list[Tensor] = []
        times = count()

        def keep(_: str, output: Any) -> Any:
            if (value := first_tensor(output)) is None or next(times) != self._layer.time:
                return output
            kept.append((value.detach() * scale if scale != 1 else value.detach()).requires_grad_())
            return replaced(output, value, kept[-1].clone())

        with Hooks(self.model) as hooks:
            hooks.forward(exactly(self._layer.name), keep)
            score = self.aim(self.read(self.run(hooks.model, self.x)))
        return kept[-1], score


def _gradient(score: Tensor, leaf: Tensor, what: str) -> Tensor:
    if not score.requires_grad:
        raise TorchworkError(
            f"the score has no gradient with respect to {what}: the network computes without gradients behind it; "
            "use score-cam, eigen-cam or occlusion"
        )
    [gradient] = torch.autograd.grad(score.sum(), [leaf], allow_unused=True)
    return torch.zeros_like(leaf) if gradient is None else gradient.detach()
