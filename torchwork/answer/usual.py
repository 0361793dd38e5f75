"""What people reach for first: common parts, and the arguments that they change. What exists, the catalog says."""

from __future__ import annotations

from collections.abc import Mapping

COMMON: Mapping[str, tuple[str, ...]] = {
    "layer": (
        "Conv2d", "Linear", "ReLU", "BatchNorm2d", "MaxPool2d", "Flatten", "Dropout", "AdaptiveAvgPool2d", "AvgPool2d",
        "ConvTranspose2d", "GELU", "SiLU", "LeakyReLU", "Sigmoid", "Tanh", "Softmax", "LayerNorm", "GroupNorm",
        "Embedding", "LSTM", "GRU", "MultiheadAttention", "TransformerEncoderLayer", "TransformerEncoder", "Conv1d",
        "BatchNorm1d", "MaxPool1d", "Upsample", "Dropout2d", "Identity", "Unflatten", "Conv3d",
    ),
    "operation": ("add", "cat", "mul", "matmul", "flatten", "mean", "permute", "reshape", "softmax", "interpolate"),
    "tensor": ("Parameter", "Buffer"),
    "loss": (
        "CrossEntropyLoss", "MSELoss", "BCEWithLogitsLoss", "L1Loss", "SmoothL1Loss", "HuberLoss",
    ),
    "optimizer": ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad"),
    "scheduler": (
        "CosineAnnealingLR", "StepLR", "OneCycleLR", "ReduceLROnPlateau", "MultiStepLR", "ExponentialLR",
    ),
    "warmup": ("linear", "untuned_linear"),
    "transform": (
        "Resize", "RandomCrop", "RandomHorizontalFlip", "RandomResizedCrop", "CenterCrop", "RandomRotation",
        "ColorJitter", "RandomErasing", "RandomVerticalFlip", "Grayscale", "GaussianBlur", "RandomAffine",
        "TrivialAugmentWide", "RandAugment", "Pad", "MixUp",
    ),
    "source": (
        "ImageFolder", "MaskFolder", "Table", "Arrays", "MNIST", "FashionMNIST", "CIFAR10", "CIFAR100", "Shapes",
    ),
    "initializer": ("kaiming_normal_", "xavier_uniform_", "normal_", "zeros_", "ones_", "trunc_normal_"),
}  # fmt: skip
"""By kind, in the order in which they are offered."""
CHANGED = (
    "out_channels", "out_features", "kernel_size", "stride", "padding", "hidden_size", "num_layers", "num_embeddings",
    "embedding_dim", "num_heads", "nhead", "num_groups", "output_size", "size", "scale_factor", "dim", "p", "bias",
    "bidirectional", "batch_first", "dim_feedforward", "negative_slope", "groups", "dilation", "mode", "inplace", "lr",
    "momentum", "weight_decay", "betas", "nesterov", "T_max", "eta_min", "step_size", "gamma", "milestones", "max_lr",
    "total_steps", "factor", "patience", "label_smoothing", "weight", "root", "path", "target", "degrees", "scale",
    "brightness", "contrast", "saturation", "hue", "length", "init", "fill", "value", "start_dim",
)  # fmt: skip
"""Arguments in the order in which people change them."""
GROUPS: Mapping[str, str] = {
    "conv": "convolution", "linear": "linear", "activation": "activation", "batchnorm": "normalisation",
    "instancenorm": "normalisation", "normalization": "normalisation", "pooling": "pooling", "dropout": "dropout",
    "rnn": "recurrent", "transformer": "attention", "sparse": "embedding", "padding": "padding",
    "flatten": "shape", "fold": "shape", "channelshuffle": "shape", "pixelshuffle": "shape", "upsampling": "resizing",
    "distance": "distance",
}  # fmt: skip
"""Headings of layers, by the module of torch.nn.modules that defines them."""
ATTENTION = frozenset({"MultiheadAttention"})
"""which torch keeps among the activations"""
