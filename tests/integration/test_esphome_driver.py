"""The ESPHome bay's driver: a node's report and actions, and nothing stale."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.clock import LoopClock
from custom_components.paybay.domain.bay import DriverKind
from custom_components.paybay.domain.relays import (
    OUT_OF_REACH,
    DeviceAccount,
    DeviceOutcome,
)
from custom_components.paybay.drivers import esphome_link
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.drivers.esphome import EsphomeDriver
from custom_components.paybay.drivers.find import (
    EsphomeAddress,
    esphome_address,
    find_driver,
)

ORDER = "ord_00000000000000000001"
ACTIONS = ("start_session", "extend_session", "stop_session", "report_session")


class FakeNode:
    """A node in Home Assistant as its ESPHome integration shows it."""

    def __init__(self, hass: HomeAssistant, name: str = "car-park") -> None:
        """Add its entry, its entities and its actions; bay 1 is off."""
        self.hass = hass
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuse: str | None = None
        self.deaf = self.mute = False
        self.gone = False
        self.asked_thrice = asyncio.Event()
        self.seq = 0
        self.values: dict[str, Any] = {"b": "boot1111", "a": "", "r": 0}
        self.entry = MockConfigEntry(domain="esphome", data={"device_name": name})
        self.entry.add_to_hass(hass)
        self.relay = self._entity("switch", "06ab/0/switch/PayBay 1 relay")
        self.report = self._entity("sensor", "06ab/0/text_sensor/PayBay 1 report")
        self.serve(name)

    def _entity(self, domain: str, unique_id: str) -> str:
        registry = er.async_get(self.hass)
        return registry.async_get_or_create(
            domain, "esphome", unique_id, config_entry=self.entry
        ).entity_id

    def serve(self, name: str) -> None:
        """Register the actions under a node's name."""
        for action in ACTIONS:
            full = f"{name.replace('-', '_')}_{action}_1"
            self.hass.services.async_register("esphome", full, self._called)

    @callback
    def _called(self, call: ServiceCall) -> None:
        if self.gone:
            raise self._error("Not connected")
        action = next(each for each in ACTIONS if each in call.service)
        self.calls.append((action, dict(call.data)))
        if self.deaf and action != "report_session":
            raise self._error("Timeout while waiting for the node")
        if self.refuse and action in ("start_session", "extend_session"):
            raise self._error(self.refuse)
        if action == "start_session":
            self.values |= {"r": 1, "o": call.data["order_id"]}
            self.values["s"] = call.data["seconds"]
        elif action == "extend_session":
            self.values["s"] = call.data["seconds"]
        elif action == "stop_session":
            self.values = {"b": self.values["b"], "a": self.values["a"], "r": 0}
        else:
            self.values["a"] = call.data["ask"]
            if len(self.sent("report_session")) > 2:
                self.asked_thrice.set()
        if not self.mute:
            self.tell()

    def _error(self, text: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain="esphome",
            translation_key="action_call_failed",
            translation_placeholders={"error": text},
        )

    def tell(self) -> None:
        """Publish the report."""
        self.seq += 1
        text = json.dumps({"v": 1, "u": 100.0, "n": self.seq, "f": ""} | self.values)
        self.hass.states.async_set(self.report, text)

    def lose(self) -> None:
        """Lose the connection, as Home Assistant shows it."""
        self.gone = True
        self.hass.states.async_set(self.report, "unavailable")

    def sent(self, action: str) -> list[dict[str, Any]]:
        """Return what was sent with an action."""
        return [data for name, data in self.calls if name == action]


@pytest.fixture
def node(hass: HomeAssistant) -> FakeNode:
    return FakeNode(hass)


def make(node: FakeNode) -> EsphomeDriver:
    address = esphome_address(node.hass, node.relay)
    assert address is not None
    return EsphomeDriver(node.hass, address, LoopClock(node.hass.loop), 0.2)


@pytest.fixture
async def driver(node: FakeNode) -> AsyncIterator[EsphomeDriver]:
    made = make(node)
    unwatch = made.watch(lambda: None)
    yield made
    unwatch()


