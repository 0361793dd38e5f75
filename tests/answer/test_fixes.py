"""Faults with their fixes: each fix that is offered really mends what it is offered for."""

# ruff: noqa: E501 (a case is a line)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from pydantic import TypeAdapter
from safetensors.torch import save_file

from torchwork.answer.drawing import draw
from torchwork.draw import Edit, edited_text

EDITS: TypeAdapter[list[Edit]] = TypeAdapter(list[Edit])
PICTURES = {"source": {"Shapes": {"size": 16, "train": 48, "valid": 16}}, "batch_size": 16}
REST = {"data": PICTURES, "loss": "CrossEntropyLoss", "optimizer": "Adam"}
CONV = {"Conv2d": {"out_channels": 4, "kernel_size": 3}}
HEAD: list[Any] = ["Flatten", {"Linear": {"out_features": "classes"}}]


def document(model: dict[str, Any], **sections: Any) -> str:
    found: str = yaml.safe_dump({**REST, "model": model, **sections}, sort_keys=False)
    return found


def chain(*layers: Any, **more: Any) -> str:
    return document({"layers": [*layers], **more})


def tokens(*layers: Any) -> str:
    return yaml.safe_dump({"model": {"layers": [*layers], "example": ["4x12 int64"]}}, sort_keys=False)


def nodes(nodes: dict[str, Any], **more: Any) -> str:
    return document({"nodes": nodes, **more})


