"""The plain switch driver: its entity's state is the only proof."""

import asyncio

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.paybay.domain.relays import OUT_OF_REACH
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.drivers.switch import SwitchDriver

RELAY = "switch.relay"


class Relay:
    """A switch entity with moods."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register its two actions."""
        self.hass = hass
        self.calls: list[str] = []
        self.called = asyncio.Event()
        self.deaf = False
        self.broken = False
        self.odd = False
        self.late_s = 0.0
        self.shown: list[str] = []
        for service in ("turn_on", "turn_off"):
            hass.services.async_register("switch", service, self._called)
        self.show("off")

    def show(self, state: str) -> None:
        """Set its state."""
        self.shown.append(state)
        self.hass.states.async_set(RELAY, state)

    @callback
    def _called(self, call: ServiceCall) -> None:
        self.calls.append(call.service)
        self.called.set()
        if self.odd:
            raise OSError
        if self.broken:
            raise HomeAssistantError
        if self.late_s:
            state = call.service.removeprefix("turn_")
            self.hass.loop.call_later(self.late_s, self.show, state)
        elif not self.deaf:
            self.show(call.service.removeprefix("turn_"))


@pytest.fixture
async def relay(hass: HomeAssistant) -> Relay:
    return Relay(hass)


@pytest.fixture
def driver(hass: HomeAssistant) -> SwitchDriver:
    return SwitchDriver(hass, RELAY, 0.05)


async def test_start_returns_with_proof(relay: Relay, driver: SwitchDriver) -> None:
    await driver.start("ord_1", 600_000)
    assert driver.report().on is True
    assert relay.calls == ["turn_on"]


async def test_start_of_a_relay_that_is_on_sends_nothing(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.show("on")
    await driver.start("ord_1", 600_000)
    assert relay.calls == []


async def test_start_waits_for_a_state_that_comes_late(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.deaf = True
    driver = SwitchDriver(relay.hass, RELAY, 5)
    starting = asyncio.create_task(driver.start("ord_1", 600_000))
    await relay.called.wait()
    assert not starting.done()
    relay.show("on")
    await starting


async def test_start_without_proof_switches_off_again(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.deaf = True
    with pytest.raises(StartError) as caught:
        await driver.start("ord_1", 600_000)
    assert caught.value.reason == "no_proof"
    assert relay.calls == ["turn_on", "turn_off"]


async def test_start_that_the_entity_refuses_is_no_proof(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.broken = True
    with pytest.raises(StartError):
        await driver.start("ord_1", 600_000)


async def test_relay_whose_integration_fails_oddly_is_no_proof_and_not_off(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.odd = True
    with pytest.raises(StartError):
        await driver.start("ord_1", 600_000)
    relay.show("on")
    assert not await driver.stop("ord_1")


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_relay_without_a_known_state_is_out_of_reach(
    relay: Relay, driver: SwitchDriver, state: str
) -> None:
    relay.show(state)
    assert driver.report() == OUT_OF_REACH
    with pytest.raises(StartError) as caught:
        await driver.start("ord_1", 600_000)
    assert caught.value.reason == "out_of_reach"
    assert relay.calls == []


async def test_missing_relay_is_out_of_reach(
    hass: HomeAssistant, driver: SwitchDriver
) -> None:
    assert driver.report() == OUT_OF_REACH


async def test_stop_says_whether_the_relay_is_off(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.show("on")
    assert await driver.stop("ord_1")
    relay.show("on")
    relay.deaf = True
    assert not await driver.stop("ord_1")


async def test_slow_relay_without_proof_is_off_and_stays_off(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.late_s = 0.07
    with pytest.raises(StartError, match="no_proof"):
        await driver.start("ord_1", 600_000)
    assert "on" in relay.shown, "it was on for a moment, after the proof was due"
    assert driver.report().on is False
    count = len(relay.shown)
    await asyncio.sleep(0.2)
    assert "on" not in relay.shown[count:]


async def test_extension_of_a_relay_that_is_on_switches_nothing(
    relay: Relay, driver: SwitchDriver
) -> None:
    relay.show("on")
    await driver.extend("ord_1", 1_200_000)
    assert relay.calls == []


@pytest.mark.parametrize(
    ("state", "reason"), [("off", "no_proof"), ("unavailable", "out_of_reach")]
)
async def test_relay_that_is_not_on_cannot_be_extended(
    relay: Relay, driver: SwitchDriver, state: str, reason: str
) -> None:
    relay.show(state)
    with pytest.raises(StartError) as caught:
        await driver.extend("ord_1", 1_200_000)
    assert caught.value.reason == reason
    assert relay.calls == []


async def test_watcher_hears_of_states_but_not_of_attributes(
    relay: Relay, driver: SwitchDriver
) -> None:
    heard: list[bool | None] = []
    unwatch = driver.watch(lambda: heard.append(driver.report().on))
    relay.show("on")
    relay.hass.states.async_set(RELAY, "on", {"power": 5})
    relay.show("off")
    relay.hass.states.async_remove(RELAY)
    await relay.hass.async_block_till_done()
    assert heard == [True, False, None]
    unwatch()
    relay.show("on")
    await relay.hass.async_block_till_done()
    assert len(heard) == 3
