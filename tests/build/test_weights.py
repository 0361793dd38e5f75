"""Weights from files: safetensors and plain state dicts go in, pickles that could run code do not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from torchwork.build import put_weights, read_weights
from torchwork.errors import WeightsError


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"model": s}])
def test_plain_state_dicts_are_read_also_inside_the_usual_wrappers(tmp_path: Path, model: nn.Module, wrap) -> None:
    torch.save(wrap(model.state_dict()), tmp_path / "weights.pth")
    assert read_weights(tmp_path / "weights.pth").keys() == model.state_dict().keys()


def test_the_prefix_of_a_parallel_wrapper_goes(tmp_path: Path, model: nn.Module) -> None:
    torch.save(nn.DataParallel(model).state_dict(), tmp_path / "weights.pth")
    assert read_weights(tmp_path / "weights.pth").keys() == model.state_dict().keys()


def test_safetensors_round_trip_changes_nothing(tmp_path: Path, model: nn.Module) -> None:
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    other = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    put_weights(other, read_weights(tmp_path / "weights.safetensors"), "weights.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_what_does_not_fit_is_listed_and_changes_nothing(model: nn.Module) -> None:
    before = [parameter.clone() for parameter in model.parameters()]
    weights = {
        "0.weight": torch.zeros(4, 3),
        "0.bias": torch.zeros(5),
        "1.weights": torch.zeros(2, 4),
        "1.bias": torch.zeros(2),
    }
    with pytest.raises(WeightsError) as caught:
        put_weights(model, weights, "other.pth")
    message = str(caught.value)
    assert "1 missing: 1.weight" in message
    assert "1 unexpected: 1.weights (did you mean 1.weight?)" in message
    assert "0.bias is (5,), expected (4,)" in message
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


class Trap:
    """A pickle that would create a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_of_objects_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    torch.save({"weight": Trap(tmp_path / "trapped")}, tmp_path / "weights.pth")
    with pytest.raises(WeightsError, match="run code from it"):
        read_weights(tmp_path / "weights.pth")
    assert not (tmp_path / "trapped").exists()


def test_files_that_hold_no_weights_are_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.pth").touch()
    (tmp_path / "text.safetensors").write_text("hello")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save(torch.optim.Adam([nn.Parameter(torch.zeros(1))]).state_dict(), tmp_path / "optimizer.pth")
    for name in ("empty.pth", "text.safetensors", "list.pth", "optimizer.pth", "missing.pth"):
        with pytest.raises(WeightsError) as caught:
            read_weights(tmp_path / name)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value)


def test_real_published_weights_are_read(shared: Path) -> None:
    found = read_weights(shared / "data/weights/pytorch_resnet_cifar10__resnet20-12fca82f.th")
    assert found["conv1.weight"].shape == (16, 3, 3, 3)
    assert len(read_weights(shared / "data/weights/mobilenet_v2_imagenet_dequant.pth")) > 300


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("checkpint_9_epoch", None),
        ("checkpoint_4_epoch", None),
        ("model_state_dict", None),
        ("optimizer_state_dict", "optimizer"),
        ("model_in_gpu_0", None),
        ("model_in_multi_gpu", None),
    ],
)
def test_awkward_real_files_are_read_as_weights_or_refused_with_the_reason(
    shared: Path, name: str, reason: str | None
) -> None:
    path = shared / "data/weights_odd" / f"Pytorch-Camp__{name}.pkl"
    if reason is None:
        assert all(isinstance(tensor, torch.Tensor) for tensor in read_weights(path).values())
    else:
        with pytest.raises(WeightsError, match=reason):
            read_weights(path)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model.", "net.model."])
def test_a_prefix_of_every_name_is_no_difference(tmp_path: Path, model: nn.Module, prefix: str) -> None:
    state = {f"{prefix}{name}": tensor for name, tensor in model.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "weights.pth")
    other = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    put_weights(other, read_weights(tmp_path / "weights.pth"), "weights.pth")
    assert torch.equal(other[1].weight, model[1].weight)


def test_a_child_called_module_keeps_its_name(tmp_path: Path) -> None:
    model = nn.Sequential()
    model.add_module("module", nn.Linear(2, 2))
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    put_weights(model, read_weights(tmp_path / "weights.pth"), "weights.pth")


def test_one_state_dict_under_any_key_is_found_and_several_are_named(tmp_path: Path, model: nn.Module) -> None:
    torch.save({"best": model.state_dict(), "epoch": 1}, tmp_path / "one.pth")
    assert len(read_weights(tmp_path / "one.pth")) == 4
    torch.save({"generator": model.state_dict(), "discriminator": model.state_dict()}, tmp_path / "two.pth")
    with pytest.raises(WeightsError, match="several models \\(generator, discriminator\\)"):
        read_weights(tmp_path / "two.pth")


def test_counters_of_batches_may_be_missing() -> None:
    model, other = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.ones_(other.bias)
    put_weights(model, {k: v for k, v in other.state_dict().items() if "tracked" not in k}, "old.pth")
    assert model.bias.sum() == 2


def test_each_name_that_does_not_fit_has_the_nearest_and_the_list_is_short(model: nn.Module) -> None:
    weights = {f"layers.{number}.weight": torch.zeros(1) for number in range(200)}
    with pytest.raises(WeightsError) as caught:
        put_weights(model, weights, "other.pth")
    message = str(caught.value)
    assert "200 unexpected" in message and "and 195 more" in message and len(message) < 700
    with pytest.raises(WeightsError, match=r"1\.weight \(did you mean 1\.weigth\?\)"):
        put_weights(model, {n.replace("1.weight", "1.weigth"): t for n, t in model.state_dict().items()}, "other.pth")


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_program_is_no_file_of_weights(tmp_path: Path, model: nn.Module) -> None:
    exported = torch.jit.trace(model, torch.zeros(1, 3))
    exported.save(str(tmp_path / "model.pt"))
    with pytest.raises(WeightsError, match="TorchScript archive"):
        read_weights(tmp_path / "model.pt")


@pytest.mark.parametrize("folder", ["weights", "weights_odd"])
def test_files_from_the_world(shared: Path, folder: str) -> None:
    for path in sorted((shared / "data" / folder).iterdir()):
        if path.suffix in (".txt", "") or "optimizer" in path.name:
            with pytest.raises(WeightsError) as caught:
                read_weights(path)
            assert len(str(caught.value).splitlines()) == 1
        else:
            assert len(read_weights(path)) >= 3
