"""The doctor: what is wrong with a training, from its records, its document and facts of its data."""

from torchwork.doctor.diagnosing import Diagnosis, diagnose
from torchwork.doctor.evidence import Evidence
from torchwork.doctor.finding import Change, Finding, Severity
from torchwork.doctor.opening import evidence_of, open_folder

__all__ = ["Change", "Diagnosis", "Evidence", "Finding", "Severity", "diagnose", "evidence_of", "open_folder"]
