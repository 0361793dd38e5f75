"""One forward, recorded at two sizes, as nodes of a definition."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from torchwork.capture import functions
from torchwork.capture.calling import constants, input_names, words
from torchwork.capture.containers import base_of, outline
from torchwork.capture.draft import Code, Draft, DraftNode, label_of
from torchwork.capture.folding import SELF, layer_arguments
from torchwork.capture.known import rule_of
from torchwork.capture.layers import UnsupportedError, arguments_of, layer_of
from torchwork.capture.owned import constant_of, node_of, owned
from torchwork.capture.recording import Call, Frame, Numbers, Own, Ref, relative
from torchwork.capture.shapes import Sizes, Varying, pairs
from torchwork.capture.unused import unused
from torchwork.capture.views import Views
from torchwork.graph.arguments import INFERRED
from torchwork.graph.containers import IN_DICT
from torchwork.graph.module import RESERVED
from torchwork.graph.value import TensorSpec
from torchwork.graph.wiring import NAME

Fallback = Callable[[Frame, str], Code]
"""Makes the code definition of a frame that no nodes can say, for a reason."""


def translate(views: Views, fallback: Fallback, label: str = "") -> Draft:
    """The nodes of a forward that was recorded at two sizes.

    Raises:
        UnsupportedError: something in it has no place in the document.
    """
    return _Translator(views, fallback, label).draft()


class _Translator:
    """Writes the nodes of one frame; `texts` says how a tensor of the frame is referred to."""

    def __init__(self, views: Views, fallback: Fallback, label: str) -> None:
        self.known = rule_of(views)
        self.views = views = views if self.known else views.settled()
        self.first, self.second, self.fallback = views.first, views.second, fallback
        first = self.first
        self.draft_ = Draft(type(first.module).__name__, label, first.path)
        self.texts: dict[Ref, str] = {}
        self.taken: set[str] = set(RESERVED) | set(keyword.kwlist)
        self.taken |= {call.name.partition(".")[0] for call in first.calls if call.module is not None}
        self.owned = dict(owned(first.module))
        self.taken |= set(self.owned)
        self.unsaid: dict[str, str] = {}
        self.constants: dict[Numbers, DraftNode] = {}
        self.makers: dict[str, str] = {}
        self.numbers: dict[str, dict[str, Any]] = {}
        self.dotted = any("." in call.name for call in first.calls if call.module is not None)

    def draft(self) -> Draft:
        """All calls in their order, then what it returns."""
        if self.first.trouble:
            raise UnsupportedError(self.first.trouble)
        self._around()
        if len(self.first.calls) != len(self.second.calls):
            raise UnsupportedError("its forward takes another way for another size of the input")
        self._inputs()
        self._freeze_numbers()
        tensors = list(self._tensors())
        for step, (a, b) in enumerate(zip(self.first.calls, self.second.calls, strict=True)):
            self.texts[Ref(step)] = self._call(step, a, b)
        outputs = [self._as_followed(ref) for ref in _leaves(self.views.output.output)]
        self.draft_.outputs = (
            [self.known(self, self.first.module, outputs[0])] if self.known else list(map(self.text, outputs))
        )
        if not self.draft_.outputs:
            raise UnsupportedError("its forward gives no tensor")
        if not self.draft_.nodes:
            self.draft_.outputs = [self.layer("Identity", {}, self.draft_.outputs)]
        if not self.known:
            called = {node.use or node.name for node in self.draft_.nodes}
            self.draft_.nodes += unused(self.first.module, self.first.path, called, self.draft_.inputs[0])
        outline(self.draft_, self.first.module)
        if self.around and (len(self.draft_.outputs) > 1 or tensors or self.constants or self._others()):
            raise UnsupportedError("it has weights or outputs beside those of its layer")
        self.draft_.nodes[:0] = [*tensors, *self.constants.values()]
        return self.draft_

    def _around(self) -> None:
        """Whether its class is around a layer of torch, which must own all its tensors and have a name in a module."""
        self.around = any(call.name == SELF for call in self.first.calls)
        if self.around and not self.first.path:
            raise UnsupportedError("it adds to a layer of torch, and is no part of a module")
        if self.around:
            self.unsaid = dict.fromkeys(self.owned, "it uses a weight of its layer by itself")

    def _others(self) -> bool:
        return any(node.stateful for node in self.draft_.nodes if node.name != SELF)

    def _tensors(self) -> Iterator[DraftNode]:
        """The nodes of the module's own parameters and buffers."""
        if self.known or self.around:
            return
        for name, tensor in self.owned.items():
            node, words = node_of(self.first.module, name, tensor)
            if node is None or not NAME.fullmatch(name):
                self.unsaid[name] = words or f"a node cannot be called {name}"
                continue
            if words:
                self.freeze(words)
            yield node

    def _as_followed(self, ref: Ref) -> Ref:
        """A reference of the forward in evaluation as one of the frame that is followed."""
        return replace(ref, step=self.views.step[ref.step]) if isinstance(ref, Ref) and ref.step >= 0 else ref

    @property
    def training(self) -> bool:
        """Whether the frames are those of training, where dropout is on."""
        return self.views.training

    def _inputs(self) -> None:
        refs = list(dict.fromkeys(_leaves((self.first.args, self.first.kwargs))))
        if not refs:
            raise UnsupportedError("its forward takes no tensor")
        names = input_names(self.first)
        for ref in refs:
            name = self._free(names.get(ref, f"input{-1 - ref.step}"))
            self.texts[ref] = name
            self.draft_.inputs.append(name)

    def _freeze_numbers(self) -> None:
        """The report names what the forward is called with beside tensors, where it is the same at both sizes."""
        second = constants(self.second)
        for name, value in constants(self.first).items():
            if name in second and second[name] == value:
                self.freeze(words(name, value))

    def _call(self, step: int, a: Call, b: Call) -> str:
        if a.name != b.name or (a.module is None) != (b.module is None):
            raise UnsupportedError("its forward takes another way for another size of the input")
        args, kwargs = _merged(a.args, b.args), _merged(a.kwargs, b.kwargs)
        if a.name == SELF and a.module is not None:
            return self._add(DraftNode(SELF, *layer_arguments(a.module), [self.text(args[0])], stateful=True))
        if a.module is None and (child := self._linear(args, kwargs) if a.name == "linear" else ""):
            module = self.first.module.get_submodule(child)
            a = replace(a, name=child, module=module, args=args[:1], kwargs={})
            return self._module(step, a, a, args[:1], {})
        if a.module is not None:
            return self._module(step, a, b, args, kwargs)
        if a.numbers is not None and a.numbers == b.numbers:
            return self.constant(a.numbers, a.name)
        result = self.sizes(Ref(step)) if Ref(step) in self.first.shapes else []
        dtype = self.first.dtypes.get(Ref(step), torch.float32)
        if IN_PLACE.fullmatch(a.name) and args and isinstance(args[0], Own):
            raise UnsupportedError(f"it changes its own {args[0].name or 'tensor'} in place")
        return functions.translate(self, a.name, args, kwargs, result, dtype)

    def _linear(self, args: Any, kwargs: Any) -> str:
        """The child whose weights a call of the function `linear` uses all of; empty when there is none."""
        weights = [*args[1:], *kwargs.values()]
        names = [relative(item.name, self.first.path) if isinstance(item, Own) else item for item in weights]
        child = str(names[0]).removesuffix(".weight") if names else ""
        found = dict(self.first.module.named_children()).get(child)
        whole = [f"{child}.{name}" for name, _ in found.named_parameters()] if type(found) is nn.Linear else []
        free = child in self.makers or child not in self.taken
        if not whole or [name for name in names if name is not None] != whole or not free:
            return ""
        self.taken.add(child)
        return child

    def _module(self, step: int, a: Call, b: Call, args: Any, kwargs: Any) -> str:
        if a.name.startswith("^"):
            raise UnsupportedError(f"it calls {a.name[1:]}, which belongs to another module")
        assert a.module is not None
        head, *inside = a.name.removeprefix("new.").split(".")
        if not all(map(NAME.fullmatch, (head, *inside))) or not IN_DICT.isdisjoint(inside):
            raise UnsupportedError(f"a node cannot be called {a.name}")
        layer = layer_of(a.module)
        sources = (
            self._sources(a.module, args, kwargs) if layer else [self.text(ref) for ref in _leaves((args, kwargs))]
        )
        sources = sources if layer else list(dict.fromkeys(sources))
        stateful = bool(a.module.state_dict())
        part: str | Draft | Code
        if layer:
            part, given = layer.name, self._arguments(a, step)
        else:
            part, given = self._inner(step, a), {}
        if a.name.startswith("new."):
            if stateful:
                raise UnsupportedError(f"its forward makes a new {type(a.module).__name__} with weights at each call")
            return self._add(DraftNode(self._free(a.name[4:]), part, given, sources))
        again = a.name in self.makers
        if isinstance(part, Draft) and any(node.name == SELF for node in part.nodes):
            return self._spliced(a.name, part, sources, again)
        if again and (stateful or not self.dotted):
            if a.frame is not None and self.numbers[a.name] != constants(a.frame):
                raise UnsupportedError(f"it calls {a.name} again with other numbers")
            return self._add(
                DraftNode(self._free(a.name.replace(".", "_")), "", {}, sources, use=a.name, stateful=stateful)
            )
        name = self._free(a.name.replace(".", "_")) if again else a.name
        self.makers.setdefault(a.name, name)
        numbers = constants(a.frame) if a.frame is not None else {}
        same = again and self.numbers[a.name] == numbers
        self.numbers.setdefault(a.name, numbers)
        return self._add(DraftNode(name, part, given, sources, stateful=stateful, again=a.name if same else ""))

    def _inner(self, step: int, call: Call) -> Draft | Code:
        assert call.frame is not None
        views = self.views.inner(step)
        if views is None:
            raise UnsupportedError("its forward takes another way for another size of the input")
        try:
            return translate(views, self.fallback, label_of(call.name, self.draft_.label))
        except UnsupportedError as reason:
            _refuse_other_numbers(views)
            return self.fallback(call.frame, str(reason))

    def _spliced(self, name: str, inner: Draft, sources: Sequence[str], again: bool) -> str:
        """The nodes of a class around a layer in place of it: the layer has its name, and so its keys."""
        texts = dict(zip(inner.inputs, sources, strict=True))
        plain = name.replace(".", "_")
        for node in inner.nodes:
            taken = [_follow(text, texts) for text in node.sources]
            own = node.name == SELF
            found = name if own and not again else self._free(plain if own else f"{plain}_{node.name}")
            use = name if own and again else texts.get(node.use, "")
            part, args = ("", {}) if use else (node.part, node.args)
            texts[node.name] = self._add(DraftNode(found, part, args, taken, use, own))
        self.makers.setdefault(name, name)
        for frozen in inner.frozen:
            self.freeze(frozen)
        return _follow(inner.outputs[0], texts)

    def _sources(self, module: nn.Module, args: Any, kwargs: Any) -> list[str]:
        """The tensors that a layer is called with, by position; settings of attention that change no number may go."""
        try:
            bound = inspect.signature(module.forward).bind(*args, **kwargs).arguments
        except TypeError:
            raise UnsupportedError(f"{type(module).__name__} is called in a way that torch refuses") from None
        values = list(inspect.signature(module.forward).parameters)
        found: list[str] = []
        for place, name in enumerate(values):
            value = bound.get(name)
            if value is None or (name in IGNORED and not isinstance(value, Ref | Own)):
                continue
            if len(found) != place or not isinstance(value, Ref | Own | tuple | list):
                raise UnsupportedError(f"it calls {type(module).__name__} with {name}, which a node cannot say")
            found.append(self.text(value) if isinstance(value, Ref | Own) else self._tuple(value))
        return found

    def _tuple(self, value: Any) -> str:
        ref = self.first.tuples.get(tuple(item for item in value if isinstance(item, Ref)))
        if ref is not None:
            return self.text(ref)
        if not all(isinstance(item, Ref | Own) for item in value) or len({str(self.sizes(item)) for item in value}) > 1:
            raise UnsupportedError("it puts tensors of several sizes together to a tuple for a layer")
        return self.emit("unbind", {}, [self.emit("stack", {}, list(map(self.text, value)))])

    def _arguments(self, call: Call, step: int) -> dict[str, Any]:
        """The layer's arguments without those that the input's shape says."""
        assert call.module is not None
        entry = layer_of(call.module)
        assert entry is not None
        args = arguments_of(call.module, entry)
        inputs = [
            TensorSpec(self.first.shapes[ref]) for ref in _leaves((call.args, call.kwargs)) if ref in self.first.shapes
        ]
        unknown = any(isinstance(each.module, MASKED) for each in self.first.calls[:step])
        for name, rule in INFERRED.items() if not unknown else ():
            if (name in args and rule.value(inputs) == args[name]) or args.get(name) == [rule.value(inputs)]:
                del args[name]
        return args

    def emit(self, name: str, args: Mapping[str, Any], sources: Sequence[str]) -> str:
        """A node for an operation."""
        return self._add(DraftNode(self._free(name), name, dict(args), list(sources)))

    layer = emit

    def _add(self, node: DraftNode) -> str:
        if not node.sources:
            raise UnsupportedError(f"{node.name} takes no tensor")
        self.draft_.nodes.append(node)
        return node.name

    def _free(self, name: str) -> str:
        name = name.lower() if name[:1].isupper() else name
        found, number = name, 0
        while found in self.taken:
            number += 1
            found = f"{name}_{number}"
        self.taken.add(found)
        return found

    def text(self, ref: Any) -> str:
        """How a tensor is referred to; UnsupportedError for one that is no node's."""
        if isinstance(ref, Own):
            return self._own(ref)
        if ref in self.texts:
            return self.texts[ref]
        base = self.texts[Ref(ref.step)]
        return base + "".join(f"[{place}]" for place in ref.places)

    def _own(self, ref: Own) -> str:
        """The node of a parameter or buffer of the module itself."""
        name = relative(ref.name, self.first.path)
        if ref.numbers is not None:
            return self.constant(ref.numbers, "constant")
        if not ref.name:
            raise UnsupportedError("it uses a tensor that is no parameter and no buffer of its own")
        if name not in self.owned:
            raise UnsupportedError(f"it uses the parameter {ref.name} of another module")
        if name in self.unsaid:
            raise UnsupportedError(self.unsaid[name])
        return name

    def constant(self, numbers: Numbers, name: str) -> str:
        """The node of a tensor that is the same at each call."""
        if numbers not in self.constants:
            self.constants[numbers] = constant_of(self._free(name), numbers.tensor())
        found = self.constants[numbers].name
        self.owned.setdefault(found, numbers.tensor())
        return found

    def sizes(self, ref: Any) -> Sizes:
        """A tensor's shape at both sizes."""
        if isinstance(ref, Own):
            shape = self.owned[self.text(ref)].shape
            return pairs(shape, shape)
        return pairs(self.first.shapes[ref], self.second.shapes[ref])

    def dtype(self, ref: Any) -> torch.dtype:
        """A tensor's dtype."""
        if isinstance(ref, Own):
            return self.owned[self.text(ref)].dtype
        return self.first.dtypes[ref]

    def sized(self, size: tuple[int, int]) -> tuple[str, int, int]:
        """A tensor with this size at both sizes of the input: its text, the dimension, and how many it has."""
        for ref, shape in self.first.shapes.items():
            other = self.second.shapes.get(ref)
            if other is None or len(other) != len(shape) or not self._known(ref):
                continue
            for dimension, found in enumerate(zip(shape, other, strict=True)):
                if found == size:
                    return self.text(ref), dimension, len(shape)
        raise UnsupportedError("it makes a tensor whose size no other tensor has")

    def _known(self, ref: Ref) -> bool:
        return ref in self.texts or Ref(ref.step) in self.texts

    def freeze(self, words: str) -> None:
        """Keep what the report must say of this class."""
        if words not in self.draft_.frozen:
            self.draft_.frozen.append(words)


