from torch import Tensor, nn


class Block(nn.Module):
    """From N x channels x H x W to N x channels x H x W."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.conv2(x)
        x = self.bn2(x)
        x = x + identity
        return self.relu(x)


class Projection(nn.Sequential):
    """From N x in_channels x H x W to N x channels x H/2 x W/2."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, channels, 1, stride=2, bias=False),  # channels x H/2 x W/2
            nn.BatchNorm2d(channels),
        )


class Down(nn.Module):
    """From N x in_channels x H x W to N x channels x H/2 x W/2."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = Projection(in_channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        x = self.conv1(x)  # channels x H/2 x W/2
        x = self.bn1(x)
        x = self.relu(x)
        x = self.conv2(x)
        x = self.bn2(x)
        downsample = self.downsample(identity)
        x = x + downsample
        return self.relu(x)


class Stage(nn.Sequential):
    """From N x in_channels x H x W to N x channels x H/2 x W/2."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__(
            Down(in_channels, channels),  # channels x H/2 x W/2
            Block(channels),
        )


class Resnet18(nn.Module):
    """From N x 3 x 224 x 224 to N x 1000."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(Block(64), Block(64))
        self.layer2 = Stage(64, 128)
        self.layer3 = Stage(128, 256)
        self.layer4 = Stage(256, 512)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(512, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # 64 x 112 x 112
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)  # 64 x 56 x 56
        x = self.layer1(x)
        x = self.layer2(x)  # 128 x 28 x 28
        x = self.layer3(x)  # 256 x 14 x 14
        x = self.layer4(x)  # 512 x 7 x 7
        x = self.avgpool(x)  # 512 x 1 x 1
        x = self.flatten(x)  # 512
        return self.fc(x)  # 1000


model = Resnet18()
