"""The loop of a script: `main`, which trains as the engine does, and the functions that it calls."""

from __future__ import annotations

from collections.abc import Sequence

from torchwork.code.borrow import Borrowed, borrow
from torchwork.code.text import literal
from torchwork.code.training.measuring import Measuring
from torchwork.code.training.optimizing import beginning
from torchwork.code.training.plan import Plan, block, indented, joined
from torchwork.code.training.schedule import metric_text
from torchwork.engine import clip

LONGEST_MARK = 83
"""characters of a text in `print`, so that it fits into a line of a script"""
SEED_OF_TRAINING = 'generator(SEED, 0, "train").initial_seed()'
EACH = "for optimizer in optimizers:"


class Training:
    """The functions of a script from `measure` to `main`."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.train, self.judge = plan, plan.experiment.train, plan.judge
        self.network = "network" if self.train.compile else "model"
        self.single = plan.optimizers.single
        self.closing, self.measuring = plan.closing, Measuring(plan)

    @property
    def imports(self) -> frozenset[str]:
        """What the functions need beside the names that every script may import."""
        return self.judge.imports | self._clipping().imports

    def functions(self) -> list[str]:
        """Their texts, in order."""
        texts = [
            *self.measuring.functions(),
            *self.plan.optimizers.definitions,
            *filter(None, [self.plan.scheduling.warmup]),
        ]
        texts += self._clipping().definitions
        return [*map(self._formatted, texts), joined(self._main())]

    def _clipping(self) -> Borrowed:
        """The engine's own functions for what torch's do not take: sparse gradients."""
        limit = self.train.clip
        return borrow(*([clip.clip_norm if limit.norm else clip.clip_value] if limit and self.plan.sparse else []))

    def _formatted(self, text: str) -> str:
        return joined(text.splitlines())

    # Steps

    def _main(self) -> list[str]:
        sums = ["sums = Counter()"] if self.plan.watched else []
        epoch = [f"{self.network}.train()", *sums, *self._steps(), *self._close()]
        body = ['"""Trains, and returns the loss of every step."""', *self._begin(), *self._bookkeeping()]
        body += [*block("for epoch in range(EPOCHS):", epoch), *self._test(), "return losses"]
        return block("def main() -> list[float]:", body)

    def _begin(self) -> list[str]:
        plan, train = self.plan, self.train
        changed = [*plan.weights, *beginning(plan.experiment.parameters)]
        moved = "DEVICE, memory_format=torch.channels_last" if train.memory_format == "channels_last" else "DEVICE"
        later = changed or plan.criterion
        lines = self._seeded("SEED")
        lines.append(f"model = {indented(plan.make)}" + ("" if later else f".to({moved})"))
        lines += [f"model.loss = {plan.criterion}"] if plan.criterion else []
        lines += [*changed, *([f"model.to({moved})"] if later else [])]
        lines += [*self._updating(), *self._switches()]
        return [*lines, *self._seeded(SEED_OF_TRAINING)]

    def _seeded(self, seed: str) -> list[str]:
        if not self.plan.foreign:
            return [f"torch.manual_seed({seed})"]
        return [f"seed = {seed}", "random.seed(seed)", "np.random.seed(seed % 2**32)", "torch.manual_seed(seed)"]

    def _updating(self) -> list[str]:
        """Optimizers, schedulers, and what else follows the weights."""
        make, made = self.plan.scheduling.make, self.plan.optimizers
        lines = list(made.before)
        if self.single:
            lines += [f"optimizer = {made.makes[0]}", *([f"scheduler = {make}"] if make else [])]
        else:
            lines.append(f"optimizers = [{', '.join(made.makes)}]")
            lines += [f"schedulers = [{make} for optimizer in optimizers]"] if make else []
        if self.train.clip and made.grouped:
            groups = "optimizer.param_groups" if self.single else "held in groups.values() for group in held"
            lines.append(f'trained = [p for {"group in " * self.single}{groups} for p in group["params"]]')
        if self.train.ema:
            lines.append(f"average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn({self.train.ema}))")
        lines += ["network = torch.compile(model)"] if self.train.compile else []
        return lines + (["scaler = torch.amp.GradScaler(DEVICE.type)"] if self.train.precision == "fp16" else [])

    def _switches(self) -> list[str]:
        lines = [f"torch.set_num_threads({self.train.threads})"] if self.train.threads else []
        if self.train.deterministic:
            lines += ['os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")']
            lines += ["torch.use_deterministic_algorithms(True)", "torch.backends.cudnn.benchmark = False"]
        return lines

    def _steps(self) -> list[str]:
        """One epoch of steps."""
        batches = self.plan.batches["train"]
        if self.train.accumulate == 1:
            return block(f"for inputs, targets in {batches}:", self._step())
        lines = [f"batches = {batches}"]
        return lines + block("while window := list(islice(batches, ACCUMULATE)):", self._step())

    def _step(self) -> list[str]:
        """One step of the optimizers and all that follows it."""
        lines = self._closure() if any(self.closing) else self._plain()
        if self.train.ema:
            lines.append("average.update_parameters(model)")
        if self.plan.scheduling.make and self.plan.scheduling.each_step:
            lines += self._stepped("")
        return lines

    def _plain(self) -> list[str]:
        single = self.train.accumulate == 1
        lines = [self._zero_grad(), *(self._gradients() if single else self._window())]
        lines += [*self._clip(), *self._dampened(self._optimizer_steps(self.plan.optimizers.parts))]
        if single:
            mean = "loss.item()" if self.judge.reduction == "mean" else "loss.item() / len(targets)"
            return [*lines, f"losses.append({mean})", *([self.measuring.update("loss")] if self.plan.watched else [])]
        return [*lines, *self._counted()]

    def _counted(self) -> list[str]:
        """Statements that keep the sums of a step."""
        return ['losses.append(step["loss"] / step["samples"])', *["sums.update(step)"] * self.plan.watched]

    def _zero_grad(self) -> str:
        return "optimizer.zero_grad()" if self.single else "model.zero_grad()"

    def _gradients(self) -> list[str]:
        """Forward and backward of one batch."""
        measured = self.plan.watched or any(self.closing)
        return [
            *self.measuring.forward(self.network, "loss", scores=measured),
            self._backward("loss"),
        ]

    def _backward(self, loss: str) -> str:
        scaled = f"scaler.scale({loss})" if self.train.precision == "fp16" else f"({loss})"
        return f"{scaled if scaled[0] == 's' or ' ' in loss else loss}.backward()"

    def _window(self) -> list[str]:
        """Forward and backward of the batches of a step, each of which counts by its samples."""
        each = self.measuring.forward(self.network, "loss", scores=True)
        each.append(self._backward("loss * (len(targets) / size)" if self.judge.reduction == "mean" else "loss"))
        each.append(f"step.update(measure(loss, {self.measuring.measured}, targets))")
        lines = ["size = sum(len(targets) for _, targets in window)"] if self.judge.reduction == "mean" else []
        return [*lines, "step = Counter()", *block("for inputs, targets in window:", each)]

    def _clip(self) -> list[str]:
        if self.train.clip is None:
            return []
        lines = []
        if self.train.precision == "fp16":
            lines = ["scaler.unscale_(optimizer)"] if self.single else block(EACH, ["scaler.unscale_(optimizer)"])
        held = "trained" if self.plan.optimizers.grouped else "model.parameters()"
        kind, limit = ("norm", self.train.clip.norm) if self.train.clip.norm else ("value", self.train.clip.value)
        name = f"clip_{kind}" if self.plan.sparse else f"nn.utils.clip_grad_{kind}_"
        return [*lines, f"{name}({held}, {literal(limit)})"]

    def _optimizer_steps(self, parts: Sequence[object]) -> list[str]:
        if self.train.precision != "fp16":
            return ["optimizer.step()"] if self.single else block(EACH, ["optimizer.step()"])
        steps = ["scaler.step(optimizer)"] if self.single else block(EACH, ["scaler.step(optimizer)"])
        return [*steps, "scaler.update()"]

    def _dampened(self, steps: list[str]) -> list[str]:
        if not self.plan.scheduling.warmup:
            return steps
        return block(f"with warmed_up({'optimizer' if self.single else 'optimizers'}, len(losses)):", steps)

    def _closure(self) -> list[str]:
        """The step of optimizers that evaluate the loss themselves; the first evaluation is what is reported."""
        accumulates = self.train.accumulate > 1
        inner = [self._zero_grad()]
        if accumulates:
            inner += [*self._window(), *self._clip(), "evaluations.append(step)"]
            share = 'step["loss"] / size' if self.judge.reduction == "mean" else 'step["loss"]'
            closure = block("def closure(window: Any = window) -> float:", [*inner, f"return {share}"])
        else:
            inner += [*self._gradients(), *self._clip()]
            inner += [f"evaluations.append(measure(loss, {self.measuring.measured}, targets))", "return loss.item()"]
            kind = self.plan.inputs
            closure = block(f"def closure(inputs: {kind} = inputs, targets: Tensor = targets) -> float:", inner)
        steps = ["optimizer.step(closure)"]
        if not self.single:
            number = self.closing.index(True)
            steps = [f"optimizers[{number}].step(closure)"]
            steps += [f"optimizers[{other}].step()" for other, closing in enumerate(self.closing) if not closing]
        first = ["step = evaluations[0]", *self._counted()]
        return ["evaluations.clear()", "", *closure, "", *self._dampened(steps), *first]

    def _stepped(self, metric: str) -> list[str]:
        step = f"scheduler.step({metric})"
        return [step] if self.single else block("for scheduler in schedulers:", [step])

    # The end of an epoch

    @property
    def _averaged(self) -> str:
        return "average.module" if self.train.ema else self.network

    def _close(self) -> list[str]:
        lines = [f"train = {self.measuring.mean}"] if self.plan.watched else ["steps = len(losses) // (epoch + 1)"]
        lines += [f"valid = evaluate({self._averaged}, {self.plan.batches['valid']})"] if self.plan.has_valid else []
        if self.plan.scheduling.make and not self.plan.scheduling.each_step:
            lines += self._stepped(self.plan.scheduling.metric)
        return [*lines, *self._told(), *self._best(), *self._stop()]

    def _told(self) -> list[str]:
        """Statements that tell how the epoch went."""
        names = ["loss", *self.judge.measures]
        if not self.plan.watched:
            valid = ", ".join(f"{name} {{valid['{name}']:.4f}}" for name in names)
            return [
                'print(f"epoch {epoch + 1}: train loss {sum(losses[-steps:]) / steps:.4f}", end=", ")',
                f'print(f"valid {valid}")',
            ]
        splits = ["train", "valid"] if self.plan.has_valid else ["train"]
        texts = [f"{split} " + ", ".join(f"{name} {{{split}['{name}']:.4f}}" for name in names) for split in splits]
        marks = [f"epoch {{epoch + 1}}: {texts[0]}", *texts[1:]]
        marks = [part for mark in marks for part in (mark.split(", ") if len(mark) > LONGEST_MARK else [mark])]
        pieces = [f'f"{mark},"' for mark in marks[:-1]] + [f'f"{marks[-1]}"']
        return [f"print({', '.join(pieces)})"]

    @property
    def _shared(self) -> bool:
        """Whether early stopping watches just what the best epoch is chosen by."""
        stop = self.train.early_stop
        return stop is not None and stop.monitor == self.plan.monitor and stop.min_delta == 0

    def _bookkeeping(self) -> list[str]:
        stop, first = self.train.early_stop, self._worst(self.plan.monitor)
        lines = [f"losses, best = [], {first}", *["evaluations = []"] * any(self.closing)]
        if stop:
            lines.append("waited = 0" if self._shared else f"waited, reached = 0, {self._worst(stop.monitor)}")
        return lines

    def _worst(self, tag: str) -> str:
        return f'float("{"-" * self.plan.upwards(tag)}inf")'

    def _best(self) -> list[str]:
        value, sign = metric_text(self.plan.monitor), ">" if self.plan.upwards(self.plan.monitor) else "<"
        saved = "average.module" if self.train.ema else "model"
        found = [f"best = {value}", f"torch.save({saved}.state_dict(), BEST)"]
        if self._shared:
            found = ["best, waited = " + value + ", 0", found[1]]
        return block(f"if {value} {sign} best:", found) + (block("else:", ["waited += 1"]) if self._shared else [])

    def _stop(self) -> list[str]:
        stop = self.train.early_stop
        if stop is None:
            return []
        value, up = metric_text(stop.monitor), self.plan.upwards(stop.monitor)
        delta = f" {'+' if up else '-'} {literal(stop.min_delta)}" if stop.min_delta else ""
        better = block(f"if {value} {'>' if up else '<'} reached{delta}:", [f"reached, waited = {value}, 0"])
        lines = [] if self._shared else [*better, *block("else:", ["waited += 1"])]
        return [*lines, *block(f"if waited >= {stop.patience}:", ["break"])]

    def _test(self) -> list[str]:
        if "test" not in self.plan.batches:
            return []
        module = "average.module" if self.train.ema else "model"
        load = f"{module}.load_state_dict(torch.load(BEST, map_location=DEVICE, weights_only=True))"
        names = ", ".join(f"{name} {{test['{name}']:.4f}}" for name in ["loss", *self.judge.measures])
        return [load, f"test = evaluate({module}, {self.plan.batches['test']})", f'print(f"test {names}")']
