"""Entries: what is wrong with arguments, and how JSON-like values become torch objects."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim import lr_scheduler

from torchwork.catalog import catalog
from torchwork.errors import DocumentError, Problem

# Small valid values for the required arguments of layers and losses, by name.
SMALL: dict[str, Any] = {
    "in_features": 4, "out_features": 4, "in1_features": 4, "in2_features": 4, "in_channels": 4, "out_channels": 4,
    "kernel_size": 2, "num_features": 4, "n_classes": 5, "num_classes": 5, "cutoffs": [2, 3], "output_size": 2,
    "groups": 2, "num_channels": 4, "num_groups": 2, "input_size": 4, "hidden_size": 4, "embed_dim": 4, "num_heads": 2,
    "d_model": 4, "nhead": 2, "num_embeddings": 8, "embedding_dim": 4, "normalized_shape": [4], "padding": 1,
    "value": 0.5, "threshold": 0.5, "norm_type": 2, "size": 2, "upscale_factor": 2, "downscale_factor": 2,
    "num_layers": 1, "dim": 1, "unflattened_size": [2, 2],
    "encoder_layer": {"TransformerEncoderLayer": {"d_model": 4, "nhead": 2}},
    "decoder_layer": {"TransformerDecoderLayer": {"d_model": 4, "nhead": 2}},
}  # fmt: skip
INSTEAD = {"FractionalMaxPool2d": {"output_size": 2}, "FractionalMaxPool3d": {"output_size": 2}}


def build(kind: str, value: Any, path: str) -> Any:
    """Nested parts as the document writes them; callables are of one free name."""
    if kind == "callable":
        return lambda epoch: 0.5**epoch
    name, args = next(iter(value.items())) if isinstance(value, dict) else (value, {})
    return catalog().find(kind, name, path).construct(args, part=build, path=path)


def small(kind: str, name: str) -> dict[str, Any]:
    required = [argument.name for argument in catalog().entries(kind)[name].arguments if argument.required]
    return {argument: SMALL[argument] for argument in required} | INSTEAD.get(name, {})


@pytest.mark.filterwarnings("ignore")  # torch's own advice, such as on nested tensors
@pytest.mark.parametrize("kind", ["layer", "loss"])
def test_every_layer_and_loss_is_made_with_all_its_defaults(kind: str) -> None:
    for name, entry in catalog().entries(kind).items():
        args = {one.name: one.default for one in entry.arguments if not one.required} | small(kind, name)
        assert isinstance(entry.construct(args, part=build), entry.target), name


@pytest.mark.filterwarnings("ignore")
def test_every_optimizer_is_made_with_all_its_defaults() -> None:
    for entry in catalog().entries("optimizer").values():
        made = entry.construct({one.name: one.default for one in entry.arguments}, [nn.Parameter(torch.zeros(2, 2))])
        assert isinstance(made, torch.optim.Optimizer)


REQUIRED_OF_SCHEDULERS: dict[str, Any] = {
    "T_max": 3, "T_0": 3, "base_lr": 0.1, "max_lr": 0.2, "gamma": 0.5, "lr_lambda": "0.5 ** epoch", "milestones": [2],
    "swa_lr": 0.1, "step_size": 2,
}  # fmt: skip


def test_every_scheduler_is_made_for_its_optimizer() -> None:
    for name, entry in catalog().entries("scheduler").items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(2))], lr=0.1, momentum=0.9)
        two = [lr_scheduler.ConstantLR(optimizer), lr_scheduler.ExponentialLR(optimizer, 0.9)]
        known = REQUIRED_OF_SCHEDULERS | {"schedulers": two, "total_steps": 10}
        args = {one.name: known[one.name] for one in entry.arguments if one.required or one.name == "total_steps"}
        made = entry.construct(args, optimizer, part=build)
        assert isinstance(made, entry.target) and made.optimizer is optimizer, name


def test_every_initializer_fills_a_tensor() -> None:
    for name, entry in catalog().entries("initializer").items():
        tensor = torch.full((4, 4, 4) if name == "dirac_" else (4, 4), 7.0)
        entry.construct({"val": 2.0} if name == "constant_" else {"sparsity": 0.5} if name == "sparse_" else {}, tensor)
        assert not torch.equal(tensor, torch.full_like(tensor, 7.0)), name


REQUIRED_OF_TRANSFORMS: dict[str, Any] = {
    "size": 4, "format": "xyxy", "kernel_size": 3, "lambd": "x", "transformation_matrix": [[1.0]], "mean_vector": [0.0],
    "mean": [0.5], "std": [0.5], "padding": 1, "sharpness_factor": 2, "degrees": [-10, 10], "bits": 4, "threshold": 0.5,
    "min_size": 4, "max_size": 8, "target_size": [4, 4], "dtype": "float32", "transforms": ["RandomHorizontalFlip"],
    "quality": 50, "num_samples": 2, "clamping_mode": "soft",
}  # fmt: skip
GIVEN = {
    "ColorJitter": {},
    "Resize": {"size": [4, 4], "interpolation": "BICUBIC"},
    "AutoAugment": {"policy": "CIFAR10"},
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # ToTensor is deprecated
def test_every_transform_is_made() -> None:
    for name, entry in catalog().entries("transform").items():
        args = {one.name: REQUIRED_OF_TRANSFORMS[one.name] for one in entry.arguments if one.required} | GIVEN.get(
            name, {}
        )
        assert isinstance(entry.construct(args, part=build), entry.target), name


def test_names_become_dtypes_members_and_tuples() -> None:
    resize = catalog().find("transform", "Resize").construct({"size": [4, 6], "interpolation": "nearest-exact"})
    assert resize.interpolation.name == "NEAREST_EXACT" and list(resize.size) == [4, 6]
    layer = (
        catalog()
        .find("layer", "Conv2d")
        .construct({"in_channels": 3, "out_channels": 4, "kernel_size": [3, 5], "dtype": "torch.float64"})
    )
    assert layer.kernel_size == (3, 5) and layer.weight.dtype is torch.float64
    loss = catalog().find("loss", "CrossEntropyLoss").construct({"weight": [1, 2, 3]})
    assert loss.weight.dtype is torch.float32 and loss.weight.tolist() == [1, 2, 3]
    options = {"batch_chunk_size": 2}
    made = (
        catalog()
        .find("loss", "LinearCrossEntropyLoss")
        .construct({"in_features": 2, "num_classes": 3, "options": options})
    )
    assert made.options.batch_chunk_size == 2


def test_nested_parts_are_made_by_the_callback_with_their_paths() -> None:
    seen = []

    def part(kind: str, value: Any, path: str) -> Any:
        seen.append((kind, path))
        return build(kind, value, path)

    args = {"encoder_layer": SMALL["encoder_layer"], "num_layers": 2}
    entry = catalog().find("layer", "TransformerEncoder")
    assert entry.argument("encoder_layer").kind == "part:layer"
    with pytest.warns(UserWarning, match="enable_nested_tensor"):
        entry.construct(args, part=part, path="model.layers[0].TransformerEncoder")
    catalog().find("transform", "Compose").construct({"transforms": ["RGB", "RGB"]}, part=part, path="p")
    assert seen == [
        ("layer", "model.layers[0].TransformerEncoder.encoder_layer"),
        ("transform", "p.transforms[0]"),
        ("transform", "p.transforms[1]"),
    ]


def test_nested_parts_are_looked_into() -> None:
    entry = catalog().find("transform", "RandomApply")
    found = entry.problems(
        {"transforms": ["RGB", "RBG"]}, "t", part=lambda kind, value, path: [Problem(path, f"{kind} {value}")]
    )
    assert [str(problem) for problem in found] == ["t.transforms[0]: transform RGB", "t.transforms[1]: transform RBG"]


@pytest.mark.parametrize(
    ("kind", "name", "args", "sentence"),
    [
        ("layer", "Flatten", {"strat_dim": 3},
         "x.strat_dim: Flatten has no argument 'strat_dim' (did you mean start_dim?)"),
        ("layer", "Sigmoid", {"dim": 1}, "x.dim: Sigmoid has no argument 'dim' (it takes no arguments)"),
        ("layer", "Linear", {"in_features": 1}, "x: Linear needs out_features: a positive int"),
        ("layer", "Dropout", {"p": "half"}, "x.p: expected a number, got 'half' (str)"),
        ("layer", "Dropout", {"p": None}, "x.p: expected a number, got null"),
        ("layer", "ReLU", {"inplace": "yes"}, "x.inplace: expected true or false, got 'yes' (str)"),
        ("layer", "AvgPool2d", {"kernel_size": [1, 2, 3]},
         "x.kernel_size: expected a positive int or a list of 2 positive ints, got [1, 2, 3] (list)"),
        ("loss", "MSELoss", {"reduction": "men"},
         "x.reduction: expected one of 'none', 'mean', 'sum', got 'men' (str) (did you mean mean?)"),
        ("layer", "Flatten", {"start_dim": 1.5}, "x.start_dim: expected an int, got 1.5 (float)"),
        ("layer", "Flatten", {"start_dim": True}, "x.start_dim: expected an int, got True (bool)"),
        ("source", "VOCDetection", {"root": "d", "year": 2012},
         'x.year: expected a string, got 2012 (int) (write it in quotes: "2012")'),
        ("transform", "ToDtype", {"dtype": "float33"},
         "x.dtype: expected a dtype such as 'float32' or a mapping, got 'float33' (str)"),
    ],
)  # fmt: skip
def test_problems_say_where_what_and_what_to_do(kind: str, name: str, args: dict[str, Any], sentence: str) -> None:
    assert [str(problem) for problem in catalog().find(kind, name).problems(args, "x")] == [sentence]


def test_inferred_arguments_are_not_missing() -> None:
    assert catalog().find("layer", "Linear").problems({"out_features": 3}, inferred=["in_features"]) == []


@pytest.mark.parametrize(
    ("kind", "name", "args"),
    [
        ("layer", "Conv2d", {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": "same"}),
        ("layer", "Dropout", {"p": 1}),
        ("layer", "Linear", {"in_features": 2.0, "out_features": 1e1, "bias": 1}),
        ("layer", "AdaptiveAvgPool2d", {"output_size": [None, 7]}),
        ("layer", "Upsample", {"scale_factor": 2, "mode": "nearest-exact"}),
        ("layer", "BatchNorm2d", {"num_features": 3, "momentum": None}),
        ("layer", "TransformerEncoderLayer", {"d_model": 4, "nhead": 2, "activation": "gelu"}),
        ("layer", "PairwiseDistance", {"p": float("inf")}),
        ("loss", "KLDivLoss", {"reduction": "batchmean"}),
        ("optimizer", "Adafactor", {"eps": [None, 0.001]}),
        ("optimizer", "LBFGS", {"line_search_fn": "strong_wolfe"}),
        ("optimizer", "Muon", {"adjust_lr_fn": "match_rms_adamw"}),
        ("scheduler", "ReduceLROnPlateau", {"min_lr": [1e-4, 1e-5]}),
        ("scheduler", "LambdaLR", {"lr_lambda": ["0.5 ** epoch", "1"]}),
        ("transform", "RandomErasing", {"value": "random"}),
        ("transform", "RandomErasing", {"value": [1, 2, 3]}),
        ("transform", "RandomCrop", {"size": 28, "padding": 4, "fill": [1, 2, 3]}),
        ("transform", "Normalize", {"mean": [0], "std": [1]}),
        ("transform", "CutMix", {"num_classes": 3, "labels_getter": "default"}),
        ("operation", "lp_pool2d", {"norm_type": 2, "kernel_size": 2, "stride": [1, 2]}),
        ("operation", "max_unpool2d", {"kernel_size": 2, "stride": 2, "output_size": [4, 4]}),
        ("operation", "interpolate", {"scale_factor": 2}),
        ("source", "FakeData", {"size": 10, "image_size": [3, 8, 8]}),
    ],
)
def test_what_torch_accepts_is_accepted(kind: str, name: str, args: dict[str, Any]) -> None:
    entry = catalog().find(kind, name)
    assert entry.problems(args) == []
    entry.converted(args, build)


def test_what_torch_refuses_is_one_sentence() -> None:
    args = {"in_channels": 3, "out_channels": 4, "kernel_size": 3, "groups": 2}
    with pytest.raises(DocumentError) as caught:
        catalog().find("layer", "Conv2d").construct(args, path="model.layers[3].Conv2d")
    assert str(caught.value) == (
        "model.layers[3].Conv2d: Conv2d(in_channels=3, out_channels=4, kernel_size=3, groups=2): "
        "in_channels must be divisible by groups"
    )
    assert caught.value.__suppress_context__


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.data(), VALUES)
def test_no_value_gets_past_as_anything_but_a_document_error(data: st.DataObject, value: Any) -> None:
    entry = data.draw(st.sampled_from([*catalog().entries("layer").values(), *catalog().entries("operation").values()]))
    if not entry.arguments:
        return
    argument = data.draw(st.sampled_from(entry.arguments))
    problem = argument.problem(value, "path")
    if problem is None:
        entry.converted({argument.name: value}, lambda kind, value, path: value)
    else:
        assert str(problem).startswith("path: expected ")


def test_an_operation_is_called_with_its_inputs() -> None:
    one, two = torch.rand(2, 3), torch.rand(2, 3)
    operation = catalog().entries("operation")
    assert torch.equal(operation["add"].call([one, two], {"alpha": 2}), one + 2 * two)
    assert torch.equal(operation["add"].call([one], {"other": 2}), one + 2)
    assert torch.equal(operation["cat"].call([one, two], {"dim": 1}), torch.cat([one, two], dim=1))
    assert torch.equal(operation["where"].call([one > 0.5, one, two], {}), torch.where(one > 0.5, one, two))
    assert torch.equal(operation["where"].call([one > 0.5, one], {"other": 0.0}), torch.where(one > 0.5, one, 0.0))
    assert torch.equal(operation["einsum"].call([one, two], {"equation": "ij,kj->ik"}), one @ two.T)
    assert torch.equal(operation["mean"].call([one], {"dim": [0, 1], "keepdim": True}), one.mean().reshape(1, 1))
    assert torch.equal(operation["mean"].call([one], {"dim": 0, "dtype": "float64"}), one.mean(0, dtype=torch.float64))
    assert torch.equal(operation["permute"].call([one], {"dims": [1, 0]}), one.T)
    assert [part.shape[1] for part in operation["chunk"].call([one], {"chunks": 3, "dim": 1})] == [1, 1, 1]
    assert operation["interpolate"].call([one[None]], {"scale_factor": 2}).shape == (1, 2, 6)
    assert operation["max_pool2d"].call([one[None]], {"kernel_size": [2, 1]}).shape == (1, 1, 3)
    assert torch.equal(operation["max"].call([one], {"dim": 1}).values, one.max(dim=1).values)


def test_a_bound_operation_can_be_copied_and_exported() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add = catalog().find("operation", "add").construct({"alpha": 2})
            self.cat = catalog().find("operation", "cat").construct({"dim": 1})

        def forward(self, one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
            return self.cat(self.add(one, two), two)

    one, two = torch.rand(2, 3), torch.rand(2, 3)
    copied = copy.deepcopy(Model())
    exported = torch.export.export(copied, (one, two)).module()
    assert torch.equal(exported(one, two), torch.cat([one + 2 * two, two], dim=1))


@pytest.mark.parametrize(
    ("name", "inputs", "args", "sentence"),
    [
        ("add", 1, {}, "n: add needs other: got 1 tensor (input)"),
        ("add", 3, {}, "n: add takes 2 tensors (input, other), got 3"),
        ("relu", 2, {}, "n: relu takes 1 tensor (input), got 2"),
        ("cat", 0, {}, "n: cat needs at least one tensor, got none"),
        ("add", 2, {"other": 1}, "n: add takes 1 tensor (input), got 2"),
    ],
)
def test_the_number_of_inputs_is_checked(name: str, inputs: int, args: dict[str, Any], sentence: str) -> None:
    entry = catalog().find("operation", name)
    assert [str(problem) for problem in entry.problems(args, "n", inputs=inputs)] == [sentence]
    with pytest.raises(DocumentError, match="tensor"):
        entry.call([torch.zeros(1)] * inputs, args, path="n")
