"""The benchmark of the templates knows all of them."""

from __future__ import annotations

from importlib import resources

from benchmarks.templates import CASES


def test_every_template_has_its_case() -> None:
    found = {
        item.name.removesuffix(".yaml")
        for item in resources.files("torchwork.templates").iterdir()
        if item.name.endswith(".yaml")
    }
    assert found == set(CASES)
    assert all(case.least > case.chance for case in CASES.values())
