"""A text changed so that it says another value: it reads back equal, and what did not change stays byte for byte."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from torchwork.experiment.files import read, write
from torchwork.experiment.rewriting import rewritten
from torchwork.experiment.written import _ordered

ROOT = Path(__file__).parents[2]
COMMENTED = """# An experiment of ours
# in two lines

torchwork: 1   # the format
name: 'quoted'
data:

  # where from
  source: {Table: {path: "a b.csv", target: y}}  # the file
  batch_size: 8

model:
  # first the stem
  inputs: [x, other]   # two
  nodes:
    # the stem
    stem: {Conv2d: {out_channels: 6, kernel_size: [3, 3]}}  # wide

    # loose words

    act: ReLU
    # adds
    sum:
      add: {}
      from: [act, other]   # both
    # the head
    out:
      Linear:
        out_features: 10   # classes
  modules:
    Own:
      class: Own
      code: |
        import torch
        # a comment of the code

        class Own(torch.nn.Module):
            pass
parameters:
- {match: "*.bias", set: {weight_decay: 0}}
- match: "features.*"   # frozen
  freeze: true
# at last
loss: CrossEntropyLoss
notes: >
  folded
  text
train:
  epochs: 1e1
  # the end
"""
CHAIN = """model:
  layers:
    - Linear: {out_features: 4}  # a layer
    # activation
    - ReLU

    - {Linear: {out_features: 10}, name: out}   # the last
loss: 损失 # 注释
"""
ALIASED = "model: &m {layers: [ReLU, &l GELU, *l]}\nother: *m # again\n"
JSON = json.dumps({"a": [1, {"b": None}], "model": {"layers": ["ReLU", {"Linear": {"out_features": 1.5}}]}}, indent=2)
TEXTS = {
    path.stem: path.read_text("utf-8")
    for path in sorted([*ROOT.glob("examples/*.yaml"), *ROOT.glob("torchwork/templates/*.yaml")])
}
TEXTS |= {
    "commented": COMMENTED,
    "chain": CHAIN,
    "crlf": COMMENTED.replace("\n", "\r\n"),
    "aliased": ALIASED,
    "json": JSON,
}
TEXTS |= {
    "line": json.dumps(json.loads(JSON)),
    "open": CHAIN.rstrip(),
    "tabbed": json.dumps(json.loads(JSON), indent="\t"),
}
NEW: list[Any] = [
    "ReLU", "true", "a: b #", "", "x\ny\n", "词 😀", 3, 0.5, 1e-5, True, None, [], {}, [1, "a"],
    {"Linear": {"out_features": 3}},
    {"Conv2d": {"kernel_size": 3}, "from": ["a", ""], "at": [10, 20.5]}, [{"a": {"b": [1]}}, "c"],
]  # fmt: skip


def places(value: Any) -> list[Any]:
    """All mappings and lists inside."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    found = [value] if isinstance(value, dict | list) else []
    return found + [place for item in inner for place in places(item)]


def said(value: Any) -> str:
    """One text for values that say the same, where the order of `nodes` counts."""
    return json.dumps(_ordered(value), sort_keys=True)


def edit(value: dict[str, Any], draw: random.Random) -> None:
    at = draw.choice(places(value))
    new, kind = copy.deepcopy(draw.choice(NEW)), draw.choice(["set", "add", "remove", "turn", "rename"])
    if isinstance(at, list):
        if kind == "add" or not at:
            at.insert(draw.randint(0, len(at)), new)
        elif kind == "remove":
            at.pop(draw.randrange(len(at)))
        elif kind == "turn":
            draw.shuffle(at)
        else:
            at[draw.randrange(len(at))] = new
        return
    items = list(at.items())
    place = draw.randrange(len(items) + (kind == "add")) if items or kind == "add" else -1
    if kind == "add" or place < 0:
        items.insert(place, (draw.choice(["new", "at", "null", "a b", "名"]), new))
    elif kind == "remove" and at is not value:
        items.pop(place)
    elif kind == "turn":
        draw.shuffle(items)
    elif kind == "rename":
        items[place] = (draw.choice(["other", "1", "x.y"]), items[place][1])
    else:
        items[place] = (items[place][0], new)
    at.clear()
    at.update(items)


@pytest.mark.parametrize("name", TEXTS)
def test_any_edits_read_back_equal(name: str) -> None:
    draw = random.Random(name)
    for _ in range(60):
        text, value = TEXTS[name], copy.deepcopy(read(TEXTS[name])[0])
        for _ in range(draw.randint(1, 4)):
            edit(value, draw)
            text = rewritten(text, value)
            assert said(read(text)[0]) == said(value), (text, value)
        if name in ("json", "line", "tabbed"):
            json.loads(text)
        if name == "crlf":
            assert text.count("\n") == text.count("\r\n")


