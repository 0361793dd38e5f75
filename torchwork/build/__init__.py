"""The document to torch objects, checked as a whole; one's own module likewise."""

from torchwork.build.assemble import Built, build, seed_everything, with_choice, with_train
from torchwork.build.model import CheckedModel, check_model
from torchwork.build.own import build_own
from torchwork.build.parameters import make_optimizers
from torchwork.build.parts import make
from torchwork.build.plan import Checked, blank_model, check, input_specs
from torchwork.build.schema import schema_names
from torchwork.build.task import make_task, put_loss
from torchwork.build.update import make_update, steps_of
from torchwork.build.weights import put_weights, read_weights

__all__ = [
    "Built",
    "Checked",
    "CheckedModel",
    "blank_model",
    "build",
    "build_own",
    "check",
    "check_model",
    "input_specs",
    "make",
    "make_optimizers",
    "make_task",
    "make_update",
    "put_loss",
    "put_weights",
    "read_weights",
    "schema_names",
    "seed_everything",
    "steps_of",
    "with_choice",
    "with_train",
]
