"""Which commands a bay obeys."""

import json
from typing import Any

import pytest

from .helpers import Bench


def test_start_moves_the_pin_before_it_is_acknowledged(bench: Bench) -> None:
    ack = bench.send("start", seconds=600)
    assert (ack["result"], ack["reason"], ack["remaining_s"]) == ("accepted", None, 600)
    assert bench.relay.moves == [True]
    assert bench.state["relay"] == "on"
    assert bench.state["phase"] == "running"
    assert bench.state["order_id"] == "A"
    assert [leaf for leaf, _, _ in bench.outlet.messages].index("ack") > 0


def test_state_has_exactly_the_fields_of_the_contract(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(1500)
    bench.bay.report()
    assert bench.state | {"seq": 0} == {
        "v": 1,
        "boot_id": "boot-now",
        "up_s": 2.5,
        "seq": 0,
        "relay": "on",
        "phase": "running",
        "order_id": "A",
        "remaining_s": 598.5,
        "ends_at": "2027-01-15T08:10:01+00:00",
        "ran_s": 1.5,
        "reason": None,
        "fault": None,
        "estop": None,
        "amps": None,
        "plugged": None,
        "energy_wh": None,
        "last": None,
        "max_session_s": 14400,
    }


def test_each_state_has_a_higher_seq(bench: Bench) -> None:
    bench.send("start", seconds=3)
    bench.advance(4000)
    seqs = [state["seq"] for state in bench.outlet.all("state")]
    assert seqs == sorted(set(seqs))
    assert len(seqs) > 1


def test_state_and_outbox_are_retained_and_nothing_else(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(2000)
    assert {leaf for leaf, _, retain in bench.outlet.messages if retain} == {
        "state",
        "outbox",
    }
    assert {leaf for leaf, _, retain in bench.outlet.messages if not retain} == {
        "ack",
        "event",
    }


def test_same_id_gets_the_same_answer_and_no_second_action(bench: Bench) -> None:
    bench.send("start", seconds=600, id="x")
    bench.advance(1000)
    again = bench.send("start", seconds=600, id="x")
    assert again["result"] == "accepted"
    assert again["remaining_s"] == 599
    assert bench.relay.moves == [True]


def test_a_rejected_id_stays_rejected(bench: Bench) -> None:
    assert bench.send("extend", seconds=60, id="x")["reason"] == "not_running"
    bench.send("start", seconds=30)
    assert bench.send("extend", seconds=60, id="x")["reason"] == "not_running"


def test_a_stale_resend_of_an_accepted_id_is_still_accepted(bench: Bench) -> None:
    bench.send("start", seconds=600, id="x", not_after=2)
    bench.advance(5000)
    assert bench.send("start", seconds=600, id="x", not_after=2)["result"] == "accepted"


def test_the_last_256_ids_are_remembered(bench: Bench) -> None:
    bench.send("extend", seconds=60, id="first")
    for number in range(255):
        bench.send("report", id=f"r{number}")
    bench.send("start", seconds=30, id="start")
    assert bench.send("extend", seconds=60, id="first")["result"] == "accepted"
    assert (
        bench.send("start", seconds=30, id="start", order_id="B")["result"]
        == "accepted"
    )
    assert bench.relay.moves == [True]


def test_start_of_the_running_order_is_a_duplicate(bench: Bench) -> None:
    bench.send("start", seconds=600)
    ack = bench.send("start", seconds=900)
    assert (ack["result"], ack["remaining_s"]) == ("duplicate", 600)


def test_start_of_another_order_is_busy(bench: Bench) -> None:
    bench.send("start", seconds=600)
    ack = bench.send("start", seconds=600, order_id="B")
    assert (ack["result"], ack["reason"]) == ("rejected", "busy")
    assert bench.state["order_id"] == "A"


def test_a_completed_order_does_not_start_again(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(1100)
    assert bench.send("start", seconds=1)["reason"] == "finished"


def test_a_stopped_order_does_not_start_again(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.send("stop", order_id="A")
    assert bench.send("start", seconds=10)["reason"] == "finished"


def test_an_interrupted_order_runs_only_what_it_had_left(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.advance(4000)
    bench.bay.interrupt("contact_lost")
    assert bench.send("start", seconds=10)["remaining_s"] == 6
    bench.advance(2000)
    bench.bay.interrupt("contact_lost")
    assert bench.send("start", seconds=3)["remaining_s"] == 3


def test_an_order_interrupted_at_its_very_end_is_finished(bench: Bench) -> None:
    bench.relay.off_failures = 1
    bench.send("start", seconds=1)
    bench.advance(3000)
    assert bench.state["last"]["outcome"] == "fault"
    assert bench.send("start", seconds=1)["reason"] == "finished"


def test_extend_sets_the_total_since_the_start(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.advance(4000)
    assert bench.send("extend", seconds=20)["remaining_s"] == 16
    assert bench.send("extend", seconds=20)["remaining_s"] == 16
    assert bench.timers == [21]
    assert bench.guard.deadlines == {17: 21}


def test_extend_may_shorten_but_not_below_what_has_run(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.advance(4000)
    assert bench.send("extend", seconds=5)["remaining_s"] == 1
    assert bench.send("extend", seconds=4)["reason"] == "already_ran"
    assert bench.send("extend", seconds=3)["reason"] == "already_ran"


def test_extend_above_the_maximum_is_rejected(bench: Bench) -> None:
    bench.send("start", seconds=10)
    assert bench.send("extend", seconds=14400)["result"] == "accepted"
    assert bench.send("extend", seconds=14400.1)["reason"] == "too_long"


def test_extend_needs_the_running_order(bench: Bench) -> None:
    assert bench.send("extend", seconds=10)["reason"] == "not_running"
    bench.send("start", seconds=10)
    assert bench.send("extend", seconds=20, order_id="B")["reason"] == "other_order"


def test_extend_that_comes_after_the_end_does_not_revive_the_session(
    bench: Bench,
) -> None:
    bench.send("start", seconds=10)
    bench.clock.now_ms += 10_000
    assert bench.send("extend", seconds=20)["reason"] == "not_running"
    assert bench.relay.moves == [True, False]
    assert bench.state["last"]["outcome"] == "completed"


@pytest.mark.parametrize("order_id", ["A", None, ...])
def test_stop_ends_the_order_or_whatever_runs(bench: Bench, order_id: Any) -> None:
    bench.send("start", seconds=10)
    bench.advance(2500)
    ack = bench.send("stop", order_id=order_id)
    assert (ack["result"], ack["remaining_s"]) == ("accepted", None)
    last = bench.state["last"]
    assert (last["order_id"], last["outcome"], last["ran_s"]) == ("A", "stopped", 2.5)
    assert bench.state["reason"] == "command"


@pytest.mark.parametrize("boot_id", ["another", None, ...])
def test_stop_is_obeyed_whatever_its_boot_id(bench: Bench, boot_id: Any) -> None:
    bench.send("start", seconds=10)
    bench.send("stop", order_id="A", boot_id=boot_id, not_after=0.5)
    assert bench.relay.is_on is False


def test_stop_of_another_order_changes_nothing(bench: Bench) -> None:
    bench.send("start", seconds=10)
    assert bench.send("stop", order_id="B")["reason"] == "other_order"
    assert bench.relay.is_on


def test_stop_of_an_idle_bay_writes_off_once_more(bench: Bench) -> None:
    ack = bench.send("stop", order_id="A")
    assert (ack["result"], ack["reason"]) == ("accepted", "not_running")
    assert bench.relay.moves == [False]


def test_report_publishes_the_state_and_needs_no_boot_id(bench: Bench) -> None:
    assert bench.send("report", boot_id=...)["result"] == "accepted"
    assert bench.state["phase"] == "idle"


@pytest.mark.parametrize("cmd", ["start", "extend", "ack_event"])
@pytest.mark.parametrize("boot_id", ["another", None, ...])
def test_other_boot_is_rejected(bench: Bench, cmd: str, boot_id: Any) -> None:
    assert (
        bench.send(cmd, seconds=10, event_id="e", boot_id=boot_id)["reason"]
        == "other_boot"
    )
    assert bench.relay.moves == []


def test_stale_is_rejected_by_the_devices_own_clock(bench: Bench) -> None:
    assert bench.send("start", seconds=10, not_after=0.999)["reason"] == "stale"
    assert bench.send("start", seconds=10, not_after=1.0)["result"] == "accepted"


@pytest.mark.parametrize(
    "not_after", [..., None, "5", True, float("nan"), float("inf"), 10**400]
)
@pytest.mark.parametrize("cmd", ["start", "extend"])
def test_start_and_extend_need_not_after(
    bench: Bench, cmd: str, not_after: Any
) -> None:
    assert bench.send(cmd, seconds=10, not_after=not_after)["reason"] == "bad_not_after"


@pytest.mark.parametrize(
    "seconds",
    [
        0,
        -1,
        0.0,
        float("nan"),
        float("inf"),
        float("-inf"),
        True,
        "600",
        None,
        [],
        ...,
        10**400,
        -(10**400),
        1e12,
    ],
)
def test_senseless_seconds_are_rejected(bench: Bench, seconds: Any) -> None:
    assert bench.send("start", seconds=seconds)["reason"] == "bad_seconds"
    assert bench.relay.moves == []


def test_more_than_the_maximum_is_rejected(bench: Bench) -> None:
    assert bench.send("start", seconds=14400.001)["reason"] == "too_long"
    assert bench.send("start", seconds=1e11)["reason"] == "too_long"
    assert bench.send("start", seconds=14400)["result"] == "accepted"


def test_fractions_of_a_second_are_sold_too(bench: Bench) -> None:
    assert bench.send("start", seconds=0.25)["remaining_s"] == 0.25
    bench.advance(250)
    assert bench.relay.moves == [True, False]


@pytest.mark.parametrize("order_id", ["", "x" * 41, 7, ["A"], "a\nb", "\ud800"])
def test_senseless_order_ids_are_rejected(bench: Bench, order_id: Any) -> None:
    assert (
        bench.send("start", seconds=10, order_id=order_id)["reason"] == "bad_order_id"
    )


def test_a_start_without_an_order_is_rejected(bench: Bench) -> None:
    assert bench.send("start", seconds=10, order_id=None)["reason"] == "bad_order_id"


@pytest.mark.parametrize("version", [0, 2, True, "1", None, ...])
def test_other_versions_are_rejected(bench: Bench, version: Any) -> None:
    assert bench.send("start", seconds=10, v=version)["reason"] == "bad_version"


@pytest.mark.parametrize("cmd", ["on", None, ["start"], {"start": 1}, 7])
def test_unknown_commands_are_rejected(bench: Bench, cmd: Any) -> None:
    payload = json.dumps(
        {"v": 1, "id": "x", "cmd": cmd, "order_id": "A", "seconds": 10}
    )
    assert bench.send_raw(payload.encode())["reason"] == "unknown_command"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"ON",
        b"[]",
        b"7",
        b"{",
        b"\xff\xfe",
        b"[" * 4000,
        b'{"v":1}',
        b'{"v":1,"id":""}',
        b'{"v":1,"id":7}',
        json.dumps({"v": 1, "id": "x" * 65, "cmd": "stop"}).encode(),
        json.dumps({"v": 1, "id": "x", "cmd": "stop", "pad": "x" * 4096}).encode(),
    ],
    ids=lambda payload: repr(payload[:20]),
)
def test_what_is_no_command_is_ignored(
    bench: Bench, payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    bench.send("start", seconds=10)
    published = len(bench.outlet.messages)
    assert bench.send_raw(payload) == {}
    assert len(bench.outlet.messages) == published
    assert "ignored" in caplog.text


def test_rubbish_is_logged_once_in_ten_seconds(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(1000):
        bench.send_raw(b"rubbish")
    assert caplog.text.count("not JSON") == 1
    bench.clock.now_ms += 10_000
    bench.send_raw(b"rubbish")
    assert caplog.text.count("not JSON") == 2


def test_a_retained_command_is_ignored_and_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    payload = {
        "v": 1,
        "id": "x",
        "cmd": "start",
        "boot_id": "boot-now",
        "not_after": 9,
        "order_id": "A",
    }
    assert (
        bench.send_raw(json.dumps(payload | {"seconds": 10}).encode(), retained=True)
        == {}
    )
    assert bench.relay.moves == []
    assert "retained" in caplog.text


def test_outcomes_wait_in_the_outbox_until_acknowledged(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(1000)
    (item,) = bench.outbox
    assert item == {
        "event_id": bench.outlet.last("event")["event_id"],
        "order_id": "A",
        "outcome": "completed",
        "ran_s": 1.0,
        "reason": "time_up",
        "boot_id": "boot-now",
        "wh": None,
    }
    assert bench.send("ack_event", event_id=item["event_id"])["result"] == "accepted"
    assert bench.outbox == []
    again = bench.send("ack_event", event_id=item["event_id"])
    assert (again["result"], again["reason"]) == ("duplicate", "unknown_event")
    assert bench.state["last"]["outcome"] == "completed"


def test_ack_event_needs_an_event_id(bench: Bench) -> None:
    assert bench.send("ack_event")["reason"] == "bad_event_id"


def test_the_outbox_drops_the_oldest_beyond_fifty_and_says_so(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(52):
        bench.send("start", seconds=1, order_id=f"order-{number}")
        bench.advance(1000)
    assert [item["order_id"] for item in bench.outbox] == [
        f"order-{n}" for n in range(2, 52)
    ]
    assert caplog.text.count("dropped") == 2


def test_a_full_disk_refuses_a_start_before_the_pin_moves(bench: Bench) -> None:
    bench.store.is_full = True
    assert bench.send("start", seconds=10)["reason"] == "storage"
    assert bench.relay.moves == []
    bench.store.is_full = False
    assert bench.send("start", seconds=10)["result"] == "accepted"


def test_a_full_disk_refuses_an_extension_and_keeps_the_old_deadline(
    bench: Bench,
) -> None:
    bench.send("start", seconds=10)
    bench.store.is_full = True
    assert bench.send("extend", seconds=20)["reason"] == "storage"
    assert bench.timers == [11]
    assert bench.guard.deadlines == {17: 11}
    bench.advance(10_000)
    assert bench.relay.moves == [True, False]
