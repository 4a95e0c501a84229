"""The thread that ends what the event loop forgot."""

import asyncio
from pathlib import Path
import threading
import time

from pi_relay_bridge.bay import Bay
from pi_relay_bridge.bay_ports import BayPorts
from pi_relay_bridge.clock import Clock
from pi_relay_bridge.config import BayConfig
from pi_relay_bridge.guard import OVERDUE, Cut, Guard
from pi_relay_bridge.pins import claim_off
from pi_relay_bridge.records import BayRecord
from pi_relay_bridge.relay import Relay, RelayError
from pi_relay_bridge.reporter import Reporter
from pi_relay_bridge.simulate import Levels, read_levels
from pi_relay_bridge.simulated_pins import SimulatedFactory
from pi_relay_bridge.timer import Timer
import pytest

from .helpers import FakeOutlet, FakeRelay, FakeStore, FakeSupervisor


class Watch:
    """A guard on two fake relays, with a clock by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.relays = {17: FakeRelay(is_on=True), 27: FakeRelay(is_on=True)}
        self.reasons: dict[int, str] = {}
        self.is_vouched = True
        self.feeds = 0
        self.guard = Guard(
            self.relays,
            now=lambda: self.now_s,
            interlocks={17: lambda: self.reasons.get(17), 27: lambda: None},
            vouched=lambda: self.is_vouched,
            feed=self._feed,
        )

    def _feed(self) -> None:
        self.feeds += 1

    def check_at(self, now_s: float) -> None:
        self.now_s = now_s
        self.guard.check()


@pytest.fixture
def watch() -> Watch:
    """Return a guard to play with."""
    return Watch()


def test_only_what_is_overdue_by_more_than_a_second_is_cut(watch: Watch) -> None:
    watch.guard.arm(17, 101)
    watch.guard.arm(27, 105)
    watch.check_at(102)
    assert watch.relays[17].is_on
    watch.check_at(102.25)
    assert not watch.relays[17].is_on
    assert watch.relays[27].is_on
    assert watch.guard.cut_of(17) == Cut(at_s=102.25, reason=OVERDUE)
    assert watch.guard.cut_of(27) is None


def test_a_new_deadline_replaces_the_old(watch: Watch) -> None:
    watch.guard.arm(17, 101)
    watch.guard.arm(17, 200)
    watch.check_at(150)
    assert watch.relays[17].is_on


def test_a_released_pin_is_left_alone(watch: Watch) -> None:
    watch.guard.arm(17, 101)
    watch.guard.release(17)
    watch.check_at(150)
    assert watch.relays[17].moves == []


def test_an_interlock_cuts_an_armed_pin_and_says_why(watch: Watch) -> None:
    watch.guard.arm(17, 1000)
    watch.guard.arm(27, 1000)
    watch.reasons[17] = "estop"
    watch.check_at(100.25)
    assert not watch.relays[17].is_on
    assert watch.relays[27].is_on
    assert watch.guard.cut_of(17) == Cut(at_s=100.25, reason="estop")


def test_a_cut_is_made_at_once_and_only_on_what_is_armed(watch: Watch) -> None:
    watch.guard.arm(17, 1000)
    watch.guard.cut(17, "over_current")
    watch.guard.cut(27, "over_current")
    assert not watch.relays[17].is_on
    assert watch.relays[27].moves == []
    assert watch.guard.cut_of(27) is None


def test_the_first_cut_keeps_its_reason_and_moment(watch: Watch) -> None:
    watch.guard.arm(17, 100)
    watch.guard.cut(17, "estop")
    watch.check_at(200)
    watch.guard.cut(17, "over_current")
    assert watch.guard.cut_of(17) == Cut(at_s=100, reason="estop")
    assert watch.relays[17].moves == [False]


def test_another_deadline_does_not_undo_a_cut_and_a_new_start_does(
    watch: Watch,
) -> None:
    watch.guard.arm(17, 1000)
    watch.guard.cut(17, "estop")
    watch.guard.move(17, 2000)
    assert watch.guard.cut_of(17) is not None
    watch.guard.arm(17, 3000)
    assert watch.guard.cut_of(17) is None


def test_a_pin_that_does_not_obey_is_tried_each_round(watch: Watch) -> None:
    watch.relays[17].off_failures = 2
    watch.guard.arm(17, 100)
    watch.check_at(102)
    watch.check_at(102.25)
    assert watch.relays[17].is_on
    watch.check_at(102.5)
    assert not watch.relays[17].is_on


def test_the_watchdog_is_fed_while_all_is_well(watch: Watch) -> None:
    watch.check_at(100.25)
    watch.check_at(100.5)
    assert watch.feeds == 2


def test_a_loop_that_does_not_beat_is_not_vouched_for(watch: Watch) -> None:
    for quarter in range(40):
        watch.check_at(100.25 + quarter / 4)
    assert watch.feeds == 19
    watch.guard.beat()
    watch.check_at(watch.now_s + 0.25)
    assert watch.feeds == 20


def test_a_dead_network_thread_is_not_vouched_for(watch: Watch) -> None:
    watch.is_vouched = False
    watch.check_at(100.25)
    assert watch.feeds == 0


def test_a_late_round_of_its_own_is_not_vouched_for(watch: Watch) -> None:
    watch.check_at(102.5)
    assert watch.feeds == 0
    watch.check_at(102.75)
    assert watch.feeds == 1


async def test_a_blocked_loop_does_not_keep_the_relay_on(tmp_path: Path) -> None:
    config = BayConfig(id="1", name="Bay 1", pin=17)
    clock = Clock()
    relays = claim_off((config,), SimulatedFactory(Levels(tmp_path)))
    guard = Guard(
        {17: relays["1"]},
        now=clock.up_s,
        interlocks={17: lambda: None},
        vouched=lambda: True,
        feed=lambda: None,
    )
    outlet = FakeOutlet()
    timer = Timer(asyncio.get_running_loop(), clock, lambda: bay.expire())  # noqa: PLW0108 - bay comes after it
    bay = Bay(
        config,
        BayPorts(
            clock=clock,
            relay=relays["1"],
            guard=guard,
            supervisor=FakeSupervisor(),
            store=FakeStore(),
            reporter=Reporter(outlet, boot_id=clock.boot_id, max_session_s=60),
            set_timer=timer.set,
        ),
        BayRecord(),
    )
    guard.start()
    bay.start("A", 0.2)
    fell = threading.Event()

    def watch_pin() -> None:
        while read_levels(tmp_path / "pins.bin")[17]:
            time.sleep(0.002)
        fell.set()

    threading.Thread(target=watch_pin, daemon=True).start()
    # Blocking the loop is the very thing under test.
    assert await asyncio.sleep(0, fell.wait(3))
    assert 1.2 < clock.up_s() < 2.2
    bay.pulse()
    guard.stop()
    last = outlet.last("state")["last"]
    assert last["outcome"] == "completed"
    assert 1.2 < last["ran_s"] < 2.0


class Pin:
    """An output that fails as often as it is told."""

    def __init__(self, failures: int = 0, *, stuck: bool = False) -> None:
        self._value = 0.0
        self._failures = failures
        self._is_stuck = stuck

    @property
    def value(self) -> float:
        return self._value

    @value.setter
    def value(self, value: float) -> None:
        if self._failures:
            self._failures -= 1
            raise OSError("GPIO write")
        if not self._is_stuck:
            self._value = value


def test_one_write_error_is_tried_again() -> None:
    pin = Pin(failures=1)
    Relay("1", pin).on()
    assert pin.value == 1


def test_two_write_errors_are_an_error_and_the_relay_may_be_on() -> None:
    relay = Relay("1", Pin(failures=2))
    with pytest.raises(RelayError, match="GPIO write"):
        relay.on()
    assert relay.is_on
    relay.off()
    assert not relay.is_on


def test_a_pin_that_does_not_follow_is_an_error() -> None:
    with pytest.raises(RelayError, match="reads"):
        Relay("1", Pin(stuck=True)).on()
