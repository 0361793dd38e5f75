"""Every place where introspection alone would be wrong, each with its reason. Nothing else is listed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import torch

# Classes and functions that the catalog does not offer, by pattern of name.
NOT_LAYERS = {
    "Module": "the base class",
    "Container": "deprecated, and a container",
    "Sequential": "a container: a chain of layers is the document's own `layers:`",
    "ModuleList": "a container without a forward",
    "ModuleDict": "a container without a forward",
    "ParameterList": "a container without a forward",
    "ParameterDict": "a container without a forward",
    "RNNBase": "the base class of RNN, LSTM and GRU",
    "RNNCellBase": "the base class of the cells",
    "CrossMapLRN2d": "undocumented: LocalResponseNorm",
    "Lazy*": "in_* arguments are inferred anyway",
    "DataParallel": "wraps a whole model; how to run on many devices belongs to the engine",
}
NOT_LOSSES = {"NLLLoss2d": "a deprecated alias of NLLLoss"}
NOT_OPTIMIZERS = {"Optimizer": "the base class"}
NOT_SCHEDULERS = {"LRScheduler": "the base class"}
NOT_TRANSFORMS = {
    "Transform": "the base class",
    "Lambda": "its function is code",
    "ToTensor": "deprecated, and samples are tensors already: ToDtype makes numbers of them",
}
NOT_SOURCES = {
    "VisionDataset": "the base class",
    "DatasetFolder": "the base class of ImageFolder; needs a loader, which is code",
    "LSUNClass": "one class of LSUN, its helper",
}
NOT_OPERATIONS = {
    "*dropout*": "as a function it is always on; the layer knows training from evaluation",
    "rrelu": "as a function it is always in one mode; the layer RReLU knows training from evaluation",
    "*_copy": "for torch's own functionalisation",
    "unsafe_*": "for torch's own autograd",
    "native_*": "the kernel behind a documented function",
    "*quantize*": "quantised tensors are made by other tools",
    "dequantize": "quantised tensors are made by other tools",
    "int_repr": "quantised tensors are made by other tools",
    "q_*": "quantised tensors are made by other tools",
    "miopen_*": "the kernel behind a documented function",
    "fbgemm_*": "the kernel behind a documented function",
    "sym_*": "works on sizes, not on tensors",
    "*_with_indices": "the kernel behind a documented function",
    "upsample*": "deprecated: interpolate",
    "cholesky": "deprecated: torch.linalg",
    "qr": "deprecated: torch.linalg",
    "svd": "deprecated: torch.linalg",
    "lu": "deprecated: torch.linalg",
    "norm": "deprecated: torch.linalg",
    "chain_matmul": "deprecated: torch.linalg.multi_dot",
    "triangular_solve": "deprecated: torch.linalg",
    "lu_solve": "deprecated: torch.linalg",
    "lu_unpack": "takes apart what torch.linalg.lu_factor gives, which is not offered",
    "hspmm": "takes sparse tensors, which nothing offered here gives",
    "smm": "takes sparse tensors, which nothing offered here gives",
    "sspaddmm": "takes sparse tensors, which nothing offered here gives",
    "empty_like": "gives whatever lies in memory",
    "hash_tensor": "a checksum, not a number to compute with",
    "index_reduce": "in beta, as torch says with every call: scatter_reduce",
    "lobpcg": "an iterative solver with a tracker, which is code",
    "handle_torch_function": "torch's own dispatch",
    "has_torch_function*": "torch's own dispatch",
    "boolean_dispatch": "torch's own dispatch",
    "multi_head_attention_forward": "the inside of MultiheadAttention",
    "linear_cross_entropy": "takes an options object; the loss LinearCrossEntropyLoss has it",
}

# Arguments that no document gives: "*" holds for every kind.
SUPPLIED: Mapping[str, Mapping[str, str]] = {
    "*": {
        "device": "the engine chooses it",
        "process_group": "an object of torch.distributed",
        "generator": "randomness belongs to the run's seed",
        "out": "results are returned",
        "layout": "dense, always",
        "pin_memory": "loading is the data's business",
        "memory_format": "train.memory_format sets it for the model",
        "requires_grad": "freezing is the document's `parameters:`",
        "size_average": "deprecated: reduction",
        "reduce": "deprecated: reduction",
        "verbose": "deprecated",
        "min_value": "deprecated: min_val",
        "max_value": "deprecated: max_val",
        "args": "Identity takes anything and uses nothing",
    },
    "optimizer": {"params": "the model's"},
    "scheduler": {"optimizer": "the one it drives"},
    "initializer": {"tensor": "the parameter"},
    "source": {
        "transform": "data.prepare and data.augment",
        "target_transform": "the task",
        "transforms": "data.prepare",
    },
}
# `reduce` is a real argument of these, not the deprecated one.
REAL_REDUCE = ("scatter", "scatter_reduce", "segment_reduce")

DTYPE = torch.dtype | None  # torch leaves `dtype` without an annotation throughout
# Types that torch and torchvision neither annotate nor document, or state too narrowly.
TYPES: Mapping[tuple[str, str], Any] = {
    ("MultiheadAttention", "embed_dim"): int,
    ("MultiheadAttention", "num_heads"): int,
    ("MultiheadAttention", "kdim"): int | None,
    ("MultiheadAttention", "vdim"): int | None,
    ("RandomErasing", "value"): float | list[float] | str,  # documented in prose: "a str of 'random'"
}
# Arguments with a default that torch itself warns of.
REQUIRED: Mapping[tuple[str, str], str] = {
    (name, "dim"): "deprecated without, for torch then takes the batch where the input has 3 dimensions"
    for name in ("Softmax", "Softmin", "LogSoftmax", "softmin", "log_softmax")
}
# Sizes of layers, which torch takes of zero or less and fails later.
POSITIVE = frozenset({
    "kernel_size", "stride", "dilation", "groups", "in_channels", "out_channels", "in_features", "out_features",
    "in1_features", "in2_features", "hidden_size", "input_size", "num_layers", "num_features", "num_channels",
    "num_groups", "num_heads", "nhead", "num_embeddings", "embedding_dim", "embed_dim", "d_model", "dim_feedforward",
    "upscale_factor", "downscale_factor",
})  # fmt: skip
# Arguments annotated as a callable or as anything that are parts of the document.
PARTS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("Transformer", "custom_encoder"): ("layer", False),
    ("Transformer", "custom_decoder"): ("layer", False),
    ("Compose", "transforms"): ("transform", True),
    ("RandomApply", "transforms"): ("transform", True),
    ("RandomChoice", "transforms"): ("transform", True),
    ("RandomOrder", "transforms"): ("transform", True),
    ("ChainedScheduler", "schedulers"): ("scheduler", True),
    ("SequentialLR", "schedulers"): ("scheduler", True),
}
# Strings that torch accepts; its documentation names fewer, or in words that do not parse.
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("KLDivLoss", "reduction"): ("none", "batchmean", "mean", "sum"),
    ("Conv1d", "padding"): ("same", "valid"),
    ("Conv2d", "padding"): ("same", "valid"),
    ("Conv3d", "padding"): ("same", "valid"),
    ("Upsample", "mode"): ("nearest-exact", "area"),  # interpolate, which it calls, documents them
    ("LBFGS", "line_search_fn"): ("strong_wolfe",),
    ("Muon", "adjust_lr_fn"): ("original", "match_rms_adamw"),
}
# Summaries of what has no documentation of its own.
SUMMARIES: Mapping[str, str] = {"Identity": "Pass the input through unchanged."}  # transforms.v2


def left_out(name: str, table: Mapping[str, str]) -> str:
    """The reason why `name` is not offered by the patterns of `table`, or an empty string."""
    return next((reason for pattern, reason in table.items() if fnmatchcase(name, pattern)), "")


def is_supplied(kind: str, target: str, argument: str) -> bool:
    """Whether the machinery gives this argument, or it is private or deprecated."""
    if argument == "reduce" and target in REAL_REDUCE:
        return False
    return argument.startswith("_") or argument in SUPPLIED["*"] or argument in SUPPLIED.get(kind, {})
