"""Attendants: people with an account who are no administrators."""

import asyncio
import csv
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from .site_fixtures import ObedientClock, paid, settled, state_of

BAY = "switch.bay_1"
ADMIN_ONLY = {
    "export_orders": {"from": "2027-01-01", "to": "2027-01-02"},
    "provision_qr": {"bay": BAY},
    "reconcile": {},
    "refund_order": {"order_id": "ord_1"},
    "retire_qr": {"bay": BAY, "confirm": "Bay 1"},
    "serve_order": {"order_id": "ord_1"},
    "settle_order": {"order_id": "ord_1", "choice": "serve"},
    "waive_refund": {"order_id": "ord_1"},
}
FOR_ALL = {
    "confirm_cash_back",
    "create_order",
    "get_orders",
    "get_posters",
    "get_shift_report",
    "start_session",
    "stop_session",
}


@pytest.fixture
async def attendant(hass: HomeAssistant) -> MockUser:
    """Hire somebody."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    return MockUser(name="Asha", groups=[group]).add_to_hass(hass)


@pytest.fixture
async def owner(hass: HomeAssistant) -> MockUser:
    """Return the owner, who is an administrator."""
    return MockUser(name="Olga", is_owner=True).add_to_hass(hass)


async def act(
    hass: HomeAssistant, user: MockUser, action: str, **data: Any
) -> dict[str, Any]:
    """Act as somebody, at the bay unless said otherwise."""
    if action in ("start_session", "stop_session", "create_order"):
        data = {"bay": BAY, **data}
    answer = await hass.services.async_call(
        "paybay",
        action,
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id),
    )
    assert isinstance(answer, dict)
    return answer


async def refused(hass: HomeAssistant, user: MockUser, **data: Any) -> str | None:
    """Try to sell, and return why not."""
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, user, "start_session", **data)
    return error.value.translation_key


async def order_of(hass: HomeAssistant, user: MockUser, order_id: str) -> Any:
    found = await act(hass, user, "get_orders", order_id=order_id, detail="full")
    (order,) = found["orders"]
    return order


async def shown_to(
    hass: HomeAssistant, user: MockUser, connect: WebSocketGenerator
) -> dict[str, Any]:
    """Return what somebody's screen shows."""
    credential = await hass.auth.async_create_refresh_token(user, "client")
    client = await connect(hass, hass.auth.async_create_access_token(credential))
    await client.send_json_auto_id({"type": "paybay/subscribe"})
    await client.receive_json()
    shown: dict[str, Any] = (await client.receive_json())["event"]
    return shown


async def test_every_action_knows_its_roles(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    actions = set(hass.services.async_services()["paybay"])
    unknown = actions - FOR_ALL - set(ADMIN_ONLY)
    # Installing blueprints writes files: its own tests say who may.
    assert {action for action in unknown if "blueprint" not in action} == set()


@pytest.mark.parametrize("action", ADMIN_ONLY)
async def test_attendant_does_not_refund_export_or_configure(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser, action: str
) -> None:
    data: dict[str, Any] = ADMIN_ONLY[action]
    if action == "reconcile":
        data = {"config_entry_id": site_entry.entry_id}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "paybay",
            action,
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=attendant.id),
        )


async def test_attendant_sells_online_starts_and_stops(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    made = await act(hass, attendant, "create_order", plan="ten_min")
    order = await order_of(hass, attendant, made["order_id"])
    assert order["by"] == "Asha"
    assert order["paid_by"] == "online"
    await paid(hass, site_entry)
    stopped = await act(hass, attendant, "stop_session")
    assert stopped["cash_back"] == 0
    order = await order_of(hass, attendant, stopped["order_id"])
    assert order["stopped_by_name"] == "Asha"


async def test_who_may_only_look_sells_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    assert group is not None
    attendant.groups = [group]
    attendant.invalidate_cache()
    for action, data in (
        ("create_order", {"plan": "ten_min"}),
        ("start_session", {"plan": "ten_min", "paid_by": "cash"}),
        ("stop_session", {}),
    ):
        with pytest.raises(Unauthorized):
            await act(hass, attendant, action, **data)
    assert (await act(hass, attendant, "get_orders"))["orders"] == []


async def test_cash_starts_the_bay_under_the_name_of_who_took_it(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: Any,
    attendant: MockUser,
) -> None:
    sold = await act(
        hass,
        attendant,
        "start_session",
        plan="ten_min",
        paid_by="cash",
        note=" Blue scooter ",
    )
    assert sold["amount"] == 1000
    assert sold["seconds"] == 600
    assert sold["queued"] is False
    assert sold["ends_at"]
    assert state_of(hass, BAY) == "on"
    site_provider.create_link.assert_not_called()
    order = await order_of(hass, attendant, sold["order_id"])
    assert order["state"] == "charging"
    assert order["paid_by"] == "cash"
    assert order["cash"]["amount"] == 1000
    assert order["paid"]["amount"] == 0
    assert order["by"] == "Asha"
    assert order["note"] == "Blue scooter"
    told = [line for line in order["timeline"] if line["what"] == "cash"]
    assert [(line["minor"], line["by"]) for line in told] == [(1000, attendant.id)]


async def test_cash_for_a_busy_bay_queues(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    await paid(hass, site_entry)
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    assert sold["queued"] is True
    assert sold["ends_at"] is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"paid_by": "cash"}, "sale_needs_plan"),
        ({"plan": "ten_min"}, "sale_needs_paid_by"),
        ({"note": "Hello"}, "sale_needs_paid_by"),
        ({"paid_by": "cash", "plan": "ten_min", "order_id": "o"}, "sale_has_order"),
        ({"paid_by": "cash", "plan": "century"}, "offer_plan_not_offered"),
    ],
)
async def test_sale_that_makes_no_sense_is_refused(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    asked: dict[str, str],
    why: str,
) -> None:
    assert await refused(hass, attendant, **asked) == why
    assert state_of(hass, BAY) == "off"


