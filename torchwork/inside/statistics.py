"""Live statistics: norms, updates and outputs of every layer, cheap enough to be taken while a network trains.

Hooks reduce at once, so that a later in-place operation changes nothing, and write into tensors of the device; nothing
waits for it until `read` fetches all looks together. Shapes: p parameters, l layers.
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
SAMPLES, NUMBERS = 16, 1 << 16
"""Of large batches at least so many samples and numbers, evenly spread, say how outputs are distributed.
That a unit is dead only all of them can say."""
ENOUGH, FEWEST = 64, 4
"""Looks, each at a whole batch, after which units that never answered are told: within an epoch, and at its end."""
FEW_UNITS = 32
"""so few numbers next to each other that reducing row by row is slow"""
CUTTING = (nn.ReLU, nn.ReLU6)
"""Layers whose units can be dead: zero whatever comes."""
FLAT = {nn.Tanh: (-0.97, 0.97), nn.Sigmoid: (0.015, 0.985)}
"""Outputs beyond these lie where the slope is nearly nothing."""
MEAN, RMS, ZEROS, SATURATED = range(4)
UNSEEN = -1.0
"""The root mean square of an output that nobody saw: the layer was not called, or gave no numbers."""
Row = dict[str, float]


class Statistics:
    """Looks into the steps of one model, every `every` steps: a probe of the engine; gone without a trace by `close`.

    Hooks are on the model only in steps that are looked into, for even an idle one costs a small layer some per cent.
    `always` keeps them and their reductions on in every step: for `torch.compile`, whose graph has them for nothing,
    while a step without would be a second graph. Then `attach` must come before the compiled model is first called.
    A layer that is called several times in a step is seen as it was called last.
    """

    def __init__(self, model: nn.Module, every: int = EVERY, *, always: bool = False) -> None:
        self.model, self.every, self.always = model, every, always
        self.layers: dict[str, nn.Module] = {}
        self._parameters: dict[str, nn.Parameter] = {}
        self._handles: list[Any] = []
        self._waiting: list[tuple[int, list[bool], Tensor]] = []
        self._hooks: list[_Look] = []
        self._alive: dict[int, Tensor] = {}
        self._looks = 0

    def attach(self) -> None:
        """Makes ready for the device that the model is on by now and the parameters that are trained."""
        self.close()
        self.layers = watched(self.model)
        self._parameters = {name: item for name, item in self.model.named_parameters() if item.requires_grad}
        device = next(iter(self._parameters.values())).device if self._parameters else torch.device("cpu")
        self.table = torch.full((len(self.layers), 4), UNSEEN, device=device)
        before: nn.Module | None = None
        for place, layer in enumerate(self.layers.values()):
            self._hooks.append(_Look(self.table, place, before))
            before = layer
        if self.always:
            self._hook()

    def close(self) -> None:
        """Takes the hooks off."""
        self._unhook()
        self._hooks = []

    def _hook(self) -> None:
        pairs = zip(self.layers.values(), self._hooks, strict=True)
        self._handles = [layer.register_forward_hook(hook) for layer, hook in pairs]

    def _unhook(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    # What the engine calls, or the hooks of one's own loop.

    def wants(self, step: int) -> bool:
        """The first steps, then every `every`-th, later ever fewer."""
        return step <= FIRST or step % (self.every * max(1, step // RARER)) == 0

    def before_step(self, step: int) -> None:
        """Keeps the weights, for what will have changed of them."""
        self._step = step
        self.table.fill_(UNSEEN)
        for hook in self._hooks:
            hook.peaks = None
        self._weights = [item.detach().clone() for item in self._parameters.values()]
        self._gradients: dict[str, Tensor] = {}
        if not self.always:
            self._hook()

    def holds(self, parameters: Sequence[Tensor]) -> bool:
        """Whether one of these parameters is looked at."""
        ids = {id(parameter) for parameter in parameters}
        return any(id(parameter) in ids for parameter in self._parameters.values())

    def after_backward(self, own: Sequence[Tensor], scale: Tensor | None = None) -> None:
        """Norms of the gradients of the parameters `own`, which their update steps with: of what it computes first,
        where it evaluates several times. `scale` is what they are still multiplied with.
        """
        ids = {id(parameter) for parameter in own}
        found = {
            name: _values(item.grad)
            for name, item in self._parameters.items()
            if id(item) in ids and item.grad is not None and name not in self._gradients
        }
        norms = _norms(list(found.values()))
        self._gradients.update(zip(found, norms if scale is None else [norm / scale for norm in norms], strict=True))

    def after_step(self) -> None:
        """Norms of the weights and of their change; all stays on the device."""
        if not self.always:
            self._unhook()
        with torch.no_grad():
            now = [item.detach() for item in self._parameters.values()]
            changes = torch._foreach_sub(now, self._weights) if now else ()
            norms = [*_norms([_values(item) for item in now]), *_norms([_values(item) for item in changes])]
            none = self.table.new_zeros(())
            gradients = [self._gradients.get(name, none) for name in self._parameters]
            numbers = [number.to(none) for number in (*gradients, *norms)]
            given = [name in self._gradients for name in self._parameters]
            self._waiting.append((self._step, given, torch.cat([torch.stack(numbers), self.table.flatten()])))
        self._weights, self._gradients = [], {}
        self._keep_peaks()

    def _keep_peaks(self) -> None:
        """The highest output of each unit so far: one that stays at zero is dead."""
        for hook in self._hooks:
            if hook.peaks is not None:
                kept = self._alive.get(hook.place, hook.peaks)
                same = kept.shape == hook.peaks.shape  # else its units are others, step by step
                self._alive[hook.place] = torch.maximum(kept, hook.peaks) if same else hook.peaks
        self._looks += 1

    # Reading.

    @property
    def waiting(self) -> int:
        """So many looks were not read yet."""
        return len(self._waiting)

    def read(self) -> list[tuple[int, Row]]:
        """Steps with their values by tag since the last reading; here the device is waited for, once."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return []
        numbers = torch.stack([row for _, _, row in waiting]).tolist()
        rows = [(step, self._row(given, row)) for (step, given, _), row in zip(waiting, numbers, strict=True)]
        rows[-1][1].update(self.dead(ENOUGH))
        return rows

    def _row(self, given: Sequence[bool], numbers: list[float]) -> Row:
        count = len(self._parameters)
        gradients, weights, changes = (numbers[part * count : (part + 1) * count] for part in range(3))
        outputs = numbers[3 * count :]
        table = [outputs[place : place + 4] for place in range(0, len(outputs), 4)]
        skipped = not any(changes) and any(map(math.isinf, gradients))
        norms = {} if skipped else self._gradient_norms(given, gradients)
        return {**norms, **self._weight_norms(weights, changes, skipped), **self._outputs(table)}

    def _gradient_norms(self, given: Sequence[bool], norms: Sequence[float]) -> Row:
        """Of those that there were, and of all together."""
        found = zip(self._parameters, given, norms, strict=True)
        row = {f"gradient_norm/{name}": norm for name, was, norm in found if was}
        return {"step/gradient_norm": math.hypot(*row.values()), **row} if row else {}

    def _weight_norms(self, weights: Sequence[float], changes: Sequence[float], skipped: bool) -> Row:
        """Without updates where fp16 has skipped the step, because scaled gradients were too large for it."""
        row = {f"weight_norm/{name}": norm for name, norm in zip(self._parameters, weights, strict=True)}
        for name, change, weight in zip(self._parameters, changes, weights, strict=True):
            if not skipped:
                row[f"update_ratio/{name}"] = change / weight if weight else math.inf if change else 0.0
        return row

    def _outputs(self, table: Sequence[Sequence[float]]) -> Row:
        row: Row = {}
        for (name, layer), seen in zip(self.layers.items(), table, strict=True):
            if seen[RMS] == UNSEEN:
                continue
            row[f"output_mean/{name}"] = seen[MEAN]
            row[f"output_std/{name}"] = _deviation(seen[MEAN], seen[RMS])
            if isinstance(layer, CUTTING):
                row[f"output_zeros/{name}"] = seen[ZEROS]
            if type(layer) in FLAT:
                row[f"output_saturated/{name}"] = seen[SATURATED]
        return row

    def dead(self, looks: int = FEWEST) -> Row:
        """The share of units of each layer that gave nothing but zero since it was last told; after so many looks."""
        if self._looks < looks:
            return {}
        names, alive = list(self.layers), self._alive
        self._alive, self._looks = {}, 0
        return {f"dead_units/{names[place]}": float((peaks <= 0).float().mean()) for place, peaks in alive.items()}


