"""The program on a simulated board that people and parts misbehave on."""

from collections.abc import Iterator
import itertools
import signal
import time
from typing import Any

import pytest

from .helpers import ESTOPS, Recorder, Site, eventually, make_site

pytestmark = pytest.mark.timeout(60)
ALL_BAYS, ITS_OWN = ESTOPS


ORDERS = itertools.count()


@pytest.fixture(scope="module")
def same_garage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a site whose first bay has a sensor and a stop, beside one for all."""
    with make_site(
        tmp_path_factory.mktemp("garage"),
        bridge=f"estop_pin = {ALL_BAYS}",
        bay=f"estop_pin = {ITS_OWN}",
        sensor="trip_after_s = 0.5\ntrip_rest_s = 1\nstale_after_s = 2\n"
        'unplugged_after_s = 1\nunplugged_action = "end"\nvoltage_v = 230\n'
        "welded_after_s = 0.5",
    ) as site:
        yield site


@pytest.fixture
def garage(same_garage: Site) -> Site:
    """Return the site with nothing running and nothing broken."""
    same_garage.start_again()
    return same_garage


def charge(site: Site, bay: str = "1", seconds: float = 60) -> dict[str, Any]:
    """Start a new order, and return the state in which it runs."""
    state = site.await_state(bay, phase="idle", fault=None)
    order_id = f"order-{next(ORDERS)}"
    site.command(state, "start", order_id, bay=bay, seconds=seconds, order_id=order_id)
    assert site.await_ack(order_id, bay)["result"] == "accepted"
    return site.await_state(bay, order_id=order_id)


def is_refused(site: Site, state: dict[str, Any], order_id: str | None = None) -> str:
    """Try to start an order, a new one by default, and return the refusal's reason."""
    command_id = f"refused-{next(ORDERS)}"
    site.command(
        state, "start", command_id, seconds=60, order_id=order_id or command_id
    )
    ack = site.await_ack(command_id)
    assert ack["result"] == "rejected"
    return str(ack["reason"])


def test_an_emergency_stop_ends_its_bay_and_refuses_until_it_is_released(
    garage: Site,
) -> None:
    order_id = charge(garage)["order_id"]
    charge(garage, "2")
    recorder = Recorder(garage.bridge.board)
    pressed = time.monotonic()
    garage.bridge.let("press", ITS_OWN)
    fell = eventually(lambda: not garage.bridge.is_high(), "the relay goes off")
    assert fell - pressed < 1
    state = garage.await_state(fault="estop", phase="fault", estop=True)
    assert state["last"]["outcome"] == "fault"
    assert garage.await_state("2", phase="running")["estop"] is False
    assert is_refused(garage, state) == "fault"
    garage.peer.forget()
    garage.bridge.let("release", ITS_OWN)
    state = garage.await_state(phase="idle", fault=None, estop=False)
    assert is_refused(garage, state, order_id) == "finished"
    assert recorder.levels == [True, False]
    assert not garage.bridge.is_high(27)  # active-low: bay 2 is on all the while


def test_the_stop_for_all_ends_all(garage: Site) -> None:
    charge(garage)
    charge(garage, "2")
    garage.bridge.let("press", ALL_BAYS)
    for bay in ("1", "2"):
        state = garage.await_state(bay, fault="estop", relay="off")
        assert state["last"]["outcome"] == "fault"
    assert not garage.bridge.is_high()
    assert garage.bridge.is_high(27)


def test_a_stop_pressed_while_the_bridge_was_away_counts(garage: Site) -> None:
    garage.await_state(phase="idle")
    garage.bridge.terminate()
    garage.bridge.let("press", ALL_BAYS)
    garage.peer.forget()
    garage.bridge.start()
    state = garage.await_state(phase="fault", fault="estop")
    garage.peer.publish(garage.topic("set"), "ON")
    assert is_refused(garage, state) == "fault"
    assert not garage.bridge.is_high()


def test_an_overload_trips_within_its_time_and_rests(garage: Site) -> None:
    garage.bridge.let("plug", "1", "--amps", "10")
    charge(garage)
    running = garage.await_state(phase="running", plugged=True)
    overloaded = time.monotonic()
    garage.bridge.let("plug", "1", "--amps", "20")
    fell = eventually(lambda: not garage.bridge.is_high(), "the relay goes off")
    assert 0.4 < fell - overloaded < 2
    state = garage.await_state(fault="over_current")
    assert state["last"]["outcome"] == "fault"
    assert is_refused(garage, running) == "fault"
    garage.peer.forget()
    assert garage.await_state(phase="idle", fault=None)["relay"] == "off"


