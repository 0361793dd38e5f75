"""`capture`: a live module, tried with real inputs at two sizes, becomes a model; then the model is proved."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from torchwork.capture.branches import reason_for_branches
from torchwork.capture.composition import Composition, compose
from torchwork.capture.constructors import Constructors
from torchwork.capture.draft import Code, Draft, DraftNode
from torchwork.capture.foreign import FOREIGN, fix_of, line, told
from torchwork.capture.keeping import code_of, code_of_target
from torchwork.capture.known import DRAWN
from torchwork.capture.layers import UnsupportedError
from torchwork.capture.proof import kept, prove
from torchwork.capture.recording import Frame, Recorder, references
from torchwork.capture.report import ClassReport, Report
from torchwork.capture.stages import begin
from torchwork.capture.targets import Origin
from torchwork.capture.translation import translate
from torchwork.capture.trial import Inputs, inconvenient, others, repeated
from torchwork.capture.unused import KEPT
from torchwork.capture.views import Views
from torchwork.errors import DocumentError
from torchwork.experiment import Model
from torchwork.graph import TensorSpec

NET = "net"
"""The node of a model whose root stays code: its weights' names begin with it."""


@dataclass(frozen=True)
class Captured:
    """A captured module: the model of its document, and the report."""

    model: Model
    report: Report
    prefix: str = ""
    """with which the names of its weights begin, beside the original's"""


def capture(
    module: nn.Module,
    inputs: Inputs,
    name: str,
    made: Constructors = MappingProxyType({}),
    origin: Origin | None = None,
) -> Captured:
    """The nested model of a live module, which is run on such inputs [batch, ...] of several sizes, and left as it was.

    `made` are the arguments with which its parts were constructed, where `constructors.watched` has seen them;
    `origin` says how it can be made again where neither nodes nor its classes' sources do.

    Raises:
        DocumentError: the module does not run on these inputs, or must stay code and has no source.
    """
    begin("recording")
    keeper = _Keeper(made, origin)
    best = _best(module, inputs, keeper)
    first = _proved(module, best, inputs, name)
    if first.report.proof.holds:
        return first
    for attempt in _others(best, keeper, first.report.proof.problem):
        found = _proved(module, attempt, inputs, name)
        if found.report.proof.holds:
            return found
    return first


@dataclass(frozen=True)
class _Keeper:
    """What is known of how a model and its parts were made."""

    made: Constructors
    origin: Origin | None

    def code(self, frame: Frame, reason: str) -> Code:
        """The class of a frame with its own source."""
        return code_of(frame, reason, self.made)

    def target(self, frame: Frame, reason: str) -> Code:
        """A class that calls what the person named."""
        if self.origin is None:
            raise UnsupportedError("it is not known how it was made")
        return code_of_target(frame, reason, self.origin)


def _others(best: _Attempt, keeper: _Keeper, problem: str) -> Iterator[_Attempt]:
    """What else a model may be when the first attempt has not proved right: its source, a call of its target."""
    reason = "its nodes did not prove right" if not best.prefix else "its source did not prove right"
    reason += f": {problem}" if problem else ""
    for make in (_from_source, _from_target):
        try:
            attempt = make(best.frame, best.second, reason, keeper)
        except UnsupportedError:
            continue
        if len(attempt.prefix) > len(best.prefix):
            yield attempt


def _proved(module: nn.Module, attempt: _Attempt, inputs: Inputs, name: str) -> Captured:
    begin("rebuilding")
    composition = compose(attempt.draft)
    model = Model.model_validate(composition.model | _ties(module, attempt) | _example(inputs))
    sizes = [inputs, attempt.second] if attempt.second is not None else [inputs]
    further = None if attempt.notes else inconvenient(inputs)  # what is frozen has been told
    apart = [item.path for item in _instances(attempt.draft) if DRAWN in item.frozen]
    proof = prove(module, model, sizes, attempt.prefix, further, apart)
    notes = (*attempt.notes, *filter(None, (proof.limit, proof.apart)))
    report = Report(name, _classes(attempt.draft, module, composition), proof, notes)
    return Captured(model, report, attempt.prefix)


@dataclass
class _Attempt:
    draft: Draft
    second: Inputs | None
    frame: Frame
    prefix: str = ""
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        return sum(1 for item in _instances(self.draft) if isinstance(item, Code))


def _best(module: nn.Module, inputs: Inputs, keeper: _Keeper) -> _Attempt:
    """The attempt with the least code: at another size of picture, at another batch, at one size only."""
    frames, first = _recorded(module, repeated(inputs, 2), inputs)
    _refuse_without_tensor(frames)
    found: list[_Attempt] = []
    for second, note in others(inputs):
        other = None if second is None else _tried(module, second)
        if other is None and second is not None:
            continue
        if found and not note:
            continue  # one other size tells as much as two
        trained = (_tried(module, first, True), _tried(module, first if second is None else second, True))
        if trained[0] is not None and trained[1] is None:
            continue  # a size that it cannot train on is none that it takes
        views = Views(frames, other or frames, None if None in trained else trained)  # type: ignore[arg-type]
        found.append(_attempt(views, second, note, keeper))
        if not found[-1].code:
            break
    return min(found, key=lambda attempt: (len(attempt.prefix), attempt.code))


def _attempt(views: Views, second: Inputs | None, note: tuple[str, ...], keeper: _Keeper) -> _Attempt:
    try:
        return _Attempt(translate(views, keeper.code), second, views.first, notes=note)
    except UnsupportedError as reason:
        return _whole(views.first, second, str(reason), keeper)


