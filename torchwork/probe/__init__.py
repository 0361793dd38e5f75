"""Look inside a network while it learns."""

from torchwork.probe.histograms import Histogram, histogram, parameter_histograms

__all__ = ["Histogram", "histogram", "parameter_histograms"]
