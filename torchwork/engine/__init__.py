"""The engine: torch objects in, reports out."""

from torchwork.engine.allocator import keep_memory
from torchwork.engine.backend import choose_device
from torchwork.engine.batches import Batch, Batches, as_batches
from torchwork.engine.checkpoint import Checkpoints, load_checkpoint
from torchwork.engine.progress import ProgressBar
from torchwork.engine.report import EpochReport, Info, Listener, Outcome, Probe
from torchwork.engine.restore import misfits, restore_model
from torchwork.engine.schedule import Schedules, Update
from torchwork.engine.state import weights_of
from torchwork.engine.stop import Best
from torchwork.engine.task import LOSS, Classification, Regression, SupervisedTask, Task, class_scores
from torchwork.engine.trainer import Trainer
from torchwork.engine.transcription import Transcription
from torchwork.engine.tune import Choice, set_fused, tune
from torchwork.engine.warmup import Warmup

__all__ = [
    "LOSS",
    "Batch",
    "Batches",
    "Best",
    "Checkpoints",
    "Choice",
    "Classification",
    "EpochReport",
    "Info",
    "Listener",
    "Outcome",
    "Probe",
    "ProgressBar",
    "Regression",
    "Schedules",
    "SupervisedTask",
    "Task",
    "Trainer",
    "Transcription",
    "Update",
    "Warmup",
    "as_batches",
    "choose_device",
    "class_scores",
    "keep_memory",
    "load_checkpoint",
    "misfits",
    "restore_model",
    "set_fused",
    "tune",
    "weights_of",
]
