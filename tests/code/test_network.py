"""The network printer: golden files, equal weights and outputs, and what a strict linter says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.code.network import Printed, print_network
from torchwork.code.text import imports
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
