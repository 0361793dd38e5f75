"""What torch and torchvision offer, by introspection of the installed libraries."""

from __future__ import annotations

from torchwork.catalog.describe import describe
from torchwork.catalog.entry import Argument, Entry, Operation
from torchwork.catalog.library import KINDS, Catalog, catalog
from torchwork.catalog.vision import vision, vision_note, with_vision

__all__ = [
    "KINDS",
    "Argument",
    "Catalog",
    "Entry",
    "Operation",
    "catalog",
    "describe",
    "vision",
    "vision_note",
    "with_vision",
]
