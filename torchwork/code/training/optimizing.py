"""How a script begins: initial values, frozen parameters, and optimizers with their groups, by parameter names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import nn

from torchwork.code.constructing import expression
from torchwork.code.making import Maker
from torchwork.code.text import literal
from torchwork.experiment import Experiment, Part, Rule

PLAIN = re.compile(r"[^*?\[\]]*")


def condition(pattern: str) -> str:
    """Whether `name` matches a pattern, as one would write it by hand."""
    head, tail = pattern.removesuffix("*"), pattern.removeprefix("*")
    if pattern == "*":
        return "True"
    if PLAIN.fullmatch(pattern):
        return f"name == {literal(pattern)}"
    if PLAIN.fullmatch(head):
        return f"name.startswith({literal(head)})"
    if PLAIN.fullmatch(tail):
        return f"name.endswith({literal(tail)})"
    return f"fnmatchcase(name, {literal(pattern)})"


def beginning(rules: Sequence[Rule]) -> list[str]:
    """Statements that initialise and freeze the parameters of `model`, in the order of the rules."""
    lines = []
    for rule in rules:
        actions = [Maker().call("initializer", rule.init, "parameter")] if rule.init else []
        actions += ["parameter.requires_grad_(False)"] * rule.freeze
        if actions and PLAIN.fullmatch(rule.match):
            lines += [f"parameter = model.get_parameter({literal(rule.match)})", *actions]
        elif actions:
            lines += ["for name, parameter in model.named_parameters():", f"    if {condition(rule.match)}:"]
            lines += [f"        {action}" for action in actions]
    return lines


@dataclass
class Optimizers:
    """`makes` are the calls, one for each optimizer; `definitions` the function that sorts parameters for them.

    `parameters` is an expression of all that they hold, in their order, where it is not that of the model.
    """

    parts: list[Part]
    makes: list[str]
    definitions: list[str] = field(default_factory=list)
    grouped: bool = False
    before: list[str] = field(default_factory=list)

    @property
    def single(self) -> bool:
        return len(self.makes) == 1


def optimizers(experiment: Experiment, model: nn.Module) -> Optimizers:
    """The optimizers of the document; `model` has its parameters frozen already and may lie on the meta device."""
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    rules = [rule for rule in experiment.parameters if rule.set or rule.optimizer]
    sorting = _Sorting(experiment.optimizer, rules)
    parts = list({str(part): part for part in map(sorting.part, trained)}.values())
    maker = Maker()
    if not any(rule.matches(name) for rule in rules for name in trained):
        frozen = any(not parameter.requires_grad for parameter in model.parameters())
        held = "[p for p in model.parameters() if p.requires_grad]" if frozen else "model.parameters()"
        return Optimizers(parts, [maker.call("optimizer", parts[0], held)])
    names = [_label(part, parts) for part in parts]
    several = len(parts) > 1
    makes = []
    for part, name in zip(parts, names, strict=True):
        held = f"groups[{literal(name)}]" if several else "parameter_groups(model)"
        whole = part.name == "LBFGS"  # it takes no groups
        makes.append(maker.call("optimizer", part, f'{held}[0]["params"]' if whole else held))
    text = _groups(sorting, parts, names) if several else _one_groups(rules)
    before = ["groups = parameter_groups(model)"] if several else []
    return Optimizers(parts, makes, [text], grouped=True, before=before)


@dataclass(frozen=True)
class _Sorting:
    """Which optimizer a parameter has."""

    default: Part
    rules: Sequence[Rule]

    def part(self, name: str) -> Part:
        chosen = [rule.optimizer for rule in self.rules if rule.optimizer and rule.matches(name)]
        return chosen[-1] if chosen else self.default


def _label(part: Part, parts: Sequence[Part]) -> str:
    """What groups of an optimizer are found under: its name, numbered where two have it."""
    alike = [str(other) for other in parts if other.name == part.name]
    return part.name if len(alike) == 1 else f"{part.name} {alike.index(str(part)) + 1}"


def _one_groups(rules: Sequence[Rule]) -> str:
    """The function that makes the groups of one optimizer."""
    return "\n".join([
        "def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:",
        '    """The trained parameters, in a group for each set of settings."""',
        "    groups: dict[str, dict[str, Any]] = {}",
        "    for name, parameter in model.named_parameters():",
        "        settings: dict[str, Any] = {}",
        *[line for rule in rules for line in _settings(rule, "settings |= {}")],
        "        if parameter.requires_grad:",
        "            key = str(sorted(settings.items()))",
        '            groups.setdefault(key, {"params": [], **settings})["params"].append(parameter)',
        "    return list(groups.values())",
    ])  # fmt: skip


def _groups(sorting: _Sorting, parts: Sequence[Part], names: Sequence[str]) -> str:
    """The function that makes the groups of several optimizers."""
    label = dict(zip(map(str, parts), names, strict=True))
    first = literal(label.get(str(sorting.default), ""))
    lines = []
    for rule in sorting.rules:
        if rule.optimizer and str(rule.optimizer) in label:
            chosen = literal(label[str(rule.optimizer)])
            lines += [f"        if {condition(rule.match)}:", f"            optimizer, settings = {chosen}, {{}}"]
        elif rule.optimizer:
            continue  # later rules win everywhere
        lines += _settings(rule, "settings = {{**settings, **{}}}") if rule.set else []
    return "\n".join([
        "def parameter_groups(model: nn.Module) -> dict[str, list[dict[str, Any]]]:",
        '    """The trained parameters by optimizer, in a group for each set of settings."""',
        f"    groups: dict[str, dict[str, Any]] = {{{', '.join(f'{literal(name)}: {{}}' for name in names)}}}",
        "    for name, parameter in model.named_parameters():",
        "        settings: dict[str, Any] = {}",
        f"        optimizer = {first}",
        *lines,
        "        if parameter.requires_grad:",
        "            key = str(sorted(settings.items()))",
        '            group = groups[optimizer].setdefault(key, {"params": [], **settings})',
        '            group["params"].append(parameter)',
        "    return {name: list(members.values()) for name, members in groups.items()}",
    ])  # fmt: skip


def _settings(rule: Rule, form: str) -> list[str]:
    return [
        f"        if {condition(rule.match)}:",
        f"            {form.format(expression(dict(rule.set)))}",
    ]
