"""The emergency stop: who it stops, when it is released, what a broken wire does."""

from collections.abc import Callable
from pathlib import Path

from gpiozero.pins.mock import MockFactory
from pi_relay_bridge.config import parse
from pi_relay_bridge.estop import Estop
from pi_relay_bridge.pins import PinsError
from pi_relay_bridge.simulate import Levels
from pi_relay_bridge.simulated_pins import SimulatedFactory
from pi_relay_bridge.watch import make_watch
import pytest

from .test_config import GOOD


class Contact:
    """A contact that is closed unless opened, and may be unreadable."""

    def __init__(self, *, closed: bool = True) -> None:
        self.closed = closed
        self.is_broken = False
        self.when_deactivated: Callable[[], None] | None = None

    @property
    def value(self) -> float:
        if self.is_broken:
            raise OSError("no such line")
        return float(self.closed)

    @value.setter
    def value(self, value: float) -> None:
        raise NotImplementedError


class Stop:
    """A stop with a clock by hand."""

    def __init__(self, *, closed: bool = True, by_reset: bool = False) -> None:
        self.now_s = 100.0
        self.contact = Contact(closed=closed)
        self.estop = Estop(22, self.contact, now=lambda: self.now_s, by_reset=by_reset)

    def look_at(self, now_s: float) -> bool:
        self.now_s = now_s
        return self.estop.look()


def test_a_closed_contact_stops_nothing() -> None:
    assert not Stop().estop.look()


def test_a_stop_pressed_at_the_start_counts() -> None:
    assert Stop(closed=False).estop.look()


def test_a_contact_that_cannot_be_read_stops() -> None:
    stop = Stop()
    stop.contact.is_broken = True
    assert stop.estop.look()


def test_it_is_released_after_a_second_of_being_closed() -> None:
    stop = Stop()
    stop.contact.closed = False
    assert stop.look_at(101)
    stop.contact.closed = True
    assert stop.look_at(101.9)
    assert not stop.look_at(102.1)


def test_a_contact_that_bounces_is_not_released() -> None:
    stop = Stop(closed=False)
    for tenth in range(50):
        stop.contact.closed = tenth % 2 == 0
        assert stop.look_at(100 + tenth / 10)


def test_where_the_owner_wants_it_only_a_reset_releases() -> None:
    stop = Stop(closed=False, by_reset=True)
    stop.estop.reset()
    assert stop.look_at(101)
    stop.contact.closed = True
    assert stop.look_at(9999)
    stop.estop.reset()
    assert not stop.estop.look()


def test_a_press_between_two_looks_is_seen_by_its_edge() -> None:
    stop = Stop(by_reset=True)
    pressed: list[bool] = []
    stop.estop.watch(lambda: pressed.append(stop.estop.look()))
    assert stop.contact.when_deactivated is not None
    stop.contact.when_deactivated()
    assert pressed == [True]
    assert stop.look_at(200)


WITH_STOPS = GOOD.replace('node = "', 'estop_pin = 22\nnode = "', 1).replace(
    "pin = 27", "pin = 27\nestop_pin = 23", 1
)


def test_one_stop_for_all_bays_and_one_for_its_own(tmp_path: Path) -> None:
    levels = Levels(tmp_path)
    now_s = [0.0]
    watch = make_watch(
        parse(WITH_STOPS), SimulatedFactory(levels), now=lambda: now_s[0]
    )
    first, second = watch.supervisors.values()
    assert (first.reason(), second.reason()) == (None, None)
    levels.set(23, high=True)
    assert (first.reason(), second.reason()) == (None, "estop")
    levels.set(22, high=True)
    assert (first.reason(), second.reason()) == ("estop", "estop")
    levels.set(22, high=False)
    now_s[0] = 1.5
    assert (first.reason(), second.reason()) == (None, "estop")


def test_without_a_stop_there_is_nothing_to_show(tmp_path: Path) -> None:
    factory = SimulatedFactory(Levels(tmp_path))
    watch = make_watch(parse(GOOD), factory, now=lambda: 0)
    assert {each.estop for each in watch.supervisors.values()} == {None}


def test_gpiozeros_own_edge_reaches_the_bays() -> None:
    factory = MockFactory()
    factory.pin(22).drive_low()
    pin = factory.pin(22)
    watch = make_watch(parse(WITH_STOPS), factory, now=lambda: 0)
    pin.drive_low()
    stops = {tuple(bay.pin for bay in bays): stop for stop, bays in watch.estops}
    calls: list[str] = []
    stops[17, 27].watch(lambda: calls.append("cut"))
    pin.drive_high()
    assert calls == ["cut"]


def test_a_stop_that_cannot_be_claimed_is_an_error(tmp_path: Path) -> None:
    factory = SimulatedFactory(Levels(tmp_path))
    config = parse(WITH_STOPS)
    taken = make_watch(config, factory, now=lambda: 0)
    assert taken.estops
    with pytest.raises(PinsError, match="emergency stop, GPIO"):
        make_watch(config, factory, now=lambda: 0)
