"""Networks as they stand in public repositories, with what makes an import hard: options, branches, dicts, hooks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, rnn


class BasicBlock(nn.Module):
    """Two convolutions around an identity, or around a strided slice padded with zeros (option A of the paper)."""

    def __init__(self, in_planes: int, planes: int, stride: int = 1, option: str = "A") -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.option, self.planes = option, planes
        self.changes = stride != 1 or in_planes != planes
        if self.changes and option == "B":
            self.shortcut = nn.Sequential(nn.Conv2d(in_planes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if not self.changes:
            out += x
        elif self.option == "A":
            out += F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.planes // 4, self.planes // 4), "constant", 0)
        else:
            out += self.shortcut(x)
        return F.relu(out)


class CifarResNet(nn.Module):
    """A ResNet for 32x32 pictures, of blocks with an option."""

    def __init__(self, option: str = "A") -> None:
        super().__init__()
        self.in_planes = 16
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._make_layer(16, 2, 1, option)
        self.layer2 = self._make_layer(32, 2, 2, option)
        self.layer3 = self._make_layer(64, 2, 2, option)
        self.linear = nn.Linear(64, 10)
        self.apply(self._init)

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)

    def _make_layer(self, planes: int, blocks: int, stride: int, option: str) -> nn.Sequential:
        layers = []
        for step in [stride] + [1] * (blocks - 1):
            layers.append(BasicBlock(self.in_planes, planes, step, option))
            self.in_planes = planes
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = F.avg_pool2d(out, out.size()[3])
        out = out.view(out.size(0), -1)
        return self.linear(out)


class CifarResNetB(CifarResNet):
    """The same with convolutions as shortcuts."""

    def __init__(self) -> None:
        super().__init__(option="B")


class DoubleConv(nn.Module):
    """Twice convolution, norm and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, mid_channels: int | None = None) -> None:
        super().__init__()
        if not mid_channels:
            mid_channels = out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(mid_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.double_conv(x)


class Up(nn.Module):
    """Enlarges, pads to the size of the skip connection, and joins."""

    def __init__(self, in_channels: int, out_channels: int, bilinear: bool = True) -> None:
        super().__init__()
        if bilinear:
            self.up: nn.Module = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(in_channels, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        x1 = self.up(x1)
        dy = x2.size()[2] - x1.size()[2]
        dx = x2.size()[3] - x1.size()[3]
        x1 = F.pad(x1, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class PaddedUNet(nn.Module):
    """U-Net whose skip connections have other sizes than what comes from below."""

    def __init__(self, n_channels: int = 3, n_classes: int = 2, bilinear: bool = True) -> None:
        super().__init__()
        factor = 2 if bilinear else 1
        self.inc = DoubleConv(n_channels, 8)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 16))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(16, 32 // factor))
        self.up1 = Up(32, 16 // factor, bilinear)
        self.up2 = Up(16, 8, bilinear)
        self.outc = nn.Conv2d(8, n_classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x = self.up1(x3, x2)
        x = self.up2(x, x1)
        return self.outc(x)


class ByTraining(nn.Module):
    """Scores in training, probabilities in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(8, 16), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.body(x))
        if self.training:
            x = F.dropout(x, p=0.3)
            return self.head(x)
        return F.softmax(self.head(x), dim=1)


class PackedLSTM(nn.Module):
    """Sequences of their own lengths, packed and padded again."""

    def __init__(self, vocab: int = 30, width: int = 8) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * width, 2)

    def forward(self, text: Tensor, lengths: Tensor) -> Tensor:
        packed = rnn.pack_padded_sequence(self.embedding(text), lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed_out, (hidden, _cell) = self.lstm(packed)
        rnn.pad_packed_sequence(packed_out, batch_first=True)
        return self.fc(torch.cat((hidden[-2], hidden[-1]), dim=1))


class VAE(nn.Module):
    """A variational autoencoder: noise from a normal distribution, also in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(20, 12), nn.Linear(12, 3), nn.Linear(12, 3)
        self.fc3, self.fc4 = nn.Linear(3, 12), nn.Linear(12, 20)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encode(x.view(-1, 20))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


class Siamese(nn.Module):
    """One branch with shared weights for two pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3))
        self.fc = nn.Sequential(nn.Linear(8 * 11 * 11, 16), nn.Sigmoid())
        self.out = nn.Linear(16, 1)

    def forward_once(self, x: Tensor) -> Tensor:
        out = self.cnn(x)
        out = out.view(out.size()[0], -1)
        return self.fc(out)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return self.out(torch.abs(self.forward_once(first) - self.forward_once(second)))


class EinsumAttention(nn.Module):
    """Attention by einsum, heads taken apart by view and permute."""

    def __init__(self, dim: int = 16, heads: int = 4) -> None:
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.to_qkv = nn.Linear(dim, dim * 3, bias=False)
        self.to_out = nn.Sequential(nn.Linear(dim, dim), nn.Dropout(0.1))

    def forward(self, x: Tensor) -> Tensor:
        b, n, _ = x.shape
        q, k, v = (t.reshape(b, n, self.heads, -1).permute(0, 2, 1, 3) for t in self.to_qkv(x).chunk(3, dim=-1))
        dots = torch.einsum("b h i d, b h j d -> b h i j", q, k) * self.scale
        out = torch.einsum("b h i j, b h j d -> b h i d", dots.softmax(dim=-1), v)
        return self.to_out(out.permute(0, 2, 1, 3).reshape(b, n, -1))


class SmallViT(nn.Module):
    """Patches by view and permute, a class token, positions as a parameter."""

    def __init__(self, size: int = 32, patch: int = 8, dim: int = 16) -> None:
        super().__init__()
        self.patch = patch
        self.to_patch = nn.Linear(3 * patch * patch, dim)
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        self.pos_embedding = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, dim))
        self.layers = nn.ModuleList([nn.ModuleList([nn.LayerNorm(dim), EinsumAttention(dim)]) for _ in range(2)])
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 5))

    def forward(self, img: Tensor) -> Tensor:
        b, c, h, w = img.shape
        p = self.patch
        x = img.view(b, c, h // p, p, w // p, p).permute(0, 2, 4, 1, 3, 5).reshape(b, -1, c * p * p)
        x = self.to_patch(x)
        x = torch.cat((self.cls_token.expand(b, -1, -1), x), dim=1)
        x = x + self.pos_embedding[:, : x.size(1)]
        for norm, attention in self.layers:
            x = attention(norm(x)) + x
        return self.head(x[:, 0])


class ManyHeads(nn.Module):
    """A dict of heads, and a dict of what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
        self.heads = nn.ModuleDict({"age": nn.Linear(16, 1), "sex": nn.Linear(16, 2), "mood": nn.Linear(16, 5)})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        features = self.trunk(x)
        return {name: head(features) for name, head in self.heads.items()}


class TiedAutoencoder(nn.Module):
    """A decoder that uses the encoder's weight, transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(10, 4)
        self.decoder_bias = nn.Parameter(torch.zeros(10))

    def forward(self, x: Tensor) -> Tensor:
        code = torch.relu(self.encoder(x))
        return F.linear(code, self.encoder.weight.t(), self.decoder_bias)


class SpectralDiscriminator(nn.Module):
    """Convolutions under spectral norm, by hooks as in older code."""

    def __init__(self) -> None:
        super().__init__()
        norm = nn.utils.spectral_norm
        self.conv1, self.conv2 = norm(nn.Conv2d(3, 8, 4, 2, 1)), norm(nn.Conv2d(8, 16, 4, 2, 1))
        self.fc = norm(nn.Linear(16 * 8 * 8, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv1(x), 0.1)
        x = F.leaky_relu(self.conv2(x), 0.1)
        return self.fc(x.view(-1, 16 * 8 * 8))


class WeightNormed(nn.Module):
    """A temporal block under weight norm, by parametrization."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = parametrizations.weight_norm(nn.Conv1d(4, 6, 3, padding=4, dilation=2))
        self.down = nn.Conv1d(4, 6, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x)[:, :, :-4].contiguous() + self.down(x))


@dataclass
class Output:
    """What a model gives, as libraries of transformers do."""

    logits: Tensor
    hidden: Tensor | None = None


class GivesADataclass(nn.Module):
    """A dataclass with a field that is None."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Output:
        return Output(self.fc(x))


class GivesNothing(nn.Module):
    """A tensor and None, such as a loss that nobody asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        logits = self.fc(x)
        loss = None if targets is None else F.cross_entropy(logits, targets)
        return logits, loss


class OnlyNone(nn.Module):
    """Gives nothing at all, as an unfinished model does."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> None:
        self.fc(x)


class Halting(nn.Module):
    """As many steps as the numbers say."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.halt = nn.GRUCell(6, 6), nn.Linear(6, 1)

    def forward(self, x: Tensor) -> Tensor:
        state = torch.zeros_like(x)
        for _ in range(5):
            state = self.cell(x, state)
            if torch.sigmoid(self.halt(state)).mean() > 0.6:
                break
        return state


class WithBuffers(nn.Module):
    """A mask that is no part of the weights, a counter in forward, an assignment into a part of a tensor."""

    mask: Tensor
    calls: Tensor

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.register_buffer("mask", torch.tril(torch.ones(width, width)), persistent=False)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        weight = self.fc.weight.masked_fill(self.mask == 0, 0.0)
        out = F.linear(x, weight, self.fc.bias)
        out[:, 0] = 1.0
        return out


CASES = {
    "CifarResNet": "1x3x32x32", "CifarResNetB": "1x3x32x32", "PaddedUNet": "1x3x50x70", "ByTraining": "2x8",
    "PackedLSTM": "2x9:int64,2:int64", "VAE": "2x20", "Siamese": "2x1x28x28,2x1x28x28", "EinsumAttention": "2x7x16",
    "SmallViT": "1x3x32x32", "ManyHeads": "2x8", "TiedAutoencoder": "2x10", "SpectralDiscriminator": "2x3x32x32",
    "WeightNormed": "2x4x20", "GivesADataclass": "2x6", "GivesNothing": "2x6", "Halting": "2x6", "WithBuffers": "2x6",
}  # fmt: skip
"""The input of each, as `--input` says it."""
