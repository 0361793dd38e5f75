"""Many runs: the Cartesian product of settings, for one's own loop."""

from torchwork.sweep.grid import Runs, runs
from torchwork.sweep.tracker import Tracker

__all__ = ["Runs", "Tracker", "runs"]
