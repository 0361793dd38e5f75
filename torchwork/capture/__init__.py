"""A live `nn.Module` to an editable, nested model, with its proof."""

from torchwork.capture.capturing import Captured, capture
from torchwork.capture.importing import Imported, Request, import_target
from torchwork.capture.report import ClassReport, Proof, Report
from torchwork.capture.targets import Target

__all__ = ["Captured", "ClassReport", "Imported", "Proof", "Report", "Request", "Target", "capture", "import_target"]
