"""What nodes and definitions are called: short names as PyTorch users write them, and which names cannot be."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterable

from torchwork.draw.refusal import refused
from torchwork.experiment.expression import CONSTANTS, FUNCTIONS

NODE = re.compile(r"[\w-]+(\.[\w-]+)*")
DEFINITION = re.compile(r"[\w-]+")
DIMENSIONS = re.compile(r"[123]d$")
SHORT = {
    "Conv": "conv",
    "ConvTranspose": "upconv",
    "BatchNorm": "bn",
    "SyncBatchNorm": "bn",
    "LayerNorm": "norm",
    "GroupNorm": "norm",
    "InstanceNorm": "norm",
    "RMSNorm": "norm",
    "LocalResponseNorm": "norm",
    "Linear": "fc",
    "Bilinear": "bilinear",
    "MaxPool": "pool",
    "AvgPool": "pool",
    "LPPool": "pool",
    "AdaptiveAvgPool": "pool",
    "AdaptiveMaxPool": "pool",
    "Embedding": "embed",
    "EmbeddingBag": "embed",
    "MultiheadAttention": "attention",
    "TransformerEncoderLayer": "encoder_layer",
    "TransformerDecoderLayer": "decoder_layer",
    "TransformerEncoder": "encoder",
    "TransformerDecoder": "decoder",
}
"""of classes without their `1d`, `2d`, `3d`; others are called like their class, in lower case"""
# fmt: off
OF_MODULES = frozenset({
    "add_module", "apply", "bfloat16", "buffers", "children", "compile", "cpu", "cuda", "double", "eval",
    "extra_repr", "float", "forward", "half", "load_state_dict", "modules", "named_buffers", "named_children",
    "named_modules", "named_parameters", "parameters", "register_buffer", "register_module",
    "register_parameter", "requires_grad_", "state_dict", "to", "train", "training", "type", "xpu", "zero_grad",
})
# fmt: on
"""attributes of every nn.Module, which no node can be called"""
TENSORS = frozenset({"Parameter", "Buffer"})
"""parts that are tensors of the module itself, and take nothing"""


def short_name(part: str) -> str:
    """How a node of this part is usually called: `conv` for Conv2d, `fc` for Linear."""
    base = DIMENSIONS.sub("", part.removeprefix("Lazy"))
    name = SHORT.get(base) or re.sub(r"[^\w]", "_", DIMENSIONS.sub("", part)).lower() or "node"
    return f"{name}_" if name in OF_MODULES or keyword.iskeyword(name) else name


def free_name(base: str, taken: Collection[str]) -> str:
    """`base`, or with the first number behind it that makes it a name of its own."""
    if base not in taken and f"{base}1" not in taken and not _is_container(base, taken):
        return base
    if "." in base:  # a number behind it would not bring it out of a node that it seems to lie in
        return free_name(base.replace(".", "_"), taken)
    stem = base.rstrip("0123456789") or base
    number = 2
    while f"{stem}{number}" in taken or _is_container(f"{stem}{number}", taken):
        number += 1
    return f"{stem}{number}"


def numbered(parts: Iterable[str], taken: Collection[str]) -> list[str]:
    """Names for nodes of these parts, in order: `conv1`, `conv2`, and `flatten` where there is only one."""
    bases = [short_name(part) for part in parts]
    several, last = Counter(bases), Counter[str]()
    used, found = set(taken), []
    for base in bases:
        name = base
        while name in used or (name == base and several[base] > 1):
            last[base] += 1
            name = f"{base}{last[base]}"
        used.add(name)
        found.append(name)
    return found


def _is_container(name: str, taken: Collection[str]) -> bool:
    """Whether a node of that name would hold others (`convs` beside `convs.0`) or lie in one."""
    words = name.split(".")
    outer = any(".".join(words[:count]) in taken for count in range(1, len(words)))
    return outer or any(other.startswith(f"{name}.") for other in taken if "." in other)


def check_node_name(name: str, taken: Collection[str], place: str) -> None:
    """Refuse a name that no node can have, or that something beside it has already."""
    if not NODE.fullmatch(name) or any(map(keyword.iskeyword, name.split("."))):
        proposal = free_name(re.sub(r"[^\w-]+", "_", name).strip("_") or "node", taken)
        proposal = f"{proposal}_" if keyword.iskeyword(proposal) else proposal
        raise refused(f"expected a name of letters, digits, `_` and `-`, got `{name}`", place, f"call it {proposal}")
    if name.split(".")[0] in OF_MODULES:
        raise refused(f"every nn.Module has an attribute `{name.split('.')[0]}`", place, f"call it {name}_")
    if name in taken or _is_container(name, taken):
        raise refused(f"the name {name} is taken here", place, f"call it {free_name(name, {*taken, name})}")


def check_definition_name(name: str, taken: Collection[str], place: str) -> None:
    """Refuse a name that no definition can have, or that another has already."""
    if not DEFINITION.fullmatch(name):
        raise refused(f"expected a name of letters, digits, `_` and `-`, got `{name}`", place, "call it Block")
    if name in TENSORS or name in {"name", "from", "repeat", "use", "at", "note", "bypass"}:
        raise refused(f"{name} has a meaning of its own", place, f"call it {free_name(name.title() + 'Block', taken)}")
    if name in taken:
        raise refused(f"there is a definition called {name} already", place, f"call it {free_name(name, taken)}")


def check_inputs(names: Collection[str], nodes: Collection[str], place: str) -> None:
    """Refuse names that inputs cannot have."""
    seen: set[str] = set()
    if not names:
        raise refused("a level has one input or more, got none", place, "keep `input`")
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise refused(f"expected an input's name of letters, digits and `_`, got `{name}`", place, "call it x")
        if name in seen or name in nodes:
            raise refused(f"the name {name} is taken here", place, f"call it {free_name(name, {*seen, *nodes, name})}")
        seen.add(name)


def check_arguments(names: Iterable[str], place: str) -> None:
    """Refuse names that expressions could not use."""
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise refused(f"expected an argument's name of letters, digits and `_`, got `{name}`", place, "call it n")
        if name in FUNCTIONS or name in CONSTANTS:
            raise refused(f"expressions know `{name}` as something else", place, f"call it {name}_")
