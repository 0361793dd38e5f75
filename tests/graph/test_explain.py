"""What is wrong is said in one sentence: where, what came, what would fit. One error, one message."""

from __future__ import annotations

import re
from typing import Any

import pytest

from torchwork.errors import DocumentError
from torchwork.experiment import Model
from torchwork.graph import TensorSpec, Unknown, resolve

from .graph_models import chain, resolved, told

LINEAR = {"Linear": {"out_features": 3}}
PAIR = {"inputs": ["a", "b"]}
INT = TensorSpec((2, 3), "int64")


def pair(operation: dict[str, Any]) -> dict[str, Any]:
    return {**PAIR, "nodes": {"both": {**operation, "from": ["a", "b"]}}}


CASES: list[tuple[dict[str, Any], list[Any], str]] = [
    # names
    (chain("Linaer"), [(2, 3)], r"model\.layers\[0\]\.Linaer: .*did you mean Linear\?"),
    (chain("CrossEntropyLoss"), [(2, 3)], r"CrossEntropyLoss is a loss"),
    (chain({"Blok": {}}) | {"modules": {"Block": chain("ReLU")}}, [(2, 3)], r"did you mean Block\?"),
    # arguments
    (chain({"Linear": {"out_featurs": 3}}), [(2, 3)], r"\.Linear\.out_featurs: .*did you mean out_features\?"),
    (chain("Linear"), [(2, 3)], r"Linear needs out_features"),
    (chain({"Linear": {"out_features": "many words"}}), [(2, 3)], r"expected a positive int, got 'many words'"),
    (chain({"Linear": {"out_features": "clases"}}), [(2, 3)], r"unknown name `clases` \(did you mean classes\?\)"),
    (chain({"Linear": {"out_features": "2*clases"}}), [(2, 3)], r"unknown name `clases` in `2\*clases`"),
    (chain({"Linear": {"out_features": "classes/0"}}), [(2, 3)], r"cannot be computed: division by zero"),
    (chain({"Conv2d": {"out_channels": 4, "kernel_size": 3, "groups": 2}}), [(2, 3, 8, 8)], r"divisible by groups"),
    (pair({"add": {"alfa": 2}}), [(2, 3), (2, 3)], r"add has no argument 'alfa' \(did you mean alpha\?\)"),
    (chain({"Softmax": {"dim": 3}}), [(2, 3)], r"there is no dimension 3: its input has the shape 2x3"),
    (chain({"softmax": {"dim": -3}}), [(2, 3)], r"there is no dimension -3"),
    (chain({"Linear": {"out_features": 3, "dtype": "float64"}}), [(2, 3)], r"weights are float64, .* input is float32"),
    # shapes against arguments
    (
        chain({"Linear": {"in_features": 128, "out_features": 3}}),
        [(4, 256)],
        r"model\.layers\[0\]\.Linear: in_features is 128, but its input has 256 features \(shape 4x256\) "
        r"\(set in_features to 256 or leave it out\)",
    ),
    (
        chain({"Conv2d": {"in_channels": 4, "out_channels": 8, "kernel_size": 3}}),
        [(2, 3, 8, 8)],
        r"in_channels is 4, but its input has 3 channels \(shape 2x3x8x8\)",
    ),
    (chain({"BatchNorm2d": {"num_features": 4}}), [(2, 3, 8, 8)], r"num_features is 4, but its input has 3 channels"),
    (
        chain({"LSTM": {"input_size": 4, "hidden_size": 2}}),
        [(2, 3, 8)],
        r"input_size is 4, but its input has 8 features",
    ),
    (chain({"LayerNorm": {"normalized_shape": [4, 4]}}), [(2, 3, 8)], r"normalized_shape is \[4, 4\], but .* \[3, 8\]"),
    (
        chain({"Conv2d": {"out_channels": 4, "kernel_size": 9}}),
        [(2, 3, 8, 8)],
        r"kernel_size is 9, which is larger than",
    ),
    (chain({"MaxPool2d": {"kernel_size": [9, 2]}}), [(2, 3, 8, 8)], r"kernel_size is 9x2, which is larger than"),
    # dimensions and dtypes
    (chain({"Conv2d": {"out_channels": 4, "kernel_size": 3}}), [(8, 8, 8)], r"4 dimensions .* has 3 .*unsqueeze"),
    (chain({"Conv2d": {"out_channels": 4, "kernel_size": 3}}), [(2, 64)], r"has 2 \(shape 2x64\) \(reshape it before"),
    (chain("BatchNorm2d"), [(2, 64)], r"BatchNorm2d expects 4 dimensions .* has 2"),
    (chain({"AvgPool2d": {"kernel_size": 2}}), [(2, 64)], r"AvgPool2d expects 4 dimensions"),
    (chain(LINEAR), [(4,)], r"in_features cannot be inferred, because its input has the shape 4"),
    (chain({"flatten": {"start_dim": 7}}), [(2, 3)], r"there is no dimension 7: its input has the shape 2x3"),
    (chain({"reshape": {"shape": [2, 5]}}), [(2, 3)], r"2x3 has 6 elements, which do not fill the shape 2x5"),
    (chain({"Embedding": {"num_embeddings": 5, "embedding_dim": 2}}), [(2, 3)], r"expects whole numbers \(int64\)"),
    (chain(LINEAR), [INT], r"expects float32, but its input is int64 \(whole numbers go through an Embedding first\)"),
    # several inputs
    (pair({"add": {}}), [(2, 64, 8, 8), (2, 32, 8, 8)], r"dimension 1 is 64 and 32\) \(a Conv2d with kernel_size 1"),
    (
        pair({"add": {}}),
        [(2, 3), (2, 4)],
        r"the inputs of add do not fit together: 2x3 and 2x4 \(dimension 1 is 3 and 4\)",
    ),
    (
        pair({"cat": {"dim": 1}}),
        [(2, 3, 4), (2, 3, 5)],
        r"cat along dimension 1 needs shapes that are equal in all others",
    ),
    (pair({"stack": {}}), [(2, 3), (2, 4)], r"stack needs inputs of one shape, but gets 2x3 and 2x4"),
    (pair({"matmul": {}}), [(2, 3), (2, 3)], r"matmul cannot multiply 2x3 and 2x3"),
    (pair({"ReLU": {}}), [(2, 3), (2, 3)], r"ReLU takes 1 input \(input\), but gets 2"),
    (chain({"MultiheadAttention": {"num_heads": 1}}), [(2, 3, 4)], r"takes 3 inputs \(query, key, value\), but gets 1"),
    (chain("add"), [(2, 3)], r"add needs other"),
    (chain({"GRU": {"hidden_size": 2}}, LINEAR), [(2, 3, 4)], r"layers\[1\].*gets a tuple of 2: .*`from: 0\[0\]`"),
    (
        chain({"GRU": {"hidden_size": 2}}, "ReLU"),
        [(2, 3, 4)],
        r"layers\[1\].*ReLU expects a tensor, but gets a tuple of 2",
    ),
    (
        chain({"GRU": {"hidden_size": 2}, "repeat": 2}),
        [(2, 3, 4)],
        r"gets a tuple .*repeat a definition that gives one",
    ),
    (chain(LINEAR), [(2, 3), (2, 3)], r"model\.inputs: the model takes 1 input \(input\), but the data gives 2"),
    # references
    (
        {"nodes": {"stem": "ReLU", "b": {"ReLU": {}, "from": "sten"}}},
        [(2, 3)],
        r"nodes\.b\.from: .*did you mean stem\?",
    ),
    (chain({"ReLU": {}, "from": "a b"}), [(2, 3)], r"layers\[0\]\.from: expected a node's name"),
    (chain("ReLU") | {"outputs": "last"}, [(2, 3)], r"model\.outputs: there is no node or input called last"),
    (chain(LINEAR, {"ReLU": {}, "from": "0[0]"}), [(2, 3)], r"there is no 0\[0\]: 0 gives one tensor \(2x3\)"),
    (
        chain({"GRU": {"hidden_size": 2}}, {"ReLU": {}, "from": "0[2]"}),
        [(2, 3, 4)],
        r"there is no 0\[2\]: 0 gives a tuple of 2",
    ),
    (
        {
            "nodes": {
                "a": {"ReLU": {}, "from": "b"},
                "b": {"ReLU": {}, "from": "c"},
                "c": "ReLU",
                "d": {"ReLU": {}, "from": "a"},
            }
        },
        [(2, 3)],
        r"the nodes form a cycle: .*b",
    ),
    # names of nodes
    (
        chain({"ReLU": {}, "name": "x"}, {"ReLU": {}, "name": "x"}),
        [(2, 3)],
        r"layers\[1\]\.name: two nodes are called x",
    ),
    ({"nodes": {"forward": "ReLU"}}, [(2, 3)], r"forward is an attribute of every nn\.Module"),
    ({"nodes": {"class": "ReLU"}}, [(2, 3)], r"expected a node's name of letters, digits, _ and -, got `class`"),
    ({"nodes": {"input": "ReLU"}}, [(2, 3)], r"an input is called input already"),
    # use, repeat, tie
    (chain({**LINEAR, "name": "mix"}, {"use": "mx"}), [(2, 3)], r"layers\[1\]\.use: .*did you mean mix\?"),
    (chain({"use": "1"}, {"use": "0"}), [(2, 3)], r"nobody makes the module: 0 uses 1 uses 0"),
    (chain("relu", {"use": "0"}), [(2, 3)], r"0 is relu, an operation without weights"),
    (chain(LINEAR, {"use": "0", "repeat": 2}), [(2, 3)], r"`repeat` makes new instances and `use` makes none"),
    (chain({"Linear": {"out_features": 4}}, {"use": "0"}), [(2, 3)], r"Linear is made for 3 features, but .* 2x4"),
    (
        chain(LINEAR) | {"tie": {"0.weigth": "0.bias"}},
        [(2, 3)],
        r"no parameter called 0\.weigth \(did you mean 0\.weight\?\)",
    ),
    (
        chain(LINEAR) | {"tie": {"0.weight": "0.bias"}},
        [(2, 3)],
        r"tied parameters need one shape, but 0\.weight has 3x3",
    ),
    (chain(LINEAR) | {"tie": {"0.weight": "0.weight"}}, [(2, 3)], r"0\.weight is tied to itself"),
]


