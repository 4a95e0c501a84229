"""A plain switch whose relay ends by itself: set, read back, and kept alive."""

from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant, ServiceCall, callback
import pytest

from custom_components.paybay.drivers.auto_off import AutoOffDriver
from custom_components.paybay.drivers.auto_off_number import AutoOffNumber
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.drivers.switch import SwitchDriver

from .site_fixtures import ObedientClock

RELAY, NUMBER = "switch.socket", "number.socket_auto_off"
LIMITS = {"min": 0, "max": 3600, "step": 1, "unit_of_measurement": "s"}


class Socket:
    """A relay with a timer, as Home Assistant shows it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register what it can do; it is off."""
        self.hass = hass
        self.done: list[tuple[str, float | None]] = []
        self.deaf_number = self.stuck = False
        self.limits = dict(LIMITS)
        for service in ("turn_on", "turn_off"):
            hass.services.async_register("switch", service, self._switched)
        hass.services.async_register("number", "set_value", self._set)
        self.show("off")
        self.show_number(0)

    def show(self, state: str) -> None:
        """Set the relay's state."""
        self.hass.states.async_set(RELAY, state)

    def show_number(self, value: float | str) -> None:
        """Set the number's state."""
        self.hass.states.async_set(NUMBER, str(value), self.limits)

    @callback
    def _switched(self, call: ServiceCall) -> None:
        self.done.append((call.service, None))
        if not self.stuck:
            self.show(call.service.removeprefix("turn_"))

    @callback
    def _set(self, call: ServiceCall) -> None:
        self.done.append(("set", call.data["value"]))
        if not self.deaf_number:
            self.show_number(call.data["value"])


@pytest.fixture
async def socket(hass: HomeAssistant) -> Socket:
    return Socket(hass)


@pytest.fixture
def clock() -> ObedientClock:
    return ObedientClock()


def make(
    socket: Socket, clock: ObedientClock, timer_s: float, *, numbered: bool = True
) -> AutoOffDriver:
    hass = socket.hass
    return AutoOffDriver(
        hass,
        RELAY,
        SwitchDriver(hass, RELAY, 0.05),
        clock,
        number=AutoOffNumber(hass, NUMBER, 0.05) if numbered else None,
        timer_s=timer_s,
    )


@pytest.fixture
async def fed(socket: Socket, clock: ObedientClock) -> AsyncIterator[AutoOffDriver]:
    """Have a relay that gets 60 seconds at a time."""
    driver = make(socket, clock, 60)
    unwatch = driver.watch(lambda: None)
    yield driver
    unwatch()


async def test_the_relay_is_told_its_end_before_it_is_switched_on(
    socket: Socket, clock: ObedientClock
) -> None:
    driver = make(socket, clock, 0)
    await driver.start("ord_1", 600_000)
    assert socket.done == [("set", 605), ("turn_on", None)]
    await clock.pass_by(socket.hass, 599)
    assert len(socket.done) == 2, "nothing to keep alive"


