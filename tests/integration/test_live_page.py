"""An order's page hears of what happens, and costs the house little."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any
from unittest.mock import NonCallableMagicMock, patch

from aiohttp import ClientResponse
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.orders import Order
from custom_components.paybay.ledger import LedgerError
from custom_components.paybay.web.customer import live, seats

from .pages import Client, choose, get, page_of, the_order
from .site_fixtures import ObedientClock, captured, settled

WITHIN_S = 5


@pytest.fixture
async def client(
    site_entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture
async def order(site_entry: MockConfigEntry, client: Client) -> Order:
    await choose(client)
    return await the_order(site_entry)


class Listener:
    """A browser that listens to an order."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, Any]:
        """Return the next event's name and data."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                lines = await self._block()
                told = dict(line.partition(": ")[::2] for line in lines)
                if "data" in told:
                    return told.get("event", "message"), json.loads(told["data"])

    async def until(self, stage: str) -> dict[str, Any]:
        """Return the first news of this stage."""
        while True:
            name, told = await self.next()
            if name == "message" and told["stage"] == stage:
                return dict(told)

    async def ended(self) -> bool:
        async with asyncio.timeout(WITHIN_S):
            await self.response.content.read()
        return self.response.content.at_eof()

    async def _block(self) -> list[str]:
        block = await self.response.content.readuntil(b"\n\n")
        return block.decode().splitlines()


@pytest.fixture
async def listener(client: Client, order: Order) -> AsyncIterator[Listener]:
    async with client.get(f"{page_of(order)}/events") as response:
        assert response.status == 200
        yield Listener(response)


async def test_a_page_hears_of_each_step_without_asking(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    listener: Listener,
    order: Order,
) -> None:
    assert listener.response.content_type == "text/event-stream"
    await listener.until("waiting")
    await site_entry.runtime_data.intake.take(captured(order))
    told = await listener.until("charging")
    assert told["ends_at_ms"] - told["now_ms"] == 600_000
    assert "Charging" in told["html"]
    await settled(hass, site_entry)
    await clock.pass_by(hass, 601)
    done = await listener.until("completed")
    assert done["poll_s"] == 0
    assert await listener.ended()


async def test_a_page_hears_a_heartbeat_with_the_time_while_nothing_happens(
    client: Client, order: Order, clock: ObedientClock
) -> None:
    with patch.object(live, "BEAT_S", 0.05):
        async with client.get(f"{page_of(order)}/events") as response:
            listener = Listener(response)
            await listener.next()
            assert await listener.next() == ("beat", clock.now_ms())


async def test_events_are_never_kept_by_anybody_between(listener: Listener) -> None:
    headers = listener.response.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in headers


async def test_a_ledger_that_fails_is_no_end_of_the_news(
    client: Client, order: Order
) -> None:
    with patch.object(live, "BEAT_S", 0.05):
        async with client.get(f"{page_of(order)}/events") as response:
            listener = Listener(response)
            await listener.next()
            with patch(
                "custom_components.paybay.web.customer.desk._read",
                side_effect=LedgerError("full"),
            ):
                assert (await listener.next())[0] == "beat"
            assert (await listener.next())[0] == "beat"


async def test_nobody_hears_of_an_order_without_its_key(client: Client) -> None:
    assert (await client.get(f"/paybay/orders/{'x' * 32}/events")).status == 404


async def test_one_client_cannot_take_all_seats(
    client: Client, order: Order, listener: Listener
) -> None:
    with patch.object(seats, "MAX_OF_CLIENT", 1):
        refused = await client.get(f"{page_of(order)}/events")
    assert refused.status == 429


async def test_seats_are_limited_for_all_and_free_again(
    client: Client, order: Order, listener: Listener
) -> None:
    with patch.object(seats, "MAX_STREAMS", 1):
        refused = await client.get(f"{page_of(order)}/events")
        assert refused.status == 429
        # The page itself goes on, by asking.
        assert (await get(client, f"{page_of(order)}/status")).status == 200


def test_a_seat_is_free_when_its_listener_has_left() -> None:
    taken = seats.Streams()
    with taken.seat("a") as first, taken.seat("a") as second:
        assert first
        assert second
        assert taken.taken == 2
    assert taken.taken == 0


async def test_listeners_are_let_go_when_the_site_is_unloaded(
    hass: HomeAssistant, site_entry: MockConfigEntry, listener: Listener
) -> None:
    await listener.until("waiting")
    await hass.config_entries.async_unload(site_entry.entry_id)
    assert await listener.ended()


async def test_listeners_are_let_go_when_home_assistant_stops(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await listener.until("waiting")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert await listener.ended()
    await hass.async_block_till_done()
    assert "Unable to remove" not in caplog.text


async def test_nobody_listens_to_a_site_that_is_not_at_work(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, order: Order
) -> None:
    # It would hear nothing of the site that works after a reload.
    await hass.config_entries.async_unload(site_entry.entry_id)
    refused = await client.get(f"{page_of(order)}/events")
    assert refused.status == 429
    assert (await get(client, f"{page_of(order)}/status")).status == 200


async def test_the_page_names_its_events(client: Client, order: Order) -> None:
    page = await get(client, page_of(order))
    assert page.all("main")[0]["data-events"] == f"{page_of(order)}/events"
