"""Orders in front of people: `get_orders` and `export_orders`."""

import csv
from datetime import datetime, timedelta
from http import HTTPStatus
import io
import json
from pathlib import Path
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.json import json_dumps
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
import voluptuous as vol

from custom_components.paybay import export_action, order_pages
from custom_components.paybay.const import DOMAIN, EVENT_EXPORT_PROGRESS
from custom_components.paybay.domain.csv_row import HEADER
from custom_components.paybay.export_action import FOLDER
from custom_components.paybay.ledger import LedgerError

from .site_fixtures import ObedientClock, paid, settled

BAY = "switch.bay_1"


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    return await act_as(hass, None, action, **data)


async def act_as(
    hass: HomeAssistant, user: MockUser | None, action: str, **data: Any
) -> dict[str, Any]:
    context = Context(user_id=user.id) if user else None
    answer = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    assert isinstance(answer, dict)
    return answer


async def orders(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await act(hass, "get_orders", **data))["orders"]
    return found


def days(clock: ObedientClock) -> dict[str, str]:
    """Return the local day on which the clock stands, as a span."""
    today = dt_util.as_local(dt_util.utc_from_timestamp(clock.now_ms() / 1000)).date()
    return {"from": today.isoformat(), "to": today.isoformat()}


async def test_summary_of_an_order_tells_its_money_and_its_time(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry, fee_minor=24, tax_minor=4)
    await clock.pass_by(hass, 600)
    await settled(hass, site_entry)
    (shown,) = await orders(hass)
    assert shown["price"] == {
        "amount": 1000,
        "currency": "INR",
        "formatted": "10.00 INR",
    }
    assert shown["paid"] == shown["net"] == shown["price"]
    assert (shown["fee"]["amount"], shown["tax"]["amount"]) == (24, 4)
    assert (shown["bay"], shown["bay_name"]) == (BAY, "Bay 1")
    assert (shown["state"], shown["reason"], shown["open"]) == (
        "completed",
        "time_up",
        False,
    )
    assert shown["seconds_owed"] == shown["seconds_delivered"] == 600
    assert shown["rrn"] == "123456789012"
    assert shown["test_mode"] is True
    began = datetime.fromisoformat(shown["started_at"])
    assert datetime.fromisoformat(shown["ended_at"]) - began == timedelta(minutes=10)
    assert order.watch_code not in json_dumps(shown)
    assert "timeline" not in shown


async def test_full_order_has_its_story_and_fits_home_assistants_json(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, created_s=1_700_000_000)
    answer = await act(hass, "get_orders", order_id=order.id, detail="full")
    (shown,) = json.loads(json_dumps(answer))["orders"]
    told = [line["what"] for line in shown["timeline"]]
    assert told == ["created", "linked", "payment", "refund_due", "credit_late"]
    assert shown["payments"][0]["amount"]["amount"] == 1000
    assert shown["refunds"][0]["reason"] == "paid_late"
    assert shown["refund_pending"]["amount"] == 1000
    assert shown["deliveries"] == []


async def test_pages_go_on_where_the_last_one_ended(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    site = site_entry.runtime_data
    made = []
    for _ in range(5):
        made.append((await site.offers.make(site.bays["bay_1"], "ten_min")).id)
        await clock.pass_by(hass, 1)
    shown: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = await act(hass, "get_orders", limit=2, **cursor)
        shown += [order["order_id"] for order in page["orders"]]
        cursor = {"cursor": page["next_cursor"]}
    assert cursor == {"cursor": None}
    assert shown == made[::-1]


async def test_orders_are_found_by_bay_state_plan_and_receipt(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, payment_id="pay_1", rrn="987654321098")
    found = {"order_id": order.id}
    for filters in (
        {"bay": BAY},
        {"bay": "bay_1"},
        {"bay": [BAY]},
        {"state": "charging"},
        {"state": ["charging", "paused"]},
        {"plan": "ten_min"},
        {"payment_id": "pay_1"},
        {"rrn": "987654321098"},
        {"open_only": True},
        {"config_entry_id": site_entry.entry_id},
    ):
        (shown,) = await orders(hass, **filters)
        assert shown | found == shown, filters
    for filters in (
        {"bay": "bay_gone"},
        {"state": "completed"},
        {"plan": "hour_pass"},
        {"payment_id": "pay_2"},
        {"rrn": "1"},
        {"config_entry_id": "other"},
    ):
        assert await orders(hass, **filters) == [], filters


async def test_time_without_a_zone_is_local_time(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await hass.config.async_set_time_zone("Asia/Kolkata")
    await paid(hass, site_entry)
    made = dt_util.as_local(dt_util.utc_from_timestamp(clock.now_ms() / 1000))
    local = made.replace(tzinfo=None)
    minute = timedelta(minutes=1)
    assert await orders(hass, **{"from": (local - minute).isoformat()})
    assert await orders(hass, to=(local + minute).isoformat())
    assert not await orders(hass, **{"from": (local + minute).isoformat()})
    assert not await orders(hass, to=(local - minute).isoformat())
    assert await orders(hass, to=(made + minute).isoformat())


async def test_orders_of_a_site_that_is_not_loaded_can_be_read(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry)
    assert await hass.config_entries.async_unload(site_entry.entry_id)
    (shown,) = await orders(hass)
    assert shown["order_id"] == order.id


@pytest.mark.parametrize(
    "filters",
    [{"limit": 0}, {"limit": 201}, {"state": "gone"}, {"detail": "most"}, {"from": 1}],
)
async def test_filter_that_makes_no_sense_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry, filters: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await act(hass, "get_orders", **filters)


async def test_cursor_that_is_not_ours_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "get_orders", cursor="nonsense")
    assert refused.value.translation_key == "bad_cursor"


async def test_entity_that_is_no_bay_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "get_orders", bay="input_boolean.relay_1")
    assert refused.value.translation_key == "not_a_bay"


