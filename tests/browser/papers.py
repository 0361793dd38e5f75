"""Documents that drawing begins from: `name`, `source` and `loss` are filled in."""

EMPTY = """torchwork: 1
name: {name}
data:
  source: {source}
  batch_size: 16
model:
  layers: []
loss: {loss}
optimizer: {{Adam: {{lr: 0.01}}}}
train: {{epochs: 1, device: cpu, memory_format: contiguous}}
"""
SHAPES = "{Shapes: {size: 16, train: 64, valid: 32}}"
CHAIN = EMPTY.replace(
    "  layers: []",
    """  layers:
    - {{Conv2d: {{out_channels: 4, kernel_size: 3}}, name: conv}}
    - {{ReLU: {{}}, name: relu}}
    - {{Flatten: {{}}, name: flat}}
    - {{Linear: {{out_features: classes}}, name: out}}""",
)
TWO_LINEAR = EMPTY.replace(
    "  layers: []",
    """  layers:
    - {{Flatten: {{}}, name: flat}}
    - {{Linear: {{out_features: 32}}, name: enter}}
    - {{Linear: {{out_features: 32}}, name: first}}
    - {{Linear: {{out_features: 32}}, name: second}}
    - {{Linear: {{out_features: classes}}, name: out}}""",
)