async def test_a_relay_that_does_not_take_its_end_is_never_switched_on(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.deaf_number = True
    with pytest.raises(StartError) as caught:
        await make(socket, clock, 0).start("ord_1", 600_000)
    assert caught.value.reason == "auto_off_failed"
    assert ("turn_on", None) not in socket.done


async def test_a_relay_that_was_on_goes_off_if_it_does_not_take_its_end(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.deaf_number = True
    socket.show("on")
    with pytest.raises(StartError, match="auto_off_failed"):
        await make(socket, clock, 0).start("ord_1", 600_000)
    assert socket.done[-1] == ("turn_off", None)


async def test_an_auto_off_entity_that_is_gone_stops_all_sales(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.hass.states.async_remove(NUMBER)
    with pytest.raises(StartError) as caught:
        await make(socket, clock, 0).start("ord_1", 600_000)
    assert caught.value.reason == "auto_off_failed"


async def test_a_short_timer_is_fed_at_half_its_time_until_the_end(
    socket: Socket, clock: ObedientClock, fed: AutoOffDriver
) -> None:
    await fed.start("ord_1", 600_000)
    assert socket.done == [("set", 60), ("turn_on", None)]
    await clock.pass_by(socket.hass, 29)
    assert len(socket.done) == 2
    await clock.pass_by(socket.hass, 1)
    assert socket.done[2:] == [("set", 60), ("turn_on", None)]
    await clock.pass_by(socket.hass, 30)
    assert len(socket.done) == 6
    await fed.stop("ord_1")
    del socket.done[:]
    await clock.pass_by(socket.hass, 120)
    assert socket.done == [], "never fed after the end"


async def test_a_relay_that_somebody_switched_off_is_not_fed(
    socket: Socket, clock: ObedientClock, fed: AutoOffDriver
) -> None:
    await fed.start("ord_1", 600_000)
    socket.show("off")
    await socket.hass.async_block_till_done()
    del socket.done[:]
    await clock.pass_by(socket.hass, 120)
    assert socket.done == []


async def test_a_relay_that_does_not_go_off_is_left_to_its_own_timer(
    socket: Socket, clock: ObedientClock, fed: AutoOffDriver
) -> None:
    await fed.start("ord_1", 600_000)
    socket.stuck = True
    assert not await fed.stop("ord_1")
    for state in ("unavailable", "on"):
        socket.show(state)
        await socket.hass.async_block_till_done()
    del socket.done[:]
    await clock.pass_by(socket.hass, 120)
    assert socket.done == []


async def test_a_timer_set_in_the_relay_itself_is_fed_as_well(
    socket: Socket, clock: ObedientClock
) -> None:
    driver = make(socket, clock, 60, numbered=False)
    await driver.start("ord_1", 600_000)
    await clock.pass_by(socket.hass, 30)
    assert socket.done == [("turn_on", None), ("turn_on", None)]
    await driver.stop("ord_1")


async def test_a_session_shorter_than_the_timer_needs_no_feeding(
    socket: Socket, clock: ObedientClock, fed: AutoOffDriver
) -> None:
    await fed.start("ord_1", 20_000)
    assert socket.done[0] == ("set", 25)
    await clock.pass_by(socket.hass, 19)
    assert len(socket.done) == 2


async def test_a_session_longer_than_the_relay_can_count_is_fed(
    socket: Socket, clock: ObedientClock
) -> None:
    driver = make(socket, clock, 0)
    await driver.start("ord_1", 7_200_000)
    assert socket.done[0] == ("set", 3600)
    await clock.pass_by(socket.hass, 1800)
    assert socket.done[2:] == [("set", 3600), ("turn_on", None)]
    await driver.stop("ord_1")


async def test_an_extension_moves_the_relays_end(
    socket: Socket, clock: ObedientClock
) -> None:
    driver = make(socket, clock, 0)
    await driver.start("ord_1", 600_000)
    await clock.pass_by(socket.hass, 100)
    await driver.extend("ord_1", 1_200_000)
    assert socket.done[2:] == [("set", 1105), ("turn_on", None)]


async def test_an_extension_of_a_relay_that_is_off_is_no_proof(
    socket: Socket, clock: ObedientClock
) -> None:
    driver = make(socket, clock, 0)
    await driver.start("ord_1", 600_000)
    socket.show("off")
    with pytest.raises(StartError) as caught:
        await driver.extend("ord_1", 1_200_000)
    assert caught.value.reason == "no_proof"


async def test_a_relay_found_on_after_a_restart_is_kept_alive(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.show("on")
    driver = make(socket, clock, 60)
    unwatch = driver.watch(lambda: None)
    await clock.pass_by(socket.hass, 30)
    assert socket.done == [("set", 60), ("turn_on", None)]
    assert await driver.stop(None)
    await clock.pass_by(socket.hass, 60)
    assert socket.done[-1] == ("turn_off", None)
    unwatch()


async def test_a_relay_that_is_on_for_nobody_known_is_kept_on_for_one_timer_only(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.show("on")
    driver = make(socket, clock, 60)
    unwatch = driver.watch(lambda: None)
    await clock.pass_by(socket.hass, 60)
    assert socket.done == [("set", 60), ("turn_on", None)]
    socket.show("off")
    socket.show("on")
    await socket.hass.async_block_till_done()
    await clock.pass_by(socket.hass, 300)
    assert len(socket.done) == 2
    unwatch()


@pytest.mark.parametrize("after_s", [0, 40, 80])
async def test_a_relay_that_is_on_for_a_session_of_before_is_kept_on(
    socket: Socket, clock: ObedientClock, after_s: int
) -> None:
    socket.show("on")
    driver = make(socket, clock, 60)
    unwatch = driver.watch(lambda: None)
    await clock.pass_by(socket.hass, after_s)
    del socket.done[:]
    driver.confirm()
    await socket.hass.async_block_till_done()
    assert socket.done == [("set", 60), ("turn_on", None)]
    driver.confirm()
    for _ in range(5):
        await clock.pass_by(socket.hass, 30)
    assert len(socket.done) == 12
    assert await driver.stop(None)
    driver.confirm()
    await clock.pass_by(socket.hass, 60)
    assert socket.done[-1] == ("turn_off", None)
    unwatch()


async def test_a_relay_that_is_on_already_gets_its_timer_started(
    socket: Socket, clock: ObedientClock
) -> None:
    socket.show("on")
    await make(socket, clock, 0).start("ord_1", 600_000)
    assert socket.done == [("set", 605), ("turn_on", None)]


@pytest.mark.parametrize(
    ("unit", "step", "value"),
    [
        ("min", 1, 11),
        ("min", 0.5, 10.5),
        ("h", 1, 1),
        ("ms", 1, 605_000),
        (None, 10, 610),
    ],
)
async def test_other_units_and_steps_are_rounded_up(
    socket: Socket, unit: str | None, step: float, value: float
) -> None:
    socket.limits = {"min": 0, "max": 1e6, "step": step, "unit_of_measurement": unit}
    socket.show_number(0)
    assert await AutoOffNumber(socket.hass, NUMBER, 0.05).set(605)
    assert socket.done == [("set", value)]


async def test_a_number_that_counts_down_at_once_has_taken_its_value(
    socket: Socket,
) -> None:
    number = AutoOffNumber(socket.hass, NUMBER, 5)
    socket.deaf_number = True
    socket.show_number(602)
    assert await number.set(605)


@pytest.mark.parametrize("state", ["unavailable", "unknown", "soon", "0", "900"])
async def test_a_number_that_shows_something_else_has_not(
    socket: Socket, state: str
) -> None:
    socket.deaf_number = True
    socket.show_number(state)
    assert not await AutoOffNumber(socket.hass, NUMBER, 0.05).set(605)