async def test_people_see_orders_of_the_bays_they_may_see(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {BAY: {POLICY_READ: True}}}})
    assert (await act_as(hass, user, "get_orders"))["orders"]
    user.mock_policy({"entities": {"entity_ids": {"light.hall": True}}})
    assert (await act_as(hass, user, "get_orders"))["orders"] == []
    with pytest.raises(Unauthorized):
        await act_as(hass, user, "get_orders", bay=BAY)


async def test_ledger_that_cannot_be_read_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise LedgerError("disk gone")

    with monkeypatch.context() as patched:
        patched.setattr(order_pages, "snapshot", broken)
        with pytest.raises(HomeAssistantError) as failed:
            await act(hass, "get_orders")
    assert failed.value.translation_key == "ledger_failed"


async def test_accountant_downloads_what_was_paid_today(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    order = await paid(hass, site_entry, fee_minor=24)
    answer = await act(hass, "export_orders", include_test=True, **days(clock))
    assert answer["rows"] == 1
    path = Path(answer["path"])
    assert path.parent == Path(hass.config.path(FOLDER))
    client = await hass_client_no_auth()
    response = await client.get(answer["url"])
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Type"].startswith("text/csv")
    assert path.name in response.headers["Content-Disposition"]
    body = (await response.read()).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(body, newline=""))
    assert tuple(row) == HEADER
    assert (row["order_id"], row["paid"], row["fee"]) == (order.id, "10.00", "0.24")


async def test_test_orders_stay_out_of_the_books(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    answer = await act(hass, "export_orders", **days(clock))
    assert (answer["rows"], answer["test_rows_left_out"]) == (0, 1)


async def test_day_of_the_books_is_a_local_day(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    created_s = clock.now_ms() // 1000
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        await hass.config.async_set_time_zone(zone)
        day = dt_util.as_local(dt_util.utc_from_timestamp(created_s)).date()
        for moved, rows in ((-1, 0), (0, 1), (1, 0)):
            span = dict.fromkeys(("from", "to"), str(day + timedelta(days=moved)))
            answer = await act(hass, "export_orders", include_test=True, **span)
            assert answer["rows"] == rows, (zone, moved)


@pytest.fixture
async def exported(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> str:
    """Write a file and return the link to it."""
    url: str = (await act(hass, "export_orders", **days(clock)))["url"]
    return url


async def test_without_a_link_or_a_right_nothing_is_downloaded(
    exported: str,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    bare, _, signature = exported.partition("?")
    stranger, owner = await hass_client_no_auth(), await hass_client()
    reader = await hass_client(hass_read_only_access_token)
    other = bare.replace(".csv", "0.csv")
    for client, url, status in (
        (stranger, bare, HTTPStatus.UNAUTHORIZED),
        (stranger, f"{other}?{signature}", HTTPStatus.UNAUTHORIZED),
        (reader, bare, HTTPStatus.UNAUTHORIZED),
        (owner, bare, HTTPStatus.OK),
        (owner, other, HTTPStatus.NOT_FOUND),
        (owner, bare.rpartition("/")[0] + "/paybay.db", HTTPStatus.NOT_FOUND),
    ):
        response = await client.get(url)
        assert response.status == status, (url, response.status)


async def test_only_admins_export(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    hass_read_only_user: MockUser,
) -> None:
    with pytest.raises(Unauthorized):
        await act_as(hass, hass_read_only_user, "export_orders", **days(clock))


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-02", "2026-02-01"), ("2026-02-02", "9999-12-31")]
)
async def test_dates_that_make_no_sense_are_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry, first: str, last: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "export_orders", **{"from": first, "to": last})
    assert refused.value.translation_key == "export_dates"


async def test_disk_that_is_full_is_told(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(export_action, "write", full)
        with pytest.raises(HomeAssistantError) as failed:
            await act(hass, "export_orders", **days(clock))
    assert failed.value.translation_key == "export_failed"


async def test_long_export_tells_how_far_it_is(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = async_capture_events(hass, EVENT_EXPORT_PROGRESS)
    monkeypatch.setattr(export_action, "_PROGRESS_S", 0.0)
    await paid(hass, site_entry)
    answer = await act(hass, "export_orders", include_test=True, **days(clock))
    await hass.async_block_till_done()
    (progress,) = (event.data for event in told)
    assert progress == {"file": Path(answer["path"]).name, "rows": 1, "total": 1}


async def test_app_gets_orders_over_its_websocket(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    order = await paid(hass, site_entry)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": DOMAIN,
            "service": "get_orders",
            "service_data": {"detail": "full"},
            "return_response": True,
        }
    )
    answer = await client.receive_json()
    (shown,) = answer["result"]["response"]["orders"]
    assert shown["order_id"] == order.id
