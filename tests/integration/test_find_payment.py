"""Who paid a printed QR code and got no page finds out how it stands, and no more."""

from dataclasses import replace
from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import PaymentFact, PaymentStatus
from custom_components.paybay.domain.orders import Order
from custom_components.paybay.web.customer.finding import utr_of

from .entries import BAY_1, BAY_2, make_entry
from .pages import BAY, Client, Page, get, orders_of, page_of, post
from .site_fixtures import ObedientClock, paid, set_up, settled
from .test_printed_qr import Account

RRN = "123456789012"
OTHER = "210987654321"
FIND = f"{BAY}/find"


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    return await set_up(hass, make_entry(bays=(BAY_1, BAY_2)))


@pytest.fixture
async def client(
    entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture
async def order(hass: HomeAssistant, entry: MockConfigEntry) -> Order:
    """Return an order that charges, paid with RRN."""
    return await paid(hass, entry, payment_id="pay_findme00000001", rrn=RRN)


async def find(client: Client, number: str, path: str = FIND) -> Page:
    return await post(client, path, {"utr": number})


@pytest.mark.parametrize(
    "typed", [RRN, "1234 5678 9012", "१२३४५६७८९०१२", "1234-5678-9012"]
)
def test_a_number_is_read_however_it_is_written(typed: str) -> None:
    assert utr_of(typed) == RRN


@pytest.mark.parametrize(
    "typed", ["", "12345678901", RRN + "3", "pay_123456789", "²" * 12]
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert utr_of(typed) is None


async def test_the_payer_is_told_how_it_stands(client: Client, order: Order) -> None:
    page = await find(client, RRN)
    assert page.status == 200
    assert "Charging" in page.text
    assert "Ends at" in page.text


async def test_nothing_is_told_that_opens_or_ends_the_order(
    client: Client, order: Order
) -> None:
    page = await find(client, RRN)
    for secret in (order.watch_code, order.id, "pay_findme00000001", RRN, "₹"):
        assert secret not in page.source
    assert not page.all("form")
    assert page_of(order) not in [each.get("href") for each in page.all("a")]


async def test_wrong_and_unknown_numbers_are_answered_alike(
    client: Client, order: Order
) -> None:
    unknown, wrong = await find(client, OTHER), await find(client, "not a number")
    elsewhere = await find(client, RRN, "/paybay/bay_2/find")
    assert unknown.status == wrong.status == elsewhere.status == 404
    assert unknown.source == wrong.source
    assert "No payment with this number" in elsewhere.text
    assert unknown.text == elsewhere.text


async def test_old_payments_are_not_told_of(
    client: Client, order: Order, clock: ObedientClock
) -> None:
    clock.gone_ms += 8 * 24 * 3_600_000
    assert (await find(client, RRN)).status == 404


async def test_the_provider_is_asked_once_for_what_did_not_arrive(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    account, site = Account(site_provider), entry.runtime_data
    await site.printed_qrs.provision(site.bays["bay_1"].config, None)
    [code] = account.codes.values()
    payment = PaymentFact(
        id="pay_onqr0000000001",
        status=PaymentStatus.CAPTURED,
        amount=Money(1000, "INR"),
        created_s=clock.now_ms() // 1000,
        method="upi",
        rrn=RRN,
    )
    site_provider.fetch_qr.side_effect = None
    site_provider.fetch_qr.return_value = replace(code, payments=1)
    site_provider.qr_payments.return_value = [payment]
    page = await find(client, RRN)
    await settled(hass, entry)
    assert page.status == 200
    site_provider.qr_payments.assert_called_once()
    assert len(await orders_of(entry)) == 1


async def test_a_provider_that_is_away_leaves_the_answer_to_the_ledger(
    client: Client, order: Order, site_provider: NonCallableMagicMock
) -> None:
    site_provider.fetch_qr.side_effect = RuntimeError("away")
    assert (await find(client, OTHER)).status == 404
    assert (await find(client, RRN)).status == 200


async def test_nobody_tries_numbers_in_a_row(client: Client, order: Order) -> None:
    answers = [(await find(client, f"{n:012}")).status for n in range(7)]
    assert answers == [404] * 5 + [429] * 2


async def test_the_form_is_on_the_bays_page_and_the_number_in_no_address(
    client: Client,
) -> None:
    page = await get(client, BAY)
    [form] = [each for each in page.all("form") if each["action"] == FIND]
    assert form["method"] == "post"
    again = await get(client, FIND)
    assert (again.status, again.headers["Location"]) == (303, BAY)


async def test_other_websites_cannot_ask(client: Client, order: Order) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await post(client, FIND, {"utr": RRN}, headers)).status == 403
