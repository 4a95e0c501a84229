"""Hands out posters to whoever is signed in, or has a link that was signed for one."""

from collections.abc import Iterable
from http import HTTPStatus
import re
from typing import cast

from aiohttp import hdrs, web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from ...bay import Bay
from ...const import DOMAIN, POSTER_PATH, POSTERS_PATH
from ...site import PayBayConfigEntry, Site
from ..customer.texts import is_known
from .content import Format, Size
from .files import booklet
from .words import content_of, default_language

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    hdrs.CACHE_CONTROL: "private, no-store",
    hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
}


class _View(HomeAssistantView):
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        self._hass = hass

    def _sites(self) -> Iterable[Site]:
        for found in self._hass.config_entries.async_entries(DOMAIN):
            if found.state is ConfigEntryState.LOADED:
                yield cast(PayBayConfigEntry, found).runtime_data

    async def _answer(
        self, request: web.Request, site: Site, bays: list[Bay], format_: Format
    ) -> web.Response:
        size = request.query.get("size", Size.A6)
        language = request.query.get("lang") or default_language(self._hass)
        if size not in Size or not is_known(language):
            text = f"size: {', '.join(Size)}; lang: a language of the bay's page"
            return self.json_message(text, HTTPStatus.BAD_REQUEST)
        contents = [content_of(self._hass, site, bay, language) for bay in bays]
        printable = tuple(content for content in contents if content)
        if not printable:
            text = "no public address: set one in Settings > System > Network"
            return self.json_message(text, HTTPStatus.CONFLICT, "no_url")
        file = await self._hass.async_add_executor_job(
            booklet, printable, Size(size), format_
        )
        name = bays[0].config.name if len(bays) == 1 else "bays"
        shown = f"paybay-{_slug(name)}-{size}-{language}.{format_}"
        named = {hdrs.CONTENT_DISPOSITION: f'inline; filename="{shown}"'}
        return web.Response(
            body=file, content_type=format_.content_type, headers=_HEADERS | named
        )


class PosterView(_View):
    """One bay's poster: `?size=a6|a5&lang=<language>`."""

    url = POSTER_PATH
    name = "api:paybay:poster"

    async def get(self, request: web.Request, bay: str, format: str) -> web.Response:  # noqa: A002 - the path's word
        """Return the poster; 404 without such a bay, 409 without a public address."""
        for site in self._sites():
            if bay in site.bays and format in Format:
                bays = [site.bays[bay]]
                return await self._answer(request, site, bays, Format(format))
        return web.Response(status=HTTPStatus.NOT_FOUND)


class PostersView(_View):
    """The posters of all bays of a site in one PDF, a page for each."""

    url = POSTERS_PATH
    name = "api:paybay:posters"

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """Return the file; 404 without such a site or bays."""
        for site in self._sites():
            if site.entry_id == entry_id and site.bays:
                bays = list(site.bays.values())
                return await self._answer(request, site, bays, Format.PDF)
        return web.Response(status=HTTPStatus.NOT_FOUND)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "bay"
