"""The run folder: event files, `run.json`, console, environment, and tables over many runs. Loads no torch."""

from __future__ import annotations

from torchwork.record.console import log_console
from torchwork.record.decode import Histogram, Item, pixels
from torchwork.record.environment import describe_environment, git_state, packages, write_code_diff
from torchwork.record.events import EventWriter
from torchwork.record.folder import RunFolder
from torchwork.record.info import RunInfo
from torchwork.record.log import Log, Series
from torchwork.record.query import RunSummary, Table, compare, flat, iso, measure, runs, summarize, table
from torchwork.record.reader import FileTail, Tail, event_files, read_run
from torchwork.record.shortest import shortest, shortest_cell

__all__ = [
    "EventWriter",
    "FileTail",
    "Histogram",
    "Item",
    "Log",
    "RunFolder",
    "RunInfo",
    "RunSummary",
    "Series",
    "Table",
    "Tail",
    "compare",
    "describe_environment",
    "event_files",
    "flat",
    "git_state",
    "iso",
    "log_console",
    "measure",
    "packages",
    "pixels",
    "read_run",
    "runs",
    "shortest",
    "shortest_cell",
    "summarize",
    "table",
    "write_code_diff",
]
