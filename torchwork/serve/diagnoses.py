"""What the doctor said of runs, kept as long as these do not change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from torchwork.serve.looks import Diagnosis

KEPT = 32


class Diagnoses:
    """The last diagnoses, each with the state of the run that it is of."""

    def __init__(self) -> None:
        self._found: OrderedDict[Path, tuple[object, Diagnosis]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, folder: Path, state: object) -> Diagnosis | None:
        """What was said of the run in this state; None where it has changed since."""
        with self._lock:
            known = self._found.get(folder)
        return known[1] if known is not None and known[0] == state else None

    def put(self, folder: Path, state: object, found: Diagnosis) -> None:
        """Keeps it; what was put longest ago goes."""
        with self._lock:
            self._found[folder] = state, found
            self._found.move_to_end(folder)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
