"""Situations in which other bridges leave a relay on; the pin watched from outside.

Each of them was first tried on a widely used GPIO-to-MQTT bridge (see
docs/device-safety.md for what that one did).
"""

from collections.abc import Iterator
import itertools
import json
import time
from typing import Any

import pytest

from .helpers import Recorder, Site, eventually, make_site

pytestmark = pytest.mark.timeout(60)
SLACK_S = 0.5
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def same_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a site that loses patience with a lost broker after a second."""
    with make_site(
        tmp_path_factory.mktemp("probes"),
        bridge="contact_loss_off_s = 1",
        bay="manual_max_s = 0.4",
    ) as site:
        yield site


@pytest.fixture
def site(same_site: Site) -> Site:
    """Return the site with nothing running."""
    same_site.start_again()
    return same_site


@pytest.fixture
def recorder(site: Site) -> Recorder:
    """Watch the first bay's pin, which is low when it is off."""
    return Recorder(site.bridge.board)


def buy(site: Site, seconds: Any, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Send a start for a new order; return the order and the answer."""
    order_id = f"order-{next(NUMBERS)}"
    state = site.await_state()
    fields = {"order_id": order_id, "seconds": seconds} | fields
    site.command(state, "start", order_id, **fields)
    return order_id, site.await_ack(order_id)


def tell(site: Site, cmd: str, **fields: Any) -> dict[str, Any]:
    """Send another command and return the answer."""
    command_id = f"command-{next(NUMBERS)}"
    site.command(site.await_state(), cmd, command_id, **fields)
    return site.await_ack(command_id)


def until_off(site: Site) -> None:
    """Wait for the pin's fall."""
    eventually(lambda: not site.bridge.is_high(), "the relay goes off")


def test_a_top_up_lasts_as_long_as_was_paid_in_all(
    site: Site, recorder: Recorder
) -> None:
    order_id, _ = buy(site, 0.5)
    assert tell(site, "extend", order_id=order_id, seconds=1.4)["result"] == "accepted"
    until_off(site)
    assert recorder.highs == [pytest.approx(1.4, abs=SLACK_S)]


def test_the_timer_of_a_stopped_order_does_not_cut_the_next(
    site: Site, recorder: Recorder
) -> None:
    first, _ = buy(site, 0.5)
    assert tell(site, "stop", order_id=first)["result"] == "accepted"
    buy(site, 1.4)
    until_off(site)
    assert recorder.highs[1] == pytest.approx(1.4, abs=SLACK_S)


@pytest.mark.parametrize("how", ["switch", "command"])
def test_off_on_an_idle_relay_never_turns_it_on(
    site: Site, recorder: Recorder, how: str
) -> None:
    if how == "switch":
        site.peer.publish(site.topic("set"), "OFF")
    else:
        assert tell(site, "stop")["reason"] == "not_running"
    time.sleep(0.6)  # There is nothing to wait for but the time of the old mistake.
    assert recorder.levels == [False]


def test_off_in_a_timed_run_stays_off(site: Site, recorder: Recorder) -> None:
    site.peer.publish(site.topic("set"), "ON")
    eventually(site.bridge.is_high, "the manual run begins")
    site.peer.publish(site.topic("set"), "OFF")
    until_off(site)
    time.sleep(0.6)  # As above.
    assert recorder.levels == [False, True, False]


@pytest.mark.parametrize(
    "seconds",
    [*map(float, ("nan", "inf", "-inf")), 1e12, 10**400, -1, 0, True, "60", None, []],
)
def test_an_absurd_time_never_moves_the_pin(
    site: Site, recorder: Recorder, seconds: Any
) -> None:
    _, ack = buy(site, seconds)
    assert ack["result"] == "rejected"
    assert recorder.levels == [False]


def test_a_run_ends_in_time_though_the_broker_is_gone(
    site: Site, recorder: Recorder
) -> None:
    buy(site, 0.8)
    site.broker.kill()
    until_off(site)
    site.broker.start()
    assert recorder.highs == [pytest.approx(0.8, abs=SLACK_S)]


def test_a_long_run_is_bounded_when_the_broker_is_gone(
    site: Site, recorder: Recorder
) -> None:
    buy(site, 600)
    site.broker.kill()
    killed = time.monotonic()
    until_off(site)
    assert 0.9 < time.monotonic() - killed < 1 + 2 * SLACK_S
    site.broker.start()
    site.await_state(reason="contact_lost", timeout_s=15)
    assert recorder.levels == [False, True, False]


def test_sigterm_in_a_session_switches_off_and_stays_driven(
    site: Site, recorder: Recorder
) -> None:
    buy(site, 600)
    assert site.bridge.terminate() == 0
    assert recorder.levels == [False, True, False]


def test_sigkill_in_a_session_is_healed_by_what_systemd_runs_next(
    site: Site, recorder: Recorder
) -> None:
    buy(site, 600)
    site.bridge.kill()
    assert site.bridge.is_high()
    assert site.bridge.call("off").returncode == 0
    assert recorder.levels == [False, True, False]


def test_what_was_retained_does_not_switch_on_at_the_start(
    site: Site, recorder: Recorder
) -> None:
    state = site.await_state()
    site.bridge.terminate()
    command = {"v": 1, "id": "old", "cmd": "start", "order_id": "A", "seconds": 60}
    command |= {"boot_id": state["boot_id"], "not_after": 1e6}
    site.peer.publish(site.topic("cmd"), json.dumps(command), qos=1, retain=True)
    site.peer.publish(site.topic("set"), "ON", qos=1, retain=True)
    site.peer.forget()
    site.bridge.start()
    site.await_state(phase="idle")
    assert tell(site, "report")["result"] == "accepted"
    assert recorder.levels == [False]
    for leaf in ("cmd", "set"):
        site.peer.publish(site.topic(leaf), b"", qos=1, retain=True)


def test_what_was_sent_while_it_was_away_does_not_switch_on(
    site: Site, recorder: Recorder
) -> None:
    state = site.await_state()
    site.bridge.terminate()
    command = {"v": 1, "id": "late", "cmd": "start", "order_id": "A", "seconds": 60}
    command |= {"boot_id": state["boot_id"], "not_after": 1e6}
    site.peer.publish(site.topic("cmd"), json.dumps(command), qos=1)
    site.peer.publish(site.topic("set"), "ON", qos=1)
    site.peer.forget()
    site.bridge.start()
    site.await_state(phase="idle")
    assert tell(site, "report")["result"] == "accepted"
    assert recorder.levels == [False]


def test_a_delayed_start_is_stale_by_the_devices_own_clock(
    site: Site, recorder: Recorder
) -> None:
    _, ack = buy(site, 60, not_after=0.001)
    assert (ack["result"], ack["reason"]) == ("rejected", "stale")
    assert recorder.levels == [False]


def test_one_write_error_costs_nothing_and_later_orders_are_obeyed(
    site: Site, recorder: Recorder
) -> None:
    site.bridge.let("write-errors", "17", "1")
    first, ack = buy(site, 60)
    assert ack["result"] == "accepted"
    assert tell(site, "stop", order_id=first)["result"] == "accepted"
    buy(site, 0.3)
    until_off(site)
    assert recorder.levels == [False, True, False, True, False]


def test_a_board_that_starts_with_its_relay_on_is_switched_off(site: Site) -> None:
    """A killed process leaves the level; the next start drops it before all else."""
    buy(site, 600)
    site.bridge.kill()
    assert site.bridge.is_high()
    site.bridge.start()
    assert not site.bridge.is_high()
