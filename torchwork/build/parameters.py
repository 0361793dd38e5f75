"""Rules by name pattern: freezing, initialisation, and parameter groups with settings or optimizers of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import nn
from torch.optim import Optimizer

from torchwork import experiment
from torchwork.build.parts import entry_of, make, part_problems
from torchwork.errors import DocumentError, Problem, nearest

Named = dict[str, nn.Parameter]


def apply_rules(model: nn.Module, rules: Sequence[experiment.Rule]) -> None:
    """Initialises and freezes the parameters that the rules name, in the order of the document.

    Raises:
        DocumentError: a rule that matches no parameter, or an initialisation that does not fit one.
    """
    named = dict(model.named_parameters())
    for number, rule in enumerate(rules):
        matched = _matched(rule, named, f"parameters[{number}].match")
        for name, parameter in matched.items():
            if rule.init:
                _initialise(rule.init, parameter, name, f"parameters[{number}].init")
            if rule.freeze:
                parameter.requires_grad_(False)


def _matched(rule: experiment.Rule, named: Named, path: str) -> Named:
    matched = {name: parameter for name, parameter in named.items() if rule.matches(name)}
    if not matched:
        hint = nearest(rule.match, named) or f"parameters are {', '.join(list(named)[:6])}"
        raise DocumentError(Problem(path, f"`{rule.match}` matches no parameter of the model", hint))
    return matched


def _initialise(part: experiment.Part, parameter: nn.Parameter, name: str, path: str) -> None:
    try:
        make("initializer", part, parameter, path=path)
    except DocumentError as error:
        problems = [
            Problem(item.path, f"for {name} {tuple(parameter.shape)}: {item.message}", item.fix)
            for item in error.problems
        ]
        raise DocumentError(problems) from None


def make_optimizers(model: nn.Module, part: experiment.Part, rules: Sequence[experiment.Rule]) -> list[Optimizer]:
    """One optimizer for each part that the document and its rules name, with a group for each set of settings.

    Raises:
        DocumentError: nothing to train, a setting that the optimizer does not have, or an optimizer that refuses.
    """
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    if next(model.parameters(), None) is None:
        words = "the network has no parameters, so there is nothing to train"
        raise DocumentError(Problem("model", words, "add a layer with weights, such as Linear"))
    if not trained:
        raise DocumentError(
            Problem("parameters", "every parameter is frozen, so there is nothing to train", "freeze fewer")
        )
    groups: dict[str, tuple[experiment.Part, str, dict[str, dict[str, Any]]]] = {}
    for name, parameter in trained.items():
        own, path, settings = _place(name, part, rules)
        _check_sparse(own, path, model, name)
        _, _, members = groups.setdefault(str(own), (own, path, {}))
        group = members.setdefault(str(sorted(settings.items())), {"params": [], **settings})
        group["params"].append(parameter)
    return [_make_optimizer(own, path, list(members.values())) for own, path, members in groups.values()]


def _place(
    name: str, part: experiment.Part, rules: Iterable[experiment.Rule]
) -> tuple[experiment.Part, str, dict[str, Any]]:
    """The optimizer, its path in the document, and the settings for the parameter called `name`."""
    path = "optimizer"
    settings: dict[str, Any] = {}
    for number, rule in enumerate(rules):
        if rule.matches(name):
            if rule.optimizer:
                part, path, settings = rule.optimizer, f"parameters[{number}].optimizer", {}
            settings = {**settings, **rule.set}
    return part, path, settings


def _make_optimizer(part: experiment.Part, path: str, groups: list[dict[str, Any]]) -> Optimizer:
    if part.name == "LBFGS" and len(groups) == 1:  # takes no groups, only parameters
        groups = groups[0]["params"]
    else:
        _check_settings(part, groups)
    optimizer: Optimizer = make("optimizer", part, groups, path=path)
    return optimizer


def _check_settings(part: experiment.Part, groups: Iterable[dict[str, Any]]) -> None:
    """Makes each group an optimizer of its own, for torch looks at the settings of an optimizer but not of a group."""
    for group in groups:
        settings = {name: value for name, value in group.items() if name != "params"}
        if settings:
            merged = part.model_copy(update={"args": {**part.args, **settings}})
            make("optimizer", merged, group["params"], path="parameters")


def _check_sparse(part: experiment.Part, path: str, model: nn.Module, name: str) -> None:
    """SparseAdam takes the gradients of embeddings with `sparse: true`, and no others."""
    if part.name == "SparseAdam" and not getattr(model.get_submodule(name.rpartition(".")[0]), "sparse", False):
        message = f"SparseAdam takes only sparse gradients, but {name} has dense ones"
        fix = "use Adam, and a rule with SparseAdam for an Embedding with `sparse: true`"
        raise DocumentError(Problem(path, message, fix))


def rule_problems(rules: Sequence[experiment.Rule], optimizer: experiment.Part) -> list[Problem]:
    """What is wrong with the rules before there is a model: names, arguments and settings."""
    problems: list[Problem] = []
    for number, rule in enumerate(rules):
        path = f"parameters[{number}]"
        if rule.init:
            problems += part_problems("initializer", rule.init, f"{path}.init")
        if rule.optimizer:
            problems += part_problems("optimizer", rule.optimizer, f"{path}.optimizer")
        problems += _setting_problems(rule, rule.optimizer or optimizer, f"{path}.set")
    return problems


def _setting_problems(rule: experiment.Rule, part: experiment.Part, path: str) -> list[Problem]:
    try:
        entry = entry_of("optimizer", part, path)
        return entry.problems(rule.set, path, inferred=[argument.name for argument in entry.arguments])
    except DocumentError:
        return []  # an unknown optimizer is a problem of its own place
