"""The run folder: event files, `run.json`, console, environment, and tables over many runs. Loads no torch."""

from __future__ import annotations
