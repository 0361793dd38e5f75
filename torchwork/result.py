"""A run opened again: metrics, document, model, predictions, exports. Needs neither its data nor its code."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import save_model
from torch import Tensor, nn
from torch.nn.modules import loss as losses

from torchwork import data, graph
from torchwork.build import Checked, build, input_specs, make, make_task, put_loss
from torchwork.build.assemble import make_model
from torchwork.data.randomness import borrowed
from torchwork.doctor import Diagnosis, diagnose, open_folder
from torchwork.engine import Checkpoints, Task, load_checkpoint, restore_model, weights_of
from torchwork.errors import CheckpointError, DataError, DocumentError, RunFolderError, TrainingError
from torchwork.experiment import Experiment
from torchwork.explained import Explained, Subject, explained, in_words, numbers_of
from torchwork.inside import Predictions, Region, untouched
from torchwork.inside.trials import Trials
from torchwork.predicted import predicted
from torchwork.record import Log, RunFolder, read_run
from torchwork.tried import tried

DOCUMENT = "experiment.yaml"
"""The resolved document's file in a run folder."""

Which = Literal["best", "last"]
Format = Literal["safetensors", "pt2"]


@dataclass(frozen=True)
class Prediction:
    """What the model says of one input: scores by class, best first, or its numbers."""

    input: str
    scores: dict[str, float]
    """of a segmentation the share of the pixels that each class has"""
    values: list[float]
    of: str = ""
    """of what a score is the share: `pixels`, or `positions`"""

    def words(self, top: int = 3) -> str:
        """`bee 93.1%, ant 6.9%`, or the numbers."""
        if self.scores:
            return in_words([*self.scores.items()][:top], self.of)
        return ", ".join(f"{value:.6g}" for value in self.values)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        of = {"of": self.of} if self.of else {}
        return {"input": self.input, **({"scores": self.scores, **of} if self.scores else {"values": self.values})}


