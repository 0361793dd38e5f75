"""Data: sources, splits, preparation, augmentation, statistics, batches."""

from __future__ import annotations

from torchwork.data.batches import Batches
from torchwork.data.bundle import Bundle, open_data
from torchwork.data.facts import data_facts
from torchwork.data.preprocess import Preprocess, samples
from torchwork.data.sources import part_problems, sources
from torchwork.data.spec import SYMBOLS, Spec

__all__ = [
    "SYMBOLS",
    "Batches",
    "Bundle",
    "Preprocess",
    "Spec",
    "data_facts",
    "open_data",
    "part_problems",
    "samples",
    "sources",
]
