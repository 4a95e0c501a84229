"""A customer whose paid order waits its turn may leave, and gets everything back."""

from dataclasses import replace
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.bay import RestPolicy
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import order_views
from custom_components.paybay.web.customer.stopping import WITHDRAW

from .entries import BAY_1, make_entry
from .pages import Client, get, page_of, post
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

RELAY = "input_boolean.relay_1"
FORM = {"what": WITHDRAW}


@pytest.fixture
async def client(
    site_entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture
async def running(hass: HomeAssistant, site_entry: MockConfigEntry) -> Order:
    return await paid(hass, site_entry)


@pytest.fixture
async def queued(
    hass: HomeAssistant, site_entry: MockConfigEntry, running: Order
) -> Order:
    return await paid(hass, site_entry)


async def stands(entry: MockConfigEntry, order: Order) -> tuple[OrderState, int]:
    """Return an order's state, and what is owed back of it, in minor units."""
    view = await entry.runtime_data.ledger.run(
        lambda c: order_views.by_watch_code(c, order.watch_code)
    )
    return view.order.state, sum(refund.amount.minor for refund in view.refunds)


async def test_it_is_said_first_what_comes_back_and_asking_changes_nothing(
    site_entry: MockConfigEntry, client: Client, queued: Order
) -> None:
    page = await get(client, page_of(queued))
    assert "Cancel and get your money back" in page.text
    asked = await get(client, f"{page_of(queued)}/stop")
    assert "₹10 will be refunded: all that you paid." in asked.text
    assert {"name": "what", "value": WITHDRAW}.items() <= asked.all("button")[0].items()
    assert await stands(site_entry, queued) == (OrderState.PAID, 0)


async def test_all_goes_back_and_the_session_before_it_goes_on(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    queued: Order,
    *,
    running: Order,
    clock: ObedientClock,
) -> None:
    done = await post(client, f"{page_of(queued)}/stop", FORM)
    await settled(hass, site_entry)
    assert (done.status, done.headers["Location"]) == (303, page_of(queued))
    assert await stands(site_entry, queued) == (OrderState.UNDELIVERED, 1000)
    page = await get(client, page_of(queued))
    assert "Cancelled. Your money goes back" in page.text
    assert "You cancelled it before it began." in page.text
    assert state_of(hass, RELAY) == "on"
    await clock.pass_by(hass, 601)
    assert await stands(site_entry, running) == (OrderState.COMPLETED, 0)
    assert state_of(hass, RELAY) == "off"


async def test_pressing_twice_owes_it_back_once(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, queued: Order
) -> None:
    await post(client, f"{page_of(queued)}/stop", FORM)
    again = await post(client, f"{page_of(queued)}/stop", FORM)
    await settled(hass, site_entry)
    assert again.status == 409
    assert await stands(site_entry, queued) == (OrderState.UNDELIVERED, 1000)


async def test_who_was_promised_everything_back_is_not_stopped_once_it_began(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    queued: Order,
    clock: ObedientClock,
) -> None:
    await clock.pass_by(hass, 601)
    answer = await post(client, f"{page_of(queued)}/stop", FORM)
    await settled(hass, site_entry)
    assert answer.status == 409
    assert await stands(site_entry, queued) == (OrderState.CHARGING, 0)
    assert state_of(hass, RELAY) == "on"


async def test_all_goes_back_also_where_the_rest_of_a_session_is_kept(
    hass: HomeAssistant,
    site_provider: object,
    clock: ObedientClock,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    bay = replace(BAY_1, rest=RestPolicy.KEEP)
    entry = await set_up(hass, make_entry(bays=[bay]))
    client: Client = await hass_client_no_auth()
    await paid(hass, entry)
    order = await paid(hass, entry)
    await post(client, f"{page_of(order)}/stop", FORM)
    await settled(hass, entry)
    assert await stands(entry, order) == (OrderState.UNDELIVERED, 1000)


async def test_nobody_leaves_the_queue_where_customers_may_not_stop(
    hass: HomeAssistant,
    site_provider: object,
    clock: ObedientClock,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    bay = replace(BAY_1, customer_stop=False)
    entry = await set_up(hass, make_entry(bays=[bay]))
    client: Client = await hass_client_no_auth()
    await paid(hass, entry)
    order = await paid(hass, entry)
    assert "money back" not in (await get(client, page_of(order))).text
    assert (await post(client, f"{page_of(order)}/stop", FORM)).status == 409
    assert await stands(entry, order) == (OrderState.PAID, 0)


async def test_one_that_begins_at_the_same_moment_is_left_running(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    queued: Order,
    clock: ObedientClock,
) -> None:
    bay = site_entry.runtime_data.bays["bay_1"]
    seen_waiting, look = await bay._desk(), bay._desk
    await clock.pass_by(hass, 601)
    looks = 0

    async def look_late() -> object:
        nonlocal looks
        looks += 1
        return seen_waiting if looks == 1 else await look()

    with patch.object(bay, "_desk", look_late):
        answer = await post(client, f"{page_of(queued)}/stop", FORM)
        await settled(hass, site_entry)
    assert answer.status == 409
    assert await stands(site_entry, queued) == (OrderState.CHARGING, 0)
    assert state_of(hass, RELAY) == "on"
