"""The rules, one file for each subject. Causes that can be read in document and data come before symptoms."""

from torchwork.doctor.rule import Rule
from torchwork.doctor.rules import data, document, generalisation, gradients, loss, pace, rate, schedule, trials, units

RULES: tuple[Rule, ...] = (
    *document.RULES,
    *data.RULES,
    *schedule.RULES,
    *trials.RULES,
    *loss.RULES,
    *gradients.RULES,
    *units.RULES,
    *rate.RULES,
    *generalisation.RULES,
    *pace.RULES,
)
"""In the order in which findings of the same severity are told."""

__all__ = ["RULES"]
