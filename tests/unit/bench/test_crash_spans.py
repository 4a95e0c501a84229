"""Arithmetic on stretches of time, and the pins' trace."""

from pathlib import Path

from bench.crash import pin_trace
from bench.crash.evidence import On
from bench.crash.spans import common, total_s, united, without


def test_united_spans_are_counted_once() -> None:
    assert united([(3, 4), (0, 1), (0.5, 2), (2, 2.5)]) == [(0, 2.5), (3, 4)]
    assert total_s(united([(0, 1), (0, 1)])) == 1


def test_common_time_is_in_both() -> None:
    assert common([(0, 2), (3, 5)], [(1, 4)]) == [(1, 2), (3, 4)]


def test_without_leaves_the_rest() -> None:
    assert without([(0, 5)], [(1, 2), (4, 9)]) == [(0, 1), (2, 4)]
    assert without([(0, 1)], []) == [(0, 1)]


def test_a_trace_says_when_each_pin_was_high(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("17 1 1.5\n45 1 2.0\n17 0 3.5\n17 1 9.0\n", encoding="ascii")
    assert pin_trace.read(trace) == [
        On(pin=17, start_s=1.5, end_s=3.5),
        On(pin=45, start_s=2.0, end_s=None),
        On(pin=17, start_s=9.0, end_s=None),
    ]
