"""The local web server of the workbench: watches run folders, starts trainings as processes, serves the page."""

from __future__ import annotations

from torchwork.serve.server import serve

__all__ = ["serve"]
