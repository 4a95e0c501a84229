"""Serves the Lovelace card, and has every dashboard load it.

A Lovelace resource, and not `frontend.add_extra_js_url`: that one races the frontend's
own start in Home Assistant 2026.8 to 2026.10, and one load in three finds no card.
"""

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Final

from homeassistant.components.http import StaticPathConfig
from homeassistant.components.lovelace.const import (
    DOMAIN as LOVELACE_DOMAIN,
    LOVELACE_DATA,
    MODE_YAML,
)
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_when_setup
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

CARD_FILE = Path(__file__).parent / "frontend" / "paybay-card.js"
CARD_URL: Final = "/paybay/frontend/paybay-card.js"
"""Kept by browsers for a month: a new version has another `?v=`."""
LATEST_URL: Final = "/paybay/frontend/latest/paybay-card.js"
"""Asked for anew each time: for dashboards in YAML, where nobody edits the version."""
ISSUE_CARD_IN_YAML: Final = "card_in_yaml"

_VERSION: HassKey[str] = HassKey("paybay_card_version")
_ONE_AT_A_TIME: HassKey[asyncio.Lock] = HassKey("paybay_card_lock")
_DIGITS = 12


async def async_setup_card(hass: HomeAssistant) -> None:
    """Serve the card's file, and add its resource as soon as there are dashboards."""
    version = await hass.async_add_executor_job(_version)
    if version is None:
        _LOGGER.error("The card %s is missing: install PayBay anew", CARD_FILE.name)
        return
    hass.data[_VERSION] = version
    file = str(CARD_FILE)
    await hass.http.async_register_static_paths(
        [
            StaticPathConfig(CARD_URL, file, cache_headers=True),
            StaticPathConfig(LATEST_URL, file, cache_headers=False),
        ]
    )

    async def ready(hass: HomeAssistant, _component: str) -> None:
        if hass.config_entries.async_entries(DOMAIN):
            await async_add_card(hass)

    async_when_setup(hass, LOVELACE_DOMAIN, ready)


async def async_add_card(hass: HomeAssistant) -> None:
    """Have dashboards load this version of the card; again and again is harmless.

    A resource that its user removed stays removed. Those of others are left alone.
    """
    if LOVELACE_DATA not in hass.data or _VERSION not in hass.data:
        return
    async with hass.data.setdefault(_ONE_AT_A_TIME, asyncio.Lock()):
        lovelace = hass.data[LOVELACE_DATA]
        if isinstance(lovelace.resources, ResourceStorageCollection):
            await _keep(hass, lovelace.resources)
        elif lovelace.resource_mode == MODE_YAML:
            _tell(hass, told=any(map(_is_card, lovelace.resources.async_items())))


async def async_remove_card(hass: HomeAssistant) -> None:
    """Take the card's resource back, and forget whether somebody had removed it."""
    ir.async_delete_issue(hass, DOMAIN, ISSUE_CARD_IN_YAML)
    async with hass.data.setdefault(_ONE_AT_A_TIME, asyncio.Lock()):
        await _memory(hass).async_remove()
        if LOVELACE_DATA not in hass.data:
            return
        resources = hass.data[LOVELACE_DATA].resources
        if isinstance(resources, ResourceStorageCollection):
            for item_id in await _ours(resources):
                await resources.async_delete_item(item_id)


async def _keep(hass: HomeAssistant, resources: ResourceStorageCollection) -> None:
    """Bring our one resource up to date, or make it the first time."""
    memory, url = _memory(hass), f"{CARD_URL}?v={hass.data[_VERSION]}"
    ours = await _ours(resources)
    if not ours and await memory.async_load():
        _LOGGER.debug("The card's resource was removed by hand, and stays so")
        return
    if not ours:
        await resources.async_create_item({"res_type": "module", "url": url})
        await memory.async_save({"added": True})
        return
    first, *rest = ours
    if ours[first] != url:
        await resources.async_update_item(first, {"res_type": "module", "url": url})
    for item_id in rest:
        await resources.async_delete_item(item_id)


async def _ours(resources: ResourceStorageCollection) -> dict[str, str]:
    """Return the URLs of the resources that are this card, by their ids."""
    # Before this the collection may be empty because nobody has read it yet.
    await resources.async_get_info()
    return {
        item["id"]: item["url"] for item in resources.async_items() if _is_card(item)
    }


def _is_card(resource: dict[str, str]) -> bool:
    path = str(resource.get("url", "")).partition("?")[0]
    return path in (CARD_URL, LATEST_URL)


@callback
def _tell(hass: HomeAssistant, *, told: bool) -> None:
    """Say which line is missing where resources are kept in YAML."""
    if told:
        ir.async_delete_issue(hass, DOMAIN, ISSUE_CARD_IN_YAML)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_CARD_IN_YAML,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_CARD_IN_YAML,
        translation_placeholders={"url": LATEST_URL},
    )


def _memory(hass: HomeAssistant) -> Store[dict[str, bool]]:
    """Return where it is kept that the resource was made once."""
    return Store(hass, 1, f"{DOMAIN}.card")


def _version() -> str | None:
    """Return a short digest of the file (blocking); None if there is none."""
    if not CARD_FILE.is_file():
        return None
    return hashlib.sha256(CARD_FILE.read_bytes()).hexdigest()[:_DIGITS]
