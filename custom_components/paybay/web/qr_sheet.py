"""Hands out the sheet of printed QR codes to those who may have it."""

from http import HTTPStatus
from typing import cast

from aiohttp import hdrs, web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN, QR_SHEET_PATH
from ..ledger import LedgerError
from ..qr_sheet import Card, draw_sheet
from ..site import PayBayConfigEntry, Site

_WORDS = ("title", "scan", "any_amount", "no_picture", "test_mode")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    ),
    hdrs.CACHE_CONTROL: "private, no-store",
    hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
}


class QrSheetView(HomeAssistantView):
    """A page to print, for admins and for whoever has a link signed for one."""

    url = QR_SHEET_PATH
    name = "api:paybay:qr_sheet"
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        self._hass = hass

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """Return the sheet of the codes that can still be paid; 404 without any."""
        user = request[KEY_HASS_USER]
        # A link signed for an automation bears Home Assistant's own user.
        if not user.is_admin and not user.system_generated:
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        site = self._site(entry_id)
        if site is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        keys = request.query.get("codes", "").split(",")
        try:
            cards = await _cards(site, keys)
        except LedgerError:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        if not cards:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        sheet = await self._draw(site, cards)
        return web.Response(text=sheet, content_type="text/html", headers=_HEADERS)

    def _site(self, entry_id: str) -> Site | None:
        found = self._hass.config_entries.async_get_entry(entry_id)
        entry = cast(PayBayConfigEntry | None, found)
        if entry is None or entry.domain != DOMAIN:
            return None
        loaded = entry.state is ConfigEntryState.LOADED
        return entry.runtime_data if loaded else None

    async def _draw(self, site: Site, cards: list[Card]) -> str:
        language = self._hass.config.language
        texts = await async_get_translations(self._hass, language, "common", [DOMAIN])
        words = {
            word: texts.get(f"component.{DOMAIN}.common.qr_sheet_{word}", word)
            for word in _WORDS
        }
        return await self._hass.async_add_executor_job(
            lambda: draw_sheet(
                cards,
                words,
                merchant=self._hass.config.location_name,
                language=language,
                test_mode=site.test_mode,
            )
        )


async def _cards(site: Site, keys: list[str]) -> list[Card]:
    return [
        Card(qr=qr, poster=await site.printed_qrs.poster(qr.key))
        for qr in await site.printed_qrs.in_use(keys)
    ]
