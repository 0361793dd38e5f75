"""Live statistics: right numbers, whatever the model or the optimizer, and no trace in model or training."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, distributed, nn
from torch._dynamo.utils import counters
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel

import torchwork
from torchwork.inside import Statistics

X = torch.randn(8, 3, 6, 6, generator=torch.Generator().manual_seed(1))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(64, 5), nn.Tanh()
    )


def one_step(
    model: nn.Module,
    call: Callable[[], Tensor],
    statistics: Statistics | None = None,
    make: Callable[..., Any] = torch.optim.SGD,
) -> dict[str, float]:
    """What is seen of one step; the gradients stay in the model."""
    statistics = statistics or Statistics(model)
    statistics.attach()
    optimizer = make([p for p in model.parameters() if p.requires_grad], lr=0.1)
    statistics.before_step(1)
    call().backward()
    statistics.after_backward(list(model.parameters()))
    optimizer.step()
    statistics.after_step()
    statistics.close()
    [(step, row)] = statistics.read()
    assert step == 1
    return row


def test_the_numbers_are_those_that_one_would_compute() -> None:
    model, twin = network(), network()
    row = one_step(model, lambda: model(X).square().sum())
    outputs = torchwork.probe(twin, X)
    twin(X).square().sum().backward()
    for name, layer in (("0", "0"), ("1", "1"), ("2", "2"), ("4", "4"), ("5", "5")):
        assert row[f"output_mean/{layer}"] == pytest.approx(float(outputs[name].mean()), abs=1e-6)
        assert row[f"output_std/{layer}"] == pytest.approx(float(outputs[name].std(correction=0)), rel=1e-4)
    assert row["output_zeros/2"] == pytest.approx(float((outputs["2"] == 0).float().mean()))
    assert row["output_saturated/5"] == pytest.approx(float((outputs["5"].abs() > 0.97).float().mean()))
    total = 0.0
    for (name, before), after in zip(twin.named_parameters(), model.parameters(), strict=True):
        assert before.grad is not None
        total += float(before.grad.square().sum())
        assert row[f"gradient_norm/{name}"] == pytest.approx(float(before.grad.norm()), rel=1e-5)
        assert row[f"weight_norm/{name}"] == pytest.approx(float(after.detach().norm()), rel=1e-5)
        assert row[f"update_ratio/{name}"] == pytest.approx(
            float(0.1 * before.grad.norm() / after.detach().norm()), rel=1e-2, abs=1e-7
        )  # below that lies what rounds away: the bias before a BatchNorm has no gradient
    assert row["step/gradient_norm"] == pytest.approx(math.sqrt(total), rel=1e-5)
    assert not any("3" in tag.partition("/")[2] for tag in row)  # Flatten gives what it got


def test_a_mean_far_above_the_deviation_hides_it_not_entirely() -> None:
    model = nn.Sequential(nn.Linear(1, 1))
    x = 100 + torch.randn(4096, 1)
    with torch.no_grad():
        model[0].weight.fill_(1), model[0].bias.fill_(0)
    row = one_step(model, lambda: model(x).mean())
    assert row["output_std/0"] == pytest.approx(float(x.std()), rel=0.05)


def test_of_many_outputs_an_even_share_is_measured() -> None:
    model = nn.Sequential(nn.Linear(4, 2048), nn.ReLU())
    x = torch.randn(96, 4) + torch.arange(96)[:, None]  # samples differ, the later the more
    row = one_step(model, lambda: model(x).mean())
    outputs = torchwork.probe(model, x)["1"]
    assert row["output_mean/1"] == pytest.approx(float(outputs.mean()), rel=0.05)
    assert row["output_zeros/1"] == pytest.approx(float((outputs == 0).float().mean()), abs=0.01)


def test_units_that_never_answer_are_told_after_some_looks() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
    with torch.no_grad():
        model[0].bias[:] = torch.tensor([-100.0, -100.0, -100.0, 100.0])
    statistics = Statistics(model)
    statistics.attach()
    for step in range(1, 5):
        statistics.before_step(step)
        model(torch.randn(3 + step, 2))
        statistics.after_step()
    assert statistics.dead() == {"dead_units/1": 0.75}
    assert statistics.dead() == {}


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
@pytest.mark.parametrize("units", [4, 40])
def test_units_are_the_channels_of_maps_in_any_layout(layout: torch.memory_format, units: int) -> None:
    model = nn.Sequential(nn.Conv2d(3, units, 3), nn.ReLU()).to(memory_format=layout)
    with torch.no_grad():
        model[0].bias.fill_(-100.0)
        model[0].bias[1] = 0.5
    statistics = Statistics(model)
    statistics.attach()
    for step in range(1, 5):
        inputs = torch.zeros(3, 3, 6, 7)
        inputs[step % 3, :, 2:4, 3] = torch.randn(3, 2)  # what answers stands in one place of one sample
        statistics.before_step(step)
        model(inputs.contiguous(memory_format=layout))
        statistics.after_step()
    assert statistics.dead() == {"dead_units/1": pytest.approx((units - 1) / units)}


def test_what_is_no_number_is_not_zero() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
    row = one_step(model, lambda: model(torch.full((3, 2), torch.nan)).sum())
    assert row["output_zeros/1"] == 0 and row["output_mean/1"] != row["output_mean/1"]


def test_units_of_a_layer_whose_shape_changes_cannot_stop_a_training() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    statistics = Statistics(model)
    statistics.attach()
    for step in (1, 2, 3, 4):
        statistics.before_step(step)
        model[1](model[0](torch.randn(3, 2)).reshape(step if step in (1, 2, 3) else 6, -1))
        statistics.after_step()
    assert len(statistics.read()) == 4


class Odd(nn.Module):
    """Tuples, whole numbers, a layer in two places, a frozen one, one that is not called, one in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.lstm = nn.Embedding(10, 4, sparse=True), nn.LSTM(4, 3)
        self.shared = nn.Linear(3, 3)
        self.again = nn.Sequential(self.shared)
        self.unused, self.frozen = nn.Linear(2, 2), nn.Linear(3, 3).requires_grad_(False)
        self.norm = nn.BatchNorm1d(3).eval()

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(self.embed(x))
        return self.norm(self.frozen(self.again(self.shared(out[-1]))))  # type: ignore[no-any-return]


