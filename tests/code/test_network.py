"""The network printer: golden files, equal weights and outputs, and what a strict linter says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.code.network.classes import Printed, print_network
from torchwork.code.text import imports
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, Model
from torchwork.graph import Resolved, TensorSpec, resolve

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
INPUTS = {
    "alexnet": (3, 224, 224),
    "ants-bees": (3, 64, 64),
    "cifar-resnet": (3, 32, 32),
    "fashion-lenet": (1, 28, 28),
    "penguins": (6,),
    "resnet18": (3, 224, 224),
}
CLASSES = {"ants-bees": 2, "penguins": 3}


def text_of(printed: Printed) -> str:
    """A file with the printed network in it."""
    gap = "\n\n\n" if printed.classes else "\n\n"
    classes = f"{printed.classes}{gap}" if printed.classes else ""
    return f"{imports(printed.imports)}{gap}{classes}model = {printed.make}\n"


def run(text: str) -> nn.Module:
    """The model that a printed file makes; nothing of torchwork is in reach of it."""
    namespace: dict[str, Any] = {"__name__": "printed"}
    assert "torchwork" not in text
    exec(compile(text, "printed.py", "exec"), namespace)
    module = namespace["model"]
    assert isinstance(module, nn.Module)
    return module


def resolved(written: dict[str, Any], *inputs: Any, **symbols: int) -> tuple[Model, Resolved]:
    model = Model.model_validate(written)
    specs = [item if isinstance(item, TensorSpec) else TensorSpec(item) for item in inputs]
    found = resolve(model, specs, symbols)
    assert found.problems == ()
    return model, found


def assert_same(text: str, found: Resolved) -> nn.Module:
    """The printed model has the keys, weights and outputs of the built one, bit for bit."""
    torch.manual_seed(5)
    built = found.build()
    after = torch.rand(1)
    torch.manual_seed(5)
    made = run(text)
    assert torch.equal(torch.rand(1), after)
    ours, theirs = built.state_dict(), made.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert [name for name, _ in built.named_parameters()] == [name for name, _ in made.named_parameters()]
    inputs = [tensor(spec) for spec in found.inputs]
    assert same(outputs(built, inputs), outputs(made, inputs))
    assert same(outputs(built.eval(), inputs), outputs(made.eval(), inputs))
    return made


def tensor(spec: Any) -> torch.Tensor:
    dtype = getattr(torch, spec.dtype)
    return torch.rand(spec.shape).to(dtype) if dtype.is_floating_point else torch.randint(0, 3, spec.shape, dtype=dtype)


def outputs(module: nn.Module, inputs: list[torch.Tensor]) -> Any:
    torch.manual_seed(7)
    with torch.no_grad():
        return module(*[item.clone() for item in inputs])


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other) or bool(torch.allclose(one, other, rtol=0, atol=0, equal_nan=True))
    return len(one) == len(other) and all(map(same, one, other))


def printed(written: dict[str, Any], *inputs: Any, **symbols: int) -> str:
    """The text of a model, after the proof that it is the same model."""
    model, found = resolved(written, *inputs, **symbols)
    text = text_of(print_network(model, found, "Net"))
    assert_same(text, found)
    assert_tidy(text)
    return text


def assert_tidy(text: str) -> None:
    """A formatter leaves the text as it is, and a linter has nothing to say."""
    settings = ["--isolated", "--line-length", "100", "--target-version", "py311", "--stdin-filename", "printed.py"]
    rules = ["--select", "E,F,W,I,B,UP,SIM,N,C4,RUF,A,ANN,PIE,RET", "--ignore", "N812,RET504"]
    for command in (["format", "--diff", *settings], ["check", *rules, *settings]):
        done = subprocess.run([ruff(), *command, "-"], input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"


def ruff() -> str:
    return str(Path(sys.executable).with_name("ruff"))


def example(name: str) -> tuple[Experiment, Resolved]:
    experiment = Experiment.load(EXAMPLES / f"{name}.yaml")
    found = resolve(experiment.model, [TensorSpec((2, *INPUTS[name]))], {"classes": CLASSES.get(name, 10)})
    assert found.problems == ()
    return experiment, found


@pytest.mark.parametrize("name", INPUTS)
def test_example(name: str) -> None:
    experiment, found = example(name)
    text = text_of(print_network(experiment.model, found, experiment.name))
    golden = HERE / "golden" / f"{name.replace('-', '_')}.py"
    assert text == golden.read_text("utf-8")
    assert_same(text, found)
    assert_tidy(text)


def test_every_example_has_a_golden_file() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(INPUTS)


RESIDUAL = {
    "arguments": {"channels": None, "stride": 1},
    "nodes": {
        "conv": {"Conv2d": {"out_channels": "channels", "kernel_size": 3, "stride": "stride", "padding": 1}},
        "norm": "BatchNorm2d",
        "short": {"Conv2d": {"out_channels": "channels", "kernel_size": 1, "stride": "stride"}, "from": "input"},
        "add": {"add": {}, "from": ["norm", "short"]},
        "out": "relu",
    },
}


def test_what_differs_between_instances_becomes_a_parameter() -> None:
    nodes = {"one": {"Block": {"channels": 8}}, "two": {"Block": {"channels": 16, "stride": 2}}}
    text = printed({"nodes": nodes, "modules": {"Block": RESIDUAL}}, (2, 3, 8, 8))
    assert "def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:" in text
    assert "self.conv = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1)" in text
    assert "self.norm = nn.BatchNorm2d(channels)" in text
    assert "self.one = Block(3, 8)" in text
    assert "self.two = Block(8, 16, stride=2)" in text
    assert text.count("class Block") == 1


def test_equal_inferred_sizes_are_numbers() -> None:
    modules = {"Head": {"arguments": {"width": None}, "layers": [{"Linear": {"out_features": "width"}}, "ReLU"]}}
    nodes = {"a": {"Head": {"width": 4}}, "b": {"Head": {"width": 6}, "from": "input"}}
    text = printed({"nodes": nodes, "outputs": ["a", "b"], "modules": modules}, (2, 5))
    assert "nn.Linear(5, width)" in text
    assert "def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:" in text
    assert "return a, b" in text or "return a, x" in text


def test_repetition() -> None:
    unit = {"arguments": {"channels": None}, "layers": [{"Linear": {"out_features": "channels"}}, "Tanh"]}
    nodes = {"body": {"Unit": {"channels": 8}, "repeat": 4}, "two": {"Linear": {"out_features": 8}, "repeat": 2}}
    text = printed({"nodes": {**nodes, "act": {"relu": {}, "repeat": 3}}, "modules": {"Unit": unit}}, (2, 5))
    assert "self.body = nn.Sequential(Unit(5, 8), *[Unit(8, 8) for _ in range(3)])" in text
    assert "self.two = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))" in text
    assert "for _ in range(3):\n            x = F.relu(x)" in text


def test_repetition_with_further_inputs_is_a_loop() -> None:
    nodes = {"lin": {"Linear": {"out_features": 8}, "from": "input"}, "add": {"add": {}, "from": ["lin", "memory"]}}
    block = {"inputs": ["input", "memory"], "nodes": nodes}
    model = {"nodes": {"blocks": {"Block": {}, "repeat": 3, "from": ["input", "memory"]}, "head": "ReLU"}}
    text = printed({"inputs": ["input", "memory"], **model, "modules": {"Block": block}}, (2, 8), (2, 8))
    assert "self.blocks = nn.ModuleList([Block() for _ in range(3)])" in text
    assert "for block in self.blocks:\n            x = block(x, memory)" in text


def test_a_loop_keeps_what_it_still_needs() -> None:
    nodes = {"lin": {"Linear": {"out_features": 5}, "from": "a"}, "add": {"add": {}, "from": ["lin", "b"]}}
    model = {"nodes": {"rows": {"Block": {}, "repeat": 3, "from": ["input", "input"]}}}
    printed({**model, "modules": {"Block": {"inputs": ["a", "b"], "nodes": nodes}}}, (2, 5))


def test_identity_is_kept_only_where_it_is_needed() -> None:
    nodes = {"lin": {"Linear": {"out_features": 5}}, "act": "relu", "add": {"add": {}, "from": ["act", "input"]}}
    text = printed({"nodes": nodes}, (2, 5))
    assert "identity = x\n        x = self.lin(x)\n        x = F.relu(x)\n        return x + identity" in text
    assert "identity" not in printed({"nodes": {"lin": {"Linear": {"out_features": 5}}, "act": "relu"}}, (2, 5))


def test_values_used_later_have_names() -> None:
    nodes = {
        "stem": {"Linear": {"out_features": 8}},
        "left": {"Linear": {"out_features": 4}},
        "right": {"Linear": {"out_features": 4}, "from": "stem"},
        "cat": {"cat": {"dim": 1}, "from": ["left", "right"]},
    }
    text = printed({"nodes": nodes}, (2, 5))
    assert "stem = self.stem(x)" in text
    assert "left = self.left(stem)" in text
    assert "return torch.cat((left, x), dim=1)" in text


def test_elements_of_tuples() -> None:
    lstm = {"LSTM": {"hidden_size": 6, "batch_first": True}}
    both = {
        "last": {"select": {"dim": 0, "index": -1}, "from": "lstm[1][0]"},
        "mean": {"mean": {"dim": 1}, "from": "lstm[0]"},
    }
    text = printed({"nodes": {"lstm": lstm, **both, "add": {"add": {}, "from": ["last", "mean"]}}}, (2, 4, 5))
    assert "output, (hidden, _) = self.lstm(x)" in text
    assert "torch.select(hidden, 0, -1)" in text
    one = printed({"nodes": {"lstm": lstm, "head": {"Linear": {"out_features": 2}, "from": "lstm[0]"}}}, (2, 4, 5))
    assert "x = self.lstm(x)[0]" in one


def test_chains_with_functions_keep_their_numbers() -> None:
    layers = [{"Linear": {"out_features": 4}}, "relu", {"Linear": {"out_features": 4}, "name": "head"}]
    text = printed({"layers": layers}, (2, 5))
    assert "class Net(nn.ModuleDict):" in text
    assert 'x = self["0"](x)' in text
    assert "return self.head(x)" in text
    printed(
        {"layers": [{"Linear": {"out_features": 4}, "name": "keys"}, "relu", {"Linear": {"out_features": 4}}]}, (2, 5)
    )


def test_a_chain_with_names() -> None:
    text = printed({"layers": [{"Linear": {"out_features": 4}, "name": "first"}, "ReLU"]}, (2, 5))
    assert "class Net(nn.Sequential):" in text
    assert "self.first = nn.Linear(5, 4)  # 4" in text


def test_names_with_a_hyphen() -> None:
    block = {"layers": [{"Linear": {"out_features": 4}, "name": "fc-1"}, {"ReLU": {}, "name": "act-s"}]}
    plain = {
        "nodes": {
            "gain-0": {"Parameter": {"size": [4], "fill": 0.5}},
            "body-1": {"Block": {}, "repeat": 3},
            "keys": {"Buffer": {"size": [4]}},
            "out-1": {"mul": {}, "from": ["body-1", "gain-0"]},
            "sum-1": {"add": {}, "from": ["out-1", "keys"]},
        }
    }
    layers = [{"Plain": {}, "name": "first-1"}, {"Plain": {}, "name": "second"}]
    tie = {"second.body-1.0.fc-1.weight": "first-1.body-1.0.fc-1.weight", "second.gain-0": "first-1.gain-0"}
    text = printed({"layers": layers, "modules": {"Plain": plain, "Block": block}, "tie": tie}, (2, 4))
    assert 'self.add_module("fc-1", nn.Linear(4, 4))' in text
    assert 'getattr(self, "gain-0")' in text


def test_parameters_and_buffers() -> None:
    nodes = {
        "class_token": {"Parameter": {"size": [1, 1, 3], "init": {"trunc_normal_": {"std": 0.02}}}},
        "index": {"Buffer": {"size": [2], "dtype": "int64", "value": [1, 0]}},
        "token": {"use": "class_token"},
        "picked": {"index_select": {"dim": 1}, "from": ["input", "index"]},
        "joined": {"cat": {"dim": 1}, "from": ["picked", "x"]},
        "x": {"broadcast_to": {"size": [2, 1, 3]}, "from": "token"},
    }
    text = printed({"nodes": nodes, "outputs": "joined"}, (2, 4, 3))
    assert "self.class_token = nn.init.trunc_normal_(nn.Parameter(torch.zeros(1, 1, 3)), std=0.02)" in text
    assert 'self.register_buffer("index", torch.tensor([1, 0], dtype=torch.int64))' in text
    assert "torch.index_select(x, 1, self.index)" in text
    assert "torch.broadcast_to(self.class_token, " in text


def test_tied_parameters() -> None:
    layers = [{"Linear": {"out_features": 5}}, "ReLU", {"Linear": {"out_features": 5}}]
    text = printed({"layers": layers, "tie": {"2.weight": "0.weight"}}, (2, 5))
    assert "self[2].weight = self[0].weight" in text
    nodes = {"body": {"Body": {}}, "out": {"Linear": {"out_features": 5}}}
    tied = {"nodes": nodes, "modules": {"Body": {"layers": layers}}, "tie": {"out.weight": "body.0.weight"}}
    made = run(printed(tied, (2, 5)))
    assert made.get_parameter("out.weight") is made.get_parameter("body.0.weight")


def test_the_same_module_twice() -> None:
    text = printed({"nodes": {"lin": {"Linear": {"out_features": 5}}, "act": "relu", "again": {"use": "lin"}}}, (2, 5))
    assert text.count("nn.Linear") == 1
    assert text.count("self.lin(x)") == 2


def test_arguments_in_forward_and_defaults_that_depend_on_others() -> None:
    inner = {"lin": {"Linear": {"out_features": "hidden"}}, "mul": {"mul": {"other": "scale*3"}}, "out": {"exp": {}}}
    modules = {"Scaled": {"arguments": {"scale": None, "width": 4, "hidden": "2*width"}, "nodes": inner}}
    nodes = {"a": {"Scaled": {"scale": 2}}, "b": {"Scaled": {"scale": 0.5, "hidden": 6}}}
    text = printed({"nodes": nodes, "modules": modules}, (2, 5))
    assert "x = x * (self.scale * 3)" in text
    assert "hidden: int | None = None" in text
    assert "hidden = 2 * width if hidden is None else hidden" in text


def test_expressions() -> None:
    first = {"Conv2d": {"out_channels": "channels / 2", "kernel_size": ["size", 1]}}
    second = {"Conv2d": {"out_channels": "max(4, sqrt(2*channels)) + classes", "kernel_size": 1}}
    modules = {"Block": {"arguments": {"channels": 8, "size": 1}, "nodes": {"one": first, "two": second}}}
    nodes = {"a": {"Block": {}}, "b": {"Block": {"channels": 32}}}
    text = printed({"nodes": nodes, "modules": modules}, (2, 3, 4, 4), classes=3)
    assert "nn.Conv2d(in_channels, channels // 2, (size, 1))" in text
    assert "int(max(4, math.sqrt(2 * channels)) + 3)" in text


def test_names_that_python_or_the_file_has_already() -> None:
    modules = {
        "my-block": {"arguments": {"class": None}, "layers": [{"Linear": {"out_features": 4}}]},
        "torch": {"layers": ["ReLU"]},
        "Net": {"layers": ["Tanh"]},
    }
    nodes = {"sum": {"my-block": {"class": 1}}, "F": {"torch": {}}, "self": {"Net": {}, "from": "sum"}}
    out = {"Q": {"add": {}, "from": ["F", "self"]}, "z": {"add": {}, "from": ["Q", "sum"]}}
    text = printed({"inputs": ["x"], "nodes": {**nodes, **out}, "modules": modules}, (2, 5))
    assert "class MyBlock(nn.Sequential):" in text
    assert "class NetNet(nn.Module):" in text


def test_a_function_as_an_argument() -> None:
    small = {"nhead": 2, "dim_feedforward": 8, "batch_first": True}
    functions: dict[str, Any] = {"tanh": {}, "relu": {}, "leaky_relu": {"negative_slope": 0.2}}
    layers = [{"TransformerEncoderLayer": {**small, "activation": {name: functions[name]}}} for name in functions]
    text = printed({"layers": layers}, (2, 3, 4))
    assert "activation=torch.tanh" in text
    assert "activation=F.relu" in text
    assert "activation=partial(F.leaky_relu, negative_slope=0.2)" in text


CODE = '''from torch import Tensor
import torch.nn as nn


class Gate(nn.Module):
    """Passes what is positive on the whole."""

    def __init__(self, width: int, scales: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(Tensor(width).fill_(sum(scales)))

    def forward(self, x: Tensor) -> Tensor:
        """Data decide."""
        return x * self.weight if x.mean() > 0 else x
'''


def test_definitions_that_are_code_are_printed_as_they_are() -> None:
    gate = {"arguments": {"width": None, "scales": [2.0]}, "code": CODE, "class": "Gate"}
    model = Model.model_validate(
        {"nodes": {"a": {"Linear": {"out_features": 8}}, "gate": {"gate": {"width": 8}}}, "modules": {"gate": gate}}
    )
    found = resolve(model, [TensorSpec((4, 5))], trust=True)
    text = text_of(print_network(model, found, "Net"))
    assert CODE.partition("\n\n\n")[2].strip() in text
    assert "self.gate = Gate(width=8, scales=[2.0])" in text
    assert "from torch import Tensor, nn\n" in text
    assert_same(text, found)
    with pytest.raises(DocumentError, match="gate is code"):
        print_network(model, resolve(model, [TensorSpec((4, 5))]), "Net")


def test_a_model_with_problems_is_not_printed() -> None:
    model = Model.model_validate({"layers": [{"Linear": {"out_features": 0}}]})
    with pytest.raises(DocumentError, match="out_features"):
        print_network(model, resolve(model, [TensorSpec((2, 5))]), "Net")


def test_a_bypassed_layer_is_not_printed_and_the_others_keep_their_names() -> None:
    first = {"Linear": {"out_features": 5}, "at": [1, 2], "note": "first"}
    layers = [first, {"ReLU": {}, "bypass": True}, {"Linear": {"out_features": 3}}]
    text = printed({"layers": layers}, (2, 4))
    assert "ReLU" not in text and "first" not in text


@pytest.mark.parametrize(
    "nodes",
    [
        {"a": {"ReLU": {}, "bypass": True}},
        {"a": {"Linear": {"out_features": 4}}, "b": {"add": {}, "from": ["a", "input"], "bypass": True}, "c": "ReLU"},
        {"a": {"Linear": {"out_features": 4}, "bypass": True}, "b": {"use": "a"}, "c": {"use": "a"}},
    ],
)
def test_graphs_with_bypassed_nodes(nodes: dict[str, Any]) -> None:
    printed({"nodes": nodes}, (2, 4))
