"""The exponential moving average of the weights, which is what validation and the best checkpoint use."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Average:
    """An averaged copy of a model; it holds the model's own weights until the first step."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]
        # The count decides in Python whether to copy or to average: on the device every step would wait for it.
        self._averaged.n_averaged = self._averaged.n_averaged.cpu()

    @property
    def module(self) -> nn.Module:
        return self._averaged.module

    def update(self, model: nn.Module) -> None:
        """Takes the weights after a step; buffers are copied."""
        self._averaged.update_parameters(model)

    def state_dict(self) -> dict[str, Any]:
        return {"count": int(self._averaged.n_averaged), "model": self.module.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._averaged.n_averaged.fill_(state["count"])
        self.module.load_state_dict(state["model"])
