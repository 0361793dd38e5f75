"""A whole experiment as one Python file that needs only torch: it repeats the run, step by step."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from ruamel.yaml import YAML
from torch import nn

from torchwork.build import Checked, check, make_task, put_loss, read_weights
from torchwork.build.assemble import apply_rules
from torchwork.build.parts import make
from torchwork.build.update import steps_of
from torchwork.build.weights import WRAPPERS
from torchwork.code.data import Pieces, print_data
from torchwork.code.judging import Judge, Seen, judge
from torchwork.code.making import Maker
from torchwork.code.network import Printed, print_network
from torchwork.code.optimizing import optimizers
from torchwork.code.schedule import Scheduling, scheduling
from torchwork.code.text import imports, literal
from torchwork.code.training import Plan, Training, wrapped
from torchwork.engine import SupervisedTask, choose_device
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment

MARK = "# torchwork: "
"""begins the lines at the end of a script that hold its document"""
DRAWING = frozenset({
    "FractionalMaxPool2d", "FractionalMaxPool3d", "bernoulli", "binomial", "multinomial", "normal", "poisson",
    "rand_like", "randint_like", "randn_like", "gumbel_softmax", "fractional_max_pool2d", "fractional_max_pool3d",
})  # fmt: skip
"""parts of a model that draw random numbers in evaluation too"""
MODULES = ("functools", "hashlib", "math", "os", "random")
"""modules that a script imports where it names them"""
NAMES = {
    "contextmanager": "from contextlib import contextmanager",
    "Iterator": "from collections.abc import Iterator",
    "Counter": "from collections import Counter",
    "Any": "from typing import Any",
    "Path": "from pathlib import Path",
    "Tensor": "from torch import Tensor",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "np": "import numpy as np",
}
"""names that a script imports where they stand in it"""
CHAIN = '''class Chain(nn.Sequential):
    """Layers in a row; the loss beside them is not one of them."""

    def forward(self, input: Tensor) -> Tensor:
        """From inputs to what the loss takes."""
        for name, layer in self.named_children():
            input = input if name == "loss" else layer(input)
        return input'''


def print_script(experiment: Experiment, *, base: Path, trust: bool = False) -> str:
    """The experiment as a Python file whose `main()` trains as `torchwork train` does and returns every step's loss.

    Paths of data are those of the document, seen from `base`; `trust` allows the document to name code of yours.

    Raises:
        DocumentError: with every problem of the document, or with what a script cannot do.
    """
    checked = check(experiment, base=base, trust=trust, device=str(choose_device(experiment.train.device)))
    if checked.problems:
        raise DocumentError(checked.problems)
    return _Script(checked, base).text()


def class_name(name: str) -> str:
    """`FashionLenet` of `fashion-lenet`."""
    words = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name))
    return words if words[:1].isalpha() else f"Model{words}"


class _Script:
    """The pieces of a script, and how they are put together."""

    def __init__(self, checked: Checked, base: Path) -> None:
        assert checked.bundle is not None and checked.graph is not None
        self.experiment, self.bundle, self.graph = checked.experiment, checked.bundle, checked.graph
        self.base, self.symbols = base, checked.bundle.spec.symbols
        self.network: Printed = print_network(self.experiment.model, self.graph, class_name(self.experiment.name))
        self.data: Pieces = print_data(self.experiment.data, self.bundle, seed=self.experiment.seed, base=base)
        self.model, self.criterion = self._models()
        self.judge: Judge = judge(self._seen())
        self.updating = optimizers(self.experiment, self.model)
        steps = steps_of(self.experiment, len(self.bundle.train))
        self.scheduling: Scheduling = scheduling(self.experiment, steps, several=not self.updating.single)
        self.training = Training(self._plan())

    def _models(self) -> tuple[nn.Module, nn.Module]:
        """The model with its rules applied and the loss, both without values."""
        with torch.device("meta"):
            criterion: nn.Module = make("loss", self.experiment.loss, path="loss", scope=self.symbols)
            model = put_loss(self.graph.build(), criterion)
        apply_rules(model, self.experiment.parameters)
        return model, criterion

    @property
    def weighted(self) -> bool:
        return any(True for _ in self.criterion.parameters())

    @property
    def loss(self) -> str:
        """The call that makes the loss."""
        return Maker(self.symbols).call("loss", self.experiment.loss)

    def _seen(self) -> Seen:
        task = make_task(self.experiment.task, self.criterion, self.bundle.spec)
        assert isinstance(task, SupervisedTask)
        mixed = any("Mix" in str(part.as_dict()) for part in self.experiment.data.augment)
        exact = self.experiment.train.precision == "float32"
        return Seen(task, self.bundle.spec, self.graph.output, mixed, exact)

    def _plan(self) -> Plan:
        rows = {row.type for row in self.graph.rows}
        code = any(getattr(module, "code", None) for module in self.experiment.model.modules.values())
        make_model = self.network.make
        return Plan(
            experiment=self.experiment,
            judge=self.judge,
            optimizers=self.updating,
            scheduling=self.scheduling,
            make=make_model.replace("nn.Sequential(", "Chain(", 1) if self.chained else make_model,
            has_valid=self.bundle.valid is not None,
            has_test=self.bundle.test is not None,
            criterion=self.loss if self.weighted else "",
            sparse=any(getattr(module, "sparse", False) for module in self.model.modules()),
            pictures=any(len(shape) == 3 for shape in self.bundle.spec.inputs),
            draws=code or bool(rows & DRAWING),
            foreign=code,
            weights=self._weights(),
        )

    @property
    def chained(self) -> bool:
        """Whether the model is a plain chain, beside whose layers a loss with weights stands."""
        return self.weighted and self.network.make.startswith("nn.Sequential(")

    def _weights(self) -> list[str]:
        """Statements that load the weights to begin from, in the shape that their file has."""
        given = self.experiment.model.weights
        if not given:
            return []
        path = self.base / given
        names = read_weights(path)
        if path.suffix == ".safetensors":
            lines = ["weights = load_file(WEIGHTS)"]
        else:
            lines = ['weights = torch.load(WEIGHTS, map_location="cpu", weights_only=True)' + _keys(path)]
        raw = _inner(_loaded(path)) if path.suffix != ".safetensors" else names
        if raw.keys() != names.keys():
            clean = '{name.removeprefix("module."): value for name, value in weights.items()}'
            lines.append(f"weights = {clean}" if len(raw) == len(names) else f"weights = {TENSORS}")
        return [*lines, "model.load_state_dict(weights)"]

    # The parts of the text

    def text(self) -> str:
        """The whole file."""
        blocks = [self.network.classes.strip("\n"), *([CHAIN] if self.chained else []), *self.data.definitions]
        blocks += self.training.functions()
        body = "\n\n\n".join(filter(None, (item.strip("\n") for item in blocks)))
        top = "\n".join(self._constants())
        end = 'if __name__ == "__main__":\n    main()'
        code = f"{top}\n\n\n{body}\n\n\n{end}\n"
        return f"{self._header()}\n\n{self._imports(code)}\n\n{code}\n{document_lines(self.experiment)}"

    def _header(self) -> str:
        name, version = self.experiment.name, metadata.version("torchwork")
        needs = "torch and torchvision" if "torchvision" in "".join(self.data.imports) else "torch"
        return (
            f'"""{name}, printed by Torchwork {version} from the document {self.experiment.digest()}.\n\n'
            f'Needs {needs}; start it with `python FILE` where the paths below begin.\n"""'
        )

    def _imports(self, code: str) -> str:
        lines = {*self.network.imports, *self.data.imports, *self.training.imports}
        lines |= {f"import {name}" for name in MODULES if re.search(rf"(?<![\w.]){name}\.", code)}
        lines |= {line for name, line in NAMES.items() if re.search(rf"(?<![\w.\"']){name}\b", code)}
        lines |= {"from safetensors.torch import load_file"} if "load_file(" in code else set()
        future = {"from __future__ import annotations"} if re.search(r"^class (?!\w+\(nn\.)", code, re.M) else set()
        return imports(future | set(_used(lines, code)))

    def _constants(self) -> list[str]:
        experiment, train = self.experiment, self.experiment.train
        lines = [f"SEED = {experiment.seed}", f"EPOCHS = {train.epochs}", f"BATCH_SIZE = {experiment.data.batch_size}"]
        lines += [f"ACCUMULATE = {train.accumulate}"] if train.accumulate > 1 else []
        lines += [*self.scheduling.constants, f"DEVICE = {_device(train.device)}"]
        lines += [f"BEST = {literal(f'{experiment.name}.pt')}"]
        lines += [f"WEIGHTS = {literal(experiment.model.weights)}"] if experiment.model.weights else []
        lines += [*self.data.constants, *self.data.setup]
        if not self.weighted:
            tensors = any(True for _ in self.criterion.buffers())
            lines.append(wrapped(f"criterion = {self.loss}" + ".to(DEVICE)" * tensors))
        return lines


