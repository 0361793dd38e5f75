"""What a person does on the canvas, as changes of a document's plain values. No torch."""

from __future__ import annotations

from torchwork.draw.edit import Edit, Plain

__all__ = ["Edit", "Plain"]