async def test_closed_site_takes_no_cash(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    await site_entry.runtime_data.sign.turn(is_open=False)
    asked = {"plan": "ten_min", "paid_by": "cash"}
    assert await refused(hass, attendant, **asked) == "offer_site_closed"


async def test_attendant_gives_away_no_more_than_the_daily_limit(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
    owner: MockUser,
) -> None:
    free = {"plan": "ten_min", "paid_by": "free"}
    for _ in range(2):
        given = await act(hass, attendant, "start_session", **free)
        assert given["amount"] == 0
        await clock.pass_by(hass, 600)
    # Of the third only five minutes are used, so that five are left of thirty.
    await act(hass, attendant, "start_session", **free)
    await clock.pass_by(hass, 300)
    await act(hass, attendant, "stop_session")
    assert await refused(hass, attendant, **free) == "offer_free_limit"
    await act(hass, owner, "start_session", **free)
    await clock.pass_by(hass, 600)
    await clock.pass_by(hass, 24 * 3600)
    await act(hass, attendant, "start_session", **free)
    assert state_of(hass, BAY) == "on"


async def test_limit_holds_for_gifts_of_the_same_moment(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    free = {"plan": "ten_min", "paid_by": "free"}
    gifts = (act(hass, attendant, "start_session", **free) for _ in range(5))
    answers = await asyncio.gather(*gifts, return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 3
    assert {
        answer.translation_key
        for answer in answers
        if isinstance(answer, ServiceValidationError)
    } == {"offer_free_limit"}


async def test_owner_sets_the_limit_in_the_options(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    flow = await hass.config_entries.options.async_init(site_entry.entry_id)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "attendants"}
    )
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {"free_minutes": 0}
    )
    await settled(hass, site_entry)
    assert site_entry.options["free_minutes"] == 0
    assert site_entry.options["refund_budget"] == "0.00"
    asked = {"plan": "ten_min", "paid_by": "free"}
    assert await refused(hass, attendant, **asked) == "offer_free_limit"


async def test_rest_of_cash_is_given_back_by_hand_and_never_forgotten(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: Any,
    clock: ObedientClock,
    attendant: MockUser,
) -> None:
    issue_registry = ir.async_get(hass)
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    order_id = sold["order_id"]
    await clock.pass_by(hass, 60)
    stopped = await act(hass, attendant, "stop_session")
    assert stopped["cash_back"] == 900
    await settled(hass, site_entry)
    assert issue_registry.async_get_issue("paybay", f"cash_back_due_{order_id}")
    given = await act(hass, attendant, "confirm_cash_back", order_id=order_id)
    assert given["amount"] == 900
    assert not issue_registry.async_get_issue("paybay", f"cash_back_due_{order_id}")
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, attendant, "confirm_cash_back", order_id=order_id)
    assert error.value.translation_key == "no_cash_back"
    site_provider.refund.assert_not_called()
    order = await order_of(hass, attendant, order_id)
    assert order["cash_back"]["amount"] == 900
    assert order["cash_back_at"]


async def test_owner_settles_cash_in_the_repairs(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    issue_registry: ir.IssueRegistry,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, REPAIRS, {})
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    await act(hass, attendant, "stop_session")
    await settled(hass, site_entry)
    client = await hass_client()
    issue_id = f"cash_back_due_{sold['order_id']}"
    asked = {"handler": "paybay", "issue_id": issue_id}
    answer = await client.post("/api/repairs/issues/fix", json=asked)
    flow_id = (await answer.json())["flow_id"]
    await client.post(f"/api/repairs/issues/fix/{flow_id}", json={})
    await settled(hass, site_entry)
    assert issue_registry.async_get_issue("paybay", issue_id) is None
    order = await order_of(hass, attendant, sold["order_id"])
    assert order["cash_back_at"]


