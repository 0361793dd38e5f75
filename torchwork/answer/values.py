"""Values for arguments that must be given, where nobody has said which: what people begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchwork.catalog import Argument, Entry
from torchwork.graph import TensorSpec, Value
from torchwork.graph.arguments import INFERRED

USUAL: Mapping[str, Any] = {
    "out_channels": 64, "out_features": 64, "hidden_size": 64, "kernel_size": 3, "num_embeddings": 1000,
    "embedding_dim": 64, "num_layers": 2, "output_size": 1, "p": 0.5, "size": [2, 2], "scale_factor": 2,
    "upscale_factor": 2, "downscale_factor": 2, "padding": 1, "pad": [1, 1], "dims": [1], "dim": 1, "dim0": 1,
    "dim1": -1, "chunks": 2, "split_size": 1, "split_size_or_sections": 1, "min": 0.0, "max": 1.0, "value": 0.0,
    "threshold": 0.0, "exponent": 2, "other": 1.0, "shifts": 1, "k": 1, "index": 0, "start": 0, "length": 1,
    "repeats": 2, "diagonal": 0, "cutoffs": [10, 100], "n_classes": 1000, "activation": "ReLU",
    "dtype": "float32", "normalized_shape": 64, "unflattened_size": [1, -1], "shape": [-1],
    "encoder_layer": {"TransformerEncoderLayer": {"nhead": 1, "batch_first": True}},
    "decoder_layer": {"TransformerDecoderLayer": {"nhead": 1, "batch_first": True}},
    "T_max": "epochs", "step_size": 10, "gamma": 0.1, "milestones": [30, 60], "lr_lambda": "0.95 ** epoch",
    "max_lr": 0.1, "base_lr": 0.001, "total_iters": 5, "T_0": 10, "root": "data", "lambd": 0.5, "quantization": 8,
}  # fmt: skip
"""By name of argument."""
OF_PART: Mapping[tuple[str, str], Any] = {
    ("OneCycleLR", "total_steps"): "steps", ("CyclicLR", "base_lr"): 0.001, ("Resize", "size"): 224,
    ("CenterCrop", "size"): 224, ("RandomCrop", "size"): 224, ("RandomResizedCrop", "size"): 224,
    ("RandomRotation", "degrees"): 15, ("RandomAffine", "degrees"): 15, ("Upsample", "size"): None,
    ("MaxUnpool2d", "kernel_size"): 2, ("unsqueeze", "dim"): 1, ("Threshold", "value"): 0.0,
}  # fmt: skip
ONE_OF: Mapping[str, tuple[str, Any]] = {
    "Upsample": ("scale_factor", 2), "UpsamplingBilinear2d": ("scale_factor", 2),
    "UpsamplingNearest2d": ("scale_factor", 2), "interpolate": ("scale_factor", 2),
    "FractionalMaxPool2d": ("output_ratio", 0.5), "FractionalMaxPool3d": ("output_ratio", 0.5),
    "clamp": ("min", 0.0), "clip": ("min", 0.0),
}  # fmt: skip
"""Where several arguments may be left out, but not all: the one that people give."""
DIVISORS: Mapping[str, tuple[int, ...]] = {
    "num_heads": (8, 4, 2, 1),
    "nhead": (8, 4, 2, 1),
    "num_groups": (32, 8, 4, 2, 1),
}
"""Arguments that must divide a size of the input, as people choose them."""
POOLING = 2
OF_KIND: Mapping[str, Any] = {
    "int": 1,
    "float": 1.0,
    "bool": False,
    "dtype": "float32",
    "sequence": [1],
    "tensor": [1.0],
}


def sensible(entry: Entry, argument: Argument, inputs: Sequence[Value] = ()) -> Any:
    """A value for an argument, in the light of what comes; None where nobody can say."""
    if (entry.name, argument.name) in OF_PART:
        return OF_PART[entry.name, argument.name]
    if argument.name in DIVISORS:
        return _divisor(argument.name, inputs)
    if argument.name == "kernel_size" and "Pool" in entry.name:
        return POOLING
    found = argument.choices[0] if argument.choices else USUAL.get(argument.name, OF_KIND.get(argument.kind))
    return OF_KIND.get(argument.kind) if argument.problem(found, "") else found


def _divisor(name: str, inputs: Sequence[Value]) -> int:
    given = inputs[0] if inputs else None
    if not isinstance(given, TensorSpec) or len(given.shape) < 2:
        return 1
    size = given.shape[1 if name == "num_groups" else -1]
    return next(number for number in DIVISORS[name] if size % number == 0)


def missing(entry: Entry, args: Mapping[str, Any], inputs: Sequence[Value] = ()) -> dict[str, Any]:
    """Sensible values for what must be given and is not, and is never inferred from the inputs."""
    absent = (item for item in entry.arguments if item.required and item.name not in args)
    needed = [item for item in absent if item.name not in INFERRED]
    return {item.name: sensible(entry, item, inputs) for item in needed}
