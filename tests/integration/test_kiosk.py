"""The screen beside the bays: what all may see, and a code for each bay."""

from typing import Any
from unittest.mock import NonCallableMagicMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.bay import Bay
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.board import Board
from custom_components.paybay.ledger import LedgerError
from custom_components.paybay.web.customer import kiosk

from .entries import BAY_1, BAY_2, MERCHANT, make_entry
from .pages import Client, get
from .site_fixtures import ObedientClock, paid, set_up

PUBLIC = "https://bays.example.com"


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    hass.config.external_url = PUBLIC
    return await set_up(hass, make_entry(bays=(BAY_1, BAY_2)))


@pytest.fixture
async def client(
    entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture(autouse=True)
def always_fresh() -> Any:
    with patch.object(kiosk, "_FRESH_S", 0):
        yield


def screen_of(entry: MockConfigEntry) -> str:
    return f"/paybay/kiosk/{entry.entry_id}"


async def test_it_shows_every_bay_with_its_state_and_a_code(
    entry: MockConfigEntry, client: Client
) -> None:
    page = await get(client, screen_of(entry))
    assert page.status == 200
    assert [w for w in page.read.words if w in ("Bay 1", "Bay 2")] == ["Bay 1", "Bay 2"]
    assert page.text.count("Ready for you") == 2
    labels = [e.get("aria-label") for e in page.all("div") if e.get("role") == "img"]
    assert labels == [f"{PUBLIC}/paybay/bay_1", f"{PUBLIC}/paybay/bay_2"]
    assert len(page.all("svg")) == 2
    assert f"Pay only to {MERCHANT.name}." in page.text


async def test_it_hears_by_polling_and_only_of_changes(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client
) -> None:
    url = f"{screen_of(entry)}/status"
    first = await get(client, url)
    tag = first.headers["ETag"]
    assert (await get(client, url, **{"If-None-Match": tag})).status == 304
    order = await paid(hass, entry)
    told = await (await client.get(url, headers={"If-None-Match": tag})).json()
    assert "In use" in told["html"]
    assert told["poll_s"] == kiosk.POLL_S
    for private in (order.id, order.watch_code, "pay_", "123456789012"):
        assert private not in told["html"]


async def test_no_code_is_shown_where_nothing_can_be_paid(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client
) -> None:
    await entry.runtime_data.bays["bay_1"].put_in_service(on=False)
    page = await get(client, screen_of(entry))
    assert "Out of service" in page.text
    assert len(page.all("svg")) == 1


async def test_without_a_public_address_it_leads_to_the_bays_own_code(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client
) -> None:
    hass.config.external_url = None
    page = await get(client, screen_of(entry))
    assert not page.all("svg")
    assert "scan the one at the bay" in page.text


async def test_only_sites_have_screens(client: Client, entry: MockConfigEntry) -> None:
    assert (await get(client, "/paybay/kiosk/unknown")).status == 404


async def test_a_site_that_is_not_at_work_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client
) -> None:
    with patch.object(
        type(entry.runtime_data.offers), "board", side_effect=LedgerError
    ):
        assert (await get(client, screen_of(entry))).status == 503
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await get(client, screen_of(entry))).status == 503
    assert (await get(client, f"{screen_of(entry)}/status")).status == 503


async def test_many_screens_cost_as_one(entry: MockConfigEntry, client: Client) -> None:
    board = entry.runtime_data.offers.board
    with (
        patch.object(kiosk, "_FRESH_S", 60),
        patch.object(
            type(entry.runtime_data.offers), "board", side_effect=board
        ) as asked,
    ):
        for _ in range(5):
            await get(client, f"{screen_of(entry)}/status")
    assert asked.call_count == 2


async def test_the_owner_finds_it_at_the_sites_device(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = dr.async_get(hass)
    site = registry.async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    assert site
    assert site.configuration_url == f"{PUBLIC}{screen_of(entry)}"


async def test_a_site_that_is_wound_up_meanwhile_breaks_no_screen(
    entry: MockConfigEntry, client: Client
) -> None:
    site, board = entry.runtime_data, entry.runtime_data.offers.board

    async def last_look(bay: Bay) -> Board:
        site.bays.pop("bay_2", None)
        found: Board = await board(bay)
        return found

    with patch.object(site.offers, "board", last_look):
        assert (await get(client, screen_of(entry))).status == 200
