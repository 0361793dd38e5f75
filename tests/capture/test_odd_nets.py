"""Networks as nobody planned for them: none is refused, and each proves right or says why it stays code."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from torchwork.capture import Imported, Request, import_target
from torchwork.capture.importing import import_here
from torchwork.capture.report import ClassReport, Proof, Report
from torchwork.experiment import ModelDocument
from torchwork.graph import resolve
from torchwork.graph.value import spec_of

from . import odd_nets

FILE = Path(odd_nets.__file__)
CODE = {"ByTraining", "PackedLSTM", "TiedAutoencoder", "VAE", "SpectralDiscriminator", "WeightNormed", "WithBuffers"}
"""Those that no nodes say today; the others must not become code."""


def imported(name: str, shapes: str) -> Imported:
    """As `torchwork import` does it, but in this process, to save the start of another."""
    answer = import_here(Request(f"{FILE}:{name}", shapes))
    report = dict(answer["report"])
    classes = [ClassReport(**row) for row in report.pop("classes")]
    return Imported(
        ModelDocument.parse(answer["document"]), Report(classes=classes, proof=Proof(**report.pop("proof")), **report)
    )


@pytest.mark.parametrize("name", odd_nets.CASES)
def test_it_is_taken_over_and_proved(name: str) -> None:
    found = imported(name, odd_nets.CASES[name])
    assert found.report.proof.holds, found.report.proof
    assert found.report.proof.step is not None
    assert found.report.proof.step <= 1e-4  # pooling sums in another order
    assert name in CODE or not found.report.code
    assert all(row.reason for row in found.report.code)


@pytest.mark.parametrize("name", ["CifarResNet", "PaddedUNet"])
def test_sizes_that_hold_for_one_picture_only_are_told(name: str) -> None:
    assert any("frozen" in note for note in imported(name, odd_nets.CASES[name]).report.notes)


def test_a_limit_is_told_where_another_size_gives_other_numbers() -> None:
    found = imported("PaddedUNet", "1x3x64x64")
    assert found.report.proof.holds
    assert "1x3x83x83" in found.report.proof.limit
    assert found.report.proof.limit in found.report.notes


def test_a_net_with_adaptive_pooling_has_no_limit() -> None:
    answer = import_here(Request("torchvision.models:resnet18", "1x3x64x64"))
    assert answer["report"]["proof"]["limit"] == ""


def test_the_document_gives_what_the_dataclass_held() -> None:
    found = imported("GivesADataclass", "2x6")
    module = resolve(found.document.model, [spec_of("2x6")]).build()
    assert module(torch.rand(2, 6)).shape == (2, 3)


def test_with_trust_the_command_takes_it_in_another_process() -> None:
    found = import_target(Request(f"{FILE}:ManyHeads", "2x8"), trust=True)
    assert found.report.proof.holds
    assert len(found.document.model.outputs or []) == 3
