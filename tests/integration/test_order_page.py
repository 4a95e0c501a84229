"""An order's page: every state in its own words, and what its customer may do."""

import asyncio
from dataclasses import replace
import hashlib
import hmac
import re
from typing import Any
from unittest.mock import NonCallableMagicMock, patch
from urllib.parse import urlencode

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.notices import LinkStatus
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import LedgerError, order_views
from custom_components.paybay.providers.base import (
    LinkDetails,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.web.customer import desk
from custom_components.paybay.web.customer.texts import LANGUAGES, texts_in

from .entries import BAY_1, ENTRY_DATA, make_entry
from .pages import Client, Page, choose, get, page_of, post, the_order
from .site_fixtures import (
    ObedientClock,
    captured,
    paid,
    set_up,
    settled,
    state_of,
    unpaid_link,
)

RELAY = "input_boolean.relay_1"


@pytest.fixture
async def client(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    real = RazorpayProvider(
        run=hass.async_add_executor_job,
        key_id=ENTRY_DATA["key_id"],
        key_secret=ENTRY_DATA["key_secret"],
        webhook_secrets=[],
    )
    site_provider.read_return.side_effect = real.read_return
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture
async def order(site_entry: MockConfigEntry, client: Client) -> Order:
    """Return an order that a customer chose and has not paid yet."""
    await choose(client)
    return await the_order(site_entry)


async def pay(hass: HomeAssistant, entry: MockConfigEntry, order: Order) -> None:
    await entry.runtime_data.intake.take(captured(order, payment_id="pay_000000000001"))
    await settled(hass, entry)


async def shown(client: Client, order: Order, stage: str, *words: str) -> Page:
    """Return the order's page, which must say this, and so must its JSON."""
    page = await get(client, page_of(order))
    assert page.status == 200
    told = await status_of(client, order)
    assert told["stage"] == stage
    assert told["headline"] in page.text
    for each in words:
        assert each in page.text
    return page


async def status_of(client: Client, order: Order) -> dict[str, Any]:
    answer = await client.get(f"{page_of(order)}/status")
    assert answer.status == 200
    told: dict[str, Any] = await answer.json()
    return told


def returning(order: Order, secret: str = ENTRY_DATA["key_secret"]) -> str:
    """Return where Razorpay sends the browser of whoever paid this order."""
    parts = (str(order.link_id), order.id, "paid", "pay_000000000001")
    signature = hmac.new(secret.encode(), "|".join(parts).encode(), hashlib.sha256)
    query = {
        "razorpay_payment_link_id": parts[0],
        "razorpay_payment_link_reference_id": parts[1],
        "razorpay_payment_link_status": parts[2],
        "razorpay_payment_id": parts[3],
        "razorpay_signature": signature.hexdigest(),
    }
    return f"{page_of(order)}/return?{urlencode(query)}"


def link_of(order: Order, status: LinkStatus, *, is_paid: bool = False) -> LinkDetails:
    fact = captured(order, payment_id="pay_000000000001").payment
    link = replace(
        unpaid_link(str(order.link_id)).link, status=status, reference_id=order.id
    )
    return LinkDetails(link=link, payments=(fact,) if is_paid and fact else ())


async def test_unpaid_order_can_be_paid_or_called_off(
    client: Client, order: Order
) -> None:
    page = await shown(client, order, "waiting", "Pay ₹10 by", "Ten min")
    assert order.link_url in [each.get("href") for each in page.all("a")]
    assert f"{page_of(order)}/cancel" in [each["action"] for each in page.all("form")]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_charging_order_counts_down_to_its_end(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await pay(hass, site_entry, order)
    await clock.pass_by(hass, 60)
    page = await shown(client, order, "charging", "9:00", "pay_000000000001")
    told = await status_of(client, order)
    assert told["ends_at_ms"] - told["now_ms"] == 540_000
    assert told["poll_s"] == 5
    counted = [each for _, each in page.read.tags if "data-ends" in each]
    assert counted[0]["data-ends"] == str(told["ends_at_ms"])
    assert "123456789012" in page.text


async def test_delivered_order_shows_its_receipt_and_needs_no_more_looks(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await pay(hass, site_entry, order)
    await clock.pass_by(hass, 601)
    await settled(hass, site_entry)
    page = await shown(client, order, "completed", "You got 10 min of charging")
    assert "Time delivered\n10 min" in page.text
    assert (await status_of(client, order))["poll_s"] == 0
    assert not page.all("form")


async def test_page_needs_no_script_to_stay_current(
    client: Client, order: Order
) -> None:
    page = await get(client, page_of(order))
    assert page.all("meta")[-1] == {"http-equiv": "refresh", "content": "5"}
    assert "noscript" in [tag for tag, _ in page.read.tags]


async def test_status_is_sent_again_only_when_something_changed(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await pay(hass, site_entry, order)
    path = f"{page_of(order)}/status"
    etag = (await client.get(path)).headers["ETag"]
    await clock.pass_by(hass, 30)
    same = await client.get(path, headers={"If-None-Match": etag})
    assert same.status == 304
    await clock.pass_by(hass, 600)
    await settled(hass, site_entry)
    other = await client.get(path, headers={"If-None-Match": f"W/{etag}"})
    assert other.status == 200
    assert (await other.json())["state"] == "completed"


async def test_second_order_waits_for_its_turn(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    first = await paid(hass, site_entry)
    await pay(hass, site_entry, order)
    await shown(client, first, "charging")
    await shown(client, order, "queued", "runs before yours, about 10 min")


async def test_interrupted_order_says_what_is_left(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await pay(hass, site_entry, order)
    await clock.pass_by(hass, 120)
    await hass.services.async_call(
        "input_boolean", "turn_off", {"entity_id": RELAY}, blocking=True
    )
    await settled(hass, site_entry)
    await clock.pass_by(hass, 5)
    await hass.services.async_call(
        "input_boolean", "turn_off", {"entity_id": RELAY}, blocking=True
    )
    await settled(hass, site_entry)
    await shown(client, order, "paused", "are left", "within 10 min")


async def test_lost_contact_is_told_and_no_time_is_made_up(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    await pay(hass, site_entry, order)
    hass.states.async_set(RELAY, "unavailable")
    await settled(hass, site_entry)
    page = await shown(client, order, "unsure", "Nothing is lost")
    assert not [each for _, each in page.read.tags if "data-ends" in each]


async def test_order_that_never_started_gets_its_money_back(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await clock.pass_by(hass, 400)
    await pay(hass, site_entry, order)
    page = await shown(client, order, "undelivered", "arrived too late")
    assert "₹10 will go back to the account you paid from" in page.text
    assert (await status_of(client, order))["poll_s"] > 0


@pytest.mark.parametrize("number", [1, 2])
async def test_order_whose_time_to_pay_is_over_offers_no_payment(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
    *,
    number: int,
) -> None:
    if number == 1:
        clock.gone_ms += 961_000
        page = await shown(client, order, "ended_offer", "time to pay is over")
    else:
        expired = link_of(order, LinkStatus.EXPIRED)
        for notice in expired.notices(captured(order).channel, "payment_link.expired"):
            await site_entry.runtime_data.intake.take(notice)
        page = await shown(client, order, "expired", "Nothing was charged")
    assert not page.can_pay


@pytest.mark.parametrize(
    "watch", ["x", "A" * 32, "%00", "A" * 500, "ओम", "..%2F..", "' OR 1=1--"]
)
@pytest.mark.parametrize("rest", ["", "/status", "/return", "/stop"])
async def test_unknown_key_tells_nothing(
    client: Client, order: Order, watch: str, rest: str
) -> None:
    page = await get(client, f"/paybay/orders/{watch}{rest}")
    assert page.status in (400, 404)
    assert order.id not in page.source
    assert "Bay 1" not in page.source


async def test_unknown_keys_all_look_the_same(client: Client, order: Order) -> None:
    answers = [
        (await get(client, f"/paybay/orders/{watch}")).source
        for watch in ("x", "A" * 32, order.watch_code[:-1])
    ]
    assert len(set(answers)) == 1


async def test_signed_return_is_confirmed_and_starts_the_bay(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.fetch_link.side_effect = None
    site_provider.fetch_link.return_value = link_of(
        order, LinkStatus.PAID, is_paid=True
    )
    answer = await get(client, returning(order))
    await settled(hass, site_entry)
    assert (answer.status, answer.headers["Location"]) == (303, page_of(order))
    assert state_of(hass, RELAY) == "on"
    view = await site_entry.runtime_data.ledger.run(
        lambda c: order_views.one(c, order.id)
    )
    assert [payment.channel for payment in view.payments] == ["return"]


async def test_forged_return_asks_nobody_and_changes_nothing(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.fetch_link.reset_mock()
    for path in (
        returning(order, secret="somebody-else"),
        f"{page_of(order)}/return",
        returning(order).replace("=paid", "=Paid"),
        returning(replace(order, id="ord_another")).replace("ord_another", order.id),
    ):
        answer = await get(client, path)
        assert answer.headers["Location"] == page_of(order)
    await settled(hass, site_entry)
    site_provider.fetch_link.assert_not_called()
    assert (await the_order(site_entry)).state is OrderState.CREATED
    assert state_of(hass, RELAY) == "off"


async def test_return_of_another_order_pays_nothing_here(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    site_provider: NonCallableMagicMock,
) -> None:
    other = await paid(hass, site_entry)
    site_provider.fetch_link.reset_mock()
    stolen = returning(other).replace(other.watch_code, order.watch_code)
    await get(client, stolen)
    site_provider.fetch_link.assert_not_called()
    await shown(client, order, "waiting")


async def test_replayed_return_asks_nobody_again(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    site_provider: NonCallableMagicMock,
) -> None:
    await pay(hass, site_entry, order)
    site_provider.fetch_link.reset_mock()
    for _ in range(3):
        assert (await get(client, returning(order))).status == 303
    site_provider.fetch_link.assert_not_called()


async def test_return_that_cannot_be_confirmed_yet_shows_the_order(
    client: Client, order: Order, site_provider: NonCallableMagicMock
) -> None:
    site_provider.fetch_link.side_effect = ProviderUnavailableError("no answer")
    assert (await get(client, returning(order))).status == 303
    await shown(client, order, "waiting")


async def test_unpaid_order_is_called_off_at_the_provider(
    client: Client, order: Order, site_provider: NonCallableMagicMock
) -> None:
    site_provider.cancel_link.side_effect = None
    site_provider.cancel_link.return_value = link_of(order, LinkStatus.CANCELLED)
    assert (await post(client, f"{page_of(order)}/cancel")).status == 303
    site_provider.cancel_link.assert_awaited_once_with(order.link_id)
    page = await shown(client, order, "cancelled", "Nothing was charged")
    assert not page.can_pay


async def test_payment_that_won_the_race_with_the_cancel_is_served(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.cancel_link.side_effect = None
    site_provider.cancel_link.return_value = link_of(
        order, LinkStatus.PAID, is_paid=True
    )
    await post(client, f"{page_of(order)}/cancel")
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "on"
    await shown(client, order, "charging")


async def test_cancel_without_an_answer_promises_nothing(
    client: Client, order: Order, site_provider: NonCallableMagicMock
) -> None:
    site_provider.cancel_link.side_effect = ProviderUnavailableError("no answer")
    page = await post(client, f"{page_of(order)}/cancel")
    assert page.status == 503
    assert "do not know yet" in page.text
    await shown(client, order, "waiting")


async def test_customer_sees_what_comes_back_and_stops(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    clock: ObedientClock,
) -> None:
    await pay(hass, site_entry, order)
    await clock.pass_by(hass, 300)
    asked = await get(client, f"{page_of(order)}/stop")
    assert "₹5 will be refunded" in asked.text
    assert "5 min are left" in asked.text
    assert state_of(hass, RELAY) == "on"
    done = await post(client, f"{page_of(order)}/stop")
    await settled(hass, site_entry)
    assert (done.status, done.headers["Location"]) == (303, page_of(order))
    assert state_of(hass, RELAY) == "off"
    await shown(client, order, "stopped", "You stopped it", "₹5 will go back")


async def test_customer_cannot_stop_where_the_owner_forbids_it(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, make_entry(bays=[replace(BAY_1, customer_stop=False)]))
    client = await hass_client_no_auth()
    order = await paid(hass, entry)
    assert "Stop charging" not in (await get(client, page_of(order))).text
    assert (await get(client, f"{page_of(order)}/stop")).status == 303
    assert (await post(client, f"{page_of(order)}/stop")).status == 409
    assert state_of(hass, RELAY) == "on"


async def test_customer_cannot_stop_somebody_elses_session(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    await paid(hass, site_entry)
    await pay(hass, site_entry, order)
    assert "Stop charging?" not in (await get(client, f"{page_of(order)}/stop")).text
    assert (await post(client, f"{page_of(order)}/stop")).status == 409
    assert state_of(hass, RELAY) == "on"


@pytest.mark.parametrize("action", ["cancel", "stop"])
async def test_other_websites_can_neither_cancel_nor_stop(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    *,
    site_provider: NonCallableMagicMock,
    action: str,
) -> None:
    if action == "stop":
        await pay(hass, site_entry, order)
    path = f"{page_of(order)}/{action}"
    page = await post(client, path, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403
    assert "another website" in page.text
    site_provider.cancel_link.assert_not_called()
    assert state_of(hass, RELAY) == ("on" if action == "stop" else "off")


async def test_two_stops_at_once_do_no_harm(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    await pay(hass, site_entry, order)
    path = f"{page_of(order)}/stop"
    taps = await asyncio.gather(*(post(client, path) for _ in range(3)))
    assert {tap.status for tap in taps} <= {303, 409}
    await settled(hass, site_entry)
    await shown(client, order, "stopped")


async def test_order_is_still_shown_after_its_bay_is_gone(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    hass.config_entries.async_remove_subentry(site_entry, "bay_1")
    await settled(hass, site_entry)
    page = await get(client, page_of(order))
    assert page.status == 200
    assert "Bay 1" in page.text
    assert "Charge again" not in page.text


async def test_order_is_still_shown_while_its_site_is_not_at_work(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    await hass.config_entries.async_unload(site_entry.entry_id)
    assert (await get(client, page_of(order))).status == 200
    assert (await post(client, f"{page_of(order)}/cancel")).status == 503


async def test_ledger_in_trouble_is_told(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise LedgerError("disk full")

    monkeypatch.setattr("custom_components.paybay.web.customer.desk._read", fail)
    page = await get(client, page_of(order))
    assert page.status == 503
    assert "disk" not in page.text


async def test_page_shows_no_customer_data(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    await pay(hass, site_entry, order)
    page = await get(client, page_of(order))
    assert "@" not in page.text


async def test_address_of_the_order_is_told_to_no_search_engine(
    client: Client, order: Order
) -> None:
    page = await get(client, page_of(order))
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("language", [code for code, _ in LANGUAGES])
async def test_who_has_paid_is_never_told_that_nothing_was_charged(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    order: Order,
    language: str,
) -> None:
    """Whoever believed it might pay once more."""
    await pay(hass, site_entry, order)
    lie = re.split("[.।]", texts_in(language)("state_expired"))[-1].strip()
    assert lie
    path = f"{page_of(order)}?lang={language}"
    with patch.object(desk, "_read", side_effect=LedgerError("full")):
        page = await get(client, path)
        assert (page.status, lie in page.text) == (503, False)
    with patch.object(desk.Desk, "may_look", return_value=False):
        page = await get(client, path)
        assert (page.status, lie in page.text) == (429, False)