@pytest.mark.parametrize(("document", "shapes", "pattern"), CASES, ids=[case[2][:60] for case in CASES])
def test_one_sentence(document: dict[str, Any], shapes: list[Any], pattern: str) -> None:
    found = resolved(document, *shapes, classes=10)
    assert len(found.problems) == 1, told(found)
    assert re.search(pattern, told(found)[0]), told(found)
    with pytest.raises(DocumentError):
        found.build()


DEFINITIONS = {
    "Block": {"arguments": {"width": 8, "depth": None}, "layers": [{"Linear": {"out_features": "width*depth"}}]}
}


@pytest.mark.parametrize(
    ("layer", "pattern"),
    [
        ({"Block": {"depth": 1, "widht": 3}}, r"layers\[0\]\.Block\.widht: .*did you mean width\?"),
        ("Block", r"layers\[0\]\.Block: Block needs depth"),
        ({"Block": {"depth": 1, "width": "clases"}}, r"Block\.width: unknown name `clases` \(did you mean classes\?\)"),
        ({"Block": {"depth": 1, "width": "classes//0"}}, r"Block\.width: .*cannot be computed"),
        ({"Block": {"depth": 1}, "from": ["input", "input"]}, r"Block: it takes 1 input \(input\), but gets 2"),
    ],
)
def test_calls_of_definitions(layer: Any, pattern: str) -> None:
    (problem,) = told(resolved(chain(layer) | {"modules": DEFINITIONS}, (2, 3), classes=10))
    assert re.search(pattern, problem), problem