@pytest.fixture
async def online(node: FakeNode, driver: EsphomeDriver) -> EsphomeDriver:
    node.tell()
    await node.hass.async_block_till_done(wait_background_tasks=True)
    assert driver.report().contact
    return driver


@pytest.mark.parametrize(
    ("relay", "report"),
    [
        ("06ab/0/switch/PayBay 1 relay", "06ab/0/text_sensor/PayBay 1 report"),
        ("06ab-switch-paybay_1_relay", "06ab-text_sensor-paybay_1_report"),
        ("06ab/7/switch/PayBay a_2 relay", "06ab/7/text_sensor/PayBay a_2 report"),
    ],
)
def test_a_bay_is_known_by_the_names_of_its_package(
    hass: HomeAssistant, relay: str, report: str
) -> None:
    entry = MockConfigEntry(domain="esphome")
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    made = registry.async_get_or_create("switch", "esphome", relay, config_entry=entry)
    assert find_driver(hass, made.entity_id) is DriverKind.SWITCH, "without its report"
    text = registry.async_get_or_create("sensor", "esphome", report, config_entry=entry)
    bay = "a_2" if "a_2" in relay else "1"
    expected = EsphomeAddress(entry.entry_id, bay, text.entity_id)
    assert esphome_address(hass, made.entity_id) == expected
    assert find_driver(hass, made.entity_id) is DriverKind.ESPHOME


@pytest.mark.parametrize(
    ("platform", "unique_id"),
    [
        ("esphome", "06ab/0/switch/Garden pump"),
        ("esphome", "06ab/0/switch/PayBay 1 lamp"),
        ("mqtt", "06ab/0/switch/PayBay 1 relay"),
    ],
)
def test_any_other_switch_is_none(
    node: FakeNode, platform: str, unique_id: str
) -> None:
    registry = er.async_get(node.hass)
    other = registry.async_get_or_create(
        "switch", platform, unique_id, suggested_object_id="other"
    )
    assert esphome_address(node.hass, other.entity_id) is None


async def test_what_home_assistant_remembers_is_not_believed(
    node: FakeNode, driver: EsphomeDriver
) -> None:
    node.mute = True
    node.values |= {"r": 1, "o": ORDER, "s": 600}
    node.tell()
    await node.hass.async_block_till_done(wait_background_tasks=True)
    assert driver.report() == OUT_OF_REACH
    assert node.sent("report_session")


async def test_a_bay_that_runs_when_we_come_is_asked(node: FakeNode) -> None:
    node.values |= {"r": 1, "o": ORDER, "s": 600}
    node.tell()
    driver = make(node)
    unwatch = driver.watch(lambda: None)
    await node.hass.async_block_till_done(wait_background_tasks=True)
    report = driver.report()
    assert (report.contact, report.on, report.order_id) == (True, True, ORDER)
    assert report.remaining_ms is not None
    assert 599_000 < report.remaining_ms <= 600_000
    unwatch()


