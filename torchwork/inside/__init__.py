"""Look inside a network: while it learns, and afterwards."""

from torchwork.inside.aiming import Reading, Region, scores_of
from torchwork.inside.epochs import EpochLook, EpochView, rarely
from torchwork.inside.explaining import METHODS, Explanation, candidates_for, explain, method_of
from torchwork.inside.heat import heat, over
from torchwork.inside.histograms import Histogram, histogram, parameter_histograms
from torchwork.inside.hooks import Hooks
from torchwork.inside.overview import LayerFacts, Overview, overview
from torchwork.inside.predicting import predict
from torchwork.inside.predictions import Predictions
from torchwork.inside.probing import Outputs, probe
from torchwork.inside.statistics import Statistics
from torchwork.inside.targets import Candidate
from torchwork.inside.untouched import untouched
from torchwork.inside.watching import Watching

__all__ = [
    "METHODS",
    "Candidate",
    "EpochLook",
    "EpochView",
    "Explanation",
    "Histogram",
    "Hooks",
    "LayerFacts",
    "Outputs",
    "Overview",
    "Predictions",
    "Reading",
    "Region",
    "Statistics",
    "Watching",
    "candidates_for",
    "explain",
    "heat",
    "histogram",
    "method_of",
    "over",
    "overview",
    "parameter_histograms",
    "predict",
    "probe",
    "rarely",
    "scores_of",
    "untouched",
]
