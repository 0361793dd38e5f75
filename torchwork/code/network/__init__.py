"""The network of a document as classes of PyTorch."""

from torchwork.code.network.classes import Printed, print_network

__all__ = ["Printed", "print_network"]
