"""A screen beside the bays: all of a site's bays, and a code to scan for each.

Nobody signs in and nobody's order is shown: it says what each bay's own page says to
everybody. What was made is shared for a moment, so that many screens cost as one.
"""

from collections.abc import Callable
from dataclasses import dataclass
import hashlib
from typing import Any, Final

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant

from ...bay import Bay
from ...ledger import LedgerError
from ...public_url import start_url
from ...qr import qr_svg
from ...site import Site
from . import answers
from .about import About
from .bay_page import BayPage, bay_page
from .desk import Desk
from .visit import Visit

POLL_S: Final = 5
_FRESH_S: Final = 2
_REFRESH_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tile:
    """A bay on the screen; `svg` is the code to scan, None where nothing is sold."""

    bay_id: str
    page: BayPage
    ends_ms: int | None
    svg: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Screen:
    html: str
    version: str
    made_s: float
    now_ms: int


class Kiosks:
    """Makes screens, and remembers the last of each site and language for a moment."""

    def __init__(self, hass: HomeAssistant, now_s: Callable[[], float]) -> None:
        """Remember nothing; `now_s` is monotonic."""
        self._hass = hass
        self._now_s = now_s
        self._screens: dict[tuple[str, str], _Screen] = {}
        self._codes: dict[str, str] = {}

    async def screen(self, desk: Desk, site: Site, visit: Visit) -> _Screen:
        """Return what a site's screen shows now; raise LedgerError."""
        key = (site.entry_id, visit.t.language)
        known = self._screens.get(key)
        if known is not None and self._now_s() - known.made_s < _FRESH_S:
            return known
        bays = tuple(site.bays.values())
        tiles = [await self._tile(desk, site, bay, visit) for bay in bays]
        about = About.of(self._hass, site.entry_id)
        html = answers.render("kiosk_part.html", t=visit.t, tiles=tiles, about=about)
        made = _Screen(
            html=html,
            version=hashlib.sha256(html.encode()).hexdigest()[:24],
            made_s=self._now_s(),
            now_ms=site.clock.now_ms(),
        )
        self._screens[key] = made
        return made

    async def _tile(self, desk: Desk, site: Site, bay: Bay, visit: Visit) -> _Tile:
        board = await site.offers.board(bay)
        moment = desk.moment(site.entry_id)
        page = bay_page(bay.config, bay.face, board, moment, visit.t)
        url = start_url(self._hass, bay.config.id) if page.offers else None
        return _Tile(
            bay_id=bay.config.id,
            page=page,
            ends_ms=bay.face.ends_ms,
            svg=await self._code(url) if url else None,
            url=url,
        )

    async def _code(self, url: str) -> str:
        if url not in self._codes:
            svg = await self._hass.async_add_executor_job(qr_svg, url)
            # Within a page it is an element, and needs no line about XML.
            self._codes[url] = svg[svg.index("<svg") :]
        return self._codes[url]


async def show(
    desk: Desk, kiosks: Kiosks, visit: Visit, entry_id: str
) -> web.StreamResponse:
    """Answer with a site's screen: 404 for none, 503 while it is not at work."""
    about, site = About.of(desk.hass, entry_id), desk.site(entry_id)
    if not desk.has_entry(entry_id):
        return desk.not_found(visit)
    if site is None:
        return desk.not_ready(visit)
    try:
        screen = await kiosks.screen(desk, site, visit)
    except LedgerError:
        return desk.not_ready(visit)
    return desk.page(
        visit,
        "kiosk.html",
        title=about.name,
        about=about,
        test_mode=site.test_mode,
        refresh_s=_REFRESH_S,
        screen=screen,
        poll_s=POLL_S,
        status_url=f"{visit.request.path}/status",
    )


async def status(
    desk: Desk, kiosks: Kiosks, visit: Visit, entry_id: str
) -> web.StreamResponse:
    """Answer with the screen's inside as JSON; 304 if the asker has it."""
    site = desk.site(entry_id)
    if site is None:
        return desk.not_ready(visit)
    try:
        screen = await kiosks.screen(desk, site, visit)
    except LedgerError:
        return desk.not_ready(visit)
    known = visit.request.headers.get(hdrs.IF_NONE_MATCH, "").strip(' W/"')
    if known == screen.version:
        return visit.finish(answers.unchanged(screen.version))
    told: dict[str, Any] = {
        "html": screen.html,
        "tone": "kiosk",
        "version": screen.version,
        "now_ms": screen.now_ms,
        "poll_s": POLL_S,
    }
    return visit.finish(answers.data(told, etag=screen.version))
