"""The document as plain Python that needs only torch, and back."""

from torchwork.code.network.classes import Printed, print_network

__all__ = ["Printed", "print_network"]
