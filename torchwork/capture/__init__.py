"""A live `nn.Module` to an editable, nested model, with its proof."""

from torchwork.capture.capturing import Captured, capture
from torchwork.capture.report import ClassReport, Report

__all__ = ["Captured", "ClassReport", "Report", "capture"]
