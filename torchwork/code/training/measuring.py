"""How a script measures: what is summed up of a batch, and the function that evaluates a split."""

from __future__ import annotations

from torchwork.code.text import literal
from torchwork.code.training.plan import Plan, block, wrapped

PRECISIONS = {"bf16": "torch.bfloat16", "fp16": "torch.float16"}
LONGEST = 83
"""characters of a statement in the loop of `evaluate`, so that it fits into a line of a script"""
LOOP = "for inputs, targets in batches:"


class Measuring:
    """The functions of a script from `measure` to `evaluate`, and the statements of its loop that measure."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.train, self.judge = plan, plan.experiment.train, plan.judge

    def functions(self) -> list[str]:
        """Their texts, in order; only those that something calls."""
        texts = [*self.judge.definitions, *([self._measure()] if self.apart else [])]
        texts += [self._roots()] if self.plan.watched and self._rooted else []
        return texts + ([self._evaluate()] if len(self.plan.batches) > 1 else [])

    @property
    def apart(self) -> bool:
        """Whether measuring a batch is a function of its own: it has several users, or other outputs than the loss."""
        return self.plan.watched or self.train.accumulate > 1 or any(self.plan.closing) or bool(self.judge.scores)

    def _measure(self) -> str:
        kind = "Any" if any("outputs[0]" in text for text in self.judge.measures.values()) else "Tensor"
        scale = " * len(targets)" if self.judge.reduction == "mean" else ""
        sums = {"samples": "len(targets)", "loss": f"loss.item(){scale}"}
        sums |= {name: name for name in self.judge.measures}
        lines = [*self.judge.before, *(f"{name} = {text}.item()" for name, text in self.judge.measures.items())]
        items = ", ".join(f"{literal(name)}: {text}" for name, text in sums.items())
        head = f"def measure(loss: Tensor, outputs: {kind}, targets: Tensor) -> dict[str, float]:"
        return "\n".join(block(head, ['"""Sums over the samples of a batch."""', *lines, f"return {{{items}}}"]))

    def _roots(self) -> str:
        """The function that makes means of sums, where that is more than a division."""
        body = ['"""Means over the samples, squares as their root."""', *self._means()]
        return "\n".join(block("def mean(sums: Counter[str]) -> dict[str, float]:", body))

    def _means(self) -> list[str]:
        """The end of a function that returns the means of sums."""
        means = '{name: total / sums["samples"] for name, total in sums.items()}'
        if not self._rooted:
            return [f"return {means}"]
        roots = ", ".join(f'"{name}": math.sqrt(means["{name}"])' for name in self._rooted)
        return [f"means = {means}", f"return {{**means, {roots}}}"]

    @property
    def _rooted(self) -> list[str]:
        return [name for name in self.judge.roots if name in self.judge.measures]

    @property
    def mean(self) -> str:
        """Means over the samples."""
        return "mean(sums)" if self._rooted else '{name: total / sums["samples"] for name, total in sums.items()}'

    def _evaluate(self) -> str:
        each = block(LOOP, self._evaluated())
        if self.plan.draws:
            each = block("with torch.random.fork_rng():", each)
        if self.plan.foreign:
            kept = ["python, numpy = random.getstate(), np.random.get_state()"]
            each = [*kept, *each, "random.setstate(python)", "np.random.set_state(numpy)"]
        body = ['"""Loss and metrics of a whole split, without learning from it."""', "model.eval()"]
        end = [f"return {self.mean}"] if self.plan.watched else self._means()
        body += ["sums = Counter()", *each, *end]
        given = f"batches: Iterator[tuple[{self.plan.inputs}, Tensor]]"
        head = wrapped(f"def evaluate(model: nn.Module, {given}) -> dict[str, float]:")
        return "\n".join(["@torch.no_grad()", *block(head, body)])

    def _evaluated(self) -> list[str]:
        """What is done with each batch that is only measured: the loss goes straight to where it is summed up."""
        each = self.forward("model", "loss", scores=True)
        adding = (lambda loss: [self.update(loss)]) if self.apart else self._added
        direct = adding(self.judge.loss)
        if each[-1] == f"loss = {self.judge.loss}" and all(len(line) <= LONGEST for line in direct):
            return [*each[:-1], *direct]
        return [*each, *adding("loss")]

    def update(self, loss: str) -> str:
        """The statement that adds a batch to the sums by `measure`."""
        return f"sums.update(measure({loss}, {self.measured}, targets))"

    def _added(self, loss: str) -> list[str]:
        """Statements that add what is measured of a batch to the sums."""
        scale = " * len(targets)" if self.judge.reduction == "mean" else ""
        sums = {"samples": "len(targets)", "loss": f"{loss}.item(){scale}"}
        sums |= {name: f"{text}.item()" for name, text in self.judge.measures.items()}
        return [*self.judge.before, *(f"sums[{literal(name)}] += {text}" for name, text in sums.items())]

    @property
    def measured(self) -> str:
        """What is measured: the outputs, or scores made of them."""
        return "scores" if self.judge.scores else "outputs"

    @property
    def taken(self) -> str:
        """The inputs as the model takes them."""
        placed = self.train.memory_format == "channels_last" and self.plan.pictures
        if not self.plan.several:
            return "inputs.to(memory_format=torch.channels_last)" if placed else "inputs"
        each = "x.to(memory_format=torch.channels_last) if x.dim() == 4 else x"
        return f"*({each} for x in inputs)" if placed else "*inputs"

    def forward(self, model: str, loss: str, *, scores: bool) -> list[str]:
        """From inputs to the loss, and to scores where they are wanted, in the document's precision."""
        body = [f"outputs = {model}({self.taken})", f"{loss} = {self.judge.loss}"]
        body += [f"scores = {self.judge.scores}"] if self.judge.scores and scores else []
        dtype = PRECISIONS.get(self.train.precision)
        return block(f"with torch.autocast(DEVICE.type, {dtype}):", body) if dtype else body