def changed(text: str, change: str) -> str:
    """The text after a statement on its value `v`."""
    value = read(text)[0]
    exec(change, {"v": value})
    return rewritten(text, value)


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ("v['model']['nodes']['stem']['at'] = [1, 2]", "[3, 3]}}", "[3, 3]}, at: [1, 2]}"),
        ("v['model']['nodes']['act'] = {'ReLU': {}, 'at': [1, 2]}", "act: ReLU", "act: {ReLU: {}, at: [1, 2]}"),
        ("v['model']['nodes']['sum']['at'] = [1, 2]", "# both\n", "# both\n      at: [1, 2]\n"),
        ("v['model']['nodes']['out']['Linear']['out_features'] = 3", "10   # classes", "3   # classes"),
        ("del v['model']['nodes']['sum']",
         "    # adds\n    sum:\n      add: {}\n      from: [act, other]   # both\n", ""),
        ("del v['model']['nodes']['stem']",
         "    # the stem\n    stem: {Conv2d: {out_channels: 6, kernel_size: [3, 3]}}  # wide\n", ""),
        ("v['data']['source']['Table']['target'] = 'no'", "target: y", 'target: "no"'),
        ("v['name'] = 'plain'", "'quoted'", "plain"),
        ("v['parameters'][1]['freeze'] = False", "freeze: true", "freeze: false"),
        ("v['parameters'].append({'match': 'x'})", "  freeze: true\n", "  freeze: true\n- match: x\n"),
        ("v['seed'] = 3", "  # the end\n", "  # the end\nseed: 3\n"),
        ("v['model']['inputs'] = ['x']", "[x, other]", "[x]"),
        ("n = v['model']['nodes']; v['model']['nodes'] = {'first' if k == 'stem' else k: n[k] for k in n}",
         "    stem:", "    first:"),
        ("v['train']['epochs'] = {'a': {'b': 'x' * 120}}", " 1e1\n", f"\n    a:\n      b: {'x' * 120}\n"),
    ],
)  # fmt: skip
def test_only_what_changes_is_written(change: str, old: str, new: str) -> None:
    assert COMMENTED.count(old) == 1
    assert changed(COMMENTED, change) == COMMENTED.replace(old, new)
    crlf = COMMENTED.replace("\n", "\r\n")
    assert changed(crlf, change) == COMMENTED.replace(old, new).replace("\n", "\r\n")


def test_nodes_in_another_order_keep_their_lines_and_comments() -> None:
    text = changed(COMMENTED, "n = v['model']['nodes']; n['stem'] = n.pop('stem')")
    assert list(read(text)[0]["model"]["nodes"]) == ["act", "sum", "out", "stem"]
    assert sorted(text.splitlines()) == sorted(COMMENTED.splitlines())
    assert "    # adds\n    sum:\n" in text and "    # the stem\n    stem: {" in text


def test_items_of_a_chain() -> None:
    assert changed(CHAIN, "v['model']['layers'].insert(1, 'GELU')") == CHAIN.replace("layer\n", "layer\n    - GELU\n")
    assert changed(CHAIN, "del v['model']['layers'][1]") == CHAIN.replace("    # activation\n    - ReLU\n", "")
    part = "{'ReLU': {'inplace': True}, 'name': 'relu'}"
    assert changed(CHAIN, f"v['model']['layers'][1] = {part}") == CHAIN.replace(
        "- ReLU\n", "- {ReLU: {inplace: true}, name: relu}\n"
    )
    assert changed(CHAIN, "v['model']['layers'][2] = 'ReLU'") == CHAIN.replace(
        "{Linear: {out_features: 10}, name: out}", "ReLU"
    )


def test_a_line_that_becomes_too_long_becomes_a_block() -> None:
    text = changed(CHAIN, "v['model']['layers'][2]['note'] = 'long words ' * 9 + 'end'")
    assert "    - Linear: {out_features: 10}   # the last\n      name: out\n      note: long words" in text


def test_an_unchanged_value_is_the_text() -> None:
    assert all(rewritten(text, read(text)[0]) == text for text in TEXTS.values())


def test_json_keeps_its_lines() -> None:
    assert changed(JSON, "v['a'][1]['b'] = 'x'") == JSON.replace("null", '"x"')
    assert changed(JSON, "v['model']['layers'].append('GELU')").count("\n") == JSON.count("\n") + 1


def test_aliases_are_written_out() -> None:
    assert changed(ALIASED, "v['seed'] = 1") in (ALIASED + "seed: 1\n", write({**read(ALIASED)[0], "seed": 1}))


def test_what_comes_into_a_long_chain_of_equals_moves_no_line() -> None:
    lines = [f"    - ReLU # {number}\n" for number in range(3000)]
    text = "model:\n  layers:\n" + "".join(lines)
    value = {"model": {"layers": [*["ReLU"] * 3000]}}
    value["model"]["layers"][1500] = "Tanh"
    lines[1500] = "    - Tanh # 1500\n"
    assert rewritten(text, value) == "model:\n  layers:\n" + "".join(lines)
    value["model"]["layers"].insert(1501, "GELU")
    lines.insert(1501, "    - GELU\n")
    assert rewritten(text, value) == "model:\n  layers:\n" + "".join(lines)
