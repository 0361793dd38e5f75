"""What the worker says of a text before it is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchwork.answer.diagnosing import diagnose
from torchwork.errors import DocumentError
from torchwork.serve.looks import Diagnosis

TEXT = """torchwork: 1
name: text
data: {source: {Shapes: {size: 16, train: 240, valid: 80}}, batch_size: 8}
model:
  layers:
    - {Conv2d: {out_channels: 4, kernel_size: 3}, name: conv}
    - Flatten
    - {Linear: {out_features: classes}, name: head}
loss: CrossEntropyLoss
optimizer: Adam
"""


def of(text: str) -> Diagnosis:
    return Diagnosis.model_validate(diagnose(text, "text.yaml"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_good_text_has_no_finding() -> None:
    found = of(TEXT)
    assert found.findings == [] and found.checked > 15
    assert any(reason.startswith("dead units: ") for reason in found.skipped)


def test_a_fault_comes_with_a_change() -> None:
    [finding] = of(TEXT.replace("loss: Cross", "    - {Softmax: {dim: 1}}\nloss: Cross")).findings
    assert finding.rule == "softmax twice" and finding.severity == "alarm"
    assert [fix.label for fix in finding.fixes] == ["remove Softmax"]


def test_data_are_looked_at() -> None:
    text = TEXT.replace(
        "batch_size: 8}", "batch_size: 8, normalize: {mean: [0.5, 0.5, 0.5], std: [0.002, 0.002, 0.002]}}"
    )
    assert [finding.rule for finding in of(text).findings] == ["inputs not normalised"]


def test_a_document_whose_data_cannot_be_opened_is_looked_at_as_far_as_it_goes() -> None:
    text = TEXT.replace("Shapes: {size: 16, train: 240, valid: 80}", "ImageFolder: {root: nowhere}")
    found = of(text.replace("loss: Cross", "    - {Softmax: {dim: 1}}\nloss: Cross"))
    assert [finding.rule for finding in found.findings] == ["softmax twice"]
    assert any(reason.endswith("nothing was recorded of the data") for reason in found.skipped)


def test_a_model_alone_is_refused() -> None:
    with pytest.raises(DocumentError, match="model alone"):
        diagnose("model: {layers: [ReLU]}", "model.yaml")
