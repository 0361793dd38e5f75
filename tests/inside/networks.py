"""Networks that tests of `inside` look into, small and with random weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from torchwork.catalog import vision


def _with_small_head(made: Any, features: int) -> nn.Module:
    """Its large linear layers, which only cost time, made small."""
    made.classifier = nn.Sequential(nn.Dropout(), nn.Linear(features, 32), nn.ReLU(inplace=True), nn.Linear(32, 10))
    return made


def _vit() -> nn.Module:
    made = vision().models.VisionTransformer(
        image_size=32, patch_size=8, num_layers=3, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=10
    )
    nn.init.normal_(made.heads.head.weight)  # torchvision begins with zeros, and then nothing reaches the classes
    return made


FAMOUS: dict[str, tuple[Callable[[], Any], int]] = {
    "alexnet": (lambda: _with_small_head(vision().models.alexnet(), 9216), 80),
    "vgg11": (lambda: _with_small_head(vision().models.vgg11(init_weights=False), 25088), 64),
    "resnet18": (lambda: vision().models.resnet18(num_classes=10), 80),
    "mobilenet_v2": (lambda: vision().models.mobilenet_v2(num_classes=10), 80),
    "densenet121": (lambda: vision().models.densenet121(num_classes=10), 64),
    "vit": (_vit, 32),
}
"""What makes each network, and the side of the picture that it takes here."""


def famous(name: str) -> tuple[nn.Module, Tensor]:
    """A network in eval mode with a picture [1, 3, side, side]."""
    make, side = FAMOUS[name]
    torch.manual_seed(3)
    return make().eval(), torch.randn(1, 3, side, side)


class SmallNet(nn.Module):
    """Convolutions with in-place ReLUs, global average pooling, one linear layer."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(self.features(x)).flatten(1))


def small(classes: int = 4) -> tuple[SmallNet, Tensor]:
    """A small network in eval mode and a picture [1, 3, 16, 16]."""
    torch.manual_seed(1)
    return SmallNet(classes).eval(), torch.randn(1, 3, 16, 16)


class Tokens(nn.Module):
    """A ViT of nn.TransformerEncoder, in either order of dimensions, with a class token or the mean of all."""

    def __init__(self, first: bool, class_token: bool) -> None:
        super().__init__()
        self.first, self.class_token = first, class_token
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        if self.class_token:
            tokens = torch.cat([self.token.expand(len(tokens), -1, -1), tokens], 1)
        tokens = self.encoder(tokens if self.first else tokens.transpose(0, 1))
        tokens = tokens if self.first else tokens.transpose(0, 1)
        return self.head(tokens[:, 0] if self.class_token else tokens.mean(1))