def _whole(frame: Frame, second: Inputs | None, reason: str, keeper: _Keeper) -> _Attempt:
    """The root as one node of code: its source, else a call of what the person named."""
    try:
        return _from_source(frame, second, reason, keeper)
    except UnsupportedError as found:
        why = str(found)
    try:
        return _from_target(frame, second, f"{reason}; {why}" if why != reason else reason, keeper)
    except UnsupportedError:
        title = type(frame.module).__name__
        raise DocumentError(f"{title} cannot be said in nodes ({reason}), and not kept as code either: {why}") from None


def _from_source(frame: Frame, second: Inputs | None, reason: str, keeper: _Keeper) -> _Attempt:
    return _single(frame, second, keeper.code(frame, reason), f"{NET}.")


def _from_target(frame: Frame, second: Inputs | None, reason: str, keeper: _Keeper) -> _Attempt:
    attempt = _single(frame, second, keeper.target(frame, reason), f"{NET}.{NET}.")
    needs = keeper.origin.needs if keeper.origin else ""
    return replace(attempt, notes=(*attempt.notes, needs))


def _single(frame: Frame, second: Inputs | None, code: Code, prefix: str) -> _Attempt:
    """A model of one node of code; `prefix` begins the names of its weights."""
    outputs = [NET] if code.outputs == 1 else [f"{NET}[{place}]" for place in range(code.outputs)]
    node = DraftNode(NET, code, {}, code.inputs, stateful=True)
    draft = Draft(code.title, "", "", code.inputs, [node], outputs)
    note = f"the whole model stays code, so the names of its weights begin with `{prefix}`"
    return _Attempt(draft, second, frame, prefix, (note,))


def _tried(module: nn.Module, inputs: Inputs, training: bool = False) -> Frame | None:
    try:
        return _run(module, inputs, training)
    except FOREIGN:  # then it does not take this size, or cannot train on it
        return None


def _run(module: nn.Module, inputs: Inputs, training: bool = False) -> Frame:
    with kept(module), torch.no_grad(), torch.random.fork_rng(devices=[]):
        module.train(training)
        return Recorder(module).run([item.clone() for item in inputs])[0]


def _recorded(module: nn.Module, first: Inputs, inputs: Inputs) -> tuple[Frame, Inputs]:
    """The frame in evaluation for twice the batch, or for the inputs themselves; and which of the two it was."""
    frame = _tried(module, first)
    if frame is not None:
        return frame, first
    try:
        return _run(module, inputs), inputs
    except FOREIGN as error:
        title, place = type(module).__name__, line(error, _source_file(module))
        raise DocumentError(
            f"{title} cannot run on an input of {_shapes(inputs)}{place}: {told(error)} ({fix_of(error)})"
        ) from None


def _refuse_without_tensor(frame: Frame) -> None:
    if not any(True for _ in references(frame.output)):
        title = type(frame.module).__name__
        raise DocumentError(f"the forward of {title} gives no tensor (let it return what the model computes)")


def _shapes(inputs: Inputs) -> str:
    return ", ".join("x".join(map(str, item.shape)) or "scalar" for item in inputs)


def _source_file(module: nn.Module) -> str | None:
    return getattr(sys.modules.get(type(module).__module__), "__file__", None)


def _ties(module: nn.Module, attempt: _Attempt) -> dict[str, Any]:
    """Parameters that are one under several names; classes that stay code tie their own."""
    code = [f"{item.path}." for item in _instances(attempt.draft) if isinstance(item, Code)]
    first: dict[int, str] = {}
    found = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        owner = first.setdefault(id(parameter), name)
        inside = any(name.startswith(path) and owner.startswith(path) for path in code)
        if owner != name and not attempt.prefix and not inside:
            found[name] = owner
    return {"tie": found} if found else {}


def _example(inputs: Inputs) -> dict[str, Any]:
    return {"example": [str(TensorSpec(tuple(item.shape), str(item.dtype).removeprefix("torch."))) for item in inputs]}


def _instances(draft: Draft) -> Iterator[Draft | Code]:
    yield draft
    for node in draft.nodes:
        if isinstance(node.part, Draft):
            yield from _instances(node.part)
        elif isinstance(node.part, Code):
            yield node.part


def _classes(draft: Draft, module: nn.Module, composition: Composition) -> list[ClassReport]:
    """One row for each class that the model had, containers aside."""
    groups: dict[str, list[Draft | Code]] = {}
    for item in _instances(draft):
        if isinstance(item, Code) or not item.container:
            groups.setdefault(item.title, []).append(item)
    return [_class(title, items, module, composition) for title, items in groups.items()]


def _class(title: str, items: list[Draft | Code], module: nn.Module, composition: Composition) -> ClassReport:
    definitions = tuple(name for name, owner in composition.classes.items() if owner == title)
    code = next((item for item in items if isinstance(item, Code)), None)
    if code is not None:
        return ClassReport(title, "code", len(items), definitions, tuple(code.frozen), code.reason)
    drafts = [item for item in items if isinstance(item, Draft)]
    frozen = tuple(dict.fromkeys(words for item in drafts for words in item.frozen))
    followed = not drafts[0].path.startswith(NET) and KEPT not in frozen
    reason = reason_for_branches(module.get_submodule(drafts[0].path)) if followed else ""
    return ClassReport(title, "recorded" if reason or frozen else "native", len(items), definitions, frozen, reason)
