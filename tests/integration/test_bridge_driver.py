"""The Pi bridge's driver: commands with ids, answers, and nothing stale."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message

from custom_components.paybay.clock import LoopClock
from custom_components.paybay.domain.relays import (
    OUT_OF_REACH,
    DeviceAccount,
    DeviceOutcome,
)
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.drivers.bridge import BridgeDriver
from custom_components.paybay.drivers.find import BridgeAddress

PUBLISH = "custom_components.paybay.drivers.bridge_link.mqtt.async_publish"
ORDER = "ord_00000000000000000001"


class FakeBridge:
    """A bridge that answers by the contract, unless told to misbehave."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin idle."""
        self.hass = hass
        self.commands: list[dict[str, Any]] = []
        self.deaf_for = 0
        self.refuse: str | None = None
        self.gone = False
        self.keep_quiet = False
        self.state: dict[str, Any] = {
            "v": 1,
            "boot_id": "boot-1",
            "up_s": 100.0,
            "seq": 1,
            "relay": "off",
            "phase": "idle",
            "order_id": None,
            "remaining_s": None,
            "ran_s": None,
            "reason": None,
            "fault": None,
            "amps": None,
            "last": None,
            "max_session_s": 14400,
        }

    async def publish(self, _hass: HomeAssistant, topic: str, payload: str) -> None:
        """Take a command as the broker would pass it on."""
        if self.gone:
            raise HomeAssistantError
        assert topic == "paybay/pi/bay/1/cmd"
        command = json.loads(payload)
        self.commands.append(command)
        if self.deaf_for:
            self.deaf_for -= 1
            return
        self.answer(command)

    def answer(self, command: dict[str, Any]) -> None:
        """Do what a command says and acknowledge it."""
        asks = command["cmd"] in ("start", "extend")
        result = "rejected" if self.refuse and asks else "accepted"
        if asks and not self.refuse:
            self.run(command["order_id"], command["seconds"])
        if command["cmd"] == "stop":
            self.state |= {"relay": "off", "phase": "idle", "order_id": None}
        self.state["up_s"] += 0.5
        ack = {"id": command["id"], "result": result, "reason": self.refuse}
        self.fire("ack", ack | {k: self.state[k] for k in ("boot_id", "up_s")})
        if not self.keep_quiet:
            self.tell()

    def run(self, order_id: str, seconds: float) -> None:
        """Switch on for an order."""
        self.state |= {
            "relay": "on",
            "phase": "running",
            "order_id": order_id,
            "remaining_s": seconds,
            "ran_s": 0.0,
        }

    def tell(self, *, retain: bool = False) -> None:
        """Publish the state."""
        self.fire("state", self.state, retain=retain)

    def fire(self, leaf: str, values: dict[str, Any], *, retain: bool = False) -> None:
        """Publish on one of the bay's topics."""
        topic = f"paybay/pi/bay/1/{leaf}"
        async_fire_mqtt_message(self.hass, topic, json.dumps(values), retain=retain)

    def status(self, text: str) -> None:
        """Publish the bridge's status."""
        async_fire_mqtt_message(self.hass, "paybay/pi/status", text)

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """Return the commands of a kind."""
        return [command for command in self.commands if command["cmd"] == kind]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """MQTT's own client keeps a timer that the mock never ends."""
    return True


@pytest.fixture
async def bridge(hass: HomeAssistant, mqtt_mock: Any) -> AsyncIterator[FakeBridge]:
    made = FakeBridge(hass)
    with patch(PUBLISH, made.publish):
        yield made


@pytest.fixture
async def driver(
    hass: HomeAssistant, bridge: FakeBridge
) -> AsyncIterator[BridgeDriver]:
    address = BridgeAddress("pi", "1")
    made = BridgeDriver(hass, address, LoopClock(hass.loop), 0.2)
    made.heard = asyncio.Event()  # type: ignore[attr-defined]
    unwatch = made.watch(made.heard.set)  # type: ignore[attr-defined]
    await hass.async_block_till_done(wait_background_tasks=True)
    yield made
    unwatch()


