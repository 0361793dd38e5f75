"""Ways out of what is wrong, each by one click; a fix is only offered where it mends what it is offered for."""

from torchwork.answer.fixes.offering import fixes
from torchwork.answer.fixes.trouble import Trouble

__all__ = ["Trouble", "fixes"]
