"""How sessions end and are remembered, and what happens if the relay does not obey."""

from pi_relay_bridge.config_sensor import CurrentLimits, SensorConfig
from pi_relay_bridge.guard import OVERDUE, Cut
from pi_relay_bridge.reading import Reading
import pytest

from .helpers import Bench


def last(bench: Bench) -> tuple[str, str, float]:
    """Return order, outcome and seconds of the state's last outcome."""
    values = bench.state["last"]
    return values["order_id"], values["outcome"], values["ran_s"]


def test_a_session_ends_at_its_deadline(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(599_999)
    assert bench.relay.is_on
    bench.advance(1)
    assert bench.relay.moves == [True, False]
    assert last(bench) == ("A", "completed", 600.0)
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
    assert last(bench) == ("A", "stopped", 1.0)


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
    assert last(bench) == ("A", "completed", 600.0)


def test_a_manual_run_cannot_be_extended(bench: Bench) -> None:
    bench.set(b"ON")
    assert bench.send("extend", seconds=60)["reason"] == "not_running"


def test_lost_contact_interrupts_and_what_is_left_stays_owed(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(180_000)
    bench.bay.interrupt("contact_lost")
    assert not bench.relay.is_on
    assert last(bench) == ("A", "interrupted", 180.0)
    assert bench.state["reason"] == "contact_lost"
    assert bench.store.records[-1].outcomes[-1].left_s == 420


def test_the_guards_cut_ends_the_session_at_the_moment_of_the_cut(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.guard.cuts[17] = Cut(at_s=12.1, reason=OVERDUE)
    bench.clock.now_ms += 14_000
    bench.bay.pulse()
    assert last(bench) == ("A", "completed", 11.1)
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


def test_an_order_that_a_fault_ended_is_over_and_its_rest_goes_back(
    bench: Bench,
) -> None:
    bench.send("start", seconds=10)
    bench.advance(4000)
    bench.relay.off_failures = 1
    bench.send("stop")
    assert last(bench) == ("A", "fault", 4.0)
    bench.advance(2000)
    assert bench.state["fault"] is None
    assert bench.send("start", seconds=10)["reason"] == "finished"
    assert bench.relay.moves == [True, False]


def test_an_error_of_the_program_switches_off(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.bay.fail_safe()
    assert not bench.relay.is_on
    assert bench.state["last"]["outcome"] == "fault"
    assert bench.state["reason"] == "internal_error"


def test_a_cut_of_the_interlock_is_a_fault_at_the_moment_of_the_cut(
    bench: Bench,
) -> None:
    bench.send("start", seconds=60)
    bench.guard.cuts[17] = Cut(at_s=11.5, reason="over_current")
    bench.clock.now_ms += 14_000
    bench.bay.pulse()
    assert last(bench) == ("A", "fault", 10.5)
    assert bench.state["reason"] == "over_current"


def test_a_cut_after_the_paid_end_is_a_completed_session(bench: Bench) -> None:
    bench.send("start", seconds=10)
    bench.guard.cuts[17] = Cut(at_s=11.6, reason="estop")
    bench.clock.now_ms += 14_000
    bench.bay.pulse()
    assert last(bench) == ("A", "completed", 10.6)


def test_what_forbids_the_relay_ends_the_session_and_refuses_the_next(
    bench: Bench,
) -> None:
    bench.send("start", seconds=60)
    bench.advance(5000)
    bench.supervisor.why = "estop"
    bench.advance(1000)
    assert not bench.relay.is_on
    assert last(bench) == ("A", "fault", 6.0)
    assert (bench.state["phase"], bench.state["fault"]) == ("fault", "estop")
    assert bench.send("start", seconds=9, order_id="B")["reason"] == "fault"
    bench.set(b"ON")
    assert bench.relay.moves == [True, False]


def test_nothing_starts_by_itself_when_the_reason_is_gone(bench: Bench) -> None:
    bench.send("start", seconds=60)
    bench.supervisor.why = "estop"
    bench.advance(1000)
    bench.supervisor.why = None
    bench.advance(60_000)
    assert bench.relay.moves == [True, False]
    assert bench.state["fault"] is None
    assert bench.send("start", seconds=60)["reason"] == "finished"
    assert bench.send("start", seconds=9, order_id="B")["result"] == "accepted"


def test_a_fault_of_an_idle_bay_is_told_once(bench: Bench) -> None:
    bench.bay.announce()
    bench.supervisor.why = "welded"
    bench.advance(5000)
    bench.supervisor.why = None
    bench.advance(1000)
    bench.supervisor.why = "welded"
    bench.advance(1000)
    told = [each for each in bench.outlet.all("event") if each["reason"] == "welded"]
    assert [each["event_type"] for each in told] == ["fault", "fault"]
    assert bench.state["fault"] == "welded"


def test_a_fault_that_ended_a_session_is_not_told_twice(bench: Bench) -> None:
    bench.send("start", seconds=60)
    bench.supervisor.why = "estop"
    bench.advance(5000)
    kinds = [each["event_type"] for each in bench.outlet.all("event")]
    assert kinds == ["started", "fault"]


def test_a_stop_pressed_while_the_pin_goes_on_wins(bench: Bench) -> None:
    def on() -> None:
        bench.relay.moves.append(True)
        bench.guard.cuts[17] = Cut(at_s=1, reason="estop")

    bench.relay.on = on  # type: ignore[method-assign]
    assert bench.send("start", seconds=60)["reason"] == "fault"
    assert bench.relay.moves == [True, False]
    assert bench.state["reason"] == "estop"
    assert bench.store.records[-1].session is None


def test_an_extension_does_not_bring_back_what_was_cut(bench: Bench) -> None:
    bench.send("start", seconds=60)
    bench.guard.cuts[17] = Cut(at_s=3, reason="estop")
    assert bench.send("extend", seconds=120)["reason"] == "not_running"
    assert last(bench) == ("A", "fault", 2.0)


def test_unplugging_is_only_reported_unless_the_owner_wants_the_end(
    bench: Bench,
) -> None:
    bench.send("start", seconds=60)
    bench.supervisor.reading = Reading(amps=0, plugged=False)
    bench.advance(1000)
    assert bench.relay.is_on
    assert (bench.state["plugged"], bench.state["phase"]) == (False, "running")


def test_unplugging_ends_the_session_where_the_owner_wants_that() -> None:
    limits = CurrentLimits(unplugged_action="end")
    bench = Bench(sensor=SensorConfig(kind="ina219", limits=limits))
    bench.send("start", seconds=60)
    bench.supervisor.reading = Reading(amps=0, plugged=False)
    bench.advance(1000)
    assert last(bench) == ("A", "stopped", 1.0)
    assert bench.state["reason"] == "unplugged"


def test_energy_is_in_the_state_and_the_sessions_own_in_its_outcome(
    bench: Bench,
) -> None:
    bench.supervisor.reading = Reading(amps=0, energy_wh=100)
    bench.send("start", seconds=3600)
    bench.supervisor.reading = Reading(amps=10.004, energy_wh=2400.04)
    bench.advance(1000)
    bench.send("stop")
    assert (bench.state["energy_wh"], bench.state["amps"]) == (2400.0, 10.0)
    assert bench.state["last"]["wh"] == 2300.04
    assert bench.outbox[0]["wh"] == 2300.04


def test_a_reset_heals_what_can_be_healed(bench: Bench) -> None:
    bench.supervisor.why = "over_current"
    assert bench.send("reset")["reason"] == "fault"
    bench.supervisor.why = None
    assert bench.send("reset")["result"] == "accepted"
    bench.set(b"RESET")
    assert bench.supervisor.resets == 3
    assert bench.send("reset", boot_id="another")["reason"] == "other_boot"
    bench.set(b"RESET", retained=True)
    assert bench.supervisor.resets == 3


def test_a_latched_fault_is_on_disk_until_it_is_reset(bench: Bench) -> None:
    bench.supervisor.why = bench.supervisor.latched = "welded"
    bench.advance(1000)
    assert bench.store.records[-1].latched == "welded"
    bench.supervisor.why = bench.supervisor.latched = None
    bench.advance(1000)
    assert bench.store.records[-1].latched is None


def test_an_end_that_did_not_reach_the_disk_is_written_when_there_is_room(
    bench: Bench,
) -> None:
    bench.send("start", seconds=7)
    bench.store.is_full = True
    bench.advance(20_000)
    assert bench.store.records[-1].session is not None
    assert last(bench) == ("A", "completed", 7.0)
    bench.store.is_full = False
    bench.advance(6000)
    assert bench.store.records[-1].session is None
    assert bench.store.records[-1].outcomes[-1].outcome == "completed"


def test_the_end_for_people_moves_only_when_it_is_extended(bench: Bench) -> None:
    bench.send("start", seconds=600)
    bench.advance(20_000)
    assert {each["ends_at"] for each in bench.outlet.all("state")} == {
        "2027-01-15T08:10:01+00:00"
    }
    bench.send("extend", seconds=660)
    assert bench.state["ends_at"] == "2027-01-15T08:11:01+00:00"


def test_a_board_without_the_time_tells_no_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.clock, "wall_s", lambda: 120.0)
    bench.send("start", seconds=600)
    assert bench.state["ends_at"] is None
    assert bench.state["remaining_s"] == 600


def test_the_last_outcome_can_be_acknowledged_from_the_state(bench: Bench) -> None:
    bench.send("start", seconds=1)
    bench.advance(1000)
    event_id = bench.state["last"]["event_id"]
    assert bench.send("ack_event", event_id=event_id)["reason"] is None
    assert bench.outbox == []
