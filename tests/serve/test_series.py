"""Curves as a page draws them: exact when they can be, whole when they cannot, smoothed before anything is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchwork.record import EventWriter
from torchwork.serve import downsample
from torchwork.serve.deltas import cursor_of
from torchwork.serve.messages import SeriesQuery
from torchwork.serve.series import Part, answer, decode
from torchwork.serve.workspace import Workspace


def write(folder: Path, values: dict[str, list[float]], start: int = 0, times: list[float] | None = None) -> None:
    with EventWriter(folder, start) as writer:
        for number, row in enumerate(zip(*values.values(), strict=True)):
            when = times[number] if times else 100.0 + number
            writer.scalars(start + number, dict(zip(values, row, strict=True)), wall_time=when)


def ask(root: Path, runs: list[str] | None = None, tag: str = "loss", **more: object) -> Part:
    query = SeriesQuery.model_validate({"runs": runs or ["a"], "tag": tag, **more})
    [part] = decode(answer([query], Workspace(root).reading))
    return part


def test_few_points_come_as_they_were_recorded(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [3.0, 2.0, 1.0]})
    part = ask(tmp_path)
    assert part.about.exact and part.about.columns == ["x", "y", "step", "time"]
    assert part.columns["y"].tolist() == [3.0, 2.0, 1.0]
    assert part.columns["time"].tolist() == [100.0, 101.0, 102.0]


def test_many_points_keep_their_extremes_and_their_mean(tmp_path: Path) -> None:
    values = np.sin(np.arange(5000) / 50)
    values[777] = 50.0
    write(tmp_path / "a", {"loss": values.tolist()})
    part = ask(tmp_path, width=100)
    columns = part.columns
    assert not part.about.exact and part.about.total == 5000
    assert 50 < len(columns["x"]) <= 110
    assert columns["high"].max() == 50.0 and columns["low"].min() == pytest.approx(-1.0, abs=1e-3)
    assert np.all(columns["low"] <= columns["y"]) and np.all(columns["y"] <= columns["high"])
    width = columns["x"][3] - columns["x"][2]
    assert np.log2(width) == round(np.log2(width))
    assert (columns["x"][0], columns["x"][-1]) == (0, 4999), "a curve begins and ends where it was recorded"
    assert columns["y"][-1] == pytest.approx(values[-1])


def test_zooming_reaches_every_point(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=5000).astype(np.float32).astype(float)
    write(tmp_path / "a", {"loss": values.tolist()})
    seen: dict[float, float] = {}
    for low in range(0, 5000, 150):
        part = ask(tmp_path, width=100, low=low, high=low + 149)
        assert part.about.exact and part.about.total == min(150, 5000 - low)
        seen.update(zip(part.columns["x"].tolist(), part.columns["y"].tolist(), strict=True))
    assert [seen[step] for step in range(5000)] == values.tolist()


def test_a_part_has_its_neighbours_so_that_lines_reach_the_edge(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [0.0, 1.0, 2.0, 3.0]})
    part = ask(tmp_path, low=1.4, high=1.6)
    assert part.columns["x"].tolist() == [1.0, 2.0] and part.about.total == 0
    assert ask(tmp_path, low=10, high=20).columns["x"].tolist() == [3.0]


def test_finished_buckets_stay_as_they_are_while_points_arrive(tmp_path: Path) -> None:
    values = np.cos(np.arange(4000.0))
    write(tmp_path / "a", {"loss": values[:3000].tolist()})
    before = ask(tmp_path, width=64)
    write(tmp_path / "a", {"loss": values[3000:].tolist()}, start=3000)
    after = ask(tmp_path, width=64)
    for name in ("x", "y", "low", "high"):
        assert after.columns[name][: len(before.columns[name]) - 2].tolist() == before.columns[name][:-2].tolist()


def test_what_is_no_number_is_told_and_not_drawn(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [1.0, float("nan"), float("inf"), float("-inf"), 5.0]})
    part = ask(tmp_path, smoothing=0.5)
    assert part.columns["x"].tolist() == [0.0, 4.0]
    assert part.about.nonfinite == [(1.0, "NaN"), (2.0, "Infinity"), (3.0, "-Infinity")]
    assert part.about.smooth_count == 2


def slowly(values: list[float], weight: float) -> list[float]:
    last, out = 0.0, []
    for number, value in enumerate(values, 1):
        last = last * weight + (1 - weight) * value
        out.append(last / (1 - weight**number))
    return out


@given(st.lists(st.floats(-1e6, 1e6), max_size=300), st.floats(0.01, 0.999))
def test_smoothing_is_tensorboards(values: list[float], weight: float) -> None:
    found = downsample.smooth(np.array(values, np.float64), weight)
    assert np.allclose(found.values, slowly(values, weight), rtol=1e-9, atol=1e-6)


def test_smoothing_a_million_goes_on_where_it_ended() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    whole, half = downsample.smooth(values, 0.99), downsample.smooth(values[:50_000], 0.99)
    last = half.last
    for value in values[50_000:].tolist():
        last = last * 0.99 + 0.01 * value
    assert last == pytest.approx(whole.last, rel=1e-9)
    assert whole.count == 100_000


def test_smoothing_looks_at_the_whole_curve_first(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=3000)
    write(tmp_path / "a", {"loss": values.tolist()})
    part = ask(tmp_path, smoothing=0.9, low=2990, high=2999)
    want = slowly(values.astype(np.float32).tolist(), 0.9)[2989:]
    assert np.allclose(part.columns["smooth"], want, atol=1e-6)


def test_several_runs_are_their_mean_and_spread(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [1.0, 2.0, 3.0]})
    write(tmp_path / "b", {"loss": [3.0, 4.0]})
    part = ask(tmp_path, ["a", "b", "missing"])
    assert part.columns["x"].tolist() == [0.0, 1.0, 2.0]
    assert part.columns["y"].tolist() == [2.0, 3.0, 3.0]
    spread = np.std([1.0, 3.0], ddof=1)
    assert part.columns["low"].tolist() == pytest.approx([2 - spread, 3 - spread, 3.0])
    assert part.columns["high"].tolist() == pytest.approx([2 + spread, 3 + spread, 3.0])


def test_x_can_be_time_epoch_or_a_metric(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        for step in range(1, 9):
            writer.scalars(step, {"loss": step, "lr": -step}, wall_time=1000.0 + 2 * step)
            if step % 4 == 0:
                writer.scalars(step, {"epoch": step // 4}, wall_time=1000.0 + 2 * step)
    assert ask(tmp_path, x="time").columns["x"].tolist() == [1000.0 + 2 * step for step in range(1, 9)]
    assert ask(tmp_path, x="relative").columns["x"].tolist() == [2.0 * step for step in range(8)]
    assert ask(tmp_path, x="epoch").columns["x"].tolist() == [step / 4 for step in range(1, 9)]
    metric = ask(tmp_path, x="metric", metric="lr")
    assert metric.columns["x"].tolist() == [float(-step) for step in range(8, 0, -1)]
    assert metric.columns["y"].tolist() == [float(step) for step in range(8, 0, -1)]


def test_a_running_epoch_is_counted_on(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        for step in range(1, 11):
            writer.scalars(step, {"loss": step})
            if step % 4 == 0:
                writer.scalars(step, {"epoch": step // 4})
    assert ask(tmp_path, x="epoch").columns["x"][-1] == 2.5


def test_overlaps_are_resolved_or_shown(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [1.0] * 6})
    write(tmp_path / "a", {"loss": [2.0] * 2}, start=3)
    assert ask(tmp_path).columns["y"].tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]
    assert len(ask(tmp_path, overlap="both").columns["y"]) == 8


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"tag": "los"}, "did you mean loss"),
        ({"runs": ["nowhere"]}, "no run"),
        ({"runs": ["../a"]}, "inside the opened folder"),
        ({"runs": []}, "names no run"),
        ({"x": "epoch"}, "no epochs"),
        ({"x": "metric"}, "no metric is named"),
    ],
)
def test_what_cannot_be_drawn_is_said_beside_what_can(tmp_path: Path, query: dict[str, object], words: str) -> None:
    write(tmp_path / "a", {"loss": [1.0]})
    good = SeriesQuery(runs=["a"], tag="loss")
    bad = SeriesQuery.model_validate({"runs": ["a"], "tag": "loss", **query})
    wrong, right = decode(answer([bad, good], Workspace(tmp_path).reading))
    assert words in str(wrong.about.error) and wrong.about.count == 0
    assert right.about.count == 1


def test_one_step_with_many_points_is_one_bucket(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a") as writer:
        for number in range(200):
            writer.scalars(0, {"loss": number})
    part = ask(tmp_path, width=16)
    assert part.columns["x"].tolist() == [0.0]
    assert (part.columns["low"][0], part.columns["high"][0]) == (0.0, 199.0)


def test_the_largest_numbers_do_not_overflow(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [1.7e308] * 200})
    assert np.all(ask(tmp_path, width=16).columns["y"] > 1e308)


def test_real_logs_of_others_give_every_scalar(shared: Path) -> None:
    root = shared / "data/tfevents"
    workspace = Workspace(root)
    curves = 0
    for run in workspace.runs():
        with workspace.reading(run.id) as tail:
            tags = tail.log.tags
            want = {tag: tail.log.scalars(tag) for tag in tags}
        queries = [SeriesQuery(runs=[run.id], tag=tag, width=20_000) for tag in tags]
        for tag, part in zip(tags, decode(answer(queries, workspace.reading)), strict=True):
            finite = want[tag].values[np.isfinite(want[tag].values)]
            assert part.columns["y"].tolist() == finite.tolist(), (run.id, tag)
            curves += 1
    assert curves > 100


def test_an_answer_says_how_far_it_goes(tmp_path: Path) -> None:
    write(tmp_path / "a", {"loss": [1.0, float("nan"), 1.0]})
    write(tmp_path / "a", {"loss": [2.0]}, start=1)
    about = ask(tmp_path).about
    assert (about.count, about.recorded) == (2, 4)
    with Workspace(tmp_path).reading("a") as tail:
        assert about.cursor == cursor_of(tail)