@pytest.fixture
async def online(bridge: FakeBridge, driver: BridgeDriver) -> BridgeDriver:
    bridge.status("online")
    await bridge.hass.async_block_till_done()
    assert driver.report().contact
    return driver


async def test_retained_state_is_not_believed(
    bridge: FakeBridge, driver: BridgeDriver
) -> None:
    bridge.run(ORDER, 600)
    bridge.tell(retain=True)
    await bridge.hass.async_block_till_done()
    assert driver.report() == OUT_OF_REACH


async def test_bridge_that_comes_online_is_asked(
    bridge: FakeBridge, driver: BridgeDriver
) -> None:
    bridge.run(ORDER, 600)
    bridge.status("online")
    await bridge.hass.async_block_till_done()
    report = driver.report()
    assert report.contact
    assert report.on
    assert report.order_id == ORDER
    assert report.remaining_ms is not None
    assert 599_000 < report.remaining_ms <= 600_000


async def test_bridge_that_goes_offline_is_out_of_reach(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.status("offline")
    await bridge.hass.async_block_till_done()
    assert online.report() == OUT_OF_REACH
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "out_of_reach"


async def test_start_is_proven_by_ack_and_state(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    await online.start(ORDER, 600_500)
    (start,) = bridge.sent("start")
    assert start["seconds"] == 600.5
    assert start["boot_id"] == "boot-1"
    assert 100 < start["not_after"] < 101
    assert online.report().order_id == ORDER


async def test_an_outcome_is_acknowledged_from_the_state_before_the_outbox_comes(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    last = {"order_id": ORDER, "outcome": "completed", "ran_s": 600.0}
    bridge.state["last"] = last | {"event_id": "boot-0-1-9"}
    bridge.tell()
    await bridge.hass.async_block_till_done()
    await online.acknowledge("ord_another")
    await online.acknowledge(ORDER)
    assert [each["event_id"] for each in bridge.sent("ack_event")] == ["boot-0-1-9"]
    bridge.fire("outbox", {"v": 1, "items": []})
    await bridge.hass.async_block_till_done()
    await online.acknowledge(ORDER)
    assert len(bridge.sent("ack_event")) == 1


@pytest.mark.parametrize(
    "fault", ["estop", "over_current", "welded", "sensor_stale", "gpio_error"]
)
async def test_a_fault_of_the_device_is_reported_and_its_outcome_ends_the_order(
    bridge: FakeBridge, online: BridgeDriver, fault: str
) -> None:
    last = {"order_id": ORDER, "outcome": "fault", "ran_s": 12.0}
    bridge.state |= {"phase": "fault", "fault": fault, "last": last}
    bridge.tell()
    await bridge.hass.async_block_till_done()
    report = online.report()
    assert (report.fault, report.on) == (fault, False)
    assert report.account is not None
    assert report.account.outcome is DeviceOutcome.FAULT


async def test_lost_command_is_sent_again_under_the_same_id(
    bridge: FakeBridge, online: BridgeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.paybay.drivers.bridge_link.RESEND_S", 0.02)
    bridge.deaf_for = 2
    await online.start(ORDER, 1000)
    assert len({start["id"] for start in bridge.sent("start")}) == 1
    assert len(bridge.sent("start")) == 3


async def test_refused_start_says_why(bridge: FakeBridge, online: BridgeDriver) -> None:
    bridge.refuse = "busy"
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "refused_busy"
    assert bridge.sent("stop") == []


async def test_start_without_an_answer_is_followed_by_stop(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.deaf_for = 1
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "no_proof"
    assert bridge.sent("stop")[0]["order_id"] == ORDER


async def test_acknowledged_start_whose_state_never_comes_is_no_proof(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.keep_quiet = True
    with pytest.raises(StartError):
        await online.start(ORDER, 1000)
    assert bridge.sent("stop")


async def test_extension_is_proven_by_ack_and_the_state_after_it(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    await online.start(ORDER, 600_000)
    await online.extend(ORDER, 1_200_000)
    (command,) = bridge.sent("extend")
    assert (command["order_id"], command["seconds"]) == (ORDER, 1200)
    assert command["boot_id"] == "boot-1"
    assert command["not_after"] > bridge.state["up_s"] - 1
    remaining_ms = online.report().remaining_ms
    assert remaining_ms is not None
    assert 1_199_000 < remaining_ms <= 1_200_000


async def test_session_is_counted_up_and_down_between_two_states(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.run(ORDER, 400)
    bridge.state["ran_s"] = 200.0
    bridge.tell()
    await bridge.hass.async_block_till_done()
    await asyncio.sleep(0.02)
    report = online.report()
    assert report.remaining_ms is not None
    assert report.ran_ms is not None
    assert report.remaining_ms < 400_000
    assert report.remaining_ms + report.ran_ms == 600_000


async def test_lost_extension_is_sent_again_under_the_same_id(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    await online.start(ORDER, 600_000)
    bridge.deaf_for = 1
    with patch("custom_components.paybay.drivers.bridge_link.RESEND_S", 0.02):
        await online.extend(ORDER, 1_200_000)
    assert len({command["id"] for command in bridge.sent("extend")}) == 1


async def test_extension_without_proof_says_so_and_stops_nothing(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    await online.start(ORDER, 600_000)
    bridge.keep_quiet = True
    with pytest.raises(StartError, match="no_proof"):
        await online.extend(ORDER, 1_200_000)
    bridge.deaf_for = 100
    with pytest.raises(StartError, match="no_proof"):
        await online.extend(ORDER, 1_200_000)
    assert bridge.sent("stop") == []


async def test_refused_extension_says_why(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.refuse = "too_long"
    with pytest.raises(StartError, match="refused_too_long"):
        await online.extend(ORDER, 1_200_000)


async def test_stop_is_true_once_the_relay_is_off(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    await online.start(ORDER, 1000)
    assert await online.stop(ORDER)
    bridge.gone = True
    assert not await online.stop(ORDER)


async def test_account_of_a_session_is_read(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    bridge.state["last"] = {"order_id": ORDER, "outcome": "interrupted", "ran_s": 12.5}
    bridge.tell()
    await bridge.hass.async_block_till_done()
    assert online.report().account == DeviceAccount(
        order_id=ORDER, outcome=DeviceOutcome.INTERRUPTED, ran_ms=12_500
    )


async def test_stored_outcome_is_acknowledged_to_the_bridge(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    items = [
        {"event_id": "e1", "order_id": ORDER},
        {"event_id": "e2", "order_id": "other"},
    ]
    bridge.fire("outbox", {"v": 1, "items": items}, retain=True)
    await bridge.hass.async_block_till_done()
    assert set(online.unacknowledged()) == {ORDER, "other"}
    await online.acknowledge(ORDER)
    assert [c["event_id"] for c in bridge.sent("ack_event")] == ["e1"]


async def test_lost_broker_is_out_of_reach(
    bridge: FakeBridge, online: BridgeDriver
) -> None:
    online._link._connection(False)
    assert online.report() == OUT_OF_REACH


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nonsense",
        b"[]",
        b"[" * 4000,
        b'{"up_s": "x"}',
        b'{"up_s": NaN, "boot_id": "b", "relay": "on"}',
        b'{"up_s": 1, "boot_id": 7, "relay": "on"}',
        b'{"up_s": 1, "boot_id": "b", "relay": "maybe"}',
    ],
)
async def test_unreadable_state_changes_nothing(
    bridge: FakeBridge, online: BridgeDriver, payload: bytes
) -> None:
    before = online.report()
    async_fire_mqtt_message(bridge.hass, "paybay/pi/bay/1/state", payload)
    await bridge.hass.async_block_till_done()
    assert online.report() == before