def test_a_short_circuit_trips_at_once(garage: Site) -> None:
    charge(garage)
    shorted = time.monotonic()
    garage.bridge.let("overload", "1", "--amps", "200")
    fell = eventually(lambda: not garage.bridge.is_high(), "the relay goes off")
    assert fell - shorted < 0.9
    assert garage.await_state(fault="over_current")["last"]["ran_s"] < 5


def test_a_welded_contact_outlives_a_restart_until_it_is_repaired(
    garage: Site,
) -> None:
    garage.bridge.let("plug", "1")
    charge(garage)
    garage.bridge.let("weld", "1")
    garage.peer.publish(garage.topic("set"), "OFF")
    state = garage.await_state(fault="welded", relay="off")
    assert state["amps"] == 10
    event = garage.peer.wait_for(
        garage.topic("event"), lambda each: each["reason"] == "welded"
    )
    assert event["event_type"] == "fault"
    garage.command(state, "reset", "not-yet")
    assert garage.await_ack("not-yet")["reason"] == "fault"
    garage.bridge.let("unplug", "1")
    garage.bridge.kill()
    garage.peer.forget()
    garage.bridge.start()
    state = garage.await_state(fault="welded", amps=0)
    garage.bridge.let("unweld", "1")
    garage.command(state, "reset", "healed")
    assert garage.await_ack("healed")["result"] == "accepted"
    assert garage.await_state(fault=None)["phase"] == "idle"


@pytest.mark.parametrize("how", ["stale", "error"])
def test_a_sensor_that_falls_silent_ends_the_session(garage: Site, how: str) -> None:
    garage.bridge.let("plug", "1")
    charge(garage)
    garage.bridge.let("sensor", "1", how)
    state = garage.await_state(fault="sensor_stale", relay="off")
    assert (state["last"]["outcome"], state["amps"]) == ("fault", None)
    garage.peer.forget()
    garage.bridge.let("sensor", "1", "ok")
    garage.await_state(fault=None, phase="idle")


def test_who_unplugs_ends_the_session_and_the_energy_is_told(garage: Site) -> None:
    garage.bridge.let("plug", "1", "--amps", "10")
    charge(garage)
    garage.await_state(plugged=True)
    garage.bridge.let("unplug", "1")
    last = garage.await_state(reason="unplugged")["last"]
    assert last["outcome"] == "stopped"
    assert 0 < last["wh"] <= 10 * 230 * last["ran_s"] / 3600 * 1.2


def test_one_write_error_is_overcome_and_the_bay_goes_on(garage: Site) -> None:
    garage.bridge.let("write-errors", "17", "1")
    charge(garage)
    assert garage.bridge.is_high()
    garage.bridge.let("write-errors", "17", "0")
    garage.peer.publish(garage.topic("set"), "OFF")
    assert garage.await_state(reason="switched_off")["fault"] is None
    charge(garage)


def test_a_pin_that_fails_is_a_fault_and_the_other_bay_goes_on(garage: Site) -> None:
    charge(garage)
    garage.bridge.let("write-errors", "17", "-1")
    garage.peer.publish(garage.topic("set"), "OFF")
    assert garage.await_state(fault="gpio_error", relay="on")["phase"] == "fault"
    charge(garage, "2")
    garage.peer.forget()
    garage.bridge.let("write-errors", "17", "0")
    state = garage.await_state(fault=None, relay="off")
    assert not garage.bridge.is_high()
    assert state["last"]["outcome"] == "fault"
    garage.command(state, "report", "how", bay="2")
    garage.await_state("2", phase="running")


def test_a_frozen_sensor_does_not_delay_the_paid_end(garage: Site) -> None:
    recorder = Recorder(garage.bridge.board)
    charge(garage, seconds=0.8)
    garage.bridge.let("sensor", "1", "stale")
    garage.await_state(reason="time_up")
    assert recorder.highs == [pytest.approx(0.8, abs=0.4)]


def test_a_stopped_process_is_ended_by_off_as_systemd_does_it(garage: Site) -> None:
    """Frozen, nothing inside can help: the watchdog kills it, and `off` runs."""
    charge(garage)
    assert garage.bridge.process is not None
    garage.bridge.process.send_signal(signal.SIGSTOP)
    assert garage.bridge.is_high()
    garage.bridge.kill()
    assert garage.bridge.call("off").returncode == 0
    assert not garage.bridge.is_high()
    assert garage.bridge.is_high(27)