class _Look:
    """A forward hook: of the output of the layer at `place` a few numbers stay. A copy of the layer has none of it."""

    def __init__(self, table: Tensor, place: int, before: nn.Module | None) -> None:
        self.table, self.place, self.before = table, place, before
        self.peaks: Tensor | None = None
        """the highest outputs [units] of the last call; no dict, for a compiled graph would guard what is in it"""

    def __call__(self, layer: nn.Module, _: Any, output: Any) -> None:
        if not layer.training:
            return
        given = first_tensor(output)
        if given is None or not given.dim() or not given.numel():
            return
        values = given.detach()
        some = values[:: max(1, min(len(values) // SAMPLES, values.numel() // NUMBERS))]
        mean = some.mean(dtype=torch.float32)
        root = some.float().square().mean().sqrt()  # a third of the time of vector_norm, as it is for signs below
        zeros = saturated = mean.new_zeros(())
        if isinstance(layer, CUTTING):
            zeros = 1 - some.sign().mean(dtype=torch.float32)  # nothing of it is below zero
            zeros = zeros.where(~mean.isnan(), 0.0)  # the sign of what is no number is 0
            self.peaks = _highest(values, channels_of(layer, values, self.before)).float()
        elif type(layer) in FLAT:
            low, high = FLAT[type(layer)]
            saturated = ((some < low) | (some > high)).float().mean()
        self.table[self.place] = torch.stack([mean, root, zeros, saturated])

    def __deepcopy__(self, memo: Any) -> Any:
        return nothing

    def __reduce__(self) -> Any:
        return partial, (nothing,)


def _highest(values: Tensor, units: int) -> Tensor:
    """The highest value of each unit [units]; as `amax` over all other dimensions, which takes up to thirty times as
    long on a processor where numbers of a unit lie far apart.
    """
    last = values.movedim(units, -1)
    if values.dim() > 2 and last.is_contiguous() and last.shape[-1] < FEW_UNITS:
        return last.flatten(0, -3).flatten(1).amax(0).view(-1, last.shape[-1]).amax(0)
    if values.dim() > 2 and units == 1 and values.is_contiguous():
        return values.flatten(2).amax(2).amax(0)
    others = [dim for dim in range(values.dim()) if dim != units]
    return values.amax(others) if others else values


def nothing(*_: Any) -> None:
    """What a copied or saved layer has in the place of a hook of ours."""


def _norms(tensors: list[Tensor]) -> Sequence[Tensor]:
    return torch._foreach_norm(tensors, 2, torch.float32) if tensors else ()


def _values(tensor: Tensor) -> Tensor:
    """The numbers in it: of a sparse gradient those it has, of complex ones two each."""
    found = tensor.detach()
    found = found.coalesce().values() if found.is_sparse else found
    return torch.view_as_real(found) if found.is_complex() else found


def _deviation(mean: float, root: float) -> float:
    """From mean and root mean square."""
    return math.sqrt(max(0.0, root * root - mean * mean)) if root < 1e18 else root