async def test_cash_of_a_bay_that_never_started_is_owed_back(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
    owner: MockUser,
) -> None:
    await paid(hass, site_entry)
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    await act(hass, attendant, "stop_session")
    await settled(hass, site_entry)
    order = await order_of(hass, attendant, sold["order_id"])
    assert order["state"] == "undelivered"
    assert order["cash_back"]["amount"] == 1000
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, owner, "refund_order", order_id=sold["order_id"])
    assert error.value.translation_key == "refund_cash"
    issue_id = f"cash_back_due_{sold['order_id']}"
    assert ir.async_get(hass).async_get_issue("paybay", issue_id)
    await act(hass, owner, "serve_order", order_id=sold["order_id"])
    await settled(hass, site_entry)
    assert ir.async_get(hass).async_get_issue("paybay", issue_id) is None
    order = await order_of(hass, attendant, sold["order_id"])
    assert order["state"] == "charging"
    assert order["cash_back"] is None


async def test_shift_report_tells_what_each_has_in_the_drawer(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
    owner: MockUser,
) -> None:
    cash = {"plan": "ten_min", "paid_by": "cash"}
    await act(hass, attendant, "start_session", **cash)
    await clock.pass_by(hass, 600)
    sold = await act(hass, attendant, "start_session", **cash)
    await clock.pass_by(hass, 300)
    await act(hass, attendant, "stop_session")
    await act(hass, attendant, "confirm_cash_back", order_id=sold["order_id"])
    await act(hass, owner, "start_session", plan="ten_min", paid_by="free")
    await clock.pass_by(hass, 600)
    await paid(hass, site_entry)
    began = dt_util.utc_from_timestamp(clock.start_ms / 1000).isoformat()
    ended = dt_util.utc_from_timestamp(clock.start_ms / 1000 + 86400).isoformat()
    report = await act(hass, owner, "get_shift_report", **{"from": began, "to": ended})
    asha, olga = report["users"]
    assert asha == {
        "user_id": attendant.id,
        "name": "Asha",
        "cash": 2000,
        "cash_back": 500,
        "cash_back_due": 0,
        "drawer": 1500,
        "orders": 2,
        "cash_orders": 2,
        "free_orders": 0,
        "online_orders": 0,
        "free_minutes": 0,
        "stops": 1,
    }
    assert olga["name"] == "Olga"
    assert olga["free_minutes"] == 10
    assert report["total"]["drawer"] == 1500
    assert report["total"]["orders"] == 3
    own = await act(hass, attendant, "get_shift_report", **{"from": began, "to": ended})
    assert own["users"] == [asha]
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, owner, "get_shift_report", **{"from": ended, "to": began})
    assert error.value.translation_key == "shift_dates"


async def test_cash_has_columns_of_its_own_in_the_books(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
    owner: MockUser,
) -> None:
    await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    await clock.pass_by(hass, 60)
    await act(hass, attendant, "stop_session")
    await paid(hass, site_entry)
    day = dt_util.as_local(dt_util.utc_from_timestamp(clock.now_ms() / 1000)).date()
    span = {"from": day.isoformat(), "to": day.isoformat()}
    done = await act(hass, owner, "export_orders", include_test=True, **span)
    text = await hass.async_add_executor_job(Path(done["path"]).read_text, "utf-8-sig")
    cash, online = csv.DictReader(text.splitlines())
    assert (cash["cash"], cash["cash_back"], cash["sold_by"]) == (
        "10.00",
        "9.00",
        "Asha",
    )
    assert cash["payment_kind"] == "cash"
    assert cash["paid"] == "0.00"
    assert (online["cash"], online["sold_by"], online["paid"]) == ("0.00", "", "10.00")


