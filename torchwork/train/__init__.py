"""The engine: torch objects in, reports out."""

from torchwork.train.allocator import keep_memory
from torchwork.train.backend import choose_device
from torchwork.train.batches import Batch, Batches, as_batches, stream_seed
from torchwork.train.checkpoint import Checkpoints, load_checkpoint
from torchwork.train.progress import ProgressBar
from torchwork.train.report import EpochReport, Info, Listener, Outcome
from torchwork.train.restore import misfits, restore_model
from torchwork.train.schedule import Update
from torchwork.train.state import weights_of
from torchwork.train.stop import Best
from torchwork.train.task import Classification, Regression, SupervisedTask, Task
from torchwork.train.trainer import Trainer
from torchwork.train.tune import Choice, set_fused, tune
from torchwork.train.warmup import Warmup

__all__ = [
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
    "ProgressBar",
    "Regression",
    "SupervisedTask",
    "Task",
    "Trainer",
    "Update",
    "Warmup",
    "as_batches",
    "choose_device",
    "keep_memory",
    "load_checkpoint",
    "misfits",
    "restore_model",
    "set_fused",
    "stream_seed",
    "tune",
    "weights_of",
]
