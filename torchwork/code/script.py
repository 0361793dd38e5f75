"""A whole experiment as one Python file that needs only torch: it repeats the run, step by step."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import nn

from torchwork.build import Checked, check, check_model, make, make_task, put_loss
from torchwork.build.parameters import apply_rules
from torchwork.build.update import steps_of
from torchwork.code.data.batches import Pieces, print_data
from torchwork.code.making import Maker
from torchwork.code.network.classes import Printed, print_network
from torchwork.code.page import document_lines, header, import_lines, stamp
from torchwork.code.text import literal
from torchwork.code.training.judging import Judge, Seen, judge
from torchwork.code.training.loop import Training
from torchwork.code.training.optimizing import optimizers
from torchwork.code.training.plan import Plan, indented, wrapped
from torchwork.code.training.schedule import Scheduling, scheduling
from torchwork.code.training.starting import starting
from torchwork.engine import SupervisedTask, choose_device
from torchwork.errors import DocumentError
from torchwork.experiment import Experiment, ModelDocument

DRAWING = frozenset({
    "FractionalMaxPool2d", "FractionalMaxPool3d", "bernoulli", "binomial", "multinomial", "normal", "poisson",
    "rand_like", "randint_like", "randn_like", "gumbel_softmax", "fractional_max_pool2d", "fractional_max_pool3d",
})  # fmt: skip
"""parts of a model that draw random numbers in evaluation too"""
CHAIN = '''class Chain(nn.Sequential):
    """Layers in a row; the loss beside them is not one of them."""

    def forward(self, input: Tensor) -> Tensor:
        """From inputs to what the loss takes."""
        for name, layer in self.named_children():
            input = input if name == "loss" else layer(input)
        return input'''
OWN_NAMES = frozenset({
    "SEED", "EPOCHS", "BATCH_SIZE", "ACCUMULATE", "STEPS_PER_EPOCH", "WARMUP_STEPS", "DEVICE", "BEST", "WEIGHTS",
    "criterion", "Chain", "rows_of", "compare", "count_right", "measure", "mean", "evaluate", "parameter_groups",
    "warmed_up", "clip_norm", "clip_value", "main",
})  # fmt: skip
"""what the rest of a script calls its own"""
END = 'if __name__ == "__main__":\n    main()'


def print_script(experiment: Experiment, *, base: Path, trust: bool = False) -> str:
    """The experiment as a Python file whose `main()` trains as `torchwork train` does and returns every step's loss.

    Paths of data are those of the document, seen from `base`; `trust` allows the document to name code of yours.

    Raises:
        DocumentError: with every problem of the document, or with what a script cannot do.
    """
    return print_checked(check(experiment, base=base, trust=trust, device=device_of(experiment)), base=base)


def print_checked(checked: Checked, *, base: Path) -> str:
    """The script of an experiment that was checked with this `base`; DocumentError as for `print_script`."""
    if checked.problems:
        raise DocumentError(checked.problems)
    return _Script(checked, base).text()


def device_of(experiment: Experiment) -> str:
    """The device that the experiment would be trained on here."""
    return str(choose_device(experiment.train.device))


def print_model_file(document: ModelDocument, *, base: Path, trust: bool = False) -> str:
    """A model without data as a Python file: its classes, and a function `make_model`.

    Raises:
        DocumentError: with every problem of the model, or that it has no `example:` inputs.
    """
    checked = check_model(document, base=base, trust=trust)
    if checked.problems or checked.graph is None:
        raise DocumentError(checked.problems)
    network = print_network(document.model, checked.graph, document.name)
    make_model = f'def make_model() -> nn.Module:\n    """The network."""\n    return {indented(network.make)}'
    main = 'if __name__ == "__main__":\n    print(make_model())'
    return _page(document, network.imports, [], [network.classes, make_model], main)


def _page(
    document: Experiment | ModelDocument,
    wanted: frozenset[str],
    constants: list[str],
    definitions: list[str],
    end: str,
) -> str:
    """The whole file."""
    top = ["\n".join(constants)] if constants else []
    body = "\n\n\n".join([*top, *filter(None, (item.strip("\n") for item in definitions)), end])
    gap = "\n\n" if constants else "\n\n\n"
    imports = import_lines(body, wanted)
    code = f"{header(document, imports)}\n\n{imports}{gap}{body}\n"
    return f"{code}\n{document_lines(document)}{stamp(code)}\n"


class _Script:
    """The pieces of a script, and how they are put together."""

    def __init__(self, checked: Checked, base: Path) -> None:
        assert checked.bundle is not None and checked.graph is not None
        self.experiment, self.bundle, self.graph = checked.experiment, checked.bundle, checked.graph
        self.base, self.symbols = base, checked.bundle.spec.symbols
        experiment = self.experiment
        self.network: Printed = print_network(experiment.model, self.graph, experiment.name)
        taken = OWN_NAMES | {*re.findall(r"^class (\w+)", self.network.classes, re.MULTILINE)}
        self.data: Pieces = print_data(experiment.data, self.bundle, base=base, taken=taken)
        self.model, self.criterion = self._models()
        self.judge: Judge = judge(self._seen())
        self.updating = optimizers(experiment, self.model)
        steps = steps_of(experiment, len(self.bundle.train))
        self.scheduling: Scheduling = scheduling(experiment, steps, several=not self.updating.single)
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
        """Whether the loss has weights, so that it is a part of the model."""
        return any(True for _ in self.criterion.parameters())

    @property
    def chained(self) -> bool:
        """Whether the model is a plain chain, beside whose layers a loss with weights stands."""
        return self.weighted and self.network.make.startswith("nn.Sequential(")

    @property
    def loss(self) -> str:
        """The call that makes the loss."""
        return Maker(self.symbols).call("loss", self.experiment.loss)

    def _seen(self) -> Seen:
        task = make_task(self.experiment.task, self.criterion, self.bundle.spec)
        assert isinstance(task, SupervisedTask)
        exact = self.experiment.train.precision == "float32"
        return Seen(task, self.bundle.spec, self.graph.output, self.bundle.train.mix is not None, exact)

    def _plan(self) -> Plan:
        code = any(getattr(module, "code", None) for module in self.experiment.model.modules.values())
        make_model, weights = self.network.make, self.experiment.model.weights
        return Plan(
            experiment=self.experiment,
            judge=self.judge,
            optimizers=self.updating,
            scheduling=self.scheduling,
            make=make_model.replace("nn.Sequential(", "Chain(", 1) if self.chained else make_model,
            batches=self.data.calls,
            criterion=self.loss if self.weighted else "",
            sparse=any(getattr(module, "sparse", False) for module in self.model.modules()),
            pictures=any(len(shape) == 3 for shape in self.bundle.spec.inputs),
            several=len(self.bundle.spec.inputs) > 1,
            draws=code or bool({row.type for row in self.graph.rows} & DRAWING),
            foreign=code,
            weights=starting(self.base / weights) if weights else [],
        )

    def text(self) -> str:
        """The whole file."""
        definitions = [self.network.classes, *([CHAIN] if self.chained else []), *self.data.definitions]
        definitions += self.training.functions()
        wanted = self.network.imports | self.data.imports | self.training.imports
        return _page(self.experiment, wanted, self._constants(), definitions, END)

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
            lines += [wrapped(f"criterion = {self.loss}"), *["criterion.to(DEVICE)"] * tensors]
        return lines


def _device(name: str) -> str:
    if name == "auto":
        return 'torch.device("cuda" if torch.cuda.is_available() else "cpu")'
    return f"torch.device({literal(name)})"
