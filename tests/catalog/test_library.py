"""The catalog against the namespaces of torch and torchvision: all of it is offered, described and can be made."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from torch import nn, optim
from torch.nn.modules import loss as losses
from torch.optim import lr_scheduler

from torchwork.catalog import KINDS, Entry, catalog, describe, vision
from torchwork.catalog.exceptions import NOT_LAYERS, NOT_OPERATIONS, NOT_SOURCES, NOT_TRANSFORMS, left_out
from torchwork.catalog.library import Catalog
from torchwork.errors import DocumentError


def everything(*kinds: str) -> list[Entry]:
    return [entry for kind in kinds or KINDS for entry in catalog().entries(kind).values()]


def modules(module: object) -> dict[str, type]:
    found = {name: getattr(module, name) for name in dir(module)}
    return {name: one for name, one in found.items() if isinstance(one, type) and issubclass(one, nn.Module)}


def test_layers_are_torch_nn_less_losses_and_exceptions() -> None:
    expected = {name for name, found in modules(nn).items() if found.__module__ != losses.__name__}
    assert set(catalog().entries("layer")) == {name for name in expected if not left_out(name, NOT_LAYERS)}
    assert len(catalog().entries("layer")) == 116


def test_every_exception_still_exists() -> None:
    for pattern in NOT_LAYERS:
        assert any(left_out(name, {pattern: "x"}) for name in dir(nn)), pattern
    names = dir(torch) + dir(nn.functional)
    for pattern in NOT_OPERATIONS:
        assert any(left_out(name, {pattern: "x"}) for name in names), pattern
    for pattern in NOT_SOURCES:
        assert hasattr(vision().datasets, pattern)


def test_counts_of_losses_optimizers_schedulers_and_initializers() -> None:
    assert len(catalog().entries("loss")) == 22
    assert set(catalog().entries("optimizer")) == {
        name for name, one in vars(optim).items() if isinstance(one, type) and issubclass(one, optim.Optimizer)
    } - {"Optimizer"}
    assert len(catalog().entries("optimizer")) == 15
    public = {name for name, one in vars(lr_scheduler).items() if getattr(one, "__mro__", ())[-2:-1]}
    schedulers = {
        name
        for name in public
        if not name.startswith("_") and issubclass(vars(lr_scheduler)[name], lr_scheduler.LRScheduler)
    }
    assert set(catalog().entries("scheduler")) == (schedulers - {"LRScheduler"}) | {"SWALR"}
    assert len(catalog().entries("scheduler")) == 16
    assert set(catalog().entries("initializer")) == {
        name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")
    }


def test_transforms_and_sources_are_those_of_torchvision() -> None:
    transforms = vision().transforms.v2
    assert set(catalog().entries("transform")) == set(modules(transforms)) - set(NOT_TRANSFORMS)
    classes = {name for name in vision().datasets.__all__ if isinstance(getattr(vision().datasets, name), type)}
    assert set(catalog().entries("source")) == classes - set(NOT_SOURCES)


GRAPH_OPERATIONS = [
    "add",
    "cat",
    "stack",
    "flatten",
    "mean",
    "permute",
    "relu",
    "interpolate",
    "pad",
    "chunk",
    "matmul",
    "where",
    "softmax",
    "max_pool2d",
    "einsum",
    "reshape",
    "scaled_dot_product_attention",
    "normalize",
    "clamp",
]


@pytest.mark.parametrize("name", GRAPH_OPERATIONS)
def test_operations_that_graphs_use_are_there(name: str) -> None:
    assert catalog().entries("operation")[name].summary


def test_operations_are_public_functional_and_without_surprises() -> None:
    names = set(catalog().entries("operation"))
    assert len(names) > 350
    assert not [name for name in names if name.startswith("_") or name.endswith("_")]
    assert not names & {"dropout", "is_complex", "numel", "miopen_rnn", "quantize_per_tensor", "equal"}
    assert not [entry.name for entry in everything("operation") if entry.argument("out")]


def test_every_entry_has_a_summary_and_a_reference_that_leads_to_it() -> None:
    assert [entry.name for entry in everything() if not entry.summary] == []
    for entry in everything("layer", "loss", "optimizer", "scheduler", "transform", "source", "initializer"):
        module, _, name = entry.reference.rpartition(".")
        assert getattr(sys.modules[module], name) is entry.target


def test_summaries_and_help_are_plain_text() -> None:
    texts = [entry.summary for entry in everything()] + [
        argument.help for entry in everything() for argument in entry.arguments
    ]
    marks = [text for text in texts if ":math:" in text or ":attr:" in text or ":class:" in text or "``" in text]
    assert marks == []


def test_every_argument_has_a_kind() -> None:
    unknown = {
        f"{entry.name}.{argument.name}"
        for entry in everything("layer", "loss", "optimizer", "scheduler", "initializer", "transform", "source")
        for argument in entry.arguments
        if argument.kind in ("any", "none")
    }
    assert unknown == set()


def test_documented_arguments_have_help() -> None:
    for kind in ("layer", "loss", "optimizer", "scheduler", "transform", "source", "initializer"):
        arguments = [argument for entry in everything(kind) for argument in entry.arguments if argument.name != "dtype"]
        helped = [argument for argument in arguments if argument.help]
        assert len(helped) >= 0.9 * len(arguments), kind


def test_every_default_fits_its_own_argument() -> None:
    wrong = {
        f"{entry.kind} {entry.name}.{argument.name}: {argument.problem(argument.default, '')}"
        for entry in everything()
        for argument in entry.arguments
        if not argument.required and not argument.variadic and entry.kind != "operation"
        if argument.problem(argument.default, "")
    }
    assert wrong == set()


def test_the_catalog_is_json() -> None:
    text = json.dumps(catalog().as_dict(), allow_nan=False)
    found = json.loads(text)
    assert set(found) == set(KINDS)
    layer = next(one for one in found["layer"] if one["name"] == "TransformerEncoderLayer")
    activation = layer["arguments"][4]
    assert (activation["name"], activation["default"]) == ("activation", "relu")


def test_a_name_of_another_kind_says_which() -> None:
    with pytest.raises(DocumentError, match=r"model.layers\[0\]: expected a layer, but CrossEntropyLoss is a loss"):
        catalog().find("layer", "CrossEntropyLoss", "model.layers[0]")


def test_a_misspelt_name_says_the_nearest() -> None:
    with pytest.raises(DocumentError, match=r"got 'Conv2D' .*did you mean Conv2d"):
        catalog().find("layer", "Conv2D")


def test_a_left_out_name_says_why() -> None:
    with pytest.raises(DocumentError, match=r"LazyLinear is not offered as a layer: in_\*"):
        catalog().find("layer", "LazyLinear")


def test_an_own_source_takes_the_place_of_torchvisions() -> None:
    class FashionMNIST:
        """Own reader of the idx files."""

        def __init__(self, root: str, transform: object = None) -> None:
            self.root = root

    own = Catalog()
    own.register(describe(FashionMNIST, "source"))
    entry = own.find("source", "FashionMNIST")
    assert entry.target is FashionMNIST and [argument.name for argument in entry.arguments] == ["root"]
    assert entry.construct({"root": "data"}).root == "data"


def test_torchvision_is_loaded_only_when_asked_for() -> None:
    code = (
        "import sys; from torchwork.catalog import catalog\n"
        "catalog().entries('layer'); catalog().entries('operation')\n"
        "try: catalog().find('layer', 'RandomCrop')\n"
        "except Exception as error: print(type(error).__name__, 'torchvision' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["DocumentError", "False"]