TENSORS = "{name: value for name, value in weights.items() if isinstance(value, Tensor)}"


def _loaded(path: Path) -> Any:
    return torch.load(path, map_location="meta", weights_only=True)


def _keys(path: Path) -> str:
    """The keys under which a file of weights holds the state dict: `["model"]`."""
    value, keys = _loaded(path), ""
    while (key := _wrapper(value)) is not None:
        value, keys = value[key], f"{keys}[{literal(key)}]"
    return keys


def _wrapper(value: Any) -> str | None:
    return next((key for key in WRAPPERS if isinstance(value, dict) and isinstance(value.get(key), dict)), None)


def _inner(value: Any) -> Any:
    while (key := _wrapper(value)) is not None:
        value = value[key]
    return value


def _device(name: str) -> str:
    if name == "auto":
        return 'torch.device("cuda" if torch.cuda.is_available() else "cpu")'
    return f"torch.device({literal(name)})"


def _used(lines: Iterable[str], code: str) -> Iterable[str]:
    """The imports that the code needs; the pieces may ask for more than is left of them."""
    for line in lines:
        module, _, names = line.removeprefix("from ").partition(" import ")
        if not line.startswith("from ") or module == "__future__":
            name = line.removeprefix("import ").rpartition(" as ")[2].strip()
            if re.search(rf"(?<![\w.]){re.escape(name)}\b", code):
                yield line
            continue
        for name in names.split(","):
            if re.search(rf"(?<![\w.]){name.rpartition(' as ')[2].strip()}\b", code):
                yield f"from {module} import {name.strip()}"


def document_lines(experiment: Experiment) -> str:
    """The document as comment lines, from which it can be read back."""
    yaml, out = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style, yaml.width, yaml.sort_base_mapping_type_on_output = True, 10**6, False
    yaml.dump(experiment.as_dict(), out)
    text = out.getvalue().strip()
    lines = textwrap.wrap(text, 100 - len(MARK), break_long_words=False, break_on_hyphens=False)
    if Experiment.loads("\n".join(lines)) != experiment:  # text with several spaces in a row
        lines = [text]
    return "".join(f"{MARK}{line}\n" for line in lines)
