"""Literals, wrapped lines and imports: what a formatter would leave as it is."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torchwork.code.text import annotated, call, docstring, exploded, imports, literal, wrap

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-5, "1e-5"),
        (1e20, "1e20"),
        (0.1, "0.1"),
        (1.0, "1.0"),
        (-3, "-3"),
        (True, "True"),
        (None, "None"),
        ("relu", '"relu"'),
        ('say "x"', "'say \"x\"'"),
        ("it's", '"it\'s"'),
        ("line\n", '"line\\n"'),
        ([3, 3], "(3, 3)"),
        ([3], "(3,)"),
        ([], "()"),
        ({"a": [1]}, '{"a": (1,)}'),
        (torch.float64, "torch.float64"),
        (torch.tensor([0.1, 2.0]), "torch.tensor([0.1, 2.0])"),
        (torch.tensor([1, 2], dtype=torch.int32), "torch.tensor([1, 2], dtype=torch.int32)"),
        (float("inf"), 'float("inf")'),
    ],
)
def test_literal(value: Any, text: str) -> None:
    assert literal(value) == text


@given(PLAIN)
def test_a_literal_means_its_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == as_tuples(value)


def as_tuples(value: Any) -> Any:
    """Lists as tuples, as literals are written."""
    if isinstance(value, list):
        return tuple(map(as_tuples, value))
    return {key: as_tuples(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_a_tensor_means_its_values(numbers: list[float]) -> None:
    tensor = torch.tensor(numbers)
    assert torch.equal(eval(literal(tensor), {"torch": torch}), tensor)


def test_what_has_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a plain value"):
        literal(object())


def test_call() -> None:
    assert call("nn.Conv2d", ["1", "6", "5"], {"padding": "2"}) == "nn.Conv2d(1, 6, 5, padding=2)"


LONG = [f"argument_{number}" for number in range(12)]


@pytest.mark.parametrize(
    "line",
    [
        f"value = call({', '.join(LONG)})",
        f"value = call({', '.join(LONG[:7])}, inner({', '.join(LONG)}), last=other(1, 2))",
        f"value = nn.Sequential(*[Block({', '.join(LONG)}) for _ in range(3)], Block(1))",
        f"value = nn.ModuleList([Block({', '.join(LONG[:4])}, name={literal('a, b (c')}) for _ in range(30)])",
        f"def forward(self, {', '.join(f'{name}: Tensor' for name in LONG)}) -> tuple[Tensor, Tensor]:",
        f"value = call({', '.join(LONG[:7])}, text={literal(')it is, (')})[0]",
    ],
)
def test_wrapped_lines_stay_as_they_are(line: str) -> None:
    text = wrap(line, 8) if not line.startswith("def") else f"{wrap(line)}\n    return {LONG[0]}, {LONG[1]}"
    body = text if line.startswith("def") else f"if True:\n    if True:\n{text}"
    assert all(len(row) <= 100 for row in text.splitlines())
    if not line.startswith("def"):
        assert ast.dump(ast.parse(textwrap.dedent(text))) == ast.dump(ast.parse(line))
    assert_formatted(body)


def assert_formatted(text: str) -> None:
    """The formatter has nothing to change."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "format", "--isolated", "--line-length", "100", "--diff", "-"]
    done = subprocess.run(command, input=f"{text}\n", text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_short_lines_are_not_wrapped() -> None:
    assert wrap("x = self.conv(x)", 8) == "        x = self.conv(x)"


def test_a_comment_stands_only_where_it_has_room() -> None:
    assert annotated("x = f(x)", "3 x 4", 4) == "    x = f(x)  # 3 x 4"
    assert "#" not in annotated(f"x = call({', '.join(LONG[:6])})", "3 x 4 x 5", 8)


def test_exploded() -> None:
    assert exploded("nn.Sequential(", ["a", "b"], ")", comments=["1", ""]) == "nn.Sequential(\n    a,  # 1\n    b,\n)"


def test_a_long_docstring_has_several_lines() -> None:
    text = docstring("From a tensor to another. " * 8, 4)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.splitlines()[-1] == '    """'
    assert docstring("Short.", 4) == '    """Short."""'


def test_imports_are_grouped_and_sorted() -> None:
    lines = ["from torch import nn", "import torch.nn.functional as F", "import math", "from torch import Tensor"]
    written = imports([*lines, "import torch", "from functools import partial", "from __future__ import annotations"])
    assert written.split("\n\n") == [
        "from __future__ import annotations",
        "import math\nfrom functools import partial",
        "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn",
    ]
