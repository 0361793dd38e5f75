"""Look inside a network: while it learns, and afterwards."""

from torchwork.inside.epochs import EpochLook, EpochView, rarely
from torchwork.inside.explaining import METHODS, Explanation, explain
from torchwork.inside.heat import heat, over
from torchwork.inside.histograms import Histogram, histogram, parameter_histograms
from torchwork.inside.hooks import Hooks
from torchwork.inside.overview import LayerFacts, Overview, overview
from torchwork.inside.probing import Outputs, probe
from torchwork.inside.statistics import Statistics
from torchwork.inside.untouched import untouched
from torchwork.inside.watching import Watching

__all__ = [
    "METHODS",
    "EpochLook",
    "EpochView",
    "Explanation",
    "Histogram",
    "Hooks",
    "LayerFacts",
    "Outputs",
    "Overview",
    "Statistics",
    "Watching",
    "explain",
    "heat",
    "histogram",
    "over",
    "overview",
    "parameter_histograms",
    "probe",
    "rarely",
    "untouched",
]
