"""Live statistics: norms, updates and outputs of every layer, cheap enough to be taken while a network trains.

Hooks reduce at once, so that a later in-place operation changes nothing, and write into tensors of the device; nothing
waits for it until `read` fetches a whole window. Shapes: p parameters, l layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.inside.layers import channels_of, first_tensor, watched

EVERY = 10
"""Steps between two looks, while the training is young."""
FIRST = 20
"""So many first steps are all looked into: what is wrong with a beginning shows there."""
RARER = 2000
"""From twice this step on looks become rarer, so that a long training has hundreds of rows, not millions."""
WINDOW = 64
SAMPLES = 4
"""Of a batch, where counting all is dear."""
ENOUGH, FEWEST = 64, 4
"""Looks, each at a whole batch, after which units that never answered are told: within an epoch, and at its end."""
CUTTING = (nn.ReLU, nn.ReLU6)
"""Layers whose units can be dead: zero whatever comes."""
FLAT = {nn.Tanh: (-0.97, 0.97), nn.Sigmoid: (0.015, 0.985)}
"""Outputs beyond these lie where the slope is nearly nothing."""
COLUMNS = ("output_mean", "output_rms", "output_zeros", "output_saturated")
Row = dict[str, float]


class Statistics:
    """Looks into the steps of one model, every `every` steps: a probe of the engine; gone without a trace by `close`.

    `always` keeps the reductions on in every step: for `torch.compile`, whose graph has them for nothing, while a step
    without them would be a second graph. Then `attach` must come before the compiled model is first called.
    """

    def __init__(self, model: nn.Module, every: int = EVERY, *, always: bool = False) -> None:
        self.model, self.every, self.always, self.active = model, every, always, False
        self.layers = watched(model)
        self._parameters = {name: item for name, item in model.named_parameters() if item.requires_grad}
        self._handles: list[Any] = []
        self._waiting: list[tuple[int, Tensor, Tensor]] = []
        self._peaks: dict[int, Tensor] = {}
        self._alive: dict[int, Tensor] = {}
        self._looks = 0

    def attach(self) -> None:
        """Puts the hooks on, for the device that the model is on by now."""
        device = next(iter(self._parameters.values())).device if self._parameters else torch.device("cpu")
        self._table = torch.zeros(len(self.layers), len(COLUMNS), device=device)
        before: nn.Module | None = None
        for place, layer in enumerate(self.layers.values()):
            self._handles.append(layer.register_forward_hook(partial(self._look, place, before)))
            before = layer
        self.active = self.always

    def close(self) -> None:
        """Takes the hooks off."""
        for handle in self._handles:
            handle.remove()
        self._handles, self.active = [], False

    def _look(self, place: int, before: nn.Module | None, layer: nn.Module, _: Any, output: Any) -> None:
        """A layer has its output: a few numbers of it stay."""
        if not self.active or not layer.training:
            return
        given = first_tensor(output)
        if given is None:
            return
        values = given.detach()
        mean = values.mean(dtype=torch.float32)
        root = torch.linalg.vector_norm(values, dtype=torch.float32) / math.sqrt(max(1, values.numel()))
        zeros = saturated = mean.new_zeros(())
        if isinstance(layer, CUTTING):
            zeros = (values[:SAMPLES] == 0).float().mean()
            units = channels_of(layer, values, before)
            self._peaks[place] = values.amax([dim for dim in range(values.dim()) if dim != units]).float()
        elif type(layer) in FLAT:
            low, high = FLAT[type(layer)]
            some = values[:SAMPLES]
            saturated = ((some < low) | (some > high)).float().mean()
        self._table[place] = torch.stack([mean, root, zeros, saturated])

    # What the engine calls, or a hook of one's own optimizer.

    def wants(self, step: int) -> bool:
        """The first steps, then every `every`-th, later ever fewer."""
        return step <= FIRST or step % (self.every * max(1, step // RARER)) == 0

    def before_step(self, step: int) -> None:
        """Keeps the weights, for what will have changed of them."""
        self.active, self._step = True, step
        self._weights = [item.detach().clone() for item in self._parameters.values()]
        self._gradients: dict[str, Tensor] = {}

    def after_backward(self) -> None:
        """Norms of the gradients that are there; where several updates make one step, each has its own."""
        found = {name: item.grad for name, item in self._parameters.items() if item.grad is not None}
        norms = torch._foreach_norm([_dense(grad) for grad in found.values()]) if found else ()
        self._gradients |= dict(zip(found, norms, strict=True))

    def after_step(self) -> None:
        """Norms of the weights and of their change; all stays on the device."""
        self.active = self.always
        with torch.no_grad():
            now = [item.detach() for item in self._parameters.values()]
            norms = [*torch._foreach_norm(now), *torch._foreach_norm(torch._foreach_sub(now, self._weights))]
        self._weights = []
        none = self._table.new_full((), math.nan)
        gradients = [self._gradients.get(name, none).to(none) for name in self._parameters]
        self._waiting.append((self._step, torch.stack([*gradients, *(n.to(none) for n in norms)]), self._table.clone()))
        self._keep_peaks()

    def _keep_peaks(self) -> None:
        """The highest output of each unit so far: one that stays at zero is dead."""
        for place, peaks in self._peaks.items():
            self._alive[place] = torch.maximum(self._alive[place], peaks) if place in self._alive else peaks
        self._peaks = {}
        self._looks += 1

    # Reading.

    @property
    def due(self) -> bool:
        """Whether so many looks wait that they should be read."""
        return len(self._waiting) >= WINDOW

    def read(self) -> list[tuple[int, Row]]:
        """Steps with their values by tag since the last reading; here the device is waited for."""
        waiting, self._waiting = self._waiting, []
        rows = [(step, self._row(norms.tolist(), table.tolist())) for step, norms, table in waiting]
        if rows:
            rows[-1][1].update(self.dead(ENOUGH))
        return rows

    def _row(self, norms: Sequence[float], table: Sequence[Sequence[float]]) -> Row:
        names = list(self._parameters)
        count = len(names)
        gradients, weights, changes = norms[:count], norms[count : 2 * count], norms[2 * count :]
        row = {f"gradient_norm/{name}": norm for name, norm in zip(names, gradients, strict=True) if norm == norm}
        total = math.sqrt(math.fsum(norm * norm for norm in row.values()))
        row |= {f"weight_norm/{name}": norm for name, norm in zip(names, weights, strict=True)}
        for name, change, weight in zip(names, changes, weights, strict=True):
            row[f"update_ratio/{name}"] = change / weight if weight else math.inf if change else 0.0
        return {"step/gradient_norm": total, **row, **self._outputs(table)}

    def _outputs(self, table: Sequence[Sequence[float]]) -> Row:
        row: Row = {}
        for (name, layer), (mean, root, zeros, saturated) in zip(self.layers.items(), table, strict=True):
            row[f"output_mean/{name}"] = mean
            row[f"output_std/{name}"] = math.sqrt(max(0.0, root * root - mean * mean)) if root < 1e18 else root
            if isinstance(layer, CUTTING):
                row[f"output_zeros/{name}"] = zeros
            if type(layer) in FLAT:
                row[f"output_saturated/{name}"] = saturated
        return row

    def dead(self, looks: int = FEWEST) -> Row:
        """The share of units of each layer that gave nothing but zero since it was last told; after so many looks."""
        if self._looks < looks:
            return {}
        names, alive = list(self.layers), self._alive
        self._alive, self._looks = {}, 0
        return {f"dead_units/{names[place]}": float((peaks <= 0).float().mean()) for place, peaks in alive.items()}


def _dense(gradient: Tensor) -> Tensor:
    return gradient.coalesce().values() if gradient.is_sparse else gradient.detach()
