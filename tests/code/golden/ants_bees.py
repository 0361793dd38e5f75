from torch import nn

model = nn.Sequential(
    nn.Conv2d(3, 16, 5, stride=2),  # 16 x 30 x 30
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.MaxPool2d(2),  # 16 x 15 x 15
    nn.Conv2d(16, 32, 3),  # 32 x 13 x 13
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(2),  # 32 x 2 x 2
    nn.Flatten(),  # 128
    nn.Dropout(),
    nn.Linear(128, 2),  # 2
)