class Whole(nn.Module):
    """Gives whole numbers, and has a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.weight).long()


def test_odd_layers_are_seen_as_far_as_they_can_be() -> None:
    model = Odd()
    model.train()
    model.norm.eval()
    row = one_step(model, lambda: model(torch.arange(8).reshape(4, 2)).sum())
    outputs = {tag.partition("/")[2] for tag in row if tag.startswith("output_mean/")}
    assert outputs == {"embed", "lstm", "shared", "frozen"}
    assert model.embed.weight.grad is not None
    dense = model.embed.weight.grad.to_dense()
    assert row["gradient_norm/embed.weight"] == pytest.approx(float(dense.norm()), rel=1e-5)
    assert "gradient_norm/unused.weight" not in row and row["update_ratio/unused.weight"] == 0
    assert "weight_norm/frozen.weight" not in row
    assert [tag for tag in row if "again" in tag] == []
    whole = Whole()
    assert one_step(whole, lambda: torch.sum(whole(torch.ones(2)) + whole.weight))["gradient_norm/weight"] > 0


def test_numbers_of_two_parts_and_of_half_precision_are_measured() -> None:
    model = nn.Module()
    model.register_parameter("phase", nn.Parameter(torch.ones(3, dtype=torch.complex64)))
    model.register_parameter("small", nn.Parameter(torch.full((1000,), 300.0, dtype=torch.float16)))
    row = one_step(model, lambda: model.phase.abs().sum() + model.small.float().sum())
    assert row["weight_norm/phase"] == pytest.approx(math.sqrt(3) * 0.9, rel=1e-3)
    assert row["weight_norm/small"] == pytest.approx(300 * math.sqrt(1000), rel=1e-2)


def test_each_update_has_the_gradients_of_its_own_loss() -> None:
    """A discriminator's gradients are not those that the generator's loss leaves in it."""
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    model = nn.ModuleDict({"generator": generator, "critic": critic})
    statistics = Statistics(model)
    statistics.attach()
    statistics.before_step(1)
    wanted = {}
    for name, part, loss in (("critic", critic, 1.0), ("generator", generator, -5.0)):
        model.zero_grad()
        (critic(generator(torch.ones(1, 2))) * loss).sum().backward()
        statistics.after_backward(list(part.parameters()))
        wanted[name] = float(part.weight.grad.norm())  # type: ignore[union-attr]
    statistics.after_step()
    [(_, row)] = statistics.read()
    assert {name: row[f"gradient_norm/{name}.weight"] for name in wanted} == pytest.approx(wanted)


def test_of_an_optimizer_that_evaluates_several_times_the_first_counts() -> None:
    model = nn.Linear(2, 1)
    statistics = Statistics(model)
    statistics.attach()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=5)
    norms: list[float] = []

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (model(torch.ones(4, 2)) - 3).square().mean()
        loss.backward()
        norms.append(float(model.weight.grad.norm()))  # type: ignore[union-attr]
        statistics.after_backward(list(model.parameters()))
        return loss

    statistics.before_step(1)
    optimizer.step(closure)  # type: ignore[arg-type]
    statistics.after_step()
    [(_, row)] = statistics.read()
    assert len(norms) > 1
    assert row["gradient_norm/weight"] == pytest.approx(norms[0])


def test_a_step_that_fp16_skips_has_no_gradients_and_no_update() -> None:
    model = nn.Linear(2, 1)
    statistics = Statistics(model)
    statistics.attach()
    statistics.before_step(1)
    (model(torch.ones(1, 2)) * math.inf).sum().backward()
    statistics.after_backward(list(model.parameters()))
    statistics.after_step()
    [(_, row)] = statistics.read()
    assert "weight_norm/weight" in row
    assert not any(tag.startswith(("gradient_norm", "update_ratio", "step/")) for tag in row)


def test_gradients_that_are_no_numbers_are_told() -> None:
    model = nn.Linear(2, 1)
    row = one_step(model, lambda: torch.sum(model(torch.ones(1, 2)) * math.nan))
    assert math.isnan(row["gradient_norm/weight"]) and math.isnan(row["step/gradient_norm"])


def hooks_of(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_what_is_closed_has_left_nothing() -> None:
    model = network()
    statistics = Statistics(model)
    statistics.attach()
    statistics.attach()
    assert hooks_of(model) == 0  # not looked into yet
    statistics.before_step(1)
    assert hooks_of(model) == 5
    statistics.close()
    assert hooks_of(model) == 0
    statistics.attach()
    statistics.before_step(1)
    statistics.after_step()
    assert hooks_of(model) == 0


def test_copies_and_saved_models_have_none_of_it() -> None:
    model = network()
    statistics = Statistics(model)
    statistics.attach()
    statistics.before_step(1)
    for twin in (copy.deepcopy(model), AveragedModel(model).module, pickle.loads(pickle.dumps(model))):
        twin(X)
        hooks = [hook for module in twin.modules() for hook in module._forward_hooks.values()]
        assert not any(hasattr(hook, "table") for hook in hooks)
    statistics.after_step()
    [(_, row)] = statistics.read()
    assert not any(tag.startswith("output_") for tag in row)


def test_validation_is_not_looked_at() -> None:
    model = network()
    statistics = Statistics(model, always=True)
    statistics.attach()
    statistics.before_step(1)
    model.eval()(X)
    statistics.after_step()
    assert not any(tag.startswith("output_") for tag in statistics.read()[0][1])


def test_looks_are_many_at_first_and_ever_rarer() -> None:
    statistics = Statistics(network(), 10)
    wanted = [step for step in range(1, 100_001) if statistics.wants(step)]
    assert wanted[:22] == [*range(1, 21), 30, 40]
    assert len(wanted) < 1300
    assert 15 < sum(step > 90_000 for step in wanted) < 30


def test_a_compiled_model_has_one_graph_and_is_seen() -> None:
    torch._dynamo.reset()
    counters.clear()
    model = network()
    statistics = Statistics(model, always=True)
    statistics.attach()
    compiled = torch.compile(model, backend="aot_eager")
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    for step in range(1, 31):
        looking = statistics.wants(step)
        if looking:
            statistics.before_step(step)
        optimizer.zero_grad()
        compiled(X).square().sum().backward()
        if looking:
            statistics.after_backward(list(model.parameters()))
        optimizer.step()
        if looking:
            statistics.after_step()
    assert counters["stats"]["unique_graphs"] == 1
    assert not counters["graph_break"]
    rows = statistics.read()
    assert len(rows) == 21
    assert all(row["output_std/0"] > 0 and "output_zeros/2" in row for _, row in rows)
    assert "dead_units/2" in statistics.dead()
    torch._dynamo.reset()


@pytest.fixture
def alone() -> Iterator[None]:
    """A process group of one."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.skipif(not distributed.is_available(), reason="this torch knows no distributed training")
