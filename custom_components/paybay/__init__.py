"""PayBay: paid charging bays."""

import asyncio
from collections.abc import Sequence
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .blueprint_action import async_hint
from .card import async_add_card, async_remove_card, async_setup_card
from .cloud_hook import async_drop_cloudhook, async_track_cloudhook
from .const import CONF_CLOUDHOOK_URL, CONF_HOOK_ID, DOMAIN, PLATFORMS
from .devices import async_register_devices
from .domain.orders import Order
from .entry_data import async_follow_renamed_relays
from .issues import async_track_issues
from .keys import async_track_keys
from .ledger import LedgerError, references
from .ledger_file import async_get_ledger
from .ledger_issues import ISSUE_LEDGER_UNUSABLE, async_show_trouble
from .make_site import make_site
from .merchant_issues import async_track_merchant
from .open_items import async_refresh_open_items
from .orphans import async_leave_old_relays, async_settle_orphans
from .paid_again import async_hold_claims, async_tell_again
from .paid_event import fire_paid_event
from .provider_issues import async_track_provider
from .public_url import async_follow_public_url
from .qr_issues import async_retire_codes, async_track_qr_issues
from .relays import async_follow_relays
from .services import async_setup_services
from .site import PayBayConfigEntry, Site
from .stranded import async_switch_off_stranded
from .takings_watch import async_watch_takings
from .web.cloud_door import async_close_cloud_door, async_open_cloud_door
from .web.customer import async_load_secret, make_views
from .web.exports import ExportView
from .web.posters.views import PostersView, PosterView
from .web.qr_sheet import QrSheetView
from .web.webhook import WebhookView
from .webhook_issues import async_track_webhook
from .websocket_api import async_setup_websocket_api

ORPHANS_AGAIN_S = 60

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Open what every site shares."""
    hass.http.register_view(WebhookView(hass))
    hass.http.register_view(QrSheetView(hass))
    hass.http.register_view(ExportView(hass))
    hass.http.register_view(PosterView(hass))
    hass.http.register_view(PostersView(hass))
    for view in make_views(hass, await async_load_secret(hass)):
        hass.http.register_view(view)
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    # As early as can be: what comes before is answered 200 by Home Assistant itself.
    for entry in hass.config_entries.async_entries(DOMAIN):
        _async_open_second_door(hass, entry)
    await async_setup_card(hass)
    hass.async_create_task(async_hint(hass), "paybay blueprints")
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PayBayConfigEntry) -> bool:
    """Set up a site: its deadlines first, then what people see, the network last.

    Raise ConfigEntryNotReady while the ledger cannot be used, with the relays off.
    """
    _async_open_second_door(hass, entry)
    try:
        site, waited = await _async_open(hass, entry)
    except LedgerError as err:
        async_show_trouble(hass, ISSUE_LEDGER_UNUSABLE, str(err))
        await async_switch_off_stranded(hass, entry)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="ledger_unusable",
            translation_placeholders={"error": str(err)},
        ) from err
    async_show_trouble(hass, ISSUE_LEDGER_UNUSABLE, None)
    entry.async_on_unload(async_track_issues(hass, entry))
    entry.async_on_unload(async_track_qr_issues(hass, entry))
    entry.async_on_unload(async_watch_takings(hass, site.takings))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    site.dispatcher.release()
    async_tell_again(hass, entry, waited)
    # Not awaited: whatever ails the dashboards must not keep customers waiting.
    entry.async_create_task(hass, async_add_card(hass), "paybay card")
    _async_watch(hass, entry, site)
    if not await _async_try_to_settle_orphans(hass, site):
        entry.async_create_background_task(
            hass, _async_settle_orphans(hass, site), "paybay settle orphans"
        )
    return True


async def _async_open(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> tuple[Site, Sequence[Order]]:
    """Put a site to work, and return the orders that wait for an automation.

    Raise LedgerError.
    """
    ledger = await async_get_ledger(hass)
    async_follow_renamed_relays(hass, entry)
    async_register_devices(hass, entry)
    site = make_site(hass, entry, ledger, partial(fire_paid_event, hass, entry))
    entry.runtime_data = site
    # Also if the set-up fails further down: two sites must never share a relay.
    entry.async_on_unload(site.async_close)
    await async_leave_old_relays(hass, site)
    await site.sign.load()
    waited = await async_hold_claims(site)
    await site.webhook_health.load()
    await site.async_open()
    return site, waited


def _async_watch(hass: HomeAssistant, entry: PayBayConfigEntry, site: Site) -> None:
    """Follow what changes around the site, and ask the provider where it stands."""

    async def stop(_event: Event) -> None:
        await site.async_close()

    entry.async_on_unload(entry.add_update_listener(_async_reload))
    entry.async_on_unload(
        async_follow_public_url(hass, partial(async_register_devices, hass, entry))
    )
    entry.async_on_unload(async_follow_relays(hass, entry))
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(async_track_keys(hass, entry))
    entry.async_on_unload(async_track_webhook(hass, entry))
    entry.async_on_unload(async_track_cloudhook(hass, entry))
    entry.async_on_unload(async_track_provider(hass, entry))
    entry.async_on_unload(async_track_merchant(hass, entry))
    site.webhook_health.open()
    site.reconciler.open()
    site.refunder.open()
    site.payment_details.open()
    site.printed_qrs.open()
    site.outboxes.open()
    site.references.open()


async def async_unload_entry(hass: HomeAssistant, entry: PayBayConfigEntry) -> bool:
    """Let go of a site. Sessions go on after a reload; disabling ends them."""
    site = entry.runtime_data
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await site.async_close()
    if entry.disabled_by:
        await _async_wind_up(hass, site)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    """End what a removed site still had open; the ledger keeps its books."""
    if not hass.config_entries.async_entries(DOMAIN):
        hass.async_create_task(async_remove_card(hass), "paybay card")
    if CONF_CLOUDHOOK_URL in entry.data:
        async_close_cloud_door(hass, entry.data[CONF_HOOK_ID])
        await async_drop_cloudhook(hass, entry.data[CONF_HOOK_ID])
    ledger = await async_get_ledger(hass)
    site = make_site(hass, entry, ledger, lambda _order: None)
    await ledger.run(lambda c: references.erase(c, entry.entry_id))
    await _async_wind_up(hass, site)
    await async_retire_codes(hass, site)
    await async_refresh_open_items(hass, ledger, entry)


async def _async_wind_up(hass: HomeAssistant, site: Site) -> None:
    """Switch off, owe back, withdraw open links; then owe back what won the race."""
    await async_settle_orphans(hass, site, set())
    site.bays.clear()
    await site.reconciler.reconcile()
    await async_settle_orphans(hass, site, set())


async def _async_settle_orphans(hass: HomeAssistant, site: Site) -> None:
    """Settle what removed bays left, again and again until their relays are off."""
    off = False
    while not off:
        await asyncio.sleep(ORPHANS_AGAIN_S)
        off = await _async_try_to_settle_orphans(hass, site)


async def _async_try_to_settle_orphans(hass: HomeAssistant, site: Site) -> bool:
    """Return whether all is settled; a ledger that fails leaves it for later."""
    try:
        return await async_settle_orphans(hass, site, set(site.bays))
    except LedgerError:
        return False


@callback
def _async_open_second_door(hass: HomeAssistant, entry: ConfigEntry) -> None:
    if CONF_CLOUDHOOK_URL in entry.data:
        async_open_cloud_door(hass, entry.data[CONF_HOOK_ID])


async def _async_reload(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    await hass.config_entries.async_reload(entry.entry_id)