def _follow(text: str, texts: Mapping[str, str]) -> str:
    """A reference with the new name of its node."""
    base = base_of(text)
    return texts[base] + text[len(base) :]


IN_PLACE = re.compile(r"[a-z].*[^_]_|__i(add|sub|mul|div|truediv|floordiv|pow|matmul|and|or|xor|mod)__")
"""Functions that change their first tensor."""
MASKED = (nn.Transformer, nn.TransformerEncoder, nn.TransformerDecoder)
"""Layers that look at the numbers of their masks, so that a check does not know the shapes of what follows."""
IGNORED = {"need_weights", "average_attn_weights", "is_causal", "tgt_is_causal", "memory_is_causal"}
"""Settings of torch's attention beside its tensors."""


def _merged(first: Any, second: Any) -> Any:
    """Arguments of one call at both sizes, with Varying where a number differs."""
    if isinstance(first, list | tuple) and isinstance(second, list | tuple) and len(first) == len(second):
        return type(first)(_merged(a, b) for a, b in zip(first, second, strict=True))
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        return {key: _merged(first[key], second[key]) for key in first}
    if isinstance(first, slice) and isinstance(second, slice):
        return slice(*(_merged(getattr(first, at), getattr(second, at)) for at in ("start", "stop", "step")))
    if first is second or (type(first) is type(second) and first == second):
        return first
    if isinstance(first, int) and isinstance(second, int):
        return Varying(first, second)
    raise UnsupportedError("its forward computes with other numbers for another size of the input")


def _refuse_other_numbers(views: Views) -> None:
    """Raises UnsupportedError where a child is called with numbers that differ, and its code could hold only one."""
    found = [constants(frame) for frame in (views.first, views.second, *(views.trained or ()))]
    if any(item != found[0] for item in found):
        title = type(views.first.module).__name__
        raise UnsupportedError(f"it calls {title} with other numbers for another size of the input, or in training")


def _leaves(value: Any) -> list[Ref]:
    """The tensors in nested tuples, lists and mappings."""
    if isinstance(value, Ref | Own):
        return [value]  # type: ignore[list-item]
    if isinstance(value, dict):
        value = tuple(value.values())
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, tuple | list) else []
