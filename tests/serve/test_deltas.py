"""Cursors: whatever is written in whatever portions, a page that puts the portions together has the whole curve."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from torchwork.record import Tail, summary
from torchwork.record.frame import frame
from torchwork.serve.deltas import cursor_of, is_current, since
from torchwork.serve.listing import folder

POINT = st.tuples(st.sampled_from(["a", "b", "ab"]), st.integers(0, 6))
PORTIONS = st.lists(st.lists(st.one_of(POINT, st.just(("start", 3)), st.just(("file", 0))), max_size=5), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PORTIONS)
def test_portions_make_the_whole(tmp_path: Path, portions: list[list[tuple[str, int]]]) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    tail, value, number = Tail(tmp_path), 0.0, 0
    curves: dict[str, list[tuple[int, float]]] = {}
    file = tmp_path / "events.out.tfevents.000.x"
    file.write_bytes(frame(summary.version_event(0.0)))
    tail.poll()
    cursor = cursor_of(tail)
    for portion in portions:
        for what, step in portion:
            value += 1.0
            if what == "file":
                number += 1
                file = tmp_path / f"events.out.tfevents.{number:03}.x"
            event = summary.scalar_event(value, step, tuple(what), [value] * len(what))
            with file.open("ab") as stream:
                if what in ("start", "file"):
                    event = summary.start_event(0.0, step) if what == "start" else summary.version_event(value)
                stream.write(frame(event))
        tail.poll()
        delta = since(tail, cursor)
        cursor = delta.cursor
        log = tail.log
        whole = {tag: list(zip(log[tag].steps.tolist(), log[tag].values.tolist(), strict=True)) for tag in log.tags}
        if delta.restart:
            curves = whole
            continue
        for tag, rows in delta.series.items():
            assert rows.first == log.count(tag) - len(rows.steps)
            curves.setdefault(tag, []).extend(zip(rows.steps, rows.values, strict=True))
        assert {tag: curve for tag, curve in curves.items() if curve} == {tag: c for tag, c in whole.items() if c}


def test_a_cursor_that_is_none_is_a_restart(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1.x").write_bytes(frame(summary.version_event(0.0)))
    tail = Tail(tmp_path)
    tail.poll()
    for bad in ("{", "[]", '{"events.out.tfevents.1.x": 3}', '{"gone": ["1-00", 9]}'):
        assert since(tail, bad).restart
    assert not since(tail, "").restart


def test_what_is_current_needs_no_reading(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1.x"
    path.write_bytes(frame(summary.version_event(0.0)))
    tail = Tail(tmp_path)
    tail.poll()
    cursor = cursor_of(tail)
    found = folder(tmp_path, tmp_path)
    assert found and is_current(tmp_path, found.events, cursor)
    with path.open("ab") as file:
        file.write(b"x")
    grown = folder(tmp_path, tmp_path)
    assert grown and not is_current(tmp_path, grown.events, cursor)