def test_definitions_that_use_themselves() -> None:
    document = chain("A") | {"modules": {"A": chain("B"), "B": chain("A"), "C": chain("C")}}
    assert told(resolved(document, (2, 3))) == [
        "model.modules.A: A uses itself: A -> B -> A (a module cannot contain itself)",
        "model.modules.C: C uses itself: C -> C (a module cannot contain itself)",
    ]


def test_definitions_nobody_uses_are_checked() -> None:
    document = chain("ReLU") | {"modules": {"Spare": chain("Rellu", {"ReLU": {}, "from": "nowhere"})}}
    first, second = told(resolved(document, (2, 3)))
    assert "model.modules.Spare.layers[0].Rellu" in first
    assert "model.modules.Spare.layers[1].from" in second


def test_argument_names_that_expressions_have_already() -> None:
    document = chain("A") | {"modules": {"A": {"arguments": {"e": 1}, "layers": ["ReLU"]}}}
    assert "an argument cannot be called e" in told(resolved(document, (2, 3)))[0]


def test_all_independent_problems_at_once_in_the_order_of_the_document() -> None:
    document = chain(
        {"Conv2d": {"out_channels": 4, "kernel_size": 3, "strid": 2}},
        "Flatten",
        LINEAR,
        "Rellu",
        {"Linear": {"in_features": 3, "out_features": "clases"}},
    )
    paths = [problem.path for problem in resolved(document, (2, 1, 8, 8), classes=3).problems]
    assert paths == ["model.layers[0].Conv2d.strid", "model.layers[3].Rellu", "model.layers[4].Linear.out_features"]


