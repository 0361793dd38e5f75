"""The doctor: what is wrong with a training, from its records, its document and facts of its data."""

from torchwork.doctor.finding import Change, Finding, Severity

__all__ = ["Change", "Finding", "Severity"]
