"""The writer: TensorBoard reads all of it, numbers stay exact, and a full disk is said, not hidden."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import SessionLog
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata

from torchwork.errors import RunFolderError
from torchwork.record import EventWriter, pixels, read_run

EVERYTHING = {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}


def tensorboard(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder), EVERYTHING).Reload()


def test_tensorboard_reads_scalars_of_one_event_per_step(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalars(1, {"step/loss": 2.5, "step/lr": 0.5}, wall_time=100.0)
        writer.scalars(300, {"step/loss": math.nan, "step/lr": -math.inf}, wall_time=101.0)
        writer.scalars(2**40, {"größe": 1})
    seen = tensorboard(tmp_path)
    assert seen.Tags()["scalars"] == ["step/loss", "step/lr", "größe"]
    rates = [(event.step, event.wall_time, event.value) for event in seen.Scalars("step/lr")]
    assert rates == [(1, 100.0, 0.5), (300, 101.0, -math.inf)]
    assert math.isnan(seen.Scalars("step/loss")[1].value)
    assert seen.Scalars("größe")[0].step == 2**40


def test_rows_are_one_event_each(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalar_rows(10, ["a", "b"], np.arange(6.0).reshape(3, 2), [1.0, 2.0, 3.0])
    log = read_run(tmp_path)
    assert log.records == 2 + 3
    assert log["b"].steps.tolist() == [10, 11, 12] and log["b"].values.tolist() == [1.0, 3.0, 5.0]
    assert [e.value for e in tensorboard(tmp_path).Scalars("b")] == [1.0, 3.0, 5.0]


def test_a_file_begins_with_version_and_start(tmp_path: Path) -> None:
    EventWriter(tmp_path, start_step=7).close()
    version, start = EventFileLoader(str(next(tmp_path.iterdir()))).Load()
    assert version.file_version == "brain.Event:2"
    assert (start.step, start.session_log.status) == (7, SessionLog.START)


@pytest.mark.parametrize("value", [2.0**24 + 1, -123456789012345.0, 1e300, -1e39, 1e-42, 5e-324, 16777217.5])
def test_doubles_that_float32_distorts_come_back_exactly(tmp_path: Path, value: float) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalars(0, {"before": 0.1, "value": value})
    assert read_run(tmp_path)["value"].values.tolist() == [value]
    with np.errstate(over="ignore"):
        assert tensorboard(tmp_path).Scalars("value")[0].value == np.float32(value)


def test_ordinary_numbers_take_no_more_than_float32(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalars(0, {"value": 0.1})
        writer.scalars(1, {"value": 0.0})
        writer.scalars(2, {"value": 2.0**30})
    assert read_run(tmp_path)["value"].values.tolist() == [float(np.float32(0.1)), 0.0, 2.0**30]


def test_what_the_caller_changes_later_does_not_change_the_record(tmp_path: Path) -> None:
    values, rows, picture = {"loss": 1.0}, np.ones((1, 1)), np.zeros((2, 2), np.uint8)
    with EventWriter(tmp_path) as writer:
        writer.scalars(0, values)
        writer.scalar_rows(1, ["loss"], rows, [0.0])
        writer.image(1, "picture", picture)
        values["loss"], rows[:], picture[:] = 5.0, 5.0, 5
    log = read_run(tmp_path)
    assert log["loss"].values.tolist() == [1.0, 1.0]
    assert pixels(log.items("picture")[0].read()[0]).max() == 0


def test_tensorboard_reads_histograms(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.histogram(3, "weights/a", np.array([[0.0, 1.0], [2.0, 4.0]]), bins=4)
        writer.histogram_counts(3, "weights/b", [0.0, 1.0, 2.0], [5, 6], total=9.0, squares=12.0)
        writer.histogram(4, "weights/a", [np.nan, np.inf])
    proto = tensorboard(tmp_path).Histograms("weights/a")[0].histogram_value
    assert (proto.min, proto.max, proto.num, proto.sum, proto.sum_squares) == (0.0, 4.0, 4.0, 7.0, 21.0)
    assert list(proto.bucket_limit) == [1.0, 2.0, 3.0, 4.0] and list(proto.bucket) == [1.0, 1.0, 1.0, 1.0]
    ours = read_run(tmp_path).items("weights/b")[0].read()
    assert ours.edges.tolist() == [0.0, 1.0, 2.0] and ours.counts.tolist() == [5.0, 6.0]
    assert (ours.total, ours.squares) == (9.0, 12.0)


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3), (4, 6, 4)])
def test_images_come_back_as_they_were(tmp_path: Path, shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    with EventWriter(tmp_path) as writer:
        writer.image(2, "picture", picture)
    seen = tensorboard(tmp_path).Images("picture")[0]
    assert (seen.height, seen.width, seen.step) == (4, 6, 2)
    assert np.array_equal(pixels(seen.encoded_image_string), picture.squeeze())
    assert np.array_equal(pixels(read_run(tmp_path).items("picture")[0].read()[0]), picture.squeeze())


def test_tensorboard_reads_text(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.text(5, "note", "**bold** 中文")
    seen = tensorboard(tmp_path)
    assert seen.PluginTagToContent("text").keys() == {"note"}
    assert seen.Tensors("note")[0].tensor_proto.string_val[0].decode() == "**bold** 中文"
    assert read_run(tmp_path).items("note")[0].read() == ["**bold** 中文"]


def test_hparams_stand_in_the_same_file(tmp_path: Path) -> None:
    settings = {"lr": 0.1, "optimizer": "Adam", "amsgrad": True, "limit": None, "epochs": 10}
    with EventWriter(tmp_path) as writer:
        writer.hparams(settings, ["valid/loss"])
        writer.scalars(1, {"valid/loss": 1.0})
    content = tensorboard(tmp_path).PluginTagToContent("hparams")
    experiment = hparams_metadata.parse_experiment_plugin_data(content[hparams_metadata.EXPERIMENT_TAG])
    assert [info.name for info in experiment.hparam_infos] == list(settings)
    assert experiment.metric_infos[0].name.tag == "valid/loss"
    start = hparams_metadata.parse_session_start_info_plugin_data(content[hparams_metadata.SESSION_START_INFO_TAG])
    assert (start.hparams["lr"].number_value, start.hparams["amsgrad"].bool_value) == (0.1, True)
    assert start.hparams["limit"].WhichOneof("kind") == "null_value"
    end = hparams_metadata.parse_session_end_info_plugin_data(content[hparams_metadata.SESSION_END_INFO_TAG])
    assert end.status == 1 and end.end_time_secs >= start.start_time_secs
    assert len(list(tmp_path.iterdir())) == 1
    assert read_run(tmp_path).hparams == settings


def test_hparams_of_a_run_that_failed_say_so(tmp_path: Path) -> None:
    with pytest.raises(KeyError), EventWriter(tmp_path) as writer:
        writer.hparams({"lr": 0.1})
        raise KeyError
    content = tensorboard(tmp_path).PluginTagToContent("hparams")
    end = hparams_metadata.parse_session_end_info_plugin_data(content[hparams_metadata.SESSION_END_INFO_TAG])
    assert end.status == 2


def test_the_layout_puts_train_and_valid_into_one_chart(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.layout({"loss": ["train/loss", "valid/loss"], "a.b": ["train/a.b"]})
    seen = tensorboard(tmp_path)
    assert seen.PluginTagToContent("custom_scalars").keys() == {"custom_scalars__config__"}
    layout = layout_pb2.Layout.FromString(seen.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
    charts = layout.category[0].chart
    assert [chart.title for chart in charts] == ["loss", "a.b"]
    assert list(charts[0].multiline.tag) == ["^train/loss$", "^valid/loss$"]
    assert list(charts[1].multiline.tag) == [r"^train/a\.b$"]


def test_flush_makes_everything_readable(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        for step in range(3000):
            writer.scalars(step, {"loss": step})
        writer.flush()
        assert len(read_run(tmp_path)["loss"]) == 3000


def test_points_arrive_without_a_flush(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.scalars(0, {"loss": 1.0})
        deadline = time.monotonic() + 120
        while "loss" not in read_run(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(read_run(tmp_path)["loss"]) == 1


def test_several_threads_may_record(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:

        def record(tag: str) -> None:
            for step in range(500):
                writer.scalars(step, {tag: step})

        threads = [threading.Thread(target=record, args=(f"tag{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    log = read_run(tmp_path)
    assert {len(log[tag]) for tag in log.tags} == {500} and log.skipped == 0


def test_a_later_file_sorts_behind(tmp_path: Path) -> None:
    for _ in range(12):
        EventWriter(tmp_path).close()
    names = [path.name for path in sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)]
    assert len(names) == 12 and names == sorted(names)


def test_tensorboard_drops_what_a_resumed_run_repeats(tmp_path: Path) -> None:
    for start in (1, 4):
        with EventWriter(tmp_path, start) as writer:
            for step in range(start, start + 5):
                writer.scalars(step, {"loss": start})
    assert [(e.step, e.value) for e in tensorboard(tmp_path).Scalars("loss")] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 4),
        (5, 4),
        (6, 4),
        (7, 4),
        (8, 4),
    ]


@pytest.mark.parametrize("picture", [np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8), np.zeros((2, 0, 3), np.uint8)])
def test_a_wrong_picture_is_refused_at_the_call(tmp_path: Path, picture: np.ndarray) -> None:
    with EventWriter(tmp_path) as writer, pytest.raises(RunFolderError, match="image p: expected uint8"):
        writer.image(0, "p", picture)


def test_wrong_numbers_are_refused_at_the_call(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        with pytest.raises(RunFolderError, match="one number"):
            writer.scalars(0, {"loss": "low"})  # type: ignore[dict-item]
        with pytest.raises(RunFolderError, match=r"shape \(2, 1\)"):
            writer.scalar_rows(0, ["loss"], [[1.0, 2.0]], [0.0, 0.0])
        with pytest.raises(RunFolderError, match=r"k \+ 1 edges"):
            writer.histogram_counts(0, "h", [1.0, 2.0], [1, 2])
        with pytest.raises(RunFolderError, match="a step must be"):
            writer.scalars(2**63, {"loss": 1.0})
        writer.scalars(1, {"loss": 1.0})
    assert len(read_run(tmp_path)["loss"]) == 1


def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(RunFolderError, match="is closed"):
        writer.scalars(0, {"loss": 1.0})


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot write events into"):
        EventWriter(tmp_path / "file")


FULL_DISK = """
import resource, sys
from torchwork.errors import RunFolderError
from torchwork.record import EventWriter
writer = EventWriter(sys.argv[1])
writer.scalars(0, {"loss": 0.0}); writer.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for step in range(1, 101):
    writer.scalars(step, {"loss": step})
for attempt in (writer.flush, lambda: writer.scalars(101, {"loss": 0.0})):
    try:
        attempt()
    except RunFolderError as error:
        print(error)
writer.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path) -> None:
    shown = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=True)
    first, second = shown.stdout.splitlines()
    assert "File too large, up to 100 steps not recorded" in first and "resume the run" in first
    assert "up to 101 steps not recorded" in second
    log = read_run(tmp_path)
    steps = log["loss"].steps.tolist()
    assert 1 < len(steps) < 100 and steps == list(range(len(steps))) and log.skipped == 0


def test_what_is_queued_is_written_when_the_program_ends_without_close(tmp_path: Path) -> None:
    program = "import sys; from torchwork.record import EventWriter; EventWriter(sys.argv[1]).scalars(0, {'loss': 1.0})"
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    assert len(read_run(tmp_path)["loss"]) == 1
