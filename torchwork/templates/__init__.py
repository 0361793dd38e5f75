"""Documents to begin from, and the order in which a person is offered them."""

from __future__ import annotations

__all__ = ["ORDER", "template_order"]

ORDER = ("shapes", "fashion", "pictures", "table", "lenet", "alexnet", "resnet18", "unet", "transformer", "lstm")
"""First those for data of one's own, then networks that everybody knows."""


def template_order(name: str) -> int:
    """Where a template stands in lists; one that is not known comes last."""
    return ORDER.index(name) if name in ORDER else len(ORDER)
