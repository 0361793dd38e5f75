"""Lengths of training with their unit: `500 steps`, `2 epochs`, `10 minutes`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import AfterValidator, Field

from torchwork.experiment.values import shown

Unit = Literal["steps", "epochs", "minutes"]
PATTERN = re.compile(r" *(?=[0-9.]*[1-9])([0-9]{1,12}(?:\.[0-9]{1,12})?) *(steps?|epochs?|minutes?) *")


class Duration(NamedTuple):
    """An amount and its unit."""

    amount: float
    unit: Unit

    def steps(self, steps_per_epoch: int) -> int:
        """The length in optimizer steps, at least one; a length in minutes has none.

        Raises:
            ValueError: the unit is minutes.
        """
        if self.unit == "minutes":
            raise ValueError("a length in minutes is not a number of steps")
        return max(1, round(self.amount * (steps_per_epoch if self.unit == "epochs" else 1)))


def parse_duration(text: str) -> Duration:
    """`500 steps` as a `Duration`.

    Raises:
        ValueError: not a positive number with one of the units.
    """
    found = PATTERN.fullmatch(text)
    if not found:
        raise ValueError(f"expected a length such as `500 steps`, `2 epochs` or `10 minutes`, got {shown(text)}")
    return Duration(float(found[1]), cast(Unit, found[2].rstrip("s") + "s"))


def _checked(text: str) -> str:
    parse_duration(text)
    return text


DurationText = Annotated[str, AfterValidator(_checked), Field(json_schema_extra={"pattern": f"^{PATTERN.pattern}$"})]
