"""The action that hands out links to posters."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay import Bay
from .bay_lookup import find_bay
from .const import DOMAIN, POSTER_PATH, POSTERS_PATH
from .errors import mistake
from .site import PayBayConfigEntry
from .web.customer.texts import LANGUAGES
from .web.posters.content import Format, Size
from .web.posters.files import unwritable
from .web.posters.words import content_of, default_language

ATTR_BAY = "bay"
ATTR_LANGUAGE = "language"
ATTR_SIZE = "size"
SERVICE_GET_POSTERS = "get_posters"
LINK_LIVES = timedelta(days=1)

_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_BAY): vol.All(cv.entity_ids, vol.Length(min=1)),
        vol.Optional(ATTR_SIZE, default=Size.A6.value): vol.In([*Size]),
        vol.Optional(ATTR_LANGUAGE): vol.In([code for code, _ in LANGUAGES]),
    }
)


@callback
def async_setup_poster_action(hass: HomeAssistant) -> None:
    """Register it, for everybody: a poster says what hangs at the bay anyway."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_POSTERS,
        _get_posters,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _get_posters(call: ServiceCall) -> ServiceResponse:
    """Return links to each bay's poster, and to all posters of their sites."""
    hass, size = call.hass, call.data[ATTR_SIZE]
    language = call.data.get(ATTR_LANGUAGE) or default_language(hass)
    query = urlencode({"size": size, "lang": language})
    entity_ids = list(dict.fromkeys(call.data[ATTR_BAY]))
    bays = [(entity_id, *find_bay(hass, entity_id)) for entity_id in entity_ids]
    posters = [
        {"bay": entity_id, **await _poster(hass, entry, bay, language, query)}
        for entity_id, entry, bay in bays
    ]
    sites = {entry.entry_id: entry.title for _, entry, _ in bays}
    return {
        "size": size,
        "language": language,
        "posters": posters,
        "all_bays": [
            {
                "site": title,
                "pdf": _link(hass, POSTERS_PATH.format(entry_id=entry_id), query),
            }
            for entry_id, title in sites.items()
        ],
        "expires_at": (dt_util.utcnow() + LINK_LIVES).isoformat(),
    }


async def _poster(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    bay: Bay,
    language: str,
    query: str,
) -> dict[str, Any]:
    site = entry.runtime_data
    content = content_of(hass, site, bay, language)
    if content is None:
        raise mistake("no_url")
    missing = await hass.async_add_executor_job(unwritable, content)
    links = {
        format_.value: _link(
            hass, POSTER_PATH.format(bay=bay.config.id, format=format_), query
        )
        for format_ in Format
    }
    return {
        "name": bay.config.name,
        "start_url": content.url,
        **links,
        "not_printable": list(missing),
        "test_mode": site.test_mode,
    }


def _link(hass: HomeAssistant, path: str, query: str) -> str:
    return async_sign_path(hass, f"{path}?{query}", LINK_LIVES)