def test_shapes_go_on_behind_a_wrong_argument() -> None:
    found = resolved(chain({"Linear": {"in_features": 9, "out_features": 5}}, LINEAR), (2, 4))
    assert len(found.problems) == 1
    assert found.output == TensorSpec((2, 3))


def test_what_lies_behind_an_error_is_unknown_and_silent() -> None:
    found = resolved(chain({"MaxPool2d": {"kernel_size": 99}}, "Flatten", LINEAR), (2, 1, 8, 8))
    assert len(found.problems) == 1
    assert [row.output for row in found.rows] == [Unknown()] * 3


def test_one_mistake_in_a_definition_is_told_once() -> None:
    document = chain("A", "A", {"A": {}, "repeat": 2}) | {
        "modules": {"A": chain({"Linear": {"in_features": 9, "out_features": 5}})}
    }
    (problem,) = told(resolved(document, (2, 4)))
    assert problem.startswith("model.modules.A.layers[0].Linear: in_features is 9")
    assert "(in 0)" in problem


def test_shapes_that_depend_on_the_data() -> None:
    found = resolved(chain("nonzero", LINEAR), (2, 4))
    assert found.rows[0].output == Unknown("depends on the data")
    (problem,) = told(found)
    assert "in_features cannot be inferred, because the shape of its input depends on the data" in problem
    found = resolved(chain("nonzero", {"float_power": {"exponent": 1}}), (2, 4))
    assert told(found) == [] and found.build() is not None


def test_a_batch_of_one_is_no_problem_for_batch_norm() -> None:
    assert told(resolved(chain("BatchNorm1d"), (1, 4))) == []


def test_the_path_of_the_model_is_the_callers() -> None:
    found = resolve(Model.model_validate(chain("Linaer")), [TensorSpec((2, 3))], path="generator")
    assert found.problems[0].path == "generator.layers[0].Linaer"
