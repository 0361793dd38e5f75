"""Look inside a network: while it learns, and afterwards."""

from torchwork.inside.histograms import Histogram, histogram, parameter_histograms
from torchwork.inside.statistics import Statistics

__all__ = ["Histogram", "Statistics", "histogram", "parameter_histograms"]
