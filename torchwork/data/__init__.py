"""Data: sources, splits, preparation, augmentation, statistics, batches."""

from __future__ import annotations

from torchwork.data.batches import Batches
from torchwork.data.bundle import Bundle, open_data
from torchwork.data.facts import data_facts
from torchwork.data.preprocess import Preprocess, samples
from torchwork.data.sources import needs_torchvision, part_problems, sources
from torchwork.data.spec import SYMBOLS, Spec

__all__ = [
    "SYMBOLS",
    "Batches",
    "Bundle",
    "Preprocess",
    "Spec",
    "data_facts",
    "needs_torchvision",
    "open_data",
    "part_problems",
    "samples",
    "sources",
]
