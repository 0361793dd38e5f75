"""The data of a document as functions that give its batches."""

from torchwork.code.data.batches import Pieces, print_data

__all__ = ["Pieces", "print_data"]
