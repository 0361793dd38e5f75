"""What a person does on the canvas, as changes of a document's plain values. No torch."""

from __future__ import annotations

from torchwork.draw.applying import Applied, apply, edited_text
from torchwork.draw.clipboard import copied
from torchwork.draw.edit import Edit, Plain
from torchwork.draw.sheets import Sheet, SheetNode, levels

__all__ = ["Applied", "Edit", "Plain", "Sheet", "SheetNode", "apply", "copied", "edited_text", "levels"]
