"""One forward seen several times: at two sizes of the input, in evaluation and in training."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchwork.capture.folding import fold
from torchwork.capture.layers import UnsupportedError
from torchwork.capture.recording import Call, Frame

DROPOUTS = frozenset({"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"})
"""functions whose layers know training from evaluation"""
IN_TRAINING = "its forward does something else in training than in evaluation"


@dataclass
class Views:
    """The frames of one forward, at two sizes; `trained` are those in training, where it could be run so."""

    first: Frame
    second: Frame
    trained: tuple[Frame, Frame] | None = None
    output: Frame = field(init=False)
    step: dict[int, int] = field(init=False)
    training: bool = False
    evaluated: tuple[Frame, Frame] | None = None

    def __post_init__(self) -> None:
        fold((self.first, self.second, *(self.trained or ())))
        self.output = self.first
        self.step = {place: place for place in range(len(self.first.calls))}

    def settled(self) -> Views:
        """With the frames to follow: those in training where they call the same and further modules.

        Raises:
            UnsupportedError: training differs in another way.
        """
        if self.trained is None:
            return self
        if _names(self.first) == _names(self.trained[0]):
            if any(map(_differs, self.first.calls, self.trained[0].calls)):
                raise UnsupportedError(IN_TRAINING)
            return self
        step = _within(self.first.calls, self.trained[0].calls)
        further = [call for place, call in enumerate(self.trained[0].calls) if place not in step.values()]
        if len(step) < len(self.first.calls) or not all(call.module is not None for call in further):
            raise UnsupportedError(IN_TRAINING)
        found = Views(*self.trained, self.trained, training=True, evaluated=(self.first, self.second))
        found.output, found.step = self.first, step
        return found

    def inner(self, place: int) -> Views | None:
        """The views of the module that call `place` calls; None where one of them has no such frame."""
        first, second = self.first.calls[place].frame, self.second.calls[place].frame
        if first is None or second is None:
            return None
        if self.trained is None:
            return Views(first, second)
        back = {train: evaluated for evaluated, train in self.step.items()}
        trained = (self.trained[0].calls[place].frame, self.trained[1].calls[place].frame)
        if self.evaluated is not None and place in back:
            first, second = (frame.calls[back[place]].frame for frame in self.evaluated)
        if first is None or second is None or trained[0] is None or trained[1] is None:
            return None
        return Views(first, second, (trained[0], trained[1]))


def _names(frame: Frame) -> list[str]:
    return [call.name for call in frame.calls]


def _differs(evaluated: Call, trained: Call) -> bool:
    """Whether a function does something else in training: it gets another number, and is no layer in the document."""
    if evaluated.module is not None or evaluated.name in DROPOUTS:
        return False
    return _numbers(evaluated) != _numbers(trained)


def _numbers(call: Call) -> list[object]:
    given = (*call.args, *call.kwargs.values())
    return [value for value in given if isinstance(value, bool | int | float | str)]


def _within(calls: list[Call], longer: list[Call]) -> dict[int, int]:
    """Where each call stands among further ones, in the same order; shorter when one is not there."""
    found: dict[int, int] = {}
    at = 0
    for place, call in enumerate(calls):
        while at < len(longer) and longer[at].name != call.name:
            at += 1
        if at == len(longer):
            break
        found[place] = at
        at += 1
    return found
