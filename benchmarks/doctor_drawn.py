"""Healthy trainings drawn at random by a seed: a new seed is a set that no rule has ever seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.doctor_families import attentive, reading, residual
from benchmarks.doctor_faults import Document, document, train
from benchmarks.doctor_healthy import Healthy, table_of, template_of

PICTURES, TABLES, TEMPLATES = 26, 7, 3
SETS = ("shapes", "fashion", "cifar", "mnist")
ACTIVATIONS = ("ReLU", "ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Mish", "PReLU", "Hardswish")
NORMS: tuple[Document | None, ...] = (None, {"BatchNorm2d": {}}, {"BatchNorm2d": {}}, {"GroupNorm": {"num_groups": 4}})
CROPPED = {"RandomCrop": {"size": 24, "padding": 2}}
SOURCES: tuple[tuple[str, str, Document], ...] = (
    ("penguins.csv", "species", {}),
    ("penguins.csv", "island", {"features": ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "species"]}),
    ("iris.csv", "species", {}),
    ("titanic.csv", "survived", {"features": ["sex", "age", "fare", "class", "sibsp", "parch"]}),
    ("mpg.csv", "origin", {"features": ["mpg", "cylinders", "displacement", "horsepower", "weight", "acceleration"]}),
    ("diamonds.csv", "cut", {"features": ["carat", "depth", "table", "price", "x", "y", "z"]}),
    ("taxis.csv", "payment", {"features": ["passengers", "distance", "fare", "tip", "tolls", "total"]}),
    ("mpg.csv", "mpg", {"features": ["cylinders", "displacement", "horsepower", "weight", "acceleration", "origin"]}),
    ("diamonds.csv", "x", {"features": ["carat", "cut", "color", "clarity", "depth", "table"]}),
    ("taxis.csv", "fare", {"features": ["passengers", "distance", "tolls", "color"]}),
    ("tips.csv", "total_bill", {"features": ["tip", "sex", "smoker", "day", "time", "size"]}),
    ("penguins.csv", "bill_depth_mm", {"features": ["bill_length_mm", "body_mass_g", "flipper_length_mm", "species"]}),
)
"""File, target and arguments of the source; the targets behind `taxis.csv, payment` are numbers."""
NUMBERS = 7


def drawn(seed: int) -> list[Healthy]:
    """Trainings that no teacher would object to: usual networks, optimizers at usual rates, enough epochs."""
    random = Random(seed)
    pictures = [_picture(random, SETS[number % len(SETS)]) for number in range(PICTURES)]
    tables = [_table(random) for _ in range(TABLES)]
    return [*pictures, *tables, *(_template(random) for _ in range(TEMPLATES))]


def _picture(random: Random, data: str) -> Healthy:
    kind, model, normed = random.choice((_convolutions, _convolutions, _convolutions, _linear, _other))(random)
    optimizer = _optimizer(random, normed=normed, gentle=kind.startswith(("attention", "LSTM", "GRU")))
    changes: Document = {
        "seed": random.randrange(1000), "model": model, "optimizer": optimizer,
        "schedule": _schedule(random, optimizer),
        "loss": random.choice(("CrossEntropyLoss",) * 3 + ({"CrossEntropyLoss": {"label_smoothing": 0.1}},)),
    }  # fmt: skip
    inputs = {"batch_size": random.choice((16, 32, 32, 64, 128)), "augment": _augment(random, data)}
    training = train(random.randint(5, 12)) | _extras(random)

    def make(path: str) -> Document:
        made = document(path)
        return made | changes | {"data": made["data"] | inputs, "train": made["train"] | training}

    return Healthy(f"{kind}, {_said(optimizer)}, batch {inputs['batch_size']}", data, make)


def _said(optimizer: Document) -> str:
    """The optimizer with its learning rate."""
    ((name, given),) = optimizer.items()
    return f"{name} {given['lr']:g}"


def _convolutions(random: Random) -> tuple[str, Document, bool]:
    """Two to four convolutions with activations, at times normalised, and a head of one or two layers."""
    activation, norm = random.choice(ACTIVATIONS), random.choice(NORMS)
    depth, width = random.randint(2, 4), random.choice((8, 12, 16))
    pool: Document = {random.choice(("MaxPool2d", "AvgPool2d")): {"kernel_size": 2}}
    layers: list[Any] = []
    for level in range(depth):
        layers.append({"Conv2d": {"out_channels": width * (1 + level), "kernel_size": 3, "padding": 1}})
        layers += [*([norm] if norm else []), activation, *([pool] if level < 3 else [])]
    head = random.choice(("mean", "flat", "hidden", "dropout"))
    layers += [{"AdaptiveAvgPool2d": {"output_size": 1}}] if head == "mean" and norm else []
    layers += ["Flatten"]
    if head in ("hidden", "dropout"):
        layers += [{"Linear": {"out_features": 64}}, activation]
    layers += [{"Dropout": {"p": random.choice((0.1, 0.3, 0.5))}}] if head == "dropout" else []
    layers += [{"Linear": {"out_features": "classes"}}]
    called = f"{depth} convolutions of {width}, {activation}, {next(iter(norm)) if norm else 'no norm'}, {head}"
    return called, {"layers": layers}, norm is not None


def _linear(random: Random) -> tuple[str, Document, bool]:
    """No to three hidden layers."""
    depth, activation = random.randint(0, 3), random.choice((*ACTIVATIONS, "Tanh"))
    width, norm = random.choice((48, 64, 128)), random.choice((None, "BatchNorm1d", "LayerNorm"))
    between: list[Any] = [] if norm is None else [{norm: {"normalized_shape": width} if norm == "LayerNorm" else {}}]
    inner = [item for _ in range(depth) for item in ({"Linear": {"out_features": width}}, *between, activation)]
    called = f"{depth} hidden layers of {width}, {activation}, {norm or 'no norm'}"
    return called, {"layers": ["Flatten", *inner, {"Linear": {"out_features": "classes"}}]}, bool(norm and depth)


def _other(random: Random) -> tuple[str, Document, bool]:
    """Residual, attentive or recurrent networks."""
    kind = random.choice(("residual", "attention", "LSTM", "GRU"))
    if kind == "residual":
        norm: Document = random.choice(({"BatchNorm2d": {}}, {"GroupNorm": {"num_groups": 4}}))
        return f"residual, {next(iter(norm))}", residual(norm), True
    if kind == "attention":
        dropout = random.choice((0.0, 0.1))
        return f"attention, dropout {dropout:g}", attentive(dropout), True
    return f"{kind} over rows", reading(kind), False


def _optimizer(random: Random, *, normed: bool, gentle: bool) -> Document:
    """One of those that are used, at a learning rate of those that are recommended for such a network."""
    if not gentle and random.random() < 0.45:
        rate = _between(random, 0.01, 0.1 if normed else 0.04)
        decay = random.choice((0.0, 0.0, 0.0005, 0.0001))
        return {"SGD": {"lr": rate, "momentum": 0.9, "nesterov": random.random() < 0.3, "weight_decay": decay}}
    name = random.choice(("Adam", "Adam", "AdamW", "AdamW", "NAdam", "RAdam", "RMSprop", "Adamax"))
    lowest, highest = {"RMSprop": (0.0003, 0.001), "Adamax": (0.001, 0.004), "AdamW": (0.0005, 0.003)}.get(
        name, (0.0004, 0.002)
    )
    return {name: {"lr": _between(random, lowest, min(highest, 0.001) if gentle and name != "Adamax" else highest)}}


def _between(random: Random, low: float, high: float) -> float:
    """Evenly on a logarithmic scale, to two digits."""
    return float(f"{math.exp(random.uniform(math.log(low), math.log(high))):.2g}")


def _schedule(random: Random, optimizer: Document) -> Any:
    highest = next(iter(optimizer.values()))["lr"]
    return random.choice(
        (
            None,
            None,
            {"CosineAnnealingLR": {"T_max": "epochs"}},
            {"ExponentialLR": {"gamma": 0.85}},
            {"StepLR": {"step_size": 4, "gamma": 0.3}},
            {"OneCycleLR": {"max_lr": highest, "total_steps": "steps"}},
            {
                "CosineAnnealingLR": {"T_max": "steps"},
                "every": "step",
                "warmup": {"linear": {"length": "40 steps"}},
            },
        )
    )


def _augment(random: Random, data: str) -> list[Any]:
    mirrored = ["RandomHorizontalFlip"] if data in ("fashion", "cifar") else []
    return random.choice(([], [], [], mirrored, [CROPPED], [CROPPED, *mirrored]))


def _extras(random: Random) -> Document:
    return random.choice(
        (
            {},
            {},
            {},
            {"clip": {"norm": random.choice((1.0, 5.0))}},
            {"ema": 0.99},
            {"accumulate": 2},
            {"precision": "bf16"},
        )
    )


def _table(random: Random) -> Healthy:
    """A small network for a table: classes by cross entropy, numbers by a squared or a robust error."""
    number = random.randrange(len(SOURCES))
    file, target, given = SOURCES[number]
    numeric = number >= NUMBERS
    activation, width = random.choice(("ReLU", "GELU", "Tanh", "SiLU")), random.choice((16, 32, 64))
    hidden = [{"Linear": {"out_features": width}}, activation] * random.randint(1, 2)
    layers = [*hidden, {"Linear": {"out_features": 1 if numeric else "classes"}}]
    optimizer = {random.choice(("Adam", "AdamW")): {"lr": _between(random, 0.002, 0.01)}}
    loss = random.choice(("MSELoss", "SmoothL1Loss", "HuberLoss")) if numeric else "CrossEntropyLoss"
    large = file in ("diamonds.csv", "taxis.csv")
    make = table_of(
        file, target, layers, random.randint(5, 10) if large else random.randint(15, 30), table=given, loss=loss,
        optimizer=optimizer, data={"limit": 3000} if large else {},
    )  # fmt: skip
    return Healthy(f"{file}, {target}, {len(hidden) // 2} hidden of {width}, {_said(optimizer)}", "", make)


def _template(random: Random) -> Healthy:
    """A template as a newcomer starts it, on a few samples, with a seed of its own."""
    name, samples = random.choice((("shapes", 1500), ("lstm", 1200), ("transformer", 900), ("unet", 400)))
    seed, epochs = random.randrange(1000), random.randint(4, 7)
    make = _seeded(template_of(name, epochs, samples + random.randrange(200)), seed)
    return Healthy(f"template {name}, seed {seed}", "", make)


def _seeded(make: Callable[[str], Document], seed: int) -> Callable[[str], Document]:
    def made(path: str) -> Document:
        return make(path) | {"seed": seed}

    return made


def piece(seed: int) -> int:
    """Which piece of the data sets a set of trainings sees: another for each seed, and none that the others see."""
    return 1000 + seed
