"""Networks that call lists of modules in turns, as public code does."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Turns(nn.Module):
    """Each convolution is followed by a norm and an activation of other lists."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in range(3)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(4) for _ in range(3)])
        self.acts = nn.ModuleList([nn.ReLU(), nn.GELU(), nn.Identity()])

    def forward(self, x: Tensor) -> Tensor:
        for conv, norm, act in zip(self.convs, self.norms, self.acts, strict=True):
            x = act(norm(conv(x)))
        return x


class Bottle2neck(nn.Module):
    """A block of Res2Net: the channels in groups, each convolved with what the one before gave."""

    def __init__(self, width: int = 4, scale: int = 4) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(8, width * scale, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width * scale)
        self.convs = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(scale - 1)])
        self.bns = nn.ModuleList([nn.BatchNorm2d(width) for _ in range(scale - 1)])
        self.relu = nn.ReLU(inplace=True)
        self.width = width
        self.conv3 = nn.Conv2d(width * scale, 8, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        groups = torch.split(out, self.width, 1)
        found = []
        sp = groups[0]
        for place, (conv, bn) in enumerate(zip(self.convs, self.bns, strict=True)):
            sp = groups[place] if place == 0 else sp + groups[place]
            sp = self.relu(bn(conv(sp)))
            found.append(sp)
        found.append(groups[-1])
        return self.relu(self.conv3(torch.cat(found, 1)) + x)


class Res2Net(nn.Module):
    """Several blocks of one class."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.blocks = nn.Sequential(Bottle2neck(), Bottle2neck())
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


class Pyramid(nn.Module):
    """A feature pyramid: lateral convolutions from the last to the first, then smoothing ones."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList([nn.Conv2d(3 if not n else 4, 4, 3, 2, 1) for n in range(3)])
        self.lateral = nn.ModuleList([nn.Conv2d(4, 6, 1) for _ in range(3)])
        self.smooth = nn.ModuleDict({f"p{n}": nn.Conv2d(6, 6, 3, padding=1) for n in range(3)})

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        above = self.lateral[2](features[2])
        found = [self.smooth["p2"](above)]
        for n in (1, 0):
            above = self.lateral[n](features[n]) + nn.functional.interpolate(above, scale_factor=2.0)
            found.append(self.smooth[f"p{n}"](above))
        return found


class Fuse(nn.Module):
    """HRNet's exchange between branches: a list of lists, some of whose entries do nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)])
        down = nn.Sequential(nn.Conv2d(4, 8, 3, 2, 1), nn.BatchNorm2d(8))
        up = nn.Sequential(nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4), nn.Upsample(scale_factor=2))
        self.fuse = nn.ModuleList([nn.ModuleList([nn.Identity(), up]), nn.ModuleList([down, nn.Identity()])])
        self.norms = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(8)])

    def forward(self, high: Tensor, low: Tensor) -> list[Tensor]:
        given = [branch(item) for branch, item in zip(self.branches, (high, low), strict=True)]
        fused = []
        for row, norm in zip(self.fuse, self.norms, strict=True):
            parts = [module(item) for module, item in zip(row, given, strict=True)]
            fused.append(torch.relu(norm(parts[0] + parts[1])))
        return fused


class Layered(nn.Module):
    """Blocks of two sublayers in a nested list, with the norms in another: twins and coat do so."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            [nn.ModuleList([nn.ModuleDict({"mix": nn.Linear(8, 8), "out": nn.Linear(8, 8)}) for _ in range(2)])
             for _ in range(2)]
        )  # fmt: skip
        self.positions = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])

    def forward(self, x: Tensor) -> Tensor:
        for blocks, position in zip(self.blocks, self.positions, strict=True):
            for number, block in enumerate(blocks):
                x = x + block["out"](torch.relu(block["mix"](x)))
                if number == 0:
                    x = position(x)
        return x


class Reached(nn.Module):
    """Calls the children of a child in turns with its own: what a wrapper of a backbone does."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Turns()
        self.adapters = nn.ModuleList([nn.Conv2d(4, 4, 1) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        for place, adapter in enumerate(self.adapters):
            x = self.body.norms[place](adapter(self.body.convs[place](x)))
        return x


class SharedTwice(nn.Module):
    """Calls a module of a list again, in turns with another list."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6, 6), nn.Linear(6, 6)])
        self.norms = nn.ModuleList([nn.LayerNorm(6), nn.LayerNorm(6)])

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            for layer, norm in zip(self.layers, self.norms, strict=True):
                x = norm(layer(x))
        return x


NETS = {
    "Turns": (Turns, ["2x4x8x8"]), "Res2Net": (Res2Net, ["2x3x8x8"]), "Pyramid": (Pyramid, ["2x3x32x32"]),
    "Fuse": (Fuse, ["2x4x8x8", "2x8x4x4"]), "Layered": (Layered, ["2x5x8"]), "Reached": (Reached, ["2x4x8x8"]),
    "SharedTwice": (SharedTwice, ["2x6"]),
}  # fmt: skip
