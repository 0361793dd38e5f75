from torch import nn

model = nn.Sequential(
    nn.Linear(6, 32),  # 32
    nn.ReLU(),
    nn.Linear(32, 3),  # 3
)