async def test_a_bay_without_an_answer_is_asked_again(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(esphome_link, "ASK_AGAIN_MS", 20)
    driver = make(node)
    heard = asyncio.Event()
    unwatch = driver.watch(heard.set)
    node.mute = True
    node.tell()
    async with asyncio.timeout(5):
        await node.asked_thrice.wait()
    assert driver.report() == OUT_OF_REACH
    node.mute = False
    async with asyncio.timeout(5):
        await heard.wait()
    assert driver.report().contact
    unwatch()


async def test_lost_node_is_out_of_reach_and_heard_anew(
    node: FakeNode, online: EsphomeDriver
) -> None:
    node.lose()
    await node.hass.async_block_till_done()
    assert online.report() == OUT_OF_REACH
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "out_of_reach"
    node.gone = False
    node.values["b"] = "boot2222"
    node.tell()
    await node.hass.async_block_till_done(wait_background_tasks=True)
    await online.start(ORDER, 1000)
    assert node.sent("start_session")[0]["boot_id"] == "boot2222"


async def test_start_is_proven_by_answer_and_report(
    node: FakeNode, online: EsphomeDriver
) -> None:
    await online.start(ORDER, 600_500)
    [start] = node.sent("start_session")
    assert start["seconds"] == 600.5
    assert start["boot_id"] == "boot1111"
    assert 100 < start["not_after"] <= 102
    assert online.report().order_id == ORDER


async def test_refused_start_says_why(node: FakeNode, online: EsphomeDriver) -> None:
    node.refuse = "estop"
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "refused_estop"
    assert node.sent("stop_session") == []


async def test_start_without_an_answer_is_followed_by_stop(
    node: FakeNode, online: EsphomeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("custom_components.paybay.drivers.esphome.asyncio.sleep", sleep)
    node.deaf = True
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "no_proof"
    assert node.sent("stop_session")[0]["order_id"] == ORDER
    assert slept == [1.2], "a stop that is lost too: until the start is stale"


async def test_answered_start_whose_report_never_comes_is_no_proof(
    node: FakeNode, online: EsphomeDriver
) -> None:
    node.mute = True
    with pytest.raises(StartError):
        await online.start(ORDER, 1000)
    assert node.sent("stop_session")


async def test_extension_is_proven_by_a_report_made_after_it(
    node: FakeNode, online: EsphomeDriver
) -> None:
    await online.start(ORDER, 600_000)
    await online.extend(ORDER, 1_200_000)
    assert node.sent("extend_session")[0]["seconds"] == 1200
    left_ms = online.report().remaining_ms
    assert left_ms is not None
    assert 1_199_000 < left_ms <= 1_200_000


async def test_extension_that_is_refused_or_unproven_does_not_switch_off(
    node: FakeNode, online: EsphomeDriver
) -> None:
    await online.start(ORDER, 600_000)
    node.refuse = "already_ran"
    with pytest.raises(StartError) as caught:
        await online.extend(ORDER, 1_000)
    assert caught.value.reason == "refused_already_ran"
    node.refuse, node.mute = None, True
    with pytest.raises(StartError) as caught:
        await online.extend(ORDER, 1_200_000)
    assert caught.value.reason == "no_proof"
    assert node.sent("stop_session") == []


async def test_stop_is_true_once_the_relay_is_off(
    node: FakeNode, online: EsphomeDriver
) -> None:
    await online.start(ORDER, 1000)
    assert await online.stop(ORDER)
    assert await online.stop(None)
    assert node.sent("stop_session")[1]["order_id"] == ""
    node.gone = True
    assert not await online.stop(ORDER)


async def test_account_of_a_session_is_read(
    node: FakeNode, online: EsphomeDriver
) -> None:
    node.values["l"] = [ORDER, "interrupted", 12.5]
    node.tell()
    await node.hass.async_block_till_done()
    assert online.report().account == DeviceAccount(
        order_id=ORDER, outcome=DeviceOutcome.INTERRUPTED, ran_ms=12_500
    )


async def test_renamed_node_is_called_by_its_new_name(
    node: FakeNode, online: EsphomeDriver
) -> None:
    for action in ACTIONS:
        node.hass.services.async_remove("esphome", f"car_park_{action}_1")
    node.hass.config_entries.async_update_entry(
        node.entry, data={"device_name": "yard"}
    )
    node.serve("yard")
    await online.start(ORDER, 1000)
    assert online.report().on


async def test_replaced_node_is_the_same_bay(node: FakeNode) -> None:
    before = esphome_address(node.hass, node.relay)
    registry = er.async_get(node.hass)
    for entity_id in (node.relay, node.report):
        entity = registry.async_get(entity_id)
        assert entity is not None
        unique_id = entity.unique_id.replace("06ab", "07cd")
        registry.async_update_entity(entity_id, new_unique_id=unique_id)
    assert esphome_address(node.hass, node.relay) == before is not None


async def test_node_whose_actions_are_not_there_yet_is_no_proof(
    node: FakeNode, online: EsphomeDriver
) -> None:
    node.hass.services.async_remove("esphome", "car_park_start_session_1")
    with pytest.raises(StartError) as caught:
        await online.start(ORDER, 1000)
    assert caught.value.reason == "no_proof"


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"v":2}'])
async def test_unreadable_report_is_out_of_reach(
    node: FakeNode, online: EsphomeDriver, text: str
) -> None:
    node.hass.states.async_set(node.report, text)
    await node.hass.async_block_till_done()
    assert online.report() == OUT_OF_REACH
