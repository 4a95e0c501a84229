"""What screens are told over the WebSocket."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.paybay.websocket_api import books
from custom_components.paybay.websocket_api.hub import GAP_S, async_get_hub

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled

type Watch = Callable[[], Awaitable[dict[str, Any]]]


class Screen:
    """A screen that watches: asks and is told."""

    def __init__(self, client: MockHAClientWebSocket) -> None:
        self.client = client

    async def begin(self) -> dict[str, Any]:
        """Subscribe and return the first snapshot."""
        await self.client.send_json_auto_id({"type": "paybay/subscribe"})
        answer = await self.client.receive_json()
        assert answer["success"], answer
        assert answer["result"] is None
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """Return the next snapshot."""
        told = await self.client.receive_json()
        assert told["type"] == "event", told
        event: dict[str, Any] = told["event"]
        return event

    async def until(self, meets: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the first snapshot that meets a condition."""
        shown = await self.next()
        while not meets(shown):
            shown = await self.next()
        return shown

    async def ask(self, command: str, **data: Any) -> dict[str, Any]:
        """Ask while nothing is watched, and return the answer."""
        await self.client.send_json_auto_id({"type": f"paybay/{command}", **data})
        answer: dict[str, Any] = await self.client.receive_json()
        return answer


def bay_of(shown: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = shown["sites"][0]["bays"][number]
    return found


@pytest.fixture
async def screen(
    hass: HomeAssistant, site_entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> Screen:
    """Open a screen of the owner's on a site at work."""
    return Screen(await hass_ws_client(hass))


@pytest.fixture
async def two_bays(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a site with two bays."""
    return await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))


async def test_screen_is_told_everything_at_once(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    shown = await screen.begin()
    assert shown["can"] == {"admin": True}
    assert shown["unavailable"] == []
    (site,) = shown["sites"]
    assert site["entry_id"] == site_entry.entry_id
    assert site["name"] == "Razorpay (test)"
    assert site["test_mode"] is site["open"] is True
    assert site["currency"] == "INR"
    assert site["items"] == []
    assert {
        hass.states.get(each) is not None for each in site["entities"].values()
    } == {True}
    (bay,) = site["bays"]
    assert bay["bay_id"] == "bay_1"
    assert bay["name"] == "Bay 1"
    assert bay["status"] == "available"
    assert bay["driver"] == "switch"
    assert bay["ends_by_itself"] is False
    assert bay["order"] is None
    assert bay["queue"] == []
    assert [plan["code"] for plan in bay["plans"]] == ["ten_min", "hour_pass"]
    assert bay["plans"][0]["amount"] == 1000
    assert bay["plans"][0]["seconds"] == 600
    assert bay["entities"]["switch"] == "switch.bay_1"
    assert bay["entities"].pop("printed_qr") is None
    for entity_id in bay["entities"].values():
        assert entity_id is not None
        assert hass.states.get(entity_id) is not None, entity_id
    assert bay["page_url"].endswith("/paybay/bay_1")
    assert bay["can_control"] is True


async def test_screen_sees_a_session_begin_run_and_end(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    screen: Screen,
) -> None:
    await screen.begin()
    order = await paid(hass, site_entry)
    shown = await screen.until(lambda s: bay_of(s)["status"] == "charging")
    running = bay_of(shown)["order"]
    assert running["order_id"] == order.id
    assert running["paid_by"] == "online"
    assert running["amount"] == 1000
    assert running["seconds"] == 600
    assert running["ends_at"] == running["session_ends_at"]
    assert running["started_at"] < running["ends_at"]
    await clock.pass_by(hass, 600)
    shown = await screen.until(lambda s: bay_of(s)["status"] == "available")
    assert bay_of(shown)["order"] is None
    assert bay_of(shown)["today"]["sessions"] == 1
    assert bay_of(shown)["today"]["seconds"] == 600


async def test_money_of_the_test_mode_is_no_revenue(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await screen.begin()
    await paid(hass, site_entry)
    shown = await screen.until(lambda s: s["sites"][0]["today"]["test_revenue"])
    for period in ("today", "week", "month"):
        assert shown["sites"][0][period]["revenue"] == 0
        assert shown["sites"][0][period]["test_revenue"] == 1000


async def test_who_paid_and_waits_is_in_the_queue(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await paid(hass, site_entry)
    second = await paid(hass, site_entry, plan="hour_pass")
    shown = await screen.begin()
    (queued,) = bay_of(shown)["queue"]
    assert queued["order_id"] == second.id
    assert queued["plan"] == "hour_pass"
    assert queued["seconds"] == 3600
    assert queued["paid_at"] < queued["start_by"]
    assert bay_of(shown)["order"]["ends_at"] < bay_of(shown)["order"]["session_ends_at"]


async def test_snapshot_tells_nothing_of_a_customer(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    order = await paid(hass, site_entry, payment_id="pay_ofSomebody0001", rrn="998877")
    waiting = await paid(hass, site_entry, payment_id="pay_ofSomebody0002")
    said = json.dumps(await screen.begin())
    assert order.id in said
    for secret in ("998877", "pay_ofSomebody", order.watch_code, waiting.watch_code):
        assert secret not in said


async def test_reload_does_not_end_what_a_screen_sees(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    screen: Screen,
) -> None:
    await paid(hass, site_entry)
    shown = await screen.begin()
    assert await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.bay_1"}, blocking=True
    )
    while bay_of(shown)["order"] is not None:
        shown = await screen.next()
        assert len(shown["sites"]) == 1
    assert bay_of(shown)["status"] == "available"


async def test_site_that_stopped_working_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await screen.begin()
    await hass.config_entries.async_set_disabled_by(
        site_entry.entry_id, ConfigEntryDisabler.USER
    )
    shown = await screen.until(lambda s: not s["sites"])
    assert shown["unavailable"] == [
        {
            "entry_id": site_entry.entry_id,
            "name": "Razorpay (test)",
            "state": "disabled",
        }
    ]


async def test_names_and_areas_are_those_the_owner_gave(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await screen.begin()
    area = ar.async_get(hass).async_create("Backyard")
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("paybay", "bay_1"), site_entry.entry_id
    )
    assert device is not None
    dr.async_get(hass).async_update_device(
        device.id, name_by_user="By the gate", area_id=area.id
    )
    shown = await screen.until(lambda s: bay_of(s)["area"])
    assert bay_of(shown)["name"] == "By the gate"
    assert bay_of(shown)["area"] == "Backyard"
    assert bay_of(shown)["device_id"] == device.id


async def test_what_the_owner_must_settle_is_told_to_the_owner(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    screen: Screen,
) -> None:
    await screen.begin()
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 60)
    await site_entry.runtime_data.bays["bay_1"].stop("stopped_by_owner")
    shown = await screen.until(lambda s: s["sites"][0]["items"])
    (item,) = shown["sites"][0]["items"]
    assert item["kind"] == "refund_due"
    assert item["order_id"] == order.id
    assert item["bay_id"] == "bay_1"
    assert item["amount"] == 900
    assert item["issue_id"].startswith("refund_due_")
    assert item["since"]


async def test_nobody_is_told_once_the_screen_is_closed(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await screen.begin()
    hub = async_get_hub(hass)
    assert hub.is_watched
    await screen.client.close()
    await hass.async_block_till_done()
    assert not hub.is_watched
    ledger = site_entry.runtime_data.ledger
    assert not ledger.is_followed


async def test_watching_reads_nothing_while_nothing_changes(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    screen: Screen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[Any] = []
    read = books._read

    def counted(*about: Any) -> Any:
        reads.append(about)
        return read(*about)

    monkeypatch.setattr(books, "_read", counted)
    await screen.begin()
    assert len(reads) == 1
    site = site_entry.runtime_data
    await site.ledger.run(lambda _connection: None)
    await async_get_hub(hass)._show()
    assert len(reads) == 1
    await site.sign.turn(is_open=False)
    shown = await screen.next()
    assert shown["sites"][0]["open"] is False
    assert len(reads) == 2


async def test_people_see_only_the_bays_they_may_see(
    hass: HomeAssistant,
    two_bays: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    entry = two_bays
    await paid(hass, entry, bay_id="bay_1")
    await paid(hass, entry, bay_id="bay_2", plan="hour_pass")
    hass_admin_user.groups = []
    hass_admin_user.mock_policy(
        {"entities": {"entity_ids": {"switch.bay_2": {"read": True}}}}
    )
    watching = Screen(await hass_ws_client(hass))
    shown = await watching.begin()
    assert shown["can"] == {"admin": False}
    (bay,) = shown["sites"][0]["bays"]
    assert bay["bay_id"] == "bay_2"
    assert bay["can_control"] is False
    assert shown["sites"][0]["today"]["test_revenue"] == 5000
    asking = Screen(await hass_ws_client(hass))
    answer = await asking.ask("orders", entry_id=entry.entry_id)
    assert [o["bay_id"] for o in answer["result"]["orders"]] == ["bay_2"]
    for command in (
        {"command": "orders", "entry_id": entry.entry_id, "bay_id": "bay_1"},
        {"command": "qr", "bay_id": "bay_1"},
    ):
        answer = await asking.ask(**command)
        assert answer["error"]["translation_key"] == "unknown_bay"
    days = (await asking.ask("statistics", entry_id=entry.entry_id, days=1))["result"]
    assert set(days["days"][0]["bays"]) <= {"bay_2"}


async def test_orders_are_searched_and_come_in_pages(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    first = await paid(hass, site_entry, rrn="111122223333")
    second = await paid(hass, site_entry, plan="hour_pass")
    ask, entry_id = screen.ask, site_entry.entry_id
    page = (await ask("orders", entry_id=entry_id, limit=1))["result"]
    later = await ask("orders", entry_id=entry_id, limit=1, before=page["next"])
    found = [*page["orders"], *later["result"]["orders"]]
    assert {order["order_id"] for order in found} == {first.id, second.id}
    assert later["result"]["next"] is None
    for text, order in (
        ("hour", second),
        ("111122223333", first),
        (first.id[4:12], first),
    ):
        answer = (await ask("orders", entry_id=entry_id, search=text))["result"]
        assert [each["order_id"] for each in answer["orders"]] == [order.id]
    answer = await ask("orders", entry_id=entry_id, search="%")
    assert answer["result"]["orders"] == []
    answer = await ask("orders", entry_id=entry_id, before="nonsense")
    assert answer["error"]["translation_key"] == "bad_cursor"
    assert answer["error"]["code"] == "service_validation_error"


async def test_statistics_have_a_row_for_each_day(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    answer = await screen.ask("statistics", entry_id=site_entry.entry_id, days=7)
    days = answer["result"]["days"]
    assert len(days) == 7
    assert days == sorted(days, key=lambda day: day["date"])
    assert {day["revenue"] for day in days} == {0}
    answer = await screen.ask("statistics", entry_id=site_entry.entry_id, days=401)
    assert answer["error"]["code"] == "invalid_format"


async def test_bay_has_a_code_that_leads_to_its_page(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await hass.config.async_update(external_url="https://bays.example.com")
    answer = (await screen.ask("qr", bay_id="bay_1"))["result"]
    assert answer["url"] == "https://bays.example.com/paybay/bay_1"
    assert answer["svg"].startswith("<svg")
    answer = await screen.ask("qr", bay_id="bay_99")
    assert answer["error"]["translation_key"] == "unknown_bay"


async def test_rush_is_told_at_most_four_times_a_second(
    hass: HomeAssistant, site_entry: MockConfigEntry, screen: Screen
) -> None:
    await screen.begin()
    sign, told = site_entry.runtime_data.sign, []
    began_s = hass.loop.time()
    for number in range(20):
        await sign.turn(is_open=number % 2 == 1)
    await sign.turn(is_open=False)
    shown = await screen.next()
    told.append(shown)
    while shown["sites"][0]["open"]:
        shown = await screen.next()
        told.append(shown)
    assert len(told) <= 1 + (hass.loop.time() - began_s) / GAP_S
