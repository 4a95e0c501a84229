"""Gathers what Home Assistant knows of sites and bays, for the snapshot."""

from collections.abc import Collection, Iterator
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from ..bay import Bay
from ..const import DOMAIN
from ..domain.bay import BayConfig, BayStatus, DriverKind
from ..drivers.find import find_driver
from ..entry_data import currency_of, merchant_of
from ..meter import EntityMeter
from ..open_items.kinds import (
    DATA_AMOUNT,
    DATA_BAY_ID,
    DATA_ENTRY_ID,
    item_order_id,
)
from ..order_json import iso
from ..plugged_sensor import has_plug
from ..public_url import bay_url
from ..site import PayBayConfigEntry, Site
from .snapshot import BayFacts, Books, SiteFacts

_SITE_ENTITIES = {
    "open_switch": ("switch", "site_open"),
    "stop_button": ("button", "stop_everything"),
    "reconcile_button": ("button", "reconcile"),
}
_BAY_ENTITIES = {
    "switch": ("switch", "session"),
    "status": ("sensor", "status"),
    "ends_at": ("sensor", "ends_at"),
    "event": ("event", "activity"),
    "in_service": ("switch", "in_service"),
    "image": ("image", "start_qr"),
    "poster": ("image", "poster"),
    "printed_qr": ("image", "printed_qr"),
}
_TRANSIENT = frozenset(
    {
        ConfigEntryState.NOT_LOADED,
        ConfigEntryState.SETUP_IN_PROGRESS,
        ConfigEntryState.UNLOAD_IN_PROGRESS,
    }
)
_MW_PER_W = 1_000


def is_between(entry: ConfigEntry) -> bool:
    """Return whether an entry is only being reloaded, as far as one can tell."""
    return entry.disabled_by is None and entry.state in _TRANSIENT


def unavailable_of(entry: ConfigEntry) -> dict[str, Any]:
    """Return what to say of a site that is not at work."""
    disabled = entry.disabled_by is not None
    return {
        "entry_id": entry.entry_id,
        "name": entry.title,
        "state": "disabled" if disabled else entry.state.value,
    }


def site_facts(
    hass: HomeAssistant, entry: PayBayConfigEntry, books: Books
) -> SiteFacts:
    """Return a loaded site as it is now."""
    site = entry.runtime_data
    device = _device(hass, entry, entry.entry_id)
    return SiteFacts(
        entry_id=entry.entry_id,
        device_id=device.id if device else None,
        name=_name(device) or entry.title,
        test_mode=site.test_mode,
        is_open=site.sign.is_open,
        currency=currency_of(entry),
        provider_reachable=site.reachability.reachable,
        webhook_ms=site.webhook_health.verified_ms,
        merchant_name=merchant_of(entry).name or None,
        items=list(_items(hass, entry.entry_id, site.bays)),
        entities=_entities(hass, entry.entry_id, _SITE_ENTITIES),
        bays=[_bay_facts(hass, entry, site, bay) for bay in site.bays.values()],
        books=books,
    )


def _bay_facts(
    hass: HomeAssistant, entry: ConfigEntry, site: Site, bay: Bay
) -> BayFacts:
    config = bay.config
    device = _device(hass, entry, config.id)
    area = ar.async_get(hass).async_get_area(device.area_id or "") if device else None
    driver = find_driver(hass, config.relay)
    power_w = _power_w(hass, config)
    plans = (site.plans.get(code) for code in config.plan_codes)
    return BayFacts(
        config=config,
        face=bay.face,
        device_id=device.id if device else None,
        area=area.name if area else None,
        name=_name(device) or config.name,
        driver=driver.value,
        ends_by_itself=driver is not DriverKind.SWITCH or bool(config.auto_off_s),
        problem=bay.problem,
        plans=[plan for plan in plans if plan is not None],
        page_url=bay_url(hass, config.id),
        power_w=power_w,
        plugged=_plugged(bay, power_w),
        entities=_entities(hass, config.id, _BAY_ENTITIES),
    )


def _power_w(hass: HomeAssistant, config: BayConfig) -> float | None:
    if config.power_meter is None:
        return None
    power_mw = EntityMeter(hass, config).read().power_mw
    return None if power_mw is None else round(power_mw / _MW_PER_W, 1)


def _plugged(bay: Bay, power_w: float | None) -> bool | None:
    """Return whether something is plugged in; a relay that is off cannot tell."""
    known = has_plug(bay.config) and bay.face.status is BayStatus.CHARGING
    if not known or power_w is None:
        return None
    return power_w >= (bay.config.plugged_w or 0)


def _device(hass: HomeAssistant, entry: ConfigEntry, key: str) -> Any:
    identifier = (DOMAIN, key)
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


def _name(device: Any) -> str | None:
    """Return the name that the user gave a device, or ours."""
    return (device.name_by_user or device.name) if device else None


def _entities(
    hass: HomeAssistant, device_key: str, wanted: dict[str, tuple[str, str]]
) -> dict[str, str | None]:
    find = er.async_get(hass).async_get_entity_id
    return {
        name: find(domain, DOMAIN, f"{device_key}_{key}")
        for name, (domain, key) in wanted.items()
    }


def _items(
    hass: HomeAssistant, entry_id: str, bay_ids: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Return a site's open repairs, oldest first."""
    ours = (i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN)
    for issue in sorted(ours, key=lambda each: each.created):
        data: dict[str, Any] = dict(issue.data or {})
        # Issues about a bay or a site that need no fix flow have it in their id only.
        bay_id = next((b for b in bay_ids if issue.issue_id.endswith(f"_{b}")), None)
        site_wide = issue.issue_id.endswith(f"_{entry_id}")
        if not (bay_id or site_wide or data.get(DATA_ENTRY_ID) == entry_id):
            continue
        if not issue.active:
            continue
        yield {
            "kind": issue.translation_key,
            "order_id": item_order_id(data),
            "bay_id": data.get(DATA_BAY_ID, bay_id),
            "amount": data.get(DATA_AMOUNT),
            "since": iso(int(issue.created.timestamp() * 1000)),
            "issue_id": issue.issue_id,
            "severity": issue.severity.value if issue.severity else None,
            "ignored": issue.dismissed_version is not None,
        }