async def test_screen_shows_an_attendant_what_cash_to_give_back_and_no_other_item(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    await act(hass, attendant, "stop_session")
    await paid(hass, site_entry)
    await act(hass, attendant, "stop_session")
    await settled(hass, site_entry)
    shown = await shown_to(hass, attendant, hass_ws_client)
    assert shown["can"] == {"admin": False}
    items = shown["sites"][0]["items"]
    assert [(i["kind"], i["order_id"]) for i in items] == [
        ("cash_back_due", sold["order_id"])
    ]
    assert items[0]["amount"] == 1000


async def test_attendant_opens_closes_and_stops_the_site_but_asks_no_provider(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    async def use(domain: str, action: str, entity_id: str) -> None:
        await hass.services.async_call(
            domain,
            action,
            {"entity_id": entity_id},
            blocking=True,
            context=Context(user_id=attendant.id),
        )

    site = "razorpay_test"
    await paid(hass, site_entry)
    await use("button", "press", f"button.{site}_stop_everything_now")
    assert state_of(hass, BAY) == "off"
    await use("switch", "turn_off", f"switch.{site}_open_for_business")
    assert state_of(hass, f"switch.{site}_open_for_business") == "off"
    await use("switch", "turn_on", f"switch.{site}_open_for_business")
    await paid(hass, site_entry)
    await use("switch", "turn_off", BAY)
    with pytest.raises(Unauthorized):
        await use("button", "press", f"button.{site}_reconcile_now")
    report = await act(hass, attendant, "get_shift_report")
    assert report["total"]["stops"] == 2


async def test_sale_that_failed_never_starts_later(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offers = site_entry.runtime_data.offers
    check = offers.check

    async def check_and_lose_the_relay(*about: Any) -> Any:
        plan = await check(*about)
        hass.states.async_set("input_boolean.relay_1", "unavailable")
        return plan

    monkeypatch.setattr(offers, "check", check_and_lose_the_relay)
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    assert error.value.translation_key == "start_failed_offline"
    hass.states.async_set("input_boolean.relay_1", "off")
    await settled(hass, site_entry)
    assert state_of(hass, "input_boolean.relay_1") == "off"
    (order,) = (await act(hass, attendant, "get_orders"))["orders"]
    assert (order["state"], order["cash_back"]["amount"]) == ("undelivered", 1000)


async def test_order_is_open_until_its_cash_was_given_back(
    hass: HomeAssistant, site_entry: MockConfigEntry, attendant: MockUser
) -> None:
    async def open_ones() -> list[tuple[str, bool]]:
        found = await act(hass, attendant, "get_orders", open_only=True)
        return [(order["order_id"], order["open"]) for order in found["orders"]]

    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    await act(hass, attendant, "stop_session")
    assert await open_ones() == [(sold["order_id"], True)]
    await act(hass, attendant, "confirm_cash_back", order_id=sold["order_id"])
    assert await open_ones() == []


async def test_cash_of_a_removed_bay_is_for_the_owner_alone(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    owner: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    sold = await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    hass.config_entries.async_remove_subentry(site_entry, "bay_1")
    await settled(hass, site_entry)
    (site,) = (await shown_to(hass, attendant, hass_ws_client))["sites"]
    assert site["items"] == []
    with pytest.raises(Unauthorized):
        await act(hass, attendant, "confirm_cash_back", order_id=sold["order_id"])
    given = await act(hass, owner, "confirm_cash_back", order_id=sold["order_id"])
    assert given["amount"] == 1000


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("start_session", {"plan": "ten_min", "paid_by": "free"}),
        ("create_order", {"plan": "ten_min"}),
        ("get_orders", {}),
        ("get_shift_report", {}),
    ],
)
async def test_who_was_dismissed_does_nothing_more(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    action: str,
    data: dict[str, Any],
) -> None:
    """Their phone's app may go on calling actions under their name."""
    await hass.auth.async_deactivate_user(attendant)
    with pytest.raises(Unauthorized):
        await act(hass, attendant, action, **data)


async def test_sale_that_was_cut_off_after_its_commit_is_served_and_counted_once(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    attendant: MockUser,
) -> None:
    bay = site_entry.runtime_data.bays["bay_1"]
    with (
        patch.object(bay, "now_or_never", side_effect=asyncio.CancelledError),
        pytest.raises(asyncio.CancelledError),
    ):
        await act(hass, attendant, "start_session", plan="ten_min", paid_by="cash")
    assert state_of(hass, "input_boolean.relay_1") == "off"
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, "input_boolean.relay_1") == "on"
    await clock.pass_by(hass, 601)
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, "input_boolean.relay_1") == "off"
    (row,) = (await act(hass, attendant, "get_shift_report"))["users"]
    assert (row["cash_orders"], row["cash"], row["cash_back_due"]) == (1, 1000, 0)


@pytest.mark.parametrize(
    ("domain", "action", "entity_id"),
    [
        ("button", "press", "button.razorpay_test_stop_everything_now"),
        ("switch", "turn_off", "switch.razorpay_test_open_for_business"),
        ("switch", "turn_off", "switch.bay_1_in_service"),
        ("switch", "turn_off", BAY),
    ],
)
async def test_who_was_dismissed_presses_nothing_more(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    attendant: MockUser,
    *,
    domain: str,
    action: str,
    entity_id: str,
) -> None:
    assert hass.states.get(entity_id)
    await paid(hass, site_entry)
    await hass.auth.async_deactivate_user(attendant)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            domain,
            action,
            {"entity_id": entity_id},
            blocking=True,
            context=Context(user_id=attendant.id),
        )
    assert state_of(hass, BAY) == "on"
