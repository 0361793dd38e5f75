from torch import Tensor, nn


class Features(nn.Sequential):
    """From N x 3 x 224 x 224 to N x 256 x 6 x 6."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),  # 64 x 55 x 55
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),  # 64 x 27 x 27
            nn.Conv2d(64, 192, 5, padding=2),  # 192 x 27 x 27
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),  # 192 x 13 x 13
            nn.Conv2d(192, 384, 3, padding=1),  # 384 x 13 x 13
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),  # 256 x 13 x 13
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),  # 256 x 6 x 6
        )


class Classifier(nn.Sequential):
    """From N x 9216 to N x 1000."""

    def __init__(self) -> None:
        super().__init__(
            nn.Dropout(),
            nn.Linear(9216, 4096),  # 4096
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, 1000),  # 1000
        )


class Alexnet(nn.Module):
    """From N x 3 x 224 x 224 to N x 1000."""

    def __init__(self) -> None:
        super().__init__()
        self.features = Features()
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.flatten = nn.Flatten()
        self.classifier = Classifier()

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)  # 256 x 6 x 6
        x = self.avgpool(x)
        x = self.flatten(x)  # 9216
        return self.classifier(x)  # 1000


model = Alexnet()
