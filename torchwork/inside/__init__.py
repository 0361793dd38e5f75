"""Look inside a network: while it learns, and afterwards."""

from torchwork.inside.epochs import EpochLook, EpochView, rarely
from torchwork.inside.histograms import Histogram, histogram, parameter_histograms
from torchwork.inside.hooks import Hooks
from torchwork.inside.overview import LayerFacts, Overview, overview
from torchwork.inside.probing import Outputs, probe
from torchwork.inside.statistics import Statistics
from torchwork.inside.untouched import untouched

__all__ = [
    "EpochLook",
    "EpochView",
    "Histogram",
    "Hooks",
    "LayerFacts",
    "Outputs",
    "Overview",
    "Statistics",
    "histogram",
    "overview",
    "parameter_histograms",
    "probe",
    "rarely",
    "untouched",
]
