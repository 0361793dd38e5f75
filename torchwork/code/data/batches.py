"""The data of a script: functions that give the batches of the run, bit for bit, from torch and torchvision alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from torchwork.code.borrow import borrow
from torchwork.code.constructing import imports_of, transform_text
from torchwork.code.data import recipes
from torchwork.code.data.augment import Augmenting, augmenting, needs, prepare_text, together_text
from torchwork.code.data.normalizing import normalizing
from torchwork.code.data.renaming import renamed
from torchwork.code.data.sources import assigned, path_text, source_and_reading
from torchwork.code.text import WIDTH, wrap
from torchwork.data import Bundle
from torchwork.data.attached import boxes_of, labels_of, masks_of
from torchwork.data.augment import Mix
from torchwork.data.batches import Batches
from torchwork.data.randomness import borrowed
from torchwork.data.samples import Samples
from torchwork.data.store import Stream
from torchwork.data.transforms import Fitted, FitTogether, Prepare, fit, whole_batch
from torchwork.errors import DocumentError, Problem
from torchwork.experiment import FileSplit
from torchwork.experiment.spec import Data

TARGETS = {"mask": masks_of, "labels": labels_of, "box": boxes_of}
"""what takes the targets out of a batch, by what is attached to its pictures"""
GLUE = frozenset({
    "import functools", "import torch", "from torch import Tensor", "from collections.abc import Iterator",
    "from pathlib import Path",
})  # fmt: skip
"""what the functions need that every script has"""


@dataclass(frozen=True)
class Pieces:
    """Parts of a script: import lines; constants; functions, classes and what is made of them, in order.

    `setup`, statements that need nothing but the imports, is empty: objects are made where their class stands.
    `calls` are by split the expressions of its batches, that of training for the epoch called `epoch`.
    """

    imports: frozenset[str]
    constants: list[str]
    definitions: list[str]
    setup: list[str]
    calls: dict[str, str]


def print_data(data: Data, bundle: Bundle, *, base: Path, taken: Collection[str] = ()) -> Pieces:
    """What defines the functions that give the batches of each split.

    The text expects the constants SEED, BATCH_SIZE and DEVICE. Of the names that the rest of the script has `taken` it
    defines none: it writes `Mix_` for `Mix`. DocumentError where a script cannot read the data.
    """
    with borrowed():  # someone's data set may draw while it is looked through
        made = _Printing(data, bundle, base).pieces()
    constants, definitions, calls = renamed([made.constants, made.definitions, [*made.calls.values()]], taken)
    return Pieces(made.imports, constants, definitions, made.setup, dict(zip(made.calls, calls, strict=True)))


class _Printing:
    """One section `data` on its way to text."""

    def __init__(self, data: Data, bundle: Bundle, base: Path) -> None:
        self.bundle, self.data = bundle, bundle.resolved
        self.source, self.reading = source_and_reading(data.source, base)
        self.batches = {name: found for name in ("train", "valid", "test") if (found := getattr(bundle, name))}
        self.uses: list[Any] = [recipes.generator, *self.reading.uses]
        self.constants, self.setup = list(self.reading.constants), list[str]()
        self.loaded = {name: f'load_data()["{name}"]' for name in self.batches}
        self.keys = {name: name for name in self.batches}
        self.load = [f"inputs, {self._beside} = load_data()[split]"]
        mixes = 1 if bundle.train.mix else 0
        parts = data.augment[: len(data.augment) - mixes]
        self.attached = self.source.attached
        self.augmenting: Augmenting = augmenting(parts, bundle.train.augment, self.attached)
        if self.attached:
            self.uses.append(TARGETS[self.attached.kind])

    def pieces(self) -> Pieces:
        """All of it."""
        prepare, load = self._prepare(), self._load()
        normalize, constants = normalizing(self.bundle)
        own = [*self.reading.definitions, *prepare, *load, normalize, *self.augmenting.definitions, *self._functions()]
        lent = borrow(*self.uses, *self.augmenting.uses)
        setup = self.setup + self.augmenting.setup
        made = ["\n".join(setup)] if setup else []
        imports = GLUE | self.reading.imports | lent.imports | self.augmenting.imports
        imports |= imports_of("\n".join([*own, *setup]))
        constants = [*self.constants, *constants, *lent.constants]
        return Pieces(imports, constants, lent.definitions + made + own, [], self._calls())

    # Preparation

    def _prepare(self) -> list[str]:
        """The functions that bring one input, or one named input, to what is held."""
        made, change = [], "{}"
        if self.data.prepare:
            self.setup.append(self._composed())
            change = "PREPARE({})"
        self.functions = {"train": "PREPARE" if self.data.prepare else "", "measured": ""}
        if self.reading.read:
            made.append(_function("read", "name: Any", "A prepared input.", change.format(self.reading.read)))
            self.functions = {"train": "read", "measured": "read"}
        if self.bundle.fitted:
            text = self._fitted("read(item)" if self.reading.read else change.format("item"))
            made.append(_function("read_whole_size", "item: Any", "An input of the size that training has.", text))
            self.functions["measured"] = "read_whole_size"
        else:
            self.functions["measured"] = self.functions["train"]
        return made

    def _fitted(self, inner: str) -> str:
        """An input, an expression, brought to the size that training has."""
        size, resize = self.bundle.fitted, bool(self.bundle.spec.encoding.get("resize"))
        if self.attached is None:
            self.uses.append(fit)
            return f"fit({inner}, {size}, resize={resize})"
        text = together_text(f"FitTogether({size}, resize={resize})", self.attached)
        self.uses += [FitTogether, *needs(text)]
        self.setup.append(f"FIT = {text}")
        return f"FIT({inner})"

    def _composed(self) -> str:
        texts = [prepare_text(part, self.attached) for part in self.data.prepare]
        self.uses += [use for text in texts for use in needs(text)]
        return wrap(f"PREPARE = {texts[0]}" if len(texts) == 1 else f"PREPARE = v2.Compose([{', '.join(texts)}])")

    def _held(self, name: str, found: str) -> str:
        """The samples `found` of a split, an expression, as they are held."""
        store, function = self.batches[name].store, self.functions["train" if name == "train" else "measured"]
        if self.reading.read:
            recipe = self._reader(store)
        elif not function:
            return found
        else:
            together = not isinstance(store, Stream) and whole_batch(self._live(name), self._example())
            recipe = recipes.prepared_together if together else recipes.prepared
        self.uses.append(recipe)
        alone = "" if self.reading.named or recipe not in (recipes.read_all, recipes.read_together) else ", threads=1"
        return f"{recipe.__name__}({found}, {function}{alone})"

    def _reader(self, store: Any) -> Any:
        if isinstance(store, Stream):
            return recipes.read_later
        return recipes.read_all if store.shape is None else recipes.read_together

    def _live(self, name: str) -> Any:
        prepare = Prepare(self.data.prepare, self.attached)
        if name == "train" or not self.bundle.fitted:
            return prepare
        resize = bool(self.bundle.spec.encoding.get("resize"))
        return Fitted(prepare, self.bundle.fitted, resize, self.attached)

    def _example(self) -> torch.Tensor:
        samples: Samples = self.source.splits[self.data.split.train or "train"]()
        return samples.read(0)

    # Splits

    def _load(self) -> list[str]:
        """The function that reads every split once; none where each is read by a call that keeps what it read."""
        lines, found = self._chosen()
        steps = self._limits()
        if self.reading.statements and not lines and not steps and not any(self.functions.values()):
            self._load_directly(found)
            return []
        if steps:
            lines += _mapping("splits = ", found) + steps
            found = {name: f'splits["{name}"]' for name in found}
        lines += _mapping("return ", {name: self._held(name, text) for name, text in found.items()})
        inputs = "Tensor" if all(self._is_tensor(batches) for batches in self.batches.values()) else "Any"
        targets = "None" if self.bundle.train.targets is None else "Tensor"
        head = f"def load_data() -> dict[str, tuple[{inputs}, {targets}]]:"
        says = '    """Inputs and targets of each split."""'
        return ["\n".join(["@functools.cache", head, says, *(wrap(line, 4) for line in lines)])]

    def _load_directly(self, found: dict[str, str]) -> None:
        """Lets each function read for itself what is kept once it was read."""
        self.loaded = found
        if self._plain:
            split = self.data.split
            rules = {"train": split.train or "train", "valid": split.valid, "test": split.test}
            self.keys = {name: self.reading.keys[str(rules[name])] for name in found}
            self.load, self.uses = list(self.reading.statements), [recipes.generator, recipes.read_idx]

    @property
    def _beside(self) -> str:
        """The name of what stands beside the inputs, of which there is nothing where they carry their targets."""
        return "_" if self.bundle.train.attached else "targets"

    def _is_tensor(self, batches: Batches) -> bool:
        """Whether a split's inputs lie in one tensor."""
        return not self.reading.read or not (isinstance(batches.store, Stream) or batches.store.shape is None)

    def _chosen(self) -> tuple[list[str], dict[str, str]]:
        """Lines that read and divide the source, and by split the expression of its samples."""
        split, read = self.data.split, self.reading.splits
        rules = {"valid": split.valid, "test": split.test}
        found = {"train": read[split.train or "train"]}
        found |= {name: read[rule] for name, rule in rules.items() if isinstance(rule, str)}
        carved = {name: rule for name, rule in rules.items() if rule is not None and not isinstance(rule, str)}
        if not carved:
            return [], found
        lines, taken = [f"samples = {found['train']}"], list[str]()
        for name, rule in carved.items():
            lines += self._carve(name, rule, taken)
            taken.append(name)
        lines.append(f"train = remaining(len(samples[0]), {', '.join(taken)})")
        self.uses += [recipes.remaining, recipes.take]
        found |= {name: f"take(samples, {name})" for name in ("train", *taken)}
        return lines, {name: found[name] for name in ("train", "valid", "test") if name in found}

    def _carve(self, name: str, rule: float | FileSplit, taken: Sequence[str]) -> list[str]:
        """The lines that choose the numbers of the training samples which this split takes away."""
        if isinstance(rule, FileSplit):
            self.uses.append(recipes.listed)
            names = "samples[0]" if self.reading.named else 'list(map("sample {}".format, range(len(samples[0]))))'
            return [f"{name} = listed({path_text(rule.file)}, {names})"]
        by_class = self.source.classes and not self.attached
        recipe = recipes.held_out if by_class else recipes.share_of
        self.uses.append(recipe)
        draw = f'{rule!r}, generator(SEED, 0, "split/{name}")'
        given = "samples[1]" if by_class else "len(samples[0])"
        if not taken:
            return [f"{name} = {recipe.__name__}({given}, {draw})"]
        free = "samples[1][free]" if by_class else "len(free)"
        return [
            f"free = remaining(len(samples[0]), {', '.join(taken)})",
            f"{name} = [free[i] for i in {recipe.__name__}({free}, {draw})]",
        ]

    def _limits(self) -> list[str]:
        """Lines that leave samples out of every split: by `limit`, and those that are damaged."""
        calls = []
        if self.data.limit is not None:
            self.uses.append(recipes.limited)
            calls.append(f'limited(found, {self.data.limit}, generator(SEED, 0, f"limit/{{name}}"))')
        if any(self.bundle.damaged.values()):
            if not self.reading.named:
                problem = "expected samples that can be read, for a script cannot leave out those of this data set"
                raise DocumentError(Problem("data.source", problem, "mend or take away the damaged ones"))
            self.uses.append(recipes.sound)
            names = sorted({name for names in self.bundle.damaged.values() for name in names})
            self.constants.append(assigned("DAMAGED", names))
            calls.append("sound(found, DAMAGED)")
        return [line for call in calls for line in _comprehension(call)]

    # Batches

    @property
    def _plain(self) -> bool:
        """Whether training takes the same batches as the other splits, only in another order."""
        alike = len({self._is_tensor(batches) for batches in self.batches.values()}) == 1
        changed = self.augmenting.definitions or self.bundle.train.mix or self.augmenting.columns
        return len(self.batches) > 1 and alike and not changed

    def _functions(self) -> list[str]:
        """One function for all splits where that will do, else one for each."""
        if self._plain:
            return [self._any_split()]
        return [self._train(), *(self._measured(name) for name in self.batches if name != "train")]

    def _calls(self) -> dict[str, str]:
        if not self._plain:
            return {name: "train_batches(epoch)" if name == "train" else f"{name}_batches()" for name in self.batches}
        epoch = ", epoch" if self.data.shuffle or self.data.drop_last else ""
        return {name: f'batches_of("{key}"{epoch if name == "train" else ""})' for name, key in self.keys.items()}

    def _any_split(self) -> str:
        """The function of the batches of any split."""
        data, lines = self.data, [*self.load, "order = torch.arange(len(inputs))"]
        trained = ["order = order[: len(order) // BATCH_SIZE * BATCH_SIZE]"] if data.drop_last else []
        if data.shuffle:
            trained.insert(0, 'order = torch.randperm(len(inputs), generator=generator(SEED, epoch, "order"))')
        if trained:
            lines += ["if epoch is not None:", *(f"    {line}" for line in trained)]
        given = [f"    {line}" for line in self._yielded(self._indexed("train"))]
        lines += ["for indices in order.split(BATCH_SIZE):", *given]
        says = "The batches of a split" + (", as the epoch of training has them if one is given." if trained else ".")
        takes = "split: str, epoch: int | None = None" if trained else "split: str"
        return _generator("batches_of", takes, says, lines, self._given())

    def _indexed(self, name: str) -> str:
        """The inputs of a batch."""
        whole = self._is_tensor(self.batches[name])
        return "inputs[indices]" if whole else "torch.stack([inputs[i] for i in indices.tolist()])"

    def _train(self) -> str:
        """The function of an epoch of training."""
        data, columns, mix = self.data, self.augmenting.columns, self.bundle.train.mix
        order = "torch.arange(len(inputs))"
        if data.shuffle:
            order = 'torch.randperm(len(inputs), generator=generator(SEED, epoch, "order"))'
        lines = [f"inputs, {self._beside} = {self.loaded['train']}", f"order = {order}"]
        if data.drop_last:
            lines.append("order = order[: len(order) // BATCH_SIZE * BATCH_SIZE]")
        if columns:
            lines += [
                'drawing = generator(SEED, epoch, "augment")',
                f"rows = torch.rand(len(inputs), {columns}, generator=drawing, dtype=torch.float64)",
            ]
        lines += self._mixed() if mix else ["for indices in order.split(BATCH_SIZE):"]
        lines += [f"    {line}" for line in self._batch(columns)]
        return _generator("train_batches", "epoch: int", "The batches of an epoch of training.", lines, self._given())

    def _batch(self, columns: int) -> list[str]:
        """The lines of one training batch."""
        ragged = self.bundle.train.store.shape is None
        rows = "rows[indices]" if columns else "torch.rand(len(indices), 0)"
        batch = self._indexed("train")
        lines = []
        if self.augmenting.definitions and ragged:
            row = "rows[i : i + 1]" if columns else "torch.rand(1, 0)"
            lines = [
                f"pictures = [augment(inputs[i][None], {row})[0] for i in indices.tolist()]",
                "batch = torch.stack(pictures)",
            ]
            batch = "batch"
        elif self.augmenting.definitions:
            lines, batch = [f"batch = augment({batch}, {rows})"], "batch"
        return [*lines, *self._yielded(batch)]

    def _yielded(self, batch: str, mixed: bool = True) -> list[str]:
        """The lines that give a batch of these samples, an expression; what is attached to them is their target."""
        if self.attached:
            taken = [] if batch == "batch" else [f"batch = {batch}"]
            targets = TARGETS[self.attached.kind].__name__
            return [*taken, f"yield normalize(batch[:, :-1]), {targets}(batch).to(DEVICE)"]
        made = f"normalize({batch}), {self._targets()}"
        return [f"yield MIX({made}, uniform)" if mixed and self.bundle.train.mix else f"yield {made}"]

    def _mixed(self) -> list[str]:
        """The beginning of the loop where samples are mixed: a batch has a number of its own."""
        assert self.bundle.train.mix is not None
        self.uses.append(Mix)
        self.setup.append(
            f"MIX = Mix({transform_text(self.bundle.resolved.augment[-1])}, {self.bundle.train.mix.classes})"
        )
        return [
            "chunks = order.split(BATCH_SIZE)",
            'drawing = generator(SEED, epoch, "mix")',
            "uniforms = torch.rand(len(chunks), generator=drawing, dtype=torch.float64).tolist()",
            "for indices, uniform in zip(chunks, uniforms, strict=True):",
        ]

    def _measured(self, name: str) -> str:
        """The function of a split that is only measured."""
        lines = [
            f"inputs, {self._beside} = {self.loaded[name]}",
            "for indices in torch.arange(len(inputs)).split(BATCH_SIZE):",
            *(f"    {line}" for line in self._yielded(self._indexed(name), mixed=False)),
        ]
        says = {"valid": "The batches of validation.", "test": "The batches of the test."}[name]
        return _generator(f"{name}_batches", "", says, lines, self._given())

    def _targets(self) -> str:
        return "None" if self.bundle.train.targets is None else "targets[indices].to(DEVICE)"

    def _given(self) -> str:
        """The type of a batch."""
        inputs = "Tensor" if len(self.bundle.spec.inputs) == 1 else "tuple[Tensor, ...]"
        return f"tuple[{inputs}, {self._kind()}]"

    def _kind(self) -> str:
        return "None" if self.bundle.train.targets is None and not self.attached else "Tensor"


def _function(name: str, argument: str, says: str, text: str) -> str:
    return f'def {name}({argument}) -> Tensor:\n    """{says}"""\n    return {text}'


def _generator(name: str, argument: str, says: str, lines: Sequence[str], given: str) -> str:
    body = "\n".join(wrap(line.lstrip(), 4 + len(line) - len(line.lstrip())) for line in lines)
    return f'def {name}({argument}) -> Iterator[{given}]:\n    """{says}"""\n{body}'


def _mapping(head: str, items: dict[str, str]) -> list[str]:
    """A dictionary with one item a line."""
    return [f"{head}{{", *(f'    "{name}": {text},' for name, text in items.items()), "}"]


def _comprehension(call: str) -> list[str]:
    """The same done to every split."""
    line = f"splits = {{name: {call} for name, found in splits.items()}}"
    if len(line) + 4 <= WIDTH:
        return [line]
    return ["splits = {", f"    name: {call}", "    for name, found in splits.items()", "}"]
