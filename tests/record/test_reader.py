"""The reader: other writers' files, damaged files, files that grow, and files that overlap."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from torchwork.errors import RunFolderError
from torchwork.record import EventWriter, Tail, read_run, summary
from torchwork.record.crc import masked_length
from torchwork.record.frame import frame
from torchwork.record.log import Log

NAME = "events.out.tfevents.1.host"
GRAPHS = ("graph_def", "tagged_run_metadata", "meta_graph_def")


def record(tmp_path: Path, start: int, steps: range, value: float, **more: float) -> None:
    """One file of a run: from `start` on, with the same value at each of `steps`."""
    with EventWriter(tmp_path, start) as writer:
        for step in steps:
            writer.scalars(step, {"loss": value, **more})


def points(log: Log, tag: str = "loss") -> list[tuple[int, float]]:
    series = log[tag]
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


# Other writers.


def expected(shared: Path) -> dict[str, dict]:
    return json.loads((shared / "data/tfevents/expected.json").read_text())


def test_files_of_other_writers_hold_what_tensorboard_finds_in_them(shared: Path) -> None:
    checked = 0
    for name, want in expected(shared).items():
        if "records" not in want:
            continue
        log = read_run(shared / "data/tfevents" / name)
        assert (log.records, log.skipped, log.notes) == (want["records"], 0, []), name
        assert set(log.tags) == set(log) == set(want["scalars"]), name
        graphs = [tag for tag in log.kinds if tag.startswith(("graph_def", "run_metadata", "meta_graph_def"))]
        assert len(graphs) == sum(want["kinds"].get(kind, 0) for kind in GRAPHS), name
        assert len(log.tags) + len(log.kinds) - len(graphs) == want["n_tags"], name
        for tag, curve in want["scalars"].items():
            series = log.scalars(tag, overlap="both")
            first, last = ([int(series.steps[at]), str(float(series.values[at]))] for at in (0, -1))
            assert {"n": len(series), "first": first, "last": last} == curve, (name, tag)
        checked += 1
    assert checked == 80


def test_everything_that_is_no_scalar_is_counted_and_can_be_read(shared: Path) -> None:
    for name, want in expected(shared).items():
        if "records" not in want:
            continue
        log = read_run(shared / "data/tfevents" / name)
        found: dict[str, int] = {}
        for tag, kind in log.kinds.items():
            items = log.items(tag, overlap="both")
            found[kind] = found.get(kind, 0) + len(items)
            for item in items:
                item.read()
        kinds, plugins = want["kinds"], want["plugins"]
        assert found.get("histogram", 0) == kinds.get("histo", 0) + plugins.get("histograms", 0), name
        assert found.get("image", 0) == kinds.get("image", 0) + plugins.get("images", 0), name
        assert found.get("text", 0) == plugins.get("text", 0), name
        assert found.get("pr_curves", 0) == plugins.get("pr_curves", 0), name


def test_hparams_of_other_writers(shared: Path) -> None:
    runs = shared / "data/tfevents/ZeroToMax-ZYZ__study_tensorboard/runs"
    assert read_run(runs / "hparams_search_exp_1/1771595857.3236299").hparams == {
        "lr": 0.1,
        "batch_size": 32.0,
        "optimizer": "SGD",
    }


# Damage.


@pytest.mark.parametrize(
    ("name", "records", "skipped", "note"),
    [
        ("bitflip_data", 200, 1, "damaged records stepped over: 1"),
        ("bitflip_length", 200, 1, "damaged records stepped over: 1"),
        ("truncated_mid_header", 100, 0, "not complete yet"),
        ("truncated_mid_record", 100, 0, "not complete yet"),
        ("huge_length", 20, 0, "damaged"),
        ("zero_tail", 201, 0, "the last 4096 bytes are damaged"),
        ("garbage", 0, 0, "is not an event file"),
        ("html_404", 0, 0, "is not an event file"),
        ("empty", 0, 0, ""),
    ],
)
def test_damaged_files_give_all_that_is_sound(shared: Path, name: str, records: int, skipped: int, note: str) -> None:
    log = read_run(shared / "data/tfevents/damaged" / name)
    assert (log.records, log.skipped) == (records, skipped)
    assert note in " ".join(log.notes)
    good = shared / "data/tfevents/damaged" / name
    want = expected(shared)[f"damaged/{name}/{next(good.iterdir()).name}"]["good_records_before_damage"]
    assert log.records >= want


def test_a_sound_length_that_no_disk_holds_is_held_as_torn(tmp_path: Path) -> None:
    header = struct.pack("<QI", 2**60, masked_length(2**60))
    (tmp_path / NAME).write_bytes(frame(summary.version_event(0.0)) + header + b"x" * 50)
    log = read_run(tmp_path)
    assert log.records == 1 and "not complete yet" in log.notes[0]


def test_a_sound_record_that_is_no_event_is_stepped_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(
        frame(b"\xff" * 9) + frame(summary.scalar_event(0.0, 1, ("loss",), (2.0,))) + frame(b"\x09")
    )
    log = read_run(tmp_path)
    assert (log.records, log.skipped, points(log)) == (1, 2, [(1, 2.0)])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_stops_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    events = [
        summary.version_event(0.0),
        summary.start_event(0.0, 0),
        summary.scalar_event(1.0, 1, ("a", "b"), (1, 2)),
        summary.summary_event(1.0, 1, summary.text_value("note", "text")),
        summary.summary_event(1.0, 1, summary.histogram_value("h", np.arange(3.0), np.ones(2), 1.0, 1.0)),
        summary.scalar_event(2.0, 2, ("a", "b"), (1e300, 2)),
    ]
    if data.draw(st.booleans()):
        content = bytearray(b"".join(map(frame, events)))
        _flip(data, content)
    else:  # sound records with damaged events in them
        damaged = [bytearray(event) for event in events]
        for event in damaged:
            _flip(data, event)
        content = bytearray(b"".join(frame(bytes(event)) for event in damaged))
    (tmp_path / NAME).write_bytes(content)
    log = read_run(tmp_path)
    assert log.records + log.skipped <= len(events) + 1
    for tag in log.tags:
        log.scalars(tag), log.scalars(tag, "both")
    for tag in log.kinds:
        for item in log.items(tag):
            try:
                item.read()
            except RunFolderError as error:
                assert str(item.path) in str(error)


def _flip(data: st.DataObject, content: bytearray) -> None:
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]


# Growing files.


def test_a_torn_tail_is_held_until_the_rest_comes(tmp_path: Path) -> None:
    record(tmp_path / "whole", 0, range(3), 1.0)
    content = next((tmp_path / "whole").iterdir()).read_bytes()
    (tmp_path / "growing").mkdir()
    path = tmp_path / "growing" / NAME
    path.touch()
    tail = Tail(tmp_path / "growing")
    seen = 0
    for byte in content:
        with path.open("ab") as file:
            file.write(bytes([byte]))
        seen += tail.poll()
    assert seen == tail.log.records == 5
    assert points(tail.log) == [(0, 1.0), (1, 1.0), (2, 1.0)]
    assert tail.log.skipped == 0 and tail.log.notes == []


def test_poll_says_how_much_is_new(tmp_path: Path) -> None:
    tail = Tail(tmp_path)
    assert tail.poll() == 0 and tail.log.notes == ["there are no event files"]
    with EventWriter(tmp_path) as writer:
        writer.scalars(0, {"loss": 1.0})
        writer.flush()
        assert (tail.poll(), tail.poll()) == (3, 0)
        before = tail.log["loss"]
        writer.scalars(1, {"loss": 1.0})
        writer.flush()
        assert (tail.poll(), tail.poll()) == (1, 0)
    assert (len(before), len(tail.log["loss"])) == (1, 2)


def test_a_replaced_file_is_read_again(tmp_path: Path) -> None:
    record(tmp_path / "run", 0, range(5), 1.0)
    record(tmp_path / "other", 0, range(7), 2.0)
    tail = Tail(tmp_path / "run")
    tail.poll()
    path = next((tmp_path / "run").iterdir())
    next((tmp_path / "other").iterdir()).replace(path)  # as rsync does: a new file under the old name
    assert tail.poll() == 9
    assert points(tail.log) == [(step, 2.0) for step in range(7)]


def test_a_file_that_shrank_is_read_again(tmp_path: Path) -> None:
    record(tmp_path / "run", 0, range(5), 1.0)
    record(tmp_path / "other", 0, range(2), 2.0)
    tail = Tail(tmp_path / "run")
    tail.poll()
    path = next((tmp_path / "run").iterdir())
    path.write_bytes(next((tmp_path / "other").iterdir()).read_bytes())
    tail.poll()
    assert points(tail.log) == [(0, 2.0), (1, 2.0)]


def test_a_file_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    record(tmp_path, 0, range(5), 1.0)
    tail = Tail(tmp_path)
    tail.poll()
    next(tmp_path.iterdir()).unlink()
    tail.poll()
    assert tail.log.tags == []


# Overlaps.


def test_the_last_writer_wins_from_its_start_on(tmp_path: Path) -> None:
    record(tmp_path, 0, range(6), 1.0, early=1.0)
    record(tmp_path, 3, range(3, 5), 2.0)
    log = read_run(tmp_path)
    assert points(log) == [(0, 1.0), (1, 1.0), (2, 1.0), (3, 2.0), (4, 2.0)]
    assert log["early"].steps.tolist() == [0, 1, 2]  # also where the second writer never wrote the tag
    assert log.scalars("loss", overlap="both").steps.tolist() == [0, 1, 2, 3, 4, 5, 3, 4]


def test_without_a_start_the_first_step_of_the_later_file_counts(shared: Path, tmp_path: Path) -> None:
    run = shared / "data/tfevents/ZeroToMax-ZYZ__study_tensorboard/runs/my_first_experiment"
    second = max(run.iterdir())
    shutil.copy(second, tmp_path / second.name)
    alone = read_run(tmp_path)["Metrics/Loss"]
    both = read_run(run)
    assert np.array_equal(both["Metrics/Loss"].values, alone.values)
    assert len(both.scalars("Metrics/Loss", overlap="both")) == 200


def test_a_start_within_a_file_counts_too(tmp_path: Path) -> None:
    events = [summary.scalar_event(0.0, step, ("loss",), (1.0,)) for step in range(4)]
    events += [summary.start_event(0.0, 2)]
    events += [summary.scalar_event(0.0, step, ("loss",), (2.0,)) for step in range(2, 4)]
    (tmp_path / NAME).write_bytes(b"".join(map(frame, events)))
    assert points(read_run(tmp_path)) == [(0, 1.0), (1, 1.0), (2, 2.0), (3, 2.0)]


def test_items_follow_the_same_rule(tmp_path: Path) -> None:
    for start in (0, 2):
        with EventWriter(tmp_path, start) as writer:
            for step in range(start, 4):
                writer.text(step, "note", f"{start}")
    log = read_run(tmp_path)
    assert [(item.step, item.read()) for item in log.items("note")] == [(0, ["0"]), (1, ["0"]), (2, ["2"]), (3, ["2"])]
    assert len(log.items("note", overlap="both")) == 6


def test_a_tag_in_changing_company_is_one_curve(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        for step in range(6):
            writer.scalars(step, {"loss": step} if step % 2 else {"lr": 0.1, "loss": step})
    assert points(read_run(tmp_path)) == [(step, float(step)) for step in range(6)]


def test_a_tag_twice_in_one_event_is_two_points(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(frame(summary.scalar_event(0.0, 1, ("a", "a"), (1.0, 2.0))))
    assert points(read_run(tmp_path), "a") == [(1, 1.0), (1, 2.0)]


# Questions with no answer.


def test_an_unknown_tag_names_the_nearest(tmp_path: Path) -> None:
    record(tmp_path, 0, range(2), 1.0)
    with pytest.raises(RunFolderError, match="did you mean loss"):
        read_run(tmp_path)["los"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot read events from"):
        read_run(tmp_path / "missing")
