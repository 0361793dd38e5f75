"""The nested model graph: arguments, shapes, cost and problems of every node, and the live module."""

from torchwork.graph.bare import bare, named_weights
from torchwork.graph.live import summarize
from torchwork.graph.module import Graph
from torchwork.graph.resolve import Resolved, resolve
from torchwork.graph.source import NEEDS_TRUST
from torchwork.graph.summary import Row, Summary, Totals, plain_text, totals_text
from torchwork.graph.value import TensorSpec, Unknown, Value, spec_of

__all__ = [
    "NEEDS_TRUST",
    "Graph",
    "Resolved",
    "Row",
    "Summary",
    "TensorSpec",
    "Totals",
    "Unknown",
    "Value",
    "bare",
    "named_weights",
    "plain_text",
    "resolve",
    "spec_of",
    "summarize",
    "totals_text",
]