BLOCK = {"Block": {"layers": [{"Conv2d": {"in_channels": 9, "out_channels": 4, "kernel_size": 3}}]}}
TWO = {"a": {**CONV, "from": "input"}, "b": {"Conv2d": {"out_channels": 6, "kernel_size": 3}, "from": "input"}}
CASES: dict[str, tuple[str, str, str, str, list[str]]] = {
    "in_channels": (chain({"Conv2d": {"in_channels": 1, "out_channels": 4, "kernel_size": 3}}, *HEAD), "", "0", "",
                    ["set in_channels to 3", "leave in_channels to be inferred"]),
    "in_features": (chain("Flatten", {"Linear": {"in_features": 5, "out_features": "classes"}}), "", "1", "",
                    ["set in_features to 768", "leave in_features to be inferred"]),
    "num_features": (chain(CONV, {"BatchNorm2d": {"num_features": 7}}, *HEAD), "", "1", "",
                     ["set num_features to 4", "leave num_features to be inferred"]),
    "flatten": (chain(CONV, {"Linear": {"in_features": 784, "out_features": "classes"}}), "", "1", "",
                ["insert Flatten"]),
    "in a definition": (document({"layers": ["Block", *HEAD], "modules": BLOCK}), "Block", "0", "",
                        ["leave in_channels to be inferred", "set in_channels to 3"]),
    "dimensions": (chain("Flatten", {"Conv1d": {"out_channels": 4, "kernel_size": 3}}, *HEAD), "", "1", "",
                   ["insert unsqueeze"]),
    "sibling": (chain(CONV, "BatchNorm1d", *HEAD), "", "1", "", ["use BatchNorm2d instead of BatchNorm1d"]),
    "kernel": (chain({"Conv2d": {"out_channels": 4, "kernel_size": 21}}, *HEAD), "", "0", "",
               ["set kernel_size to 16", "set padding to 3"]),
    "a far too large kernel": (chain({"Conv2d": {"out_channels": 4, "kernel_size": 999}}, *HEAD), "", "0", "",
                               ["set kernel_size to 16"]),
    "pool": (chain({"AdaptiveAvgPool2d": {"output_size": 1}}, {"MaxPool2d": {"kernel_size": 2}}, *HEAD), "", "1", "",
             ["set kernel_size to 1"]),
    "layer's name": (chain("Relu", *HEAD), "", "0", "", ["use ReLU instead of Relu"]),
    "layer meant": (chain("Flatten", {"linear": {"out_features": 10}}), "", "1", "", ["use Linear instead of linear"]),
    "renamed argument": (chain({"Conv2d": {"out_channels": 4, "kernel_siz": 3}}, *HEAD), "", "0", "kernel_siz",
                         ["rename kernel_siz to kernel_size"]),
    "unknown argument": (chain({"ReLU": {"colour": 3}}, *HEAD), "", "0", "colour", ["remove colour"]),
    "missing arguments": (chain("Conv2d", *HEAD), "", "0", "", ["set out_channels, kernel_size to 64, 3"]),
    "range": (chain({"Conv2d": {"out_channels": 0, "kernel_size": 3}}, *HEAD), "", "0", "out_channels",
              ["set out_channels to 1", "set out_channels to 64"]),
    "torch's range": (chain({"Dropout": {"p": 3}}, *HEAD), "", "0", "", ["leave p at its default"]),
    "choice": (chain({"Conv2d": {"out_channels": 4, "kernel_size": 3, "padding_mode": "zeroes"}}, *HEAD), "", "0",
               "padding_mode", ["set padding_mode to zeros"]),
    "text for a number": (chain({"Linear": {"out_features": "10"}}, *HEAD), "", "0", "out_features",
                          ["set out_features to 10"]),
    "expression": (chain("Flatten", {"Linear": {"out_features": "2*clases"}}), "", "1", "out_features",
                   ["set out_features to 2*classes"]),
    "tuple": (chain("Flatten", {"unsqueeze": {"dim": 1}}, {"LSTM": {"hidden_size": 8}}, {"Linear": {"out_features": 10}}),
              "", "3", "", ["take 2[0]"]),
    "no such element": (nodes({"flat": {"Flatten": {}, "from": "input"}, "fc": {"Linear": {"out_features": 10}, "from": "flat[3]"}}),
                        "", "fc", "from", ["connect it to flat"]),
    "add": (nodes({**TWO, "sum": {"add": {}, "from": ["a", "b"]}, "flat": {"Flatten": {}, "from": "sum"},
                   "fc": {"Linear": {"out_features": 10}}}),
            "", "sum", "", ["insert Conv2d on a", "insert Conv2d on b"]),
    "cat": (nodes({**TWO, "both": {"cat": {"dim": 2}, "from": ["a", "b"]}, "flat": {"Flatten": {}, "from": "both"},
                   "fc": {"Linear": {"out_features": 10}}}),
            "", "both", "", ["set dim to 1"]),
    "source's name": (nodes({"stem": {**CONV, "from": "input"}, "flat": {"Flatten": {}, "from": "sten"}, "fc": {"Linear": {"out_features": 10}}}),
                      "", "flat", "from", ["connect it to stem"]),
    "nothing connected": (nodes({"stem": {**CONV, "from": "input"}, "flat": {"Flatten": {}, "from": []}, "fc": {"Linear": {"out_features": 10}}}),
                          "", "flat", "from", ["connect it to stem"]),
    "half connected": (nodes({**TWO, "c": {**CONV, "from": "input"}, "sum": {"add": {}, "from": ["a", ""]},
                              "flat": {"Flatten": {}, "from": "sum"}, "fc": {"Linear": {"out_features": 10}}}),
                       "", "sum", "from", ["connect it to c"]),
    "an input too few": (nodes({"a": {**CONV, "from": "input"}, "att": {"Bilinear": {"out_features": 3}, "from": "a"},
                                "flat": "Flatten", "fc": {"Linear": {"out_features": 10}}}),
                         "", "att", "", ["connect input2 to a"]),
    "an input too many": (nodes({**TWO, "r": {"ReLU": {}, "from": ["a", "b"]}, "flat": "Flatten", "fc": {"Linear": {"out_features": 10}}}),
                          "", "r", "", ["take nothing from b"]),
    "output": (document({"nodes": {"flat": {"Flatten": {}, "from": "input"}, "fc": {"Linear": {"out_features": 10}}}, "outputs": ""}),
               "", "", "outputs", ["connect it to fc"]),
    "two of one name": (chain({**CONV, "name": "x"}, {"ReLU": {}, "name": "x"}, *HEAD), "", "*", "name", ["call it x2"]),
    "classes": (chain("Flatten", {"Linear": {"out_features": 3}}), "", "1", "", ["set out_features of 1 to classes"]),
    "classes before an activation": (chain("Flatten", {"Linear": {"out_features": 3}}, "ReLU"), "", "2", "",
                                     ["set out_features of 1 to classes"]),
    "not flat": (chain(CONV, {"Linear": {"out_features": "classes"}}), "", "1", "", ["insert Flatten before 1"]),
    "tokens": (tokens({"LSTM": {"hidden_size": 8}}), "", "0", "", ["insert Embedding"]),
    "heads": (tokens({"Embedding": {"num_embeddings": 10, "embedding_dim": 64}}, {"TransformerEncoderLayer": {"d_model": 64}}),
              "", "1", "", ["set nhead to 8"]),
    "use": (nodes({"a": {**CONV, "from": "input"}, "flat": "Flatten", "b": {"Linear": {"out_features": 10}}, "r": {"use": "bb"}}),
            "", "r", "use", ["use b instead of bb"]),
    "definition's argument": (
        document({"layers": ["Wide", *HEAD], "modules": {"Wide": {"arguments": {"width": None}, "layers": [
            {"Conv2d": {"out_channels": "width", "kernel_size": 1}}]}}}), "", "0", "", ["set width to 64"]),
    "loss": (document({"layers": HEAD}, loss="CrossEntropyLos"), "", "", "", ["use CrossEntropyLoss instead of CrossEntropyLos"]),
    "loss for classes": (document({"layers": HEAD}, loss="MultiMarginLos"), "", "", "", ["use MultiMarginLoss instead of MultiMarginLos"]),
    "optimizer": (document({"layers": HEAD}, optimizer={"Adm": {"lr": 0.1}}), "", "", "", ["use Adam instead of Adm"]),
    "optimizer's argument": (document({"layers": HEAD}, optimizer={"SGD": {"lr": 0.1, "momentun": 0.9}}), "", "", "",
                             ["rename momentun to momentum", "remove momentun"]),
    "optimizer's value": (document({"layers": HEAD}, optimizer={"SGD": {"lr": "high"}}), "", "", "", ["leave lr at its default"]),
    "schedule": (document({"layers": HEAD}, schedule="StepLR"), "", "", "", ["set step_size to 10"]),
    "setting": (document({"layers": HEAD}, train={"epochs": 0}), "", "", "", ["leave epochs at its default"]),
    "unknown key": (document({"layers": HEAD}, train={"epoch": 3}), "", "", "", ["rename epoch to epochs", "remove epoch"]),
    "no loss": (yaml.safe_dump({"data": PICTURES, "model": {"layers": HEAD}}), "", "", "", ["add loss"]),
    "transform": (document({"layers": HEAD}, data={**PICTURES, "augment": ["RandomHorizontalFlp"]}), "", "", "",
                  ["use RandomHorizontalFlip instead of RandomHorizontalFlp"]),
    "source": (document({"layers": HEAD}, data={"source": "Shape"}), "", "", "", ["use Shapes instead of Shape"]),
    "batch": (document({"layers": HEAD}, data={**PICTURES, "batch_size": 64, "drop_last": True}), "", "", "", ["keep the last batch"]),
    "monitor": (document({"layers": HEAD}, train={"early_stop": {"monitor": "valid/los", "patience": 2}}), "", "", "",
                ["set monitor to valid/loss"]),
}  # fmt: skip