class Run:
    """A run in its folder. `module` and `task` are live: of a run that was trained in this process, or handed over."""

    def __init__(
        self, folder: RunFolder, module: nn.Module | None = None, task: Task | None = None, *, trust: bool = False
    ) -> None:
        self.folder, self._trust = folder, trust
        self._module, self._task = module, task

    @classmethod
    def open(cls, path: str | Path, *, model: nn.Module | None = None, trust: bool = False) -> Run:
        """The run in the folder `path`; `trust` allows its document to run code, which its model may be.

        `model` is for a run that was trained from Python: a module as it was trained with, which gets its weights.

        Raises:
            RunFolderError: there is no run.
        """
        return cls(RunFolder.open(path), model, trust=trust)

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def status(self) -> str:
        """new, running, done, stopped, failed, or interrupted."""
        return self.folder.status

    @property
    def result(self) -> dict[str, float | None]:
        """The metrics of the last epoch, of the best one, and of the test split."""
        return self.folder.info.result

    @property
    def metrics(self) -> Log:
        """Everything recorded: `run.metrics["valid/accuracy"].values`, `.steps`."""
        return read_run(self.path)

    def doctor(self, *, with_trials: bool = False, bundle: data.Bundle | None = None) -> Diagnosis:
        """What is wrong with this training, and what to change: also while it goes on.

        `with_trials` also tries its network, as it began and as it is now, on some samples for half a minute at most:
        of the data in `bundle`, else they are opened.

        Raises:
            TorchworkError: the data are gone, or its network cannot be made again.
        """
        evidence = open_folder(self.path)
        if not with_trials:
            return diagnose(evidence)
        found = self._tried(bundle or self.bundle())
        return diagnose(evidence.with_trials(found.found, found.skipped))

    def _tried(self, bundle: data.Bundle) -> Trials:
        document = self.experiment
        with untouched():
            opened = Checked(document, bundle=bundle)
            built = build(document, base=self.folder.base, trust=self._trust, opened=opened)
            try:
                trained = self.model()
            except CheckpointError:  # it has only begun
                trained = None
        return tried(built.model, built.task, bundle, trained)

    @cached_property
    def experiment(self) -> Experiment:
        """The resolved document.

        Raises:
            RunFolderError: the run was trained from Python, without one.
        """
        if not self._documented:
            raise RunFolderError(
                f"{self.path} has no document: it was trained from Python; hand its module over in Python, with "
                "`Run.open(folder, model=...)`"
            )
        return Experiment.load(self.path / DOCUMENT)

    @property
    def _documented(self) -> bool:
        return (self.path / DOCUMENT).exists()

    @cached_property
    def spec(self) -> data.Spec:
        """What a sample of its data is."""
        known = self.folder.info.data.get("spec")
        if known is None and not self._documented:
            raise RunFolderError(
                f"{self.path} was recorded from a loop of one's own, which keeps neither weights nor what its data "
                "are; use `torchwork.inside.explain(model, x)`"
            )
        if not isinstance(known, dict):
            raise RunFolderError(f"run.json in {self.path} does not say what its data are; restore it from a copy")
        return data.Spec.from_dict(known)

    def weights(self, which: Which = "best") -> dict[str, Tensor]:
        """The named weights of the best epoch, or of the last checkpoint.

        Raises:
            CheckpointError: there is no checkpoint that verifies.
        """
        store = Checkpoints(self.folder.checkpoints)
        path = (store.best(warnings.warn) if which == "best" else None) or store.newest(warnings.warn)
        if path is None and self.status == "running":
            raise CheckpointError(f"{self.path} is still training and has no checkpoint yet; wait for its first epoch")
        if path is None:
            raise CheckpointError(f"{self.path} has no checkpoint that can be used; resume it, or train again")
        return dict(weights_of(load_checkpoint(path)))

    def model(self, which: Which = "best") -> nn.Module:
        """The trained model in eval mode, on the CPU."""
        module = self._built() if self._module is None else self._module.cpu()
        restore_model(module, self.weights(which), self.path)
        return module.eval()

    def first_model(self) -> nn.Module:
        """The model with the weights that training began with, drawn again from the run's seed, in eval mode."""
        with borrowed():
            model, _ = make_model(self.experiment, self._resolved().build, self.spec, self.folder.base)
        return model.eval()

    def _built(self) -> nn.Module:
        """The model of the document, without its data."""
        return put_loss(self._resolved().build(), self._criterion())

    def _resolved(self) -> graph.Resolved:
        inputs = input_specs(self.spec, 2)
        return graph.resolve(self.experiment.model, inputs, self.spec.symbols, trust=self._trust)

    @cached_property
    def task(self) -> Task:
        """What its model's outputs mean."""
        if self._task is not None:
            return self._task
        return make_task(self.experiment.task if self._documented else "auto", self._criterion(), self.spec)

    @cached_property
    def _preprocess(self) -> data.Preprocess:
        return data.Preprocess(self.experiment.data if self._documented else None, self.spec)

    def _criterion(self) -> nn.Module:
        if not self._documented:
            return self._loss_of_python()
        criterion: nn.Module = make("loss", self.experiment.loss, path="loss", scope=self.spec.symbols)
        return criterion

    def _loss_of_python(self) -> nn.Module:
        """The loss of torch by the name that was recorded; another is taken for the usual one of such targets."""
        named = getattr(losses, str(self.folder.info.data.get("facts", {}).get("loss")), None)
        usual: type[nn.Module] = nn.CrossEntropyLoss if self.spec.target == "class" else nn.MSELoss
        kind = named if isinstance(named, type) and issubclass(named, losses._Loss) else usual
        try:
            loss: nn.Module = kind()
        except TypeError:  # it has arguments that nobody recorded
            loss = usual()
        return loss

    def predict(self, inputs: Sequence[Any]) -> list[Prediction]:
        """Predictions for pictures (files, PIL pictures or arrays), .npy arrays, or the rows of .csv tables.

        Raises:
            DataError: an input that cannot be read, or is not of the kind that the run was trained on.
        """
        preprocess, task = self._preprocess, self.task
        named = [item for given in inputs for item in preprocess.read(given)]
        model = self.model()
        with torch.inference_mode():
            shown = [task.show(task.predict(model, preprocess.given(tensor)))[0] for _, tensor in named]
        return [_prediction(name, item, self.spec.classes or ()) for (name, _), item in zip(named, shown, strict=True)]

    def subject(self, which: Which = "best") -> Subject:
        """The trained model with what its numbers mean: what `explained` and predictions ask."""
        task, names = self.task, self.experiment.model.inputs if self._documented else ()
        return Subject(self.model(which), task, self._preprocess, names)

    def explain(
        self,
        picture: Any,
        method: str = "grad-cam",
        layer: str = "",
        target: int | str | None = None,
        region: Region | None = None,
        input: int | str | None = None,
        **more: Any,
    ) -> Explained:
        """What the best weights say of a picture (a file, a PIL picture or an array), and where they looked.

        `target` is a class by name or number, else the one with the highest score; `input`, of a network with several,
        the one that is looked at (then `picture` is a list of them all, or an .npz file of one sample); `more` goes to
        `inside.explain`.

        Raises:
            DataError: the picture cannot be read, or there is no such class or input.
            TorchworkError: there is no such method or layer, or it cannot say anything here.
        """
        subject = self.subject()
        named = subject.preprocess.read(picture)
        if len(named) != 1:
            raise DataError(f"expected one picture, got {len(named)} inputs in {picture}; give one at a time")
        return explained(subject, *named[0], method, layer, target, region, input, **more)

    def bundle(self) -> data.Bundle:
        """The data that it was trained on, from where it was trained.

        Raises:
            DataError: they are not there any more, or not what they were.
            RunFolderError: the run was trained from Python, where they were.
        """
        if not self._documented:
            raise RunFolderError(
                f"{self.path} was trained from Python, so its data are not known here; "
                "give samples of them to `predict`"
            )
        document = self.experiment
        try:
            return data.open_data(document.data, seed=document.seed, base=self.folder.base, trust=self._trust)
        except (DataError, DocumentError, OSError) as error:
            raise _data_are_gone(error) from None

    def predictions(self, split: str = "valid", most: int | None = None) -> Predictions:
        """What the best weights say of a whole split: train (without augmentation), valid or test.

        Of at most `most` samples, evenly spread; without a validation split, ask for another.

        Raises:
            DataError: the data are gone, or there is no such split.
        """
        bundle, subject = self.bundle(), self.subject()
        return predicted(subject.model, subject.task, bundle, split, most)

    def export(self, to: Format, path: str | Path | None = None) -> Path:
        """Writes the best weights (`safetensors`) or the whole model (`pt2`, for torch.export.load) and says where.

        Raises:
            RunFolderError: the file cannot be written; one that was there before is as it was.
            TrainingError: torch cannot make a program of the model.
        """
        target = Path(path) if path else self.path / f"model.{to}"
        _check_place(target)
        unfinished = target.with_name(f"unfinished-{target.name}")
        content: Any = self._exported() if to == "pt2" else self.model()
        try:
            if to == "pt2":
                torch.export.save(content, unfinished)
            else:
                save_model(content, str(unfinished))
            unfinished.replace(target)
        except (OSError, SafetensorError, RuntimeError) as error:
            unfinished.unlink(missing_ok=True)
            raise _unwritable(target, str(error).partition("\n")[0]) from None
        return target

    def _exported(self) -> torch.export.ExportedProgram:
        """The model with a free batch size."""
        examples = tuple(torch.zeros(2, *shape, dtype=getattr(torch, self.spec.dtype)) for shape in self.spec.inputs)
        batch = torch.export.Dim("batch")
        # Weights of a run in channels_last would be packed with a warning, for torch does not see that they are whole.
        model = self.model().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        try:
            free: Any = tuple({0: batch} for _ in examples)  # several are one parameter, `*inputs`
            return torch.export.export(model, examples, dynamic_shapes=free if len(examples) == 1 else (free,))
        except Exception as error:  # torch's tracing raises errors of many kinds, of many lines each
            why = str(error).strip().partition("\n")[0] or type(error).__name__
            raise TrainingError(
                f"torch cannot make a pt2 program of this model: {why}; export its weights with --to safetensors"
            ) from None


def _data_are_gone(error: Exception) -> DataError:
    """One sentence on data that a run was trained on and that cannot be opened now."""
    why = str(error).partition("\n")[0]
    return DataError(f"the data of this run cannot be read: {why}; bring them back to where they were")


def _check_place(target: Path) -> None:
    """Raises RunFolderError, before anything is computed, where no file can stand."""
    if not target.parent.is_dir():
        raise _unwritable(target, f"there is no folder {target.parent}")
    if target.is_dir():
        raise _unwritable(target, "it is a folder")


def _unwritable(target: Path, why: str) -> RunFolderError:
    return RunFolderError(f"cannot write {target}: {why}; choose another place with --output")


def _prediction(name: str, shown: Any, classes: Sequence[str]) -> Prediction:
    if isinstance(shown, dict):
        pairs = zip(classes or map(str, range(len(shown["scores"]))), shown["scores"], strict=True)
        return Prediction(name, dict(sorted(pairs, key=lambda pair: -pair[1])), [], shown.get("of", ""))
    return Prediction(name, {}, numbers_of(shown))
