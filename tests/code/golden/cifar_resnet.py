from torch import Tensor, nn


class Unit(nn.Sequential):
    """From N x in_channels x H x W to N x channels x H x W."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 3, padding=1, bias=False),  # channels x H x W
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )


class Down(nn.Sequential):
    """From N x in_channels x H x W to N x channels x H/2 x W/2."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            nn.MaxPool2d(2),  # in_channels x H/2 x W/2
            Unit(in_channels, channels),  # channels x H/2 x W/2
        )


class Block(nn.Module):
    """From N x 128 x 8 x 8 to N x 128 x 8 x 8."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.unit1 = Unit(channels, channels)
        self.unit2 = Unit(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        x = self.unit1(x)
        x = self.unit2(x)
        return identity + x


class CifarResnet(nn.Module):
    """From N x 3 x 32 x 32 to N x 10."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, 32)
        self.stage1 = Down(32, 64)
        self.stage2 = Down(64, 128)
        self.block2 = Block(128)
        self.stage3 = Down(128, 256)
        self.pool = nn.AdaptiveMaxPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # 32 x 32 x 32
        x = self.stage1(x)  # 64 x 16 x 16
        x = self.stage2(x)  # 128 x 8 x 8
        x = self.block2(x)
        x = self.stage3(x)  # 256 x 4 x 4
        x = self.pool(x)  # 256 x 1 x 1
        x = self.flatten(x)  # 256
        return self.head(x)  # 10


model = CifarResnet()
