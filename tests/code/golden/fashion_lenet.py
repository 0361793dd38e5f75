from torch import nn

model = nn.Sequential(
    nn.Conv2d(1, 6, 5),  # 6 x 24 x 24
    nn.ReLU(),
    nn.MaxPool2d(2),  # 6 x 12 x 12
    nn.Conv2d(6, 12, 5),  # 12 x 8 x 8
    nn.ReLU(),
    nn.MaxPool2d(2),  # 12 x 4 x 4
    nn.Flatten(),  # 192
    nn.Linear(192, 120),  # 120
    nn.ReLU(),
    nn.Linear(120, 60),  # 60
    nn.ReLU(),
    nn.Linear(60, 10),  # 10
)
