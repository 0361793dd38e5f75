"""`run.watch(model)`: one's own loop is seen as a training of torchwork's own is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.optim import optimizer as of_torch

from torchwork.record import Log, read_run
from torchwork.sweep import runs


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))


def batches(count: int) -> list[tuple[Tensor, Tensor]]:
    torch.manual_seed(1)
    return [(torch.randn(4, 1, 6, 6), torch.randint(0, 3, (4,))) for _ in range(count)]


def loss_of(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return nn.functional.cross_entropy(model(batch[0]), batch[1])


def global_hooks() -> int:
    return len(of_torch._global_optimizer_pre_hooks) + len(of_torch._global_optimizer_post_hooks)


def recorded(folder: Path) -> Log:
    return read_run(folder / "run-1")


def test_a_loop_is_seen_step_by_step_and_what_it_learns_stays_the_same(tmp_path: Path) -> None:
    weights = []
    for watched in (False, True):
        model, norms = network(), []
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        for run in runs(tmp_path / str(watched)):
            if watched:
                run.watch(model, batches(1)[0][0])
            for _ in run.epochs(2):
                for batch in run.batches(batches(5)):
                    optimizer.zero_grad()
                    loss_of(model, batch).backward()
                    norms.append(float(model[0].weight.grad.norm()))  # type: ignore[union-attr]
                    optimizer.step()
        weights.append([item.detach().clone() for item in model.parameters()])
    assert all(map(torch.equal, *weights))
    log = recorded(tmp_path / "True")
    assert log["gradient_norm/0.weight"].values == pytest.approx(norms)
    assert log["gradient_norm/0.weight"].steps.tolist() == list(range(1, 11))
    assert len(log["output_std/3"]) == len(log["update_ratio/3.bias"]) == 10
    assert log["dead_units/1"].steps.tolist() == [5, 10]
    assert {"outputs/0", "maps/0", "kernels/0", "weights/0.weight"} <= log.kinds.keys()
    assert log["layer_time/0"].values[0] > 0


def test_everything_is_taken_off_at_the_end_also_when_it_fails(tmp_path: Path) -> None:
    model, before = network(), global_hooks()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with pytest.raises(ZeroDivisionError):
        for run in runs(tmp_path):
            run.watch(model)
            for _ in run.epochs(1):
                for batch in run.batches(batches(3)):
                    loss_of(model, batch).backward()
                    optimizer.step()
                    assert global_hooks() == before + 2
                    raise ZeroDivisionError
    assert global_hooks() == before
    assert not any(module._forward_hooks for module in model.modules())


def test_gradients_that_add_up_are_seen_when_the_optimizer_steps(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for run in runs(tmp_path):
        run.watch(model)
        for _ in run.epochs(1):
            for number, batch in enumerate(run.batches(batches(6)), 1):
                loss_of(model, batch).backward()
                if number % 3 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
    log = recorded(tmp_path)
    assert log["gradient_norm/0.weight"].steps.tolist() == [1, 4]
    assert (log["update_ratio/0.weight"].values > 0).all()


def test_each_of_two_optimizers_has_its_gradients_and_lbfgs_those_of_its_first_evaluation(tmp_path: Path) -> None:
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    model = nn.ModuleDict({"generator": generator, "critic": critic})
    steps = {
        "critic": torch.optim.SGD(critic.parameters(), 0.0),
        "generator": torch.optim.SGD(generator.parameters(), 0.0),
    }
    for run in runs(tmp_path):
        run.watch(model)
        for _ in run.epochs(1):
            for _ in run.batches([torch.ones(1, 2)]):
                wanted = {}
                for name, sign in (("critic", 1.0), ("generator", -5.0)):
                    model.zero_grad()
                    (critic(generator(torch.ones(1, 2))) * sign).sum().backward()
                    wanted[name] = float(model[name].weight.grad.norm())  # type: ignore[union-attr]
                    steps[name].step()
    log = recorded(tmp_path)
    assert {name: log[f"gradient_norm/{name}.weight"].values[0] for name in wanted} == pytest.approx(wanted)


def test_fp16_scale_is_taken_out_of_what_is_seen(tmp_path: Path) -> None:
    norms = {}
    for fused in (False, True):
        model, scaler = network(), torch.amp.GradScaler("cpu", init_scale=1024.0)
        optimizer = torch.optim.SGD(model.parameters(), 0.1, fused=fused)
        for run in runs(tmp_path / str(fused)):
            run.watch(model)
            for _ in run.epochs(1):
                for batch in run.batches(batches(1)):
                    scaler.scale(loss_of(model, batch)).backward()
                    scaler.step(optimizer)
                    scaler.update()
        norms[fused] = recorded(tmp_path / str(fused))["step/gradient_norm"].values[0]
    model = network()
    loss_of(model, batches(1)[0]).backward()
    plain = torch.nn.utils.get_total_norm([item.grad for item in model.parameters() if item.grad is not None])
    assert norms == pytest.approx({False: float(plain), True: float(plain)}, rel=1e-4)


def test_what_was_recorded_is_said_also_where_nothing_was_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(watched: bool, logged: bool) -> str:
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for run in runs(tmp_path, f"{watched}-{logged}", lr=[0.01]):
            if watched:
                run.watch(model)
            for batch in run.batches(batches(3)):
                loss = loss_of(model, batch)
                loss.backward()
                optimizer.step()
                if logged:
                    run.log(loss=loss)
        return capsys.readouterr().err.strip()

    assert said(False, False) == "run 1 of 1 (lr=0.01): nothing recorded"
    assert said(True, False) == "run 1 of 1 (lr=0.01): what its layers did recorded"
    assert said(True, True) == "run 1 of 1 (lr=0.01): single steps and what its layers did recorded"
    log = read_run(tmp_path / "True-False-1")
    assert log["update_ratio/3.weight"].steps.tolist() == [1, 2, 3]
