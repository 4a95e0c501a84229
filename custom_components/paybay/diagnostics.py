"""Diagnostics to share: counts and booleans, no names, no keys, no ids."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .account import is_test_key
from .bay import Bay
from .const import (
    CONF_KEY_ID,
    CONF_PREVIOUS_WEBHOOK_SECRET,
    CONF_WEBHOOK_SECRET,
    SUBENTRY_BAY,
    SUBENTRY_PLAN,
)
from .drivers.find import find_driver
from .ledger import LedgerError, counts
from .site import PayBayConfigEntry, Site


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> dict[str, Any]:
    """Return what helps to find a fault and tells nothing of anyone."""
    loaded = entry.state is ConfigEntryState.LOADED
    return {
        "test_mode": is_test_key(entry.data[CONF_KEY_ID]),
        "loaded": loaded,
        "has_webhook_secret": bool(entry.data.get(CONF_WEBHOOK_SECRET)),
        "has_previous_webhook_secret": bool(
            entry.data.get(CONF_PREVIOUS_WEBHOOK_SECRET)
        ),
        "has_external_url": hass.config.external_url is not None,
        "plan_subentries": len(list(entry.get_subentries_of_type(SUBENTRY_PLAN))),
        "bay_subentries": len(list(entry.get_subentries_of_type(SUBENTRY_BAY))),
        **(await _site(hass, entry.runtime_data) if loaded else {}),
    }


async def _site(hass: HomeAssistant, site: Site) -> dict[str, Any]:
    return {
        "open": site.open,
        "free_plans": sum(plan.free for plan in site.plans.values()),
        "plans_with_energy": sum(bool(p.energy_wh) for p in site.plans.values()),
        "bays": [_bay(hass, site, bay) for bay in site.bays.values()],
        "provider_reachable": site.reachability.reachable,
        "webhook": _webhook(site),
        "ledger": await _ledger(site),
    }


def _webhook(site: Site) -> dict[str, Any]:
    health = site.webhook_health
    return {
        "expected": health.facts.expected,
        "ever_verified": health.verified_ms is not None,
        "bad_signatures": health.bad_signatures,
        "payments_judged": len(health.facts.told),
        "payments_missed": health.facts.missed,
    }


def _bay(hass: HomeAssistant, site: Site, bay: Bay) -> dict[str, Any]:
    config = bay.config
    return {
        "status": bay.face.status,
        "has_session": bay.face.order_id is not None,
        "has_end": bay.face.ends_ms is not None,
        "relay_domain": config.relay.partition(".")[0],
        "relay_exists": hass.states.get(config.relay) is not None,
        "driver": find_driver(hass, config.relay),
        "plans": len(config.plan_codes),
        "unknown_plans": sum(code not in site.plans for code in config.plan_codes),
        "start_mode": config.start_mode,
        "claim_fallback": config.claim_fallback,
        "claim_window_s": config.claim_window_s,
        "start_window_s": config.start_window_s,
        "resume_window_s": config.resume_window_s,
    }


async def _ledger(site: Site) -> dict[str, Any]:
    try:
        counted = await site.ledger.run(lambda c: counts.of_site(c, site.entry_id))
    except LedgerError:
        return {"usable": False}
    return {"usable": True, **counted}