def test_distributed_training_is_seen_and_not_disturbed(alone: None) -> None:
    model, plain = network(), network()
    parallel = DistributedDataParallel(model)
    row = one_step(model, lambda: parallel(X).square().sum())
    one = torch.optim.SGD(plain.parameters(), lr=0.1)
    plain(X).square().sum().backward()
    one.step()
    assert row["output_std/0"] > 0 and row["gradient_norm/0.weight"] > 0
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), plain.parameters(), strict=True))


DOCUMENT = """
seed: 1
data: {source: {Shapes: {size: 16, train: 96, valid: 32}}, batch_size: 16}
model:
  layers: [{Conv2d: {out_channels: 4, kernel_size: 3}}, BatchNorm2d, {ReLU: {inplace: true}}, {Dropout: {p: 0.3}},
           Flatten, {Linear: {out_features: classes}}]
loss: CrossEntropyLoss
optimizer: {SGD: {lr: 0.05, fused: false}}
train: {epochs: 2, memory_format: contiguous}
"""
NOTHING = ["train.record.statistics=0", "train.record.maps=0", "train.record.histograms=false"]


def trained(tmp_path: Any, *settings: str) -> torchwork.Run:
    return torchwork.train(torchwork.Experiment.loads(DOCUMENT, list(settings)), runs=tmp_path)


