"""Lists of modules that are called in turns: captured as nodes, printed as code, with the keys of the original."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch

from torchwork.capture import capture
from torchwork.code.reading import read_script
from torchwork.code.script import print_model_file
from torchwork.experiment import Model, ModelDocument
from torchwork.experiment.model_diff import model_changes
from torchwork.graph import resolve
from torchwork.graph.value import spec_of

from .container_nets import NETS


@pytest.mark.parametrize("name", NETS)
def test_lists_called_in_turns_are_nodes(name: str) -> None:
    kind, shapes = NETS[name]
    torch.manual_seed(0)
    net = kind()
    found = capture(net, [torch.rand(spec_of(shape).shape) for shape in shapes], "net")
    assert found.report.proof.holds, found.report.proof
    assert found.report.proof.outputs == 0.0
    assert {row.way for row in found.report.classes} <= {"native", "recorded"}

    document = ModelDocument.loads(ModelDocument(name="net", model=found.model.as_dict()).dumps())
    twin = resolve(document.model, [spec_of(shape) for shape in shapes]).build()
    assert sorted(twin.state_dict()) == sorted(net.state_dict())

    script = ModuleType("script")
    exec(compile(print_model_file(document, base=Path()), "script", "exec"), script.__dict__)
    printed = script.make_model()
    printed.load_state_dict(net.state_dict(), strict=True)
    given = [torch.rand(spec_of(shape).shape) for shape in shapes]
    with torch.no_grad():
        pairs = zip(_flat(printed.eval()(*given)), _flat(net.eval()(*given)), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def _flat(output: object) -> list[torch.Tensor]:
    return [output] if isinstance(output, torch.Tensor) else list(output)  # type: ignore[call-overload]


def test_the_script_holds_and_calls_them_as_people_write_it() -> None:
    found = capture(NETS["Turns"][0](), [torch.rand(2, 4, 8, 8)], "net")
    text = print_model_file(ModelDocument(name="turns", model=found.model.as_dict()), base=Path())
    assert "self.norms = nn.ModuleList([nn.BatchNorm2d(4) for _ in range(3)])" in text
    assert "x = self.norms[1](x)" in text


def test_a_script_with_lists_is_read_back_edited() -> None:
    nodes = {
        "convs.0": {"Linear": {"out_features": 4}},
        "norms.0": "LayerNorm",
        "convs.1": {"Linear": {"out_features": 5}},
    }
    document = ModelDocument(name="net", model={"nodes": nodes, "example": ["2x4"]})
    text = print_model_file(document, base=Path())
    found = read_script(text.replace("nn.Linear(4, 5)", "nn.Linear(4, 7)"), base=Path())
    assert not found.lost
    assert found.document.model.nodes["convs.1"].args == {"out_features": 7}


def test_the_difference_of_two_models_names_the_place_in_the_list() -> None:
    old, new = (
        Model.model_validate({"nodes": {"convs.0": {"Linear": {"out_features": size}}, "norms.0": "LayerNorm"}})
        for size in (4, 5)
    )
    assert [change.path for change in model_changes(old, new)] == ['model.nodes["convs.0"].Linear.out_features']