def faults(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = draw(text, "x.yaml", {})["faults"]
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_fault_sits_on_its_node_and_every_fix_mends_it(case: str) -> None:
    text, level, node, field, labels = CASES[case]
    fault = faults(text)[0]
    assert (fault["level"], fault["field"]) == (level, field), fault
    assert fault["node"] == node or (node == "*" and fault["node"]), fault
    offered = [fix["label"] for fix in fault["fixes"]]
    assert offered[: len(labels)] == labels, fault
    for fix in fault["fixes"]:
        mended, _ = edited_text(text, EDITS.validate_python(fix["edits"]))
        left = [(found["message"], found["place"]) for found in faults(mended)]
        assert (fault["message"], fault["place"]) not in left, (fix, mended)


def test_a_right_document_has_no_faults() -> None:
    assert faults(chain(CONV, "ReLU", *HEAD)) == []


def test_a_missing_folder_is_not_looked_for_where_the_default_says() -> None:
    source = {"ImageFolder": {"root": "nowhere"}}
    [fault] = faults(document({"layers": HEAD}, data={"source": source}))
    assert fault["place"] == "data.source.ImageFolder.root"
    assert fault["fixes"] == []


def test_weights_that_do_not_fit_can_be_left_out(tmp_path: Path) -> None:
    save_file({"other": torch.zeros(2)}, tmp_path / "other.safetensors")
    text = document({"layers": HEAD, "weights": str(tmp_path / "other.safetensors")})
    [fault] = faults(text)
    [fix] = fault["fixes"]
    assert (fault["place"], fix["label"]) == ("model.weights", "begin freshly initialised")
    mended, _ = edited_text(text, EDITS.validate_python(fix["edits"]))
    assert faults(mended) == []