@pytest.mark.parametrize(
    "settings",
    [[], ["train.accumulate=2"], ["train.ema=0.9"], ["train.clip={norm: 0.1}"], ["train.precision=bf16"]],
    ids=lambda settings: "".join(settings) or "plain",
)
def test_training_is_the_same_to_the_last_bit(tmp_path: Any, settings: list[str]) -> None:
    plain, seen = trained(tmp_path, *settings, *NOTHING), trained(tmp_path, *settings, "train.record.statistics=1")
    weights = plain.weights("last")
    assert all(torch.equal(item, weights[name]) for name, item in seen.weights("last").items())
    assert list(plain.metrics["step/loss"].values) == list(seen.metrics["step/loss"].values)
    log = seen.metrics
    assert len(log["output_std/0"]) == len(log["gradient_norm/0.weight"]) == len(log["step/loss"])
    assert "output_std/0" not in plain.metrics


def test_gradients_are_seen_before_they_are_clipped_and_without_the_scale_of_fp16(tmp_path: Any) -> None:
    plain = trained(tmp_path).metrics["step/gradient_norm"].values
    clipped = trained(tmp_path, "train.clip={norm: 0.001}").metrics["step/gradient_norm"].values
    halved = trained(tmp_path, "train.precision=fp16").metrics["step/gradient_norm"].values
    assert clipped[0] == pytest.approx(plain[0])
    assert halved[0] == pytest.approx(plain[0], rel=0.05)
