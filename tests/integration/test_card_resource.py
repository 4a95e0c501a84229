"""Dashboards load the card by themselves, and lose nothing over it."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay import card
from custom_components.paybay.card import CARD_URL, LATEST_URL

from .entries import BAY_2, make_entry
from .site_fixtures import ObedientClock, set_up

THEIRS = {"id": "theirs", "type": "module", "url": "/local/other-card.js?v=3"}
STORED = "lovelace_resources"


@pytest.fixture(autouse=True)
def _site_can_work(
    site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> None:
    pass


def stored(*items: dict[str, str]) -> dict[str, Any]:
    """Return what Home Assistant has on its disk."""
    return {"version": 1, "minor_version": 1, "key": STORED, "data": {"items": items}}


async def dashboards(hass: HomeAssistant, **config: Any) -> None:
    assert await async_setup_component(hass, "lovelace", {"lovelace": config})
    await hass.async_block_till_done()


async def resources(hass: HomeAssistant) -> list[str]:
    """Return the addresses that dashboards load."""
    collection = hass.data[LOVELACE_DATA].resources
    await collection.async_get_info()
    return [item["url"] for item in collection.async_items()]


async def test_dashboards_load_the_card_besides_what_they_had(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[STORED] = stored(THEIRS)
    await dashboards(hass)
    entry = await set_up(hass, make_entry())
    theirs, ours = await resources(hass)
    assert theirs == THEIRS["url"]
    assert ours.startswith(f"{CARD_URL}?v=")
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert await resources(hass) == [theirs, ours]


async def test_dashboards_that_come_later_load_it_too(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[STORED] = stored(THEIRS)
    await set_up(hass, make_entry())
    await dashboards(hass)
    assert len(await resources(hass)) == 2


async def test_new_version_takes_the_place_of_the_old_one(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    old = {"id": "old", "type": "module", "url": f"{CARD_URL}?v=old"}
    twice = {"id": "twice", "type": "module", "url": CARD_URL}
    hass_storage[STORED] = stored(old, THEIRS, twice)
    await dashboards(hass)
    await set_up(hass, make_entry())
    version = hass.data[card._VERSION]
    assert await resources(hass) == [f"{CARD_URL}?v={version}", THEIRS["url"]]


async def test_card_that_its_user_removed_stays_removed(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await dashboards(hass)
    entry = await set_up(hass, make_entry())
    collection: Any = hass.data[LOVELACE_DATA].resources
    (item,) = collection.async_items()
    await collection.async_delete_item(item["id"])
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert await resources(hass) == []


async def test_resource_goes_with_the_last_site(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[STORED] = stored(THEIRS)
    await dashboards(hass)
    first = await set_up(hass, make_entry())
    other = make_entry(bays=[BAY_2], key_id="rzp_test_paybay00000002")
    second = await set_up(hass, other)
    await hass.config_entries.async_remove(first.entry_id)
    await hass.async_block_till_done()
    assert len(await resources(hass)) == 2
    await hass.config_entries.async_remove(second.entry_id)
    await hass.async_block_till_done()
    assert await resources(hass) == [THEIRS["url"]]
    await set_up(hass, make_entry())
    assert len(await resources(hass)) == 2


async def test_owner_of_yaml_is_told_the_line_to_add(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry
) -> None:
    await dashboards(hass, resource_mode="yaml", resources=[])
    entry = await set_up(hass, make_entry())
    issue = issue_registry.async_get_issue("paybay", "card_in_yaml")
    assert issue is not None
    assert issue.translation_placeholders == {"url": LATEST_URL}
    collection: Any = hass.data[LOVELACE_DATA].resources
    collection.data.append({"url": LATEST_URL, "type": "module"})
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert issue_registry.async_get_issue("paybay", "card_in_yaml") is None


async def test_browsers_keep_a_version_and_ask_again_for_the_latest(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await set_up(hass, make_entry())
    client = await hass_client_no_auth()
    for url, kept in ((f"{CARD_URL}?v=1", True), (LATEST_URL, False)):
        answer = await client.get(url)
        assert answer.status == HTTPStatus.OK
        assert await answer.read() == card.CARD_FILE.read_bytes()
        assert "javascript" in answer.headers["Content-Type"]
        assert ("max-age" in answer.headers.get("Cache-Control", "")) is kept


async def test_site_works_without_the_cards_file(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(card, "CARD_FILE", tmp_path / "paybay-card.js")
    await dashboards(hass)
    await set_up(hass, make_entry())
    assert await resources(hass) == []
    assert "install PayBay anew" in caplog.text
