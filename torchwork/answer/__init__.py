"""What needs torch, answered to the server in a process of its own: checks, predictions, exports."""

from __future__ import annotations

from torchwork.answer.asking import answer

__all__ = ["answer"]
