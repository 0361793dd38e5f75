"""torchvision, imported once and late; repaired where its compiled operators do not fit the installed torch."""

from __future__ import annotations

import functools
import importlib
import logging
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

import torch

from torchwork.catalog import boxes
from torchwork.errors import MissingPackageError

T = TypeVar("T")
NMS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
ROI_ALIGN = (
    "(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, int sampling_ratio, "
    "bool aligned) -> Tensor"
)
NOTE = (
    "torchvision was built for another torch: its compiled operators are missing, nms and roi_align run in plain "
    "torch; install both from the same index to have all"
)
MISSING = "torchvision is needed for its transforms and data sets and is not installed: pip install torchvision"

_libraries: list[torch.library.Library] = []  # torch forgets the operators when their library is collected


@functools.cache
def vision() -> ModuleType:
    """The module torchvision with its transforms.v2 and datasets; MissingPackageError when it is not installed.

    Where the plain import fails because torchvision's operators do not exist, they are supplied; the log says so.
    """
    try:
        module = _imported()
    except RuntimeError as error:
        if not _lacks_operators(error):
            raise
        module = _repaired()
    return module


def with_vision(load: Callable[[], T]) -> T:
    """What `load` gives, which runs code that may import torchvision itself; again where that had to be repaired."""
    try:
        return load()
    except RuntimeError as error:
        if not _lacks_operators(error):
            raise
        vision()
        return load()


def _lacks_operators(error: RuntimeError) -> bool:
    return "torchvision::" in str(error) and "does not exist" in str(error)


def vision_note() -> str:
    """What is missing from a repaired torchvision, as a sentence; empty when it is whole or not yet imported."""
    return NOTE if _libraries else ""


def _imported() -> ModuleType:
    try:
        module = importlib.import_module("torchvision")
        importlib.import_module("torchvision.transforms.v2")
        importlib.import_module("torchvision.datasets")
    except ModuleNotFoundError as error:
        if error.name != "torchvision":
            raise
        raise MissingPackageError(MISSING) from None
    return module


def _repaired() -> ModuleType:
    """torchvision on operators of our own, after its plain import has failed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    # Not warnings.warn: programs that make warnings errors must still work.
    logging.getLogger("torchwork").info(NOTE)
    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name, schema in (("nms", NMS), ("qnms", NMS), ("roi_align", ROI_ALIGN)):
        library.define(name + schema)
    library.impl("nms", boxes.nms, "CompositeExplicitAutograd")
    library.impl("roi_align", boxes.roi_align, "CompositeImplicitAutograd")
    _libraries.append(library)
    module = _imported()
    # Both ask this before each call: ops.roi_align holds its own reference, and the function there hides its module.
    for name in ("torchvision.extension", "torchvision.ops.roi_align"):
        sys.modules[name]._has_ops = lambda: True  # type: ignore[attr-defined]
    return module
