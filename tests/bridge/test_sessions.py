"""How sessions end and are remembered, and what happens if the relay does not obey."""

import pytest

from .helpers import Bench


def test_a_session_ends_at_its_deadline(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(599_999)
    assert bench.relay.is_on
    bench.advance(1)
    assert bench.relay.moves == [True, False]
    assert bench.state["last"] == {
        "order_id": "A",
        "outcome": "completed",
        "ran_s": 600.0,
    }
    assert bench.guard.deadlines == {}


def test_a_session_says_when_it_starts_and_ends(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(1000)
    started, completed = bench.outlet.all("event")
    assert (started["event_type"], started["order_id"], started["ran_s"]) == (
        "started",
        "A",
        0.0,
    )
    assert completed["event_type"] == "completed"
    assert completed["ran_s"] == 1.0
    assert completed["boot_id"] == "boot-now"
    assert started["event_id"] != completed["event_id"]


def test_the_next_customer_keeps_the_time_he_paid_for(bench: Bench) -> None:
    bench.send("start", seconds=2)
    bench.advance(500)
    bench.send("stop", order_id="A")
    bench.advance(500)
    bench.send("start", seconds=5, order_id="B")
    bench.advance(4999)
    assert bench.relay.is_on
    bench.advance(1)
    assert not bench.relay.is_on


def test_a_top_up_replaces_the_deadline(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(500)
    bench.send("extend", seconds=3)
    bench.advance(2499)
    assert bench.relay.is_on
    bench.advance(1)
    assert not bench.relay.is_on


def test_a_timer_that_comes_early_is_set_again(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.clock.now_ms += 999
    bench.bay.expire()
    assert bench.relay.is_on
    assert bench.timers == [2.0]


def test_state_is_published_every_five_seconds_while_running(bench: Bench) -> None:
    bench.send("start", seconds=100)
    before = len(bench.outlet.all("state"))
    bench.advance(20_000)
    assert len(bench.outlet.all("state")) - before == 4


def test_state_is_published_every_minute_while_idle(bench: Bench) -> None:
    bench.bay.announce()
    before = len(bench.outlet.all("state"))
    bench.advance(180_000)
    assert len(bench.outlet.all("state")) - before == 3


def test_the_session_is_written_down_before_the_pin_and_every_five_seconds(
    bench: Bench,
) -> None:
    bench.send("start", seconds=100)
    opened = bench.store.records[0].session
    assert opened is not None
    assert (opened.order_id, opened.seconds, opened.started_boottime_s) == (
        "A",
        100,
        5001.0,
    )
    assert (opened.boot_id, opened.kernel_boot_id) == ("boot-now", "kernel-now")
    bench.advance(11_000)
    ran = [
        each.session.checkpoint_ran_s for each in bench.store.records if each.session
    ]
    assert ran == [0, 5, 10]


def test_an_ended_session_is_no_longer_open_on_disk(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(1000)
    assert bench.store.records[-1].session is None
    assert bench.store.records[-1].outcomes[-1].outcome == "completed"


def test_off_on_the_switch_stops_a_paid_session(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.advance(1000)
    bench.set(b"OFF")
    assert bench.state["reason"] == "switched_off"
    assert bench.state["last"] == {"order_id": "A", "outcome": "stopped", "ran_s": 1.0}


def test_on_is_a_bounded_manual_run(bench: Bench) -> None:
    bench.set(b"ON")
    assert (bench.state["phase"], bench.state["order_id"]) == ("manual", None)
    assert bench.state["remaining_s"] == 30
    bench.advance(30_000)
    assert bench.relay.moves == [True, False]
    assert bench.state["last"] is None
    assert bench.store.records == []


def test_on_does_not_prolong_what_runs(bench: Bench) -> None:
    bench.set(b"ON")
    bench.advance(10_000)
    bench.set(b"ON")
    assert bench.state["remaining_s"] == 20
    bench.send("start", seconds=600)
    bench.set(b"ON")
    assert (bench.state["phase"], bench.state["remaining_s"]) == ("running", 600)


def test_on_is_refused_where_manual_runs_are_off() -> None:
    bench = Bench(manual_max_s=0)
    bench.set(b"ON")
    assert bench.relay.moves == []
    assert bench.state["relay"] == "off"


@pytest.mark.parametrize("payload", [b"on", b"TOGGLE", b"", b'{"cmd":"ON"}', b"\xff"])
def test_other_words_on_the_switch_are_ignored(bench: Bench, payload: bytes) -> None:
    bench.set(payload)
    assert bench.relay.moves == []


@pytest.mark.parametrize("payload", [b"ON", b"OFF"])
def test_a_retained_switch_message_is_ignored(bench: Bench, payload: bytes) -> None:
    bench.send("start", seconds=10)
    bench.set(payload, retained=True)
    assert bench.relay.moves == [True]


def test_a_paid_start_takes_a_manual_run_over(bench: Bench) -> None:
    bench.set(b"ON")
    bench.advance(5000)
    assert bench.send("start", seconds=600)["remaining_s"] == 600
    assert False not in bench.relay.moves
    assert bench.timers == [606]
    bench.advance(600_000)
    assert bench.state["last"] == {
        "order_id": "A",
        "outcome": "completed",
        "ran_s": 600.0,
    }


def test_a_manual_run_cannot_be_extended(bench: Bench) -> None:
    bench.set(b"ON")
    assert bench.send("extend", seconds=60)["reason"] == "not_running"


def test_lost_contact_interrupts_and_what_is_left_stays_owed(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(180_000)
    bench.bay.interrupt("contact_lost")
    assert not bench.relay.is_on
    assert bench.state["last"] == {
        "order_id": "A",
        "outcome": "interrupted",
        "ran_s": 180.0,
    }
    assert bench.state["reason"] == "contact_lost"
    assert bench.store.records[-1].outcomes[-1].left_s == 420


def test_the_guards_cut_ends_the_session_at_the_moment_of_the_cut(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.guard.cuts[17] = 12.1
    bench.clock.now_ms += 14_000
    bench.bay.pulse()
    assert bench.state["last"] == {
        "order_id": "A",
        "outcome": "completed",
        "ran_s": 11.1,
    }
    assert bench.state["reason"] == "overdue"


def test_a_relay_that_does_not_switch_on_is_a_fault_and_the_start_is_rejected(
    bench: Bench,
) -> None:
    bench.relay.on_failures = 1
    ack = bench.send("start", seconds=10)
    assert (ack["result"], ack["reason"]) == ("rejected", "fault")
    assert (bench.state["phase"], bench.state["fault"]) == ("fault", "gpio_error")
    assert bench.outlet.last("event")["event_type"] == "fault"
    assert bench.relay.moves == [False]
    assert bench.store.records[-1].session is None


def test_a_bay_in_fault_refuses_to_start(bench: Bench) -> None:
    bench.relay.on_failures = 1
    bench.relay.off_failures = 99
    bench.send("start", seconds=10)
    assert bench.send("start", seconds=10)["reason"] == "fault"
    assert bench.state["relay"] == "on"


def test_a_relay_that_does_not_switch_off_is_tried_every_second(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.relay.off_failures = 3
    bench.advance(1000)
    assert (bench.state["phase"], bench.state["relay"]) == ("fault", "on")
    assert bench.outlet.last("event")["event_type"] == "fault"
    assert bench.guard.deadlines == {17: float("-inf")}
    bench.advance(3000)
    assert (bench.state["phase"], bench.state["relay"], bench.state["fault"]) == (
        "idle",
        "off",
        None,
    )
    assert bench.guard.deadlines == {}
    assert bench.send("start", seconds=1, order_id="B")["result"] == "accepted"


def test_a_start_after_a_fault_runs_what_was_left(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.advance(4000)
    bench.relay.off_failures = 1
    bench.send("stop")
    assert bench.state["last"] == {"order_id": "A", "outcome": "fault", "ran_s": 4.0}
    bench.advance(2000)
    assert bench.send("start", seconds=10)["remaining_s"] == 6


def test_an_error_of_the_program_switches_off(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.bay.fail_safe()
    assert not bench.relay.is_on
    assert bench.state["last"]["outcome"] == "fault"
    assert bench.state["reason"] == "internal_error"
