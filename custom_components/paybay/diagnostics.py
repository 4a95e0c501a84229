"""Diagnostics to share: counts and booleans, no names, no keys, no ids."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .account import is_test_key
from .bay import Bay
from .const import (
    CONF_CLOUDHOOK_URL,
    CONF_KEY_ID,
    CONF_POLLING_ONLY,
    CONF_PREVIOUS_WEBHOOK_SECRET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    SUBENTRY_BAY,
    SUBENTRY_PLAN,
)
from .drivers.find import find_driver
from .entry_data import merchant_of, reference_policy_of, refund_budget_of
from .ledger import LedgerError, counts
from .site import PayBayConfigEntry, Site


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> dict[str, Any]:
    """Return what helps to find a fault and tells nothing of anyone."""
    loaded = entry.state is ConfigEntryState.LOADED
    told = asdict(merchant_of(entry)).values()
    return {
        "test_mode": is_test_key(entry.data[CONF_KEY_ID]),
        "loaded": loaded,
        "has_webhook_secret": bool(entry.data.get(CONF_WEBHOOK_SECRET)),
        "has_previous_webhook_secret": bool(
            entry.data.get(CONF_PREVIOUS_WEBHOOK_SECRET)
        ),
        "payments_reach_us": _way(entry),
        "refunds_by_itself": refund_budget_of(entry).minor > 0,
        "merchant_details": sum(bool(each) for each in told if isinstance(each, str)),
        "asks_for_references": reference_policy_of(entry) is not None,
        "issues": _issues(hass),
        "has_external_url": hass.config.external_url is not None,
        "plan_subentries": len(list(entry.get_subentries_of_type(SUBENTRY_PLAN))),
        "bay_subentries": len(list(entry.get_subentries_of_type(SUBENTRY_BAY))),
        **(await _site(hass, entry.runtime_data) if loaded else {}),
    }


def _way(entry: PayBayConfigEntry) -> str:
    if entry.options.get(CONF_POLLING_ONLY):
        return "polling"
    return "cloud" if CONF_CLOUDHOOK_URL in entry.data else "public"


def _issues(hass: HomeAssistant) -> dict[str, int]:
    """Return how many issues of each kind the owner sees, of all sites together."""
    known = ir.async_get(hass).issues.values()
    ours = (issue for issue in known if issue.domain == DOMAIN and issue.active)
    return dict(Counter(issue.translation_key or "" for issue in ours))


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
