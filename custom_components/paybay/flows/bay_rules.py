"""What a bay may not be, given everything else that is set up."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import CONF_PLANS, CONF_RELAY, DOMAIN, SUBENTRY_BAY
from ..domain.bay import BayConfig
from ..domain.plans import Plan
from ..entry_data import relay_key, relay_now
from . import bay_meter, printed_qr, protection
from .bay_form import SECTION_WHO
from .problem import Problem

type Plans = dict[str, Plan]


def problems(
    hass: HomeAssistant, bay: BayConfig, plans: Plans, own_id: str | None
) -> Iterator[Problem]:
    """Find what is wrong with a bay; `own_id` is its subentry when it has one."""
    if not bay.name:
        yield Problem(CONF_NAME, "name_missing")
    yield from _relay_problems(hass, bay.relay, own_id)
    chosen = [plans[code] for code in bay.plan_codes]
    yield from _plan_problems(chosen, metered=bay.metered)
    yield from bay_meter.problems(hass, bay)
    yield from protection.problems(hass, bay)
    if bay.claim_window_s > bay.start_window_s:
        yield Problem(SECTION_WHO, "claim_window_too_long")
    yield from printed_qr.problems(bay)


def no_relays(hass: HomeAssistant, own_id: str | None) -> set[str]:
    """Return the switches that this bay cannot have: PayBay's own, and other bays'."""
    ours = {
        known.entity_id
        for known in er.async_get(hass).entities.values()
        if known.platform == DOMAIN and known.domain == "switch"
    }
    return ours | {relay_now(hass, bay) for bay in _others(hass, own_id)}


def _others(hass: HomeAssistant, own_id: str | None) -> Iterator[ConfigSubentry]:
    for entry in hass.config_entries.async_entries(DOMAIN):
        for bay in entry.get_subentries_of_type(SUBENTRY_BAY):
            if bay.subentry_id != own_id:
                yield bay


def _relay_problems(
    hass: HomeAssistant, relay: str, own_id: str | None
) -> Iterator[Problem]:
    registered = er.async_get(hass).async_get(relay)
    if registered is None and hass.states.get(relay) is None:
        yield Problem(CONF_RELAY, "relay_unknown")
    elif registered is not None and registered.platform == DOMAIN:
        yield Problem(CONF_RELAY, "own_switch")
    elif holder := _holder(hass, relay, own_id):
        yield Problem(CONF_RELAY, "relay_in_use", {"bay": holder.title})


def _holder(
    hass: HomeAssistant, relay: str, own_id: str | None
) -> ConfigSubentry | None:
    key = relay_key(hass, relay)
    for bay in _others(hass, own_id):
        if bay.unique_id == key or relay_now(hass, bay) == relay:
            return bay
    return None


def _plan_problems(chosen: list[Plan], *, metered: bool) -> Iterator[Problem]:
    capped = [plan.name for plan in chosen if plan.energy_wh is not None]
    if not chosen:
        yield Problem(CONF_PLANS, "no_plans")
    elif capped and not metered:
        yield Problem(CONF_PLANS, "plan_needs_meter", {"plans": ", ".join(capped)})
    elif len({plan.price.currency for plan in chosen}) > 1:
        yield Problem(CONF_PLANS, "mixed_currencies")
