"""One live picture of all sites, shared by everybody who watches."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
import logging
from typing import Any, cast

from homeassistant.auth.models import User
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..ledger import Ledger, LedgerError
from ..meter import EntityMeter
from ..order_json import iso
from ..site import PayBayConfigEntry, Site
from .books import Bookkeeper
from .facts import is_between, site_facts, unavailable_of
from .snapshot import Json, SiteFacts, snapshot
from .viewers import viewer_of

_LOGGER = logging.getLogger(__name__)

GAP_S = 0.25
"""At most four snapshots a second."""
METER_GAP_S = 2.0
"""What only the meter says may wait: it says something all the time."""
RETRY_S = 5.0
TORN_S = 0.05
MAX_TORN = 10
"""A bay's face may lag behind the ledger for a moment, which is not shown."""

_HUB: HassKey[Hub] = HassKey("paybay_live")
_REGISTRIES = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED,
    EVENT_CORE_CONFIG_UPDATE,
)

type Send = Callable[[Json], None]


class _Watcher:
    """Somebody who watches: gets a snapshot whenever it differs from the last."""

    def __init__(self, user: User, send: Send) -> None:
        self._user = user
        self._send = send
        self._last: Json | None = None

    def show(
        self, hass: HomeAssistant, sites: list[SiteFacts], out: list[Json]
    ) -> None:
        shown = snapshot(sites, out, viewer_of(hass, self._user))
        if shown != self._last:
            self._last = shown
            now_ms = int(dt_util.utcnow().timestamp() * 1000)
            self._send({"now": iso(now_ms), **shown})


class Hub:
    """Follows all sites while anybody watches, and costs nothing while nobody does."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Follow nothing yet."""
        self._hass = hass
        self._watchers: set[_Watcher] = set()
        self._keeper = Bookkeeper(hass)
        self._following = ExitStack()
        self._sites: dict[str, tuple[Site, ExitStack]] = {}
        self._last: dict[str, SiteFacts] = {}
        self._cancel_timer: Callable[[], None] | None = None
        self._due_s = 0.0
        self._built_s = float("-inf")
        self._building = False
        self._again = False
        self._torn = 0

    @property
    def is_watched(self) -> bool:
        """Return whether anybody watches."""
        return bool(self._watchers)

    @callback
    def watch(self, ledger: Ledger, user: User, send: Send) -> Callable[[], None]:
        """Send a snapshot soon, and after each change; return how to stop."""
        if not self._watchers:
            self._follow(ledger)
        watcher = _Watcher(user, send)
        self._watchers.add(watcher)
        self.poke(0)

        @callback
        def stop() -> None:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._leave()

        return stop

    @callback
    def poke(self, gap_s: float = GAP_S) -> None:
        """Something may have changed: look again, not too soon after the last time."""
        now_s = self._hass.loop.time()
        due_s = max(now_s, self._built_s + gap_s) if gap_s else now_s
        if self._cancel_timer:
            if self._due_s <= due_s:
                return
            self._cancel_timer()
        self._due_s = due_s
        self._cancel_timer = self._hass.loop.call_at(due_s, self._due).cancel

    @callback
    def _due(self) -> None:
        self._cancel_timer = None
        if self._building:
            self._again = True
            return
        self._building = True
        self._hass.async_create_background_task(self._build(), "paybay live snapshot")

    async def _build(self) -> None:
        try:
            await self._show()
        except LedgerError as err:
            _LOGGER.debug("The snapshot is of before: %s", err)
            self.poke(RETRY_S)
        finally:
            self._building = False
            if self._again:
                self._again = False
                self.poke()

    async def _show(self) -> None:
        self._built_s = self._hass.loop.time()
        sites: list[SiteFacts] = []
        unavailable: list[Json] = []
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            facts = await self._facts(entry)
            if facts is None:
                unavailable.append(unavailable_of(entry))
            else:
                sites.append(facts)
        if self._torn < MAX_TORN and any(facts.is_torn for facts in sites):
            self._torn += 1
            self.poke(TORN_S)
            return
        self._torn = 0
        self._last = {facts.entry_id: facts for facts in sites}
        for watcher in tuple(self._watchers):
            watcher.show(self._hass, sites, unavailable)

    async def _facts(self, found: ConfigEntry) -> SiteFacts | None:
        """Return a site's facts; those of before while it is only being reloaded."""
        entry = cast(PayBayConfigEntry, found)
        if entry.state is ConfigEntryState.LOADED:
            books = await self._keeper.books_of(entry.runtime_data)
            # It may have been unloaded meanwhile.
            if entry.state is ConfigEntryState.LOADED:
                return site_facts(self._hass, entry, books)
        return self._last.get(entry.entry_id) if is_between(entry) else None

    def _follow(self, ledger: Ledger) -> None:
        hass, leave = self._hass, self._following.callback

        def stored() -> None:
            """Hear of a commit, in the ledger's own thread."""
            if not hass.loop.is_closed():
                hass.loop.call_soon_threadsafe(self._changed)

        @callback
        def changed(*_: Any) -> None:
            self._changed()

        leave(ledger.listen(stored))
        signal = SIGNAL_CONFIG_ENTRY_CHANGED
        leave(async_dispatcher_connect(hass, signal, self._entry_changed))
        for name in _REGISTRIES:
            leave(hass.bus.async_listen(name, self._registry_changed))
        leave(async_track_time_change(hass, changed, hour=0, minute=0, second=0))
        self._follow_sites()

    @callback
    def _changed(self) -> None:
        if self._watchers:
            self.poke()

    @callback
    def _registry_changed(self, event: Event[Any]) -> None:
        if event.data.get("domain", DOMAIN) == DOMAIN:
            self.poke()

    @callback
    def _entry_changed(self, _change: Any, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self._follow_sites()
            self.poke()

    def _follow_sites(self) -> None:
        """Follow the sites that are at work now, and no others."""
        working = {
            entry.entry_id: cast(PayBayConfigEntry, entry).runtime_data
            for entry in self._hass.config_entries.async_loaded_entries(DOMAIN)
        }
        for entry_id, (site, following) in tuple(self._sites.items()):
            if working.get(entry_id) is not site:
                following.close()
                del self._sites[entry_id]
        for entry_id, site in working.items():
            if entry_id not in self._sites:
                self._sites[entry_id] = site, self._follow_site(site)

    def _follow_site(self, site: Site) -> ExitStack:
        following = ExitStack()
        poke = partial(self.poke)
        listens: list[Callable[[Callable[[], None]], Callable[[], None]]] = [
            site.sign.listen,
            site.reachability.listen,
            site.webhook_health.listen,
            site.printed_qrs.listen,
            *(bay.listen for bay in site.bays.values()),
        ]
        for listen in listens:
            following.callback(listen(poke))
        for bay in site.bays.values():
            if bay.config.power_meter:
                meter = EntityMeter(self._hass, bay.config)
                following.callback(meter.watch(partial(self.poke, METER_GAP_S)))
        return following

    def _leave(self) -> None:
        """Let go of everything."""
        self._following.close()
        for _, following in self._sites.values():
            following.close()
        self._sites.clear()
        self._last = {}
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None


@callback
def async_get_hub(hass: HomeAssistant) -> Hub:
    """Return the one hub of this Home Assistant."""
    return hass.data.setdefault(_HUB, Hub(hass))
