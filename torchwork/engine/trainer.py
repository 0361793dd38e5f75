"""The loop. Torch objects in, reports out: `_run` and the methods after it, to `_close_epoch`, are the whole of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import nn

from torchwork.engine.advance import Advance, Values, trained_parameters
from torchwork.engine.allocator import keep_memory
from torchwork.engine.average import Average
from torchwork.engine.backend import backend, choose_device
from torchwork.engine.batches import Batch, Batches
from torchwork.engine.checkpoint import Checkpoints, load_checkpoint
from torchwork.engine.clip import clipper
from torchwork.engine.evaluate import Evaluation, loss_names, placement
from torchwork.engine.failure import EXPLAINED, explain, failing_layer, is_out_of_memory
from torchwork.engine.guard import Watch, error_at
from torchwork.engine.interrupt import Interrupt
from torchwork.engine.ledger import Clock, Ledger
from torchwork.engine.policy import Position, Saving, Watched
from torchwork.engine.precision import Precision
from torchwork.engine.report import EpochReport, Info, Listener, Listeners, Outcome, Probe, Status
from torchwork.engine.restore import not_finite, restore_model
from torchwork.engine.schedule import Schedules, Update
from torchwork.engine.state import TrainState, weights_of
from torchwork.engine.task import Task
from torchwork.errors import DataError, NotFiniteError, TorchworkError
from torchwork.experiment import Train, stream_seed


class Trainer:
    """Trains `model` by `updates` on `train`, as `settings` say, in place and on the device that they name.

    With a folder for `checkpoints` it goes on from the newest good one there, bit for bit as if it had never stopped.
    With a `seed` the global random generators are seeded before the first step.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        updates: Update | Sequence[Update],
        train: Batches,
        valid: Batches | None = None,
        *,
        settings: Train | None = None,
        seed: int | None = None,
        listeners: Sequence[Listener] = (),
        probes: Sequence[Probe] = (),
        checkpoints: Path | None = None,
    ) -> None:
        if not len(train):
            raise DataError("the training data has no batch; check data.split, data.limit and data.drop_last")
        self.model, self.task, self.train, self.valid, self.seed = model, task, train, valid, seed
        self.updates = [updates] if isinstance(updates, Update) else list(updates)
        self.settings = settings or Train()
        self.listeners, self.probes = Listeners(listeners), list(probes)
        self.steps_per_epoch = -(-len(train) // self.settings.accumulate)
        self._prepare_model()
        self._prepare_steps()
        self._prepare_state(checkpoints)

    def _prepare_model(self) -> None:
        settings = self.settings
        self.device = choose_device(settings.device)
        channels_last = settings.memory_format == "channels_last"
        self.place = placement(self.device, channels_last=channels_last)
        self.model.to(self.device)
        criterion = getattr(self.task, "criterion", None)
        if isinstance(criterion, nn.Module):  # the weights of classes belong to it, as tensors
            criterion.to(self.device)
        if channels_last:
            self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: nn.Module = torch.compile(self.model) if settings.compile else self.model  # type: ignore[assignment]
        self.average = Average(self.model, settings.ema) if settings.ema else None

    def _prepare_steps(self) -> None:
        losses = loss_names([update.name for update in self.updates])
        precision = Precision(self.settings.precision, self.device)
        clip = clipper(self.settings.clip)
        parameters = trained_parameters(self.model, [item for update in self.updates for item in update.optimizers])
        self.precision, self.schedules = precision, [Schedules(update) for update in self.updates]
        self.advances = [
            Advance(each, self.task, precision, clip, losses[each.update.name], parameters) for each in self.schedules
        ]
        self.ledger = Ledger(self.task, self.device, list(losses.values()), self.settings.accumulate)
        self.evaluation = Evaluation(self.task, losses, precision, self.device, self.place)

    def _prepare_state(self, folder: Path | None) -> None:
        losses = [advance.loss_name for advance in self.advances]
        with_valid = self.valid is not None
        self.watched = Watched(self.settings, self.task.maximize, self.schedules, losses, with_valid=with_valid)
        self.state = TrainState(self.model, self.average, self.schedules, self.precision, self.watched)
        self.store = Checkpoints(folder, self.settings.checkpoint.keep) if folder is not None else None
        self.saving = Saving(self.settings.checkpoint, self.steps_per_epoch)
        self.saved: Position | None = None
        self.interrupt, self.clock, self.checked = Interrupt(), Clock(), False

    # --- the loop

    def fit(self) -> Outcome:
        """Trains until the last epoch, an early stop or a signal.

        Raises:
            TorchworkError: training cannot go on: not finite, out of memory, a full disk, data that does not fit.
        """
        keep_memory()
        status: Status = "failed"
        with (
            backend(threads=self.settings.threads, deterministic=self.settings.deterministic),
            Interrupt() as self.interrupt,
        ):
            try:
                status = self._run()
            finally:
                outcome = self._outcome(status)
                self.listeners.on_end(outcome)
        return outcome

    def _run(self) -> Status:
        self._begin()
        while self.state.position.epoch < self.settings.epochs and not self.watched.early.stopped:
            if not (self._train_epoch() and self._close_epoch()):
                return self._leave("stopped")
        return self._leave("early_stopped" if self.watched.early.stopped else "done")

    def _train_epoch(self) -> bool:
        """The rest of the epoch, window by window; False when a signal came."""
        self.network.train()
        self.clock = Clock()
        for window in self._windows():
            self._step(window)
            if self.ledger.due():
                self._read()
            if self.interrupt.requested:
                return False
            if self.state.position.batch < len(self.train) and self.saving.after_step(self.state.position):
                self._save()
        return True

    def _windows(self) -> Iterator[list[Batch]]:
        """Batches on the device, as many together as one step takes."""
        batches = self.clock.watched(iter(self.train.epoch(self.state.position.epoch, self.state.position.batch)))
        while window := [self.place(batch) for batch in islice(batches, self.settings.accumulate)]:
            yield window

    def _step(self, window: list[Batch]) -> list[Values]:
        position, sizes = self.state.position, [self.task.size(batch) for batch in window]
        looking = self._looking(position.step + 1)
        try:
            measured = [advance(self.network, window, sizes) for advance in self.advances]
        except EXPLAINED as error:
            raise self._explained(error, window, sizes) from error
        for probe in looking:
            probe.after_step()
        if self.average:
            self.average.update(self.model)
        position.step += 1
        position.batch += len(window)
        self.clock.samples += sum(sizes)
        values = measured[0] if len(measured) == 1 else joined(measured)
        self.ledger.add(position.step, sizes, values, [rate for advance in self.advances for rate in advance.rates])
        return values

    def _looking(self, step: int) -> list[Probe]:
        """The probes that look into this step, told that it begins."""
        looking = [probe for probe in self.probes if probe.wants(step)]
        for probe in looking:
            probe.before_step(step)
        for advance in self.advances:
            advance.probes = looking
        return looking

    def _close_epoch(self) -> bool:
        """Validates, steps the schedules, decides and reports; False when a signal came before that was done."""
        self._read()
        self.clock.training_done()
        metrics = self._validate()
        if metrics is None:
            return False
        self.state.metrics = self.state.totals.metrics(self.task.summarize, "train") | metrics
        for schedules in self.schedules:
            schedules.after_epoch(self.state.metrics)
        self.state.next_epoch()
        improved = self.watched.update(self.state.metrics, self.state.position)
        self._report_epoch()
        if improved or self.saving.after_epoch(self.state.position):
            self._save()
        return True

    def _validate(self) -> dict[str, float] | None:
        if self.valid is None:
            return {}
        model = self.average.module if self.average else self.network
        return self.evaluation(model, self.valid, "valid", lambda: self.interrupt.requested)

    # --- beginning and end

    def _begin(self) -> None:
        notes: list[str] = []
        found = self.store.recover(notes.append) if self.store else None
        if found and self.store:
            notes += [f"going on from {found}"] * bool(notes)
            self.state.restore(found)
            self.saved = replace(self.state.position)
            self.store.point_at(self.watched.best)
            if self.state.position.batch:
                notes += filter(None, [getattr(self.train, "note", "")])
            if self.state.position.epoch >= self.settings.epochs:
                notes.append(f"nothing is left to train: {self.state.position.epoch} epochs are done")
        elif self.seed is not None:
            seed_everything(self.seed)
        for schedules in self.schedules:
            schedules.check_length(self.settings.epochs, self.steps_per_epoch)
        self.listeners.on_start(self._info(resumed=found is not None))
        for note in notes:
            self.listeners.on_note(note)
        if not found:
            self._save()

    def _leave(self, status: Status) -> Status:
        self._read()
        if self.saved != self.state.position:
            self._save()
        return status

    def _outcome(self, status: Status) -> Outcome:
        position = self.state.position
        return Outcome(status, position.epoch, position.step, self.state.metrics, self.watched.best)

    def _info(self, *, resumed: bool) -> Info:
        return Info(
            device=str(self.device),
            parameters=sum(parameter.numel() for parameter in self.model.parameters()),
            epochs=self.settings.epochs,
            steps_per_epoch=self.steps_per_epoch,
            samples=self.train.samples,
            epoch=self.state.position.epoch,
            step=self.state.position.step,
            resumed=resumed,
        )

    def test(self, batches: Batches) -> dict[str, float]:
        """`test/loss` and the other metrics of `batches`, with the weights of the best checkpoint, else as they are."""
        model = self.average.module if self.average else self.model
        best = self.store.best() if self.store else None
        if best is None:
            return self.evaluation(model, batches, "test") or {}
        present = {key: value.clone() for key, value in model.state_dict().items()}
        restore_model(model, weights_of(load_checkpoint(best)), best)
        try:
            return self.evaluation(model, batches, "test") or {}
        finally:
            model.load_state_dict(present)

    # --- reports and checkpoints

    def _read(self) -> None:
        """Reads the steps since the last reading, reports them, and looks whether they are finite."""
        rows = self.ledger.read(self.state.totals)
        if rows is None:
            return
        if not self.checked:
            self.watched.check([name.removeprefix("step/") for name in rows.names if not name.startswith("step/lr")])
            self.checked = True
        self.listeners.on_steps(rows.first_step, rows.names, rows.rows, rows.wall_times)
        if rows.first_bad is not None:
            raise self._locate(rows.first_bad)

    def _report_epoch(self) -> None:
        position, clock = self.state.position, self.clock
        self.listeners.on_epoch(
            EpochReport(position.epoch, position.step, self.state.metrics, clock.seconds, clock.rate, clock.waiting)
        )

    def _save(self) -> None:
        """Writes a checkpoint of the state after the last step, when there is a folder for it."""
        self._read()
        if self.store is None:
            return
        step = self.state.position.step
        if not_finite(self.model):
            raise self._locate(step)
        self.listeners.on_save()
        path = self.store.save(step, self.state.capture())
        self.store.point_at(self.watched.best)
        self.store.prune(step, self.watched.best.step if self.watched.best else None)
        self.saved = replace(self.state.position)
        self.saving.saved()
        self.listeners.on_checkpoint(path)

    # --- what went wrong

    def _explained(self, error: Exception, window: list[Batch], sizes: list[int]) -> TorchworkError:
        """What an error of torch in a step means; the forward pass is made again to find the layer that fails."""
        step, advance = self.state.position.step + 1, self.advances[0]

        def again() -> None:
            for batch in window:
                advance.forward(self.model, batch, advance.name)

        layer = "" if is_out_of_memory(error) else failing_layer(self.model, again)
        return explain(error, f"step {step}", self.device, window, sizes, layer)

    def _locate(self, step: int) -> NotFiniteError:
        """Makes the steps since the newest checkpoint again, watched, until one is not finite; the trainer is spent."""
        found = self.store.newest() if self.store else None
        epoch = (step - 1) // self.steps_per_epoch + 1
        if found is None:
            return error_at(step, epoch, "without checkpoints the layer cannot be found; pass a folder for checkpoints")
        told, store = self.listeners, self.store
        self.listeners, self.store, self.network, self.probes = Listeners(()), None, self.model, []
        self.state.restore(found)
        try:
            where = self._replay(step)
        finally:
            self.listeners, self.store = told, store
        reached = self.state.position.step if where else step
        return error_at(
            reached, (reached - 1) // self.steps_per_epoch + 1, where or "making the steps again did not show where"
        )

    def _replay(self, last: int) -> str:
        """Steps until `last`; where the first value that is not finite came from."""
        watch = Watch(self.model)
        for advance in self.advances:
            advance.watch = watch.gradients
        try:
            while self.state.position.step < last:
                self.network.train()
                for window in self._windows():
                    watch.begin(window)
                    where = watch.end(self._step(window), [advance.loss_name for advance in self.advances])
                    if where or self.state.position.step >= last:
                        return where
                    if self.ledger.due():
                        self._read()
                self._close_epoch()
        finally:
            watch.close()
        return ""


def joined(measured: Sequence[list[Values]]) -> list[Values]:
    """What several updates measured on each batch, as one mapping for each batch."""
    return [{name: value for part in parts for name, value in part.items()} for parts in zip(*measured, strict=True)]


def seed_everything(seed: int) -> None:
    """Seeds the global generators of python, numpy and torch for a training that begins."""
    value = stream_seed(seed, 0, "train")
    random.seed(value)
    np.random.seed(value & 0xFFFFFFFF)
    torch.manual_seed(value)
