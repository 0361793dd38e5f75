"""Plausible mistakes in every kind of part: one sentence, at its place, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from torchwork.build import build
from torchwork.errors import DataError, DocumentError
from torchwork.experiment import Experiment

from .flow import CLASSES, NUMBERS, PERCEPTRON, PICTURES, document, trainer

HEAD = {"Linear": {"out_features": 3}}
LABELLED: dict[str, Any] = {"data": CLASSES, "loss": "CrossEntropyLoss"}
SEEN: dict[str, Any] = {"data": PICTURES, "loss": "CrossEntropyLoss", "model": {"layers": ["Flatten", HEAD]}}


def refusal(base: Path, **sections: Any) -> str:
    """The one problem of a document, as a person sees it."""
    with pytest.raises(DocumentError) as caught:
        build(Experiment.parse(document(**sections)), base=base)
    assert len(caught.value.problems) == 1, str(caught.value)
    told = str(caught.value)
    assert "\n" not in told and "Tensor(" not in told and "object at 0x" not in told
    return told


@pytest.mark.parametrize(
    ("layer", "place", "words"),
    [
        ("Linear", ".Linear", "Linear needs out_features: a positive int"),
        ({"Linear": {"out_features": "3"}}, ".Linear.out_features", "expected a positive int, got '3' (str)"),
        ({"Linear": {"out_features": 2.5}}, ".Linear.out_features", "expected a positive int, got 2.5 (float)"),
        ({"Linear": {"out_features": 0}}, ".Linear.out_features", "expected a positive int, got 0 (int)"),
        ({"Linear": {"out_features": -3}}, ".Linear.out_features", "expected a positive int, got -3 (int)"),
        ({"Linear": {"out_features": None}}, ".Linear.out_features", "expected a positive int, got null"),
        (
            {"Linear": {"out_feature": 3}},
            ".Linear.out_feature",
            "no argument 'out_feature' (did you mean out_features?)",
        ),
        ({"Linear": {"out_features": "clases"}}, ".Linear.out_features", "unknown name `clases`"),
        ({"Linear": {"out_features": 3, "bias": "no"}}, ".Linear.bias", "expected true or false, got 'no' (str)"),
        ({"Linear": 3}, ".Linear", "expected the arguments of Linear as `{argument: value}`, got 3"),
        ({"Liner": {"out_features": 3}}, ".Liner", "expected the name of a layer, got 'Liner' (did you mean Linear?)"),
        ({"linear": {"out_features": 3}}, ".linear", "a function without weights and has no argument 'out_features'"),
        ({"Linear": {"out_features": 3, "device": "cuda"}}, ".Linear.device", "Linear has no argument 'device'"),
        ({"BatchNorm1d": {"num_features": 5}}, ".BatchNorm1d", "num_features is 5, but its input has 6 channels"),
        ({"Dropout": {"p": 1.5}}, ".Dropout", "dropout probability has to be between 0 and 1, but got 1.5"),
        ({"MultiheadAttention": {"num_heads": 4}}, ".MultiheadAttention", "embed_dim must be divisible by num_heads"),
        ({"GroupNorm": {"num_groups": 4}}, ".GroupNorm", "num_channels (6) must be divisible by num_groups (4)"),
        ({"Embedding": {"num_embeddings": 4, "embedding_dim": 2}}, ".Embedding", "expects whole numbers (int64)"),
        ({"Conv2d": {"out_channels": 4, "kernel_size": 3}}, ".Conv2d", "expects 4 dimensions"),
        ("Softmax", ".Softmax", "Softmax needs dim: an int"),
        ("CrossEntropyLoss", ".CrossEntropyLoss", "expected a layer, but CrossEntropyLoss is a loss"),
        ("Sequential", ".Sequential", "Sequential is not offered as a layer: a container"),
    ],
    ids=str,
)
def test_layer(layer: Any, place: str, words: str, base: Path) -> None:
    told = refusal(base, model={"layers": [layer, HEAD]})
    assert told.startswith(f"model.layers[0]{place}: ")
    assert words in told


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"kernel_size": 0}, ".kernel_size: expected a positive int or a list of 2 positive ints, got 0 (int)"),
        ({"kernel_size": [3, 3, 3]}, ".kernel_size: expected a positive int or a list of 2 positive ints"),
        ({"kernel_size": 99}, ": kernel_size is 99, which is larger than the input"),
        ({"kernel_size": 3, "stride": 0}, ".stride: expected a positive int"),
        ({"kernel_size": 3, "padding": "sme"}, ".padding: expected one of 'same', 'valid', an int or a list of 2 ints"),
        ({"kernel_size": 3, "padding": -1}, ": Conv2d cannot run"),
        ({"kernel_size": 3, "padding_mode": "zero"}, "got 'zero' (str) (did you mean zeros?)"),
        ({"kernel_size": 3, "groups": 2}, "in_channels must be divisible by groups"),
        ({"kernel_size": 3, "in_channels": 1}, "in_channels is 1, but its input has 3 channels"),
        ({"kernal_size": 3}, ".kernal_size: Conv2d has no argument 'kernal_size' (did you mean kernel_size?)"),
    ],
    ids=str,
)
def test_convolution(args: dict[str, Any], words: str, base: Path) -> None:
    model = {"layers": [{"Conv2d": {"out_channels": 4, **args}}, "Flatten", HEAD]}
    told = refusal(base, **{**SEEN, "model": model})
    assert told.startswith("model.layers[0].Conv2d")
    assert words in told


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({"flatten": {"start": 1}}, ".start: flatten has no argument 'start' (did you mean start_dim?)"),
        ("add", ": add needs other: got 1 tensor (input)"),
        ({"reshape": {"shape": [-1, 4]}}, ": 5x6 has 30 elements, which do not fill the shape -1x4"),
        ({"permute": {"dims": [0, 2]}}, ": there is no dimension 2: its input has the shape 5x6"),
        ({"transpose": {"dim0": 1, "dim1": 2}}, ": there is no dimension 2"),
        ({"einsum": {"equation": "bi,ij"}}, ": einsum cannot run: its input has the shape 5x6"),
        ({"hsplit": {}}, ": hsplit cannot be called with 1 tensor and no arguments (it also takes sections, indices)"),
        ({"clamp": {"min": "a"}}, ".min: unknown name `a`"),
        ("log_softmax", ": log_softmax needs dim: an int"),
        ("dropout", ": expected the name of a layer, got 'dropout' (did you mean Dropout?)"),
        ("mm", ": mm needs mat2: got 1 tensor (input)"),
        ("smm", ": expected the name of a layer, got 'smm'"),
    ],
    ids=str,
)
def test_operation(operation: Any, words: str, base: Path) -> None:
    name = operation if isinstance(operation, str) else next(iter(operation))
    told = refusal(base, model={"layers": [operation, HEAD]})
    assert told.startswith(f"model.layers[0].{name}")
    assert words in told


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("CrossEntropy", "loss: expected the name of a loss, got 'CrossEntropy' (did you mean CrossEntropyLoss?)"),
        ("Linear", "loss: expected a loss, but Linear is a layer"),
        ({"CrossEntropyLoss": {"label_smothing": 0.1}}, "'label_smothing' (did you mean label_smoothing?)"),
        ({"CrossEntropyLoss": {"label_smoothing": 2.0}}, "loss: the loss does not fit"),
        ({"CrossEntropyLoss": {"weight": [1, 2]}}, "loss: the loss does not fit"),
        ({"CrossEntropyLoss": {"weight": "auto"}}, "loss.CrossEntropyLoss.weight: expected a list of numbers or null"),
        ({"CrossEntropyLoss": {"reduction": "average"}}, "expected one of 'none', 'mean', 'sum', got 'average' (str)"),
        ({"HuberLoss": {"delta": "x"}}, "loss.HuberLoss.delta: expected a number, got 'x' (str)"),
        ({"HuberLoss": {"delta": -1}}, "loss: the loss does not fit"),
        ("CosineEmbeddingLoss", "loss: CosineEmbeddingLoss takes input1, input2, target, but the model gives 2x3"),
        ({}, "loss: expected `Name` or `Name: {argument: value}`, got {}"),
        (["MSELoss"], 'loss: expected `Name` or `Name: {argument: value}`, got ["MSELoss"]'),
        ({"MSELoss": {}, "L1Loss": {}}, "loss: expected one name, got MSELoss and L1Loss"),
    ],
    ids=str,
)
def test_loss(loss: Any, words: str, base: Path) -> None:
    assert words in refusal(base, **{**LABELLED, "loss": loss})


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        (
            {**LABELLED, "model": {"layers": [{"Linear": {"out_features": 2}}]}},
            "model: the model gives 2 outputs for 3 classes",
        ),
        (
            {"model": {"layers": [{"Linear": {"out_features": 5}}]}},
            "loss: MSELoss cannot compare outputs of shape [2, 5]",
        ),
        ({**SEEN, "model": {"layers": [HEAD]}}, "model: expected one output for each class of a sample"),
        (
            {"model": {"layers": [{"Linear": {"out_features": 5}}, "flatten"]}},
            "model: the model gives 10 float32 for a batch",
        ),
        (
            {"model": {"layers": [{"reshape": {"shape": [5, 6]}}, HEAD]}},
            "model: the model does not take a batch of 2x6",
        ),
        ({"task": "classification"}, "task: expected classes as targets for classification, the data have numbers"),
    ],
    ids=str,
)
def test_what_does_not_belong_together(sections: dict[str, Any], words: str, base: Path) -> None:
    assert refusal(base, **sections).startswith(words)


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("adam", "optimizer: expected the name of an optimizer, got 'adam' (did you mean Adam?)"),
        ({"Adam": {"lr": "fast"}}, "optimizer.Adam.lr: expected a number"),
        ({"Adam": {"lr": -1}}, "optimizer.Adam: Adam(lr=-1): Invalid learning rate: -1"),
        ({"Adam": {"learning_rate": 0.1}}, "Adam has no argument 'learning_rate' (it has lr, betas"),
        ({"Adam": {"betas": 0.9}}, "optimizer.Adam.betas: expected a list of 2 numbers, got 0.9 (float)"),
        ({"Adam": {"betas": [0.9]}}, "optimizer.Adam.betas: expected a list of 2 numbers, got [0.9] (list)"),
        ({"Adam": {"betas": [0.9, 1.5]}}, "Invalid beta parameter at index 1: 1.5"),
        ({"Adam": {"params": []}}, "Adam has no argument 'params'"),
        ({"Adam": {"fused": "yes"}}, "optimizer.Adam.fused: expected true or false or null"),
        ({"Adam": 0.01}, "optimizer.Adam: expected the arguments of Adam as `{argument: value}`, got 0.01"),
        ({"SGD": {"nesterov": True}}, "Nesterov momentum requires a momentum and zero dampening"),
        ({"SGD": {"weight_decay": None}}, "optimizer.SGD.weight_decay: expected a number, got null"),
        ("Muon", "optimizer.Muon: Muon(): Muon only supports 2D parameters"),
    ],
    ids=str,
)
def test_optimizer(optimizer: Any, words: str, base: Path) -> None:
    assert words in refusal(base, optimizer=optimizer, model=PERCEPTRON)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"match": "conv*"}, "parameters[0].match: `conv*` matches no parameter of the model (parameters are 0.weight"),
        ({"match": "*", "freeze": True}, "every parameter is frozen, so there is nothing to train"),
        (
            {"match": "*.bias", "set": {"lrr": 0.1}},
            "parameters[0].set.lrr: Adam has no argument 'lrr' (did you mean lr?)",
        ),
        ({"match": "*.bias", "set": {"lr": "x"}}, "parameters[0].set.lr: expected a number"),
        ({"match": "*.bias", "set": {"lr": -0.1}}, "Adam(lr=-0.1): Invalid learning rate: -0.1"),
        ({"match": "*.bias", "optimizer": "Adamm"}, "parameters[0].optimizer: expected the name of an optimizer"),
        (
            {"match": "*", "init": "kaiming_normal"},
            "an initializer, got 'kaiming_normal' (did you mean kaiming_normal_?)",
        ),
        ({"match": "*.bias", "init": "kaiming_normal_"}, "parameters[0].init.kaiming_normal_: for 0.bias (8,)"),
        (
            {"match": "*", "init": {"kaiming_normal_": {"nonlinearity": "gelu"}}},
            ".kaiming_normal_.nonlinearity: expected one",
        ),
        ({"match": "*.weight", "init": "dirac_"}, "Only tensors with 3, 4, or 5 dimensions are supported"),
        ({"match": "*.weight", "init": "constant_"}, "parameters[0].init.constant_: constant_ needs val: a number"),
        (
            {"match": "*.weight", "init": {"sparse_": {"sparsity": "x"}}},
            ".sparse_.sparsity: expected a number, got 'x'",
        ),
        ({"match": "*", "init": {"uniform_": {"a": 1, "b": 0}}}, "parameters[0].init.uniform_: for 0.weight (8, 6)"),
    ],
    ids=str,
)
def test_rule(rule: dict[str, Any], words: str, base: Path) -> None:
    assert words in refusal(base, parameters=[rule], model=PERCEPTRON)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("StepLR", "schedule.StepLR: StepLR needs step_size: an int"),
        ({"StepLR": {"step": 3}}, "StepLR has no argument 'step' (did you mean step_size?)"),
        ({"StepLR": {"step_size": "x"}}, "schedule.StepLR.step_size: expected an int, got 'x' (str)"),
        ("CosineLR", "expected the name of a scheduler, got 'CosineLR' (did you mean CosineAnnealingLR?)"),
        ({"OneCycleLR": {"max_lr": 0.1}}, "You must define either total_steps OR (epochs AND steps_per_epoch)"),
        (
            {"LambdaLR": {"lr_lambda": "0.9**epoch*x"}},
            "expected an expression with one free name, such as `0.95 ** epoch`",
        ),
        ({"LambdaLR": {"lr_lambda": "__import__('os')"}}, "expected an expression with one free name"),
        ({"LambdaLR": {"lr_lambda": 0.9}}, "schedule.LambdaLR.lr_lambda: expected an expression of one free name"),
        ({"ReduceLROnPlateau": {"factor": 2}}, "schedule.ReduceLROnPlateau"),
        ({"ReduceLROnPlateau": {}, "monitor": "valid/acc"}, "schedule.monitor: `valid/acc` is not measured"),
        (
            {"SequentialLR": {"schedulers": ["ConstantLR", "StepLR"], "milestones": [1]}},
            "schedulers[1].StepLR: StepLR needs",
        ),
        ({"MultiStepLR": {"milestones": 3}}, "schedule.MultiStepLR.milestones: expected a list of ints, got 3 (int)"),
        ({"StepLR": {"step_size": 1}, "every": "batch"}, 'schedule.every: expected step or epoch, got "batch"'),
        ({"StepLR": {"step_size": 1}, "warmup": "linear"}, "schedule.warmup.linear: linear needs length"),
        ({"warmup": {"linear": {"length": "5 stps"}}}, "schedule.warmup.linear"),
        ({"warmup": {"lineer": {"length": "5 steps"}}}, "there is no warm-up lineer (did you mean linear?)"),
        ({"StepLR": {"step_size": 1}, "warmpu": {}}, "expected one name, got StepLR and warmpu; did you mean warmup?"),
    ],
    ids=str,
)
def test_schedule(schedule: Any, words: str, base: Path) -> None:
    told = refusal(base, schedule=schedule)
    assert told.startswith("schedule") and words in told


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        (
            "HorizontalFlip",
            ": expected the name of a transform, got 'HorizontalFlip' (did you mean RandomHorizontalFlip?)",
        ),
        ("RandomCrop", ".RandomCrop: RandomCrop needs size"),
        (
            {"RandomCrop": {"size": 99}},
            ": RandomCrop: expected pictures of at least [99, 99] after padding, got [12, 10]",
        ),
        ({"RandomHorizontalFlip": {"p": 2}}, ".RandomHorizontalFlip: RandomHorizontalFlip(p=2): `p` should be"),
        ({"RandomHorizontalFlip": {"prob": 0.5}}, ".prob: RandomHorizontalFlip has no argument 'prob' (it has p)"),
        ({"Resize": {"size": -3}}, ": Resize cannot take an input [3, 12, 10] uint8"),
        ({"Resize": {"size": 8, "interpolation": "cubic"}}, ".Resize.interpolation: expected one of 'nearest'"),
        ({"Normalize": {"mean": [0.5], "std": [0.5]}}, "use data.normalize, or put `ToDtype"),
        (
            {"RandomApply": {"transforms": ["RandomFlip"]}},
            ".RandomApply.transforms[0]: expected the name of a transform",
        ),
        ({"RandomApply": {"transforms": []}}, "Pass at least one transform"),
        ({"ColorJitter": {"hue": 2}}, "hue values should be between (-0.5, 0.5)"),
        ({"GaussianBlur": {"kernel_size": 4}}, "Kernel size value should be an odd and positive number."),
        ({"RandomPosterize": {"bits": 9}}, ": RandomPosterize cannot take an input [3, 12, 10]"),
        ("ToTensor", ": ToTensor is not offered as a transform: deprecated"),
        ("Lambda", ": Lambda is not offered as a transform: its function is code"),
        (3, ": expected `Name` or `Name: {argument: value}`, got 3"),
    ],
    ids=str,
)
def test_transform(transform: Any, words: str, base: Path) -> None:
    told = refusal(base, **{**SEEN, "data": {**PICTURES, "augment": [transform]}})
    assert told.startswith("data.augment[0]") and words in told


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        ("RandomHorizontalFlip", "which is random; move it to data.augment"),
        ("MixUp", "MixUp mixes the samples of a batch; move it to data.augment"),
    ],
)
def test_what_is_random_does_not_prepare(transform: str, words: str, base: Path) -> None:
    told = refusal(base, **{**SEEN, "data": {**PICTURES, "prepare": [transform]}})
    assert told.startswith("data.prepare[0]: ") and told.endswith(words)


def test_sizes_that_differ_are_told_when_they_meet(base: Path) -> None:
    augment = [{"RandomResize": {"min_size": 8, "max_size": 12}}]
    built = build(Experiment.parse(document(**{**SEEN, "data": {**PICTURES, "augment": augment}})), base=base)
    with pytest.raises(DataError, match=r"^data\.augment\[0\]: expected samples of one shape, got .*; put Resize"):
        trainer(built).fit()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("mnist", ": expected the name of a data set, got 'mnist' (did you mean MNIST?)"),
        ("Linear", ": expected the name of a data set, got 'Linear' (torchwork's own are Shapes"),
        ({"MNIST": {"rot": "x"}}, ".MNIST.rot: MNIST has no argument 'rot' (did you mean root?)"),
        ({"MNIST": {"root": 3}}, '.MNIST.root: expected a string, got 3 (int) (write it in quotes: "3")'),
        ({"MNIST": {"root": "nope"}}, "set root to the folder that holds it, or `download: true`"),
        ("Arrays", ".Arrays: expected `path:` of an .npz file"),
        ({"Arrays": {"path": "missing.npz"}}, "there is no such file"),
        ({"Table": {"path": "missing.csv"}}, ".Table: Table needs target: a string or a list of strings"),
        ({"Table": {"path": "missing.csv", "target": "y"}}, ".Table.path: expected a .csv file"),
        ({"Shapes": {"classes": ["circel", "square"]}}, "expected names of shapes, got 'circel'; did you mean circle?"),
        ({"Shapes": {"size": 4}}, "a size from 8 to 512"),
        ({"ImageFolder": {"root": "nope"}}, ".ImageFolder.root: expected a folder"),
        ({"FakeData": {"size": 0}}, ".FakeData: expected samples, got none"),
        ("EMNIST", ".EMNIST: EMNIST needs"),
        (None, ": expected `Name` or `Name: {argument: value}`, got nothing"),
    ],
    ids=str,
)
def test_source(source: Any, words: str, base: Path) -> None:
    if source == "EMNIST":
        source = {"EMNIST": {"root": "."}}
    told = refusal(base, data={**NUMBERS, "source": source})
    assert told.startswith("data.source") and words in told
