"""The report of an ESPHome bay, as the node writes it and as it might be garbled."""

from dataclasses import replace
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.relays import DeviceAccount, DeviceOutcome
from custom_components.paybay.drivers.esphome_state import (
    EsphomeState,
    read_refusal,
    read_report,
)

RUNNING: dict[str, Any] = {
    "v": 1,
    "b": "1f2e3d4c",
    "u": 1234.567,
    "n": 17,
    "a": "0a1b2c3d",
    "r": 1,
    "o": "ord_00000000000000000001",
    "s": 599.5,
    "f": "",
    "m": 14400,
}
ENDED: dict[str, Any] = {
    **{key: RUNNING[key] for key in ("v", "b", "u", "n", "a", "m")},
    "r": 0,
    "f": "estop",
    "l": ["ord_00000000000000000001", "interrupted", 12.345],
}


def read(values: dict[str, Any]) -> EsphomeState:
    state = read_report(json.dumps(values), heard_ms=10_000)
    assert state is not None
    return state


def test_running_bay_counts_down_by_our_clock() -> None:
    report = read(RUNNING).report(now_ms=12_500)
    assert (report.contact, report.on, report.fault) == (True, True, None)
    assert report.order_id == "ord_00000000000000000001"
    assert report.remaining_ms == 597_000
    assert report.max_ms == 14_400_000
    assert report.account is None


def test_overdue_session_is_below_zero() -> None:
    assert read(RUNNING | {"s": 1}).report(now_ms=12_000).remaining_ms == -1000


def test_ended_session_is_an_account() -> None:
    report = read(ENDED).report(now_ms=20_000)
    assert (report.on, report.order_id, report.remaining_ms) == (False, None, None)
    assert report.fault == "estop"
    assert report.account == DeviceAccount(
        order_id="ord_00000000000000000001",
        outcome=DeviceOutcome.INTERRUPTED,
        ran_ms=12_345,
    )


def test_the_devices_clock_goes_on() -> None:
    assert read(RUNNING).up_s_at(11_000) == pytest.approx(1235.567)


@pytest.mark.parametrize(
    "text",
    ["", "idle", "[]", "null", "[" * 4000, '{"v":1}', json.dumps(RUNNING)[:-5]],
)
def test_what_is_no_report_is_none(text: str) -> None:
    assert read_report(text, 0) is None


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"b": ""}, {"b": 7}, {"u": "x"}, {"u": -1}, {"r": 2}, {"r": "on"}],
)
def test_report_without_a_needed_value_is_none(change: dict[str, Any]) -> None:
    assert read_report(json.dumps(RUNNING | change), 0) is None


@pytest.mark.parametrize(
    "last",
    [None, [], ["x"], ["x", "exploded", 1], ["x", "completed", -1], ["", "stopped", 1]],
)
def test_unreadable_account_is_none_and_the_rest_is_kept(last: Any) -> None:
    report = read(ENDED | {"l": last}).report(0)
    assert report.account is None
    assert report.contact


def test_not_a_number_is_no_number() -> None:
    assert read_report(json.dumps(RUNNING | {"u": float("nan")}), 0) is None
    assert read(RUNNING | {"s": float("nan")}).report(0).remaining_ms is None


def test_a_word_is_the_nodes_refusal_and_a_sentence_is_not() -> None:
    assert read_refusal("other_boot") == "other_boot"
    assert read_refusal("busy") == "busy"
    for error in ("", "Not connected", "Timeout while waiting", "busy!"):
        assert read_refusal(error) is None


@given(st.text() | st.dictionaries(st.text(), st.integers()).map(json.dumps))
def test_any_text_is_survived(text: str) -> None:
    assert read_report(text, 0) is None


@given(st.floats(min_value=0, max_value=86_400))
def test_seconds_survive_to_the_millisecond(left_s: float) -> None:
    state = replace(read(RUNNING), remaining_s=left_s)
    assert state.report(10_000).remaining_ms == round(left_s * 1000)
