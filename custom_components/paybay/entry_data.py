"""Plans and bays as Home Assistant stores them, and as the domain knows them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .bay_policy_data import policies_from, policy_data
from .const import (
    CONF_AMOUNT_MINOR,
    CONF_AUTO_OFF,
    CONF_AUTO_OFF_S,
    CONF_CLAIM_FALLBACK,
    CONF_CLAIM_WINDOW_S,
    CONF_CODE,
    CONF_CURRENCY,
    CONF_DURATION_S,
    CONF_ENERGY_METER,
    CONF_ENERGY_WH,
    CONF_FREE_MINUTES,
    CONF_LOAD_WITHIN_S,
    CONF_MAX_AMOUNT_MINOR,
    CONF_MERCHANT,
    CONF_METER_SILENCE_S,
    CONF_MIN_AMOUNT_MINOR,
    CONF_ODD_AMOUNT,
    CONF_PLANS,
    CONF_PLUGGED_W,
    CONF_POWER_METER,
    CONF_REFERENCE,
    CONF_REFUND_BUDGET,
    CONF_RELAY,
    CONF_RESUME_WINDOW_S,
    CONF_START_MODE,
    CONF_START_WINDOW_S,
    DEFAULT_FREE_MINUTES,
    DEFAULT_METER_SILENCE_S,
    DEFAULT_REFUND_BUDGET,
    SUBENTRY_BAY,
    SUBENTRY_PLAN,
)
from .domain.amounts import OddAmountPolicy
from .domain.bay import BayConfig, ClaimFallback, StartMode
from .domain.merchant import Merchant
from .domain.money import Money
from .domain.plans import Plan
from .domain.reference import ReferencePolicy


def plan_from(data: Mapping[str, Any]) -> Plan:
    """Return the plan in a plan subentry's data."""
    return Plan(
        code=data[CONF_CODE],
        name=data[CONF_NAME],
        price=Money(data[CONF_AMOUNT_MINOR], data[CONF_CURRENCY]),
        duration_s=data[CONF_DURATION_S],
        energy_wh=data.get(CONF_ENERGY_WH),
    )


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return what a plan's subentry stores; its title is the plan's name."""
    return {
        CONF_CODE: plan.code,
        CONF_NAME: plan.name,
        CONF_AMOUNT_MINOR: plan.price.minor,
        CONF_CURRENCY: plan.price.currency,
        CONF_DURATION_S: plan.duration_s,
        CONF_ENERGY_WH: plan.energy_wh,
    }


def bay_from(subentry: ConfigSubentry) -> BayConfig:
    """Return the rules in a bay subentry; its title is the bay's name."""
    data = subentry.data
    return BayConfig(
        id=subentry.subentry_id,
        name=subentry.title,
        relay=data[CONF_RELAY],
        plan_codes=tuple(data[CONF_PLANS]),
        start_mode=StartMode(data[CONF_START_MODE]),
        claim_fallback=ClaimFallback(data[CONF_CLAIM_FALLBACK]),
        claim_window_s=data[CONF_CLAIM_WINDOW_S],
        start_window_s=data[CONF_START_WINDOW_S],
        resume_window_s=data[CONF_RESUME_WINDOW_S],
        # Bays of the first days have neither.
        auto_off=data.get(CONF_AUTO_OFF),
        auto_off_s=data.get(CONF_AUTO_OFF_S, 0),
        odd_amount=OddAmountPolicy(data.get(CONF_ODD_AMOUNT, OddAmountPolicy.PRO_RATA)),
        min_amount_minor=data.get(CONF_MIN_AMOUNT_MINOR, 0),
        max_amount_minor=data.get(CONF_MAX_AMOUNT_MINOR),
        **policies_from(data),
        energy_meter=data.get(CONF_ENERGY_METER),
        power_meter=data.get(CONF_POWER_METER),
        meter_silence_s=data.get(CONF_METER_SILENCE_S, DEFAULT_METER_SILENCE_S),
        plugged_w=data.get(CONF_PLUGGED_W),
        load_within_s=data.get(CONF_LOAD_WITHIN_S),
    )


def bay_data(bay: BayConfig) -> dict[str, Any]:
    """Return what a bay's subentry stores."""
    return {
        CONF_RELAY: bay.relay,
        CONF_PLANS: list(bay.plan_codes),
        CONF_START_MODE: bay.start_mode.value,
        CONF_CLAIM_FALLBACK: bay.claim_fallback.value,
        CONF_CLAIM_WINDOW_S: bay.claim_window_s,
        CONF_START_WINDOW_S: bay.start_window_s,
        CONF_RESUME_WINDOW_S: bay.resume_window_s,
        CONF_AUTO_OFF: bay.auto_off,
        CONF_AUTO_OFF_S: bay.auto_off_s,
        CONF_ODD_AMOUNT: bay.odd_amount.value,
        CONF_MIN_AMOUNT_MINOR: bay.min_amount_minor,
        CONF_MAX_AMOUNT_MINOR: bay.max_amount_minor,
        **policy_data(bay),
        CONF_ENERGY_METER: bay.energy_meter,
        CONF_POWER_METER: bay.power_meter,
        CONF_METER_SILENCE_S: bay.meter_silence_s,
        CONF_PLUGGED_W: bay.plugged_w,
        CONF_LOAD_WITHIN_S: bay.load_within_s,
    }


def plans_of(entry: ConfigEntry) -> dict[str, Plan]:
    """Return the entry's plans by code."""
    stored = entry.get_subentries_of_type(SUBENTRY_PLAN)
    plans = (plan_from(subentry.data) for subentry in stored)
    return {plan.code: plan for plan in plans}


def currency_of(entry: ConfigEntry) -> str:
    """Return the currency of the entry's plans."""
    return next((p.price.currency for p in plans_of(entry).values()), "INR")


def refund_budget_of(entry: ConfigEntry) -> Money:
    """Return what may go back each day without asking the owner."""
    stored = entry.options.get(CONF_REFUND_BUDGET, DEFAULT_REFUND_BUDGET)
    return Money.from_major(Decimal(str(stored)), currency_of(entry))


def merchant_of(entry: ConfigEntry) -> Merchant:
    """Return what the owner tells customers of himself; empty where nothing is told."""
    return Merchant.read(entry.options.get(CONF_MERCHANT, {}))


def reference_policy_of(entry: ConfigEntry) -> ReferencePolicy | None:
    """Return what customers are asked to write on an order, if anything."""
    return ReferencePolicy.read(entry.options.get(CONF_REFERENCE))


def free_limit_ms_of(entry: ConfigEntry) -> int:
    """Return how much time each attendant may give away a day."""
    return int(entry.options.get(CONF_FREE_MINUTES, DEFAULT_FREE_MINUTES)) * 60_000


def bays_of(entry: ConfigEntry) -> dict[str, BayConfig]:
    """Return the entry's bays by subentry id.

    A bay may still name plans that were deleted: look each code up in `plans_of`.
    """
    stored = entry.get_subentries_of_type(SUBENTRY_BAY)
    bays = (bay_from(subentry) for subentry in stored)
    return {bay.id: bay for bay in bays}


def relay_key(hass: HomeAssistant, entity_id: str) -> str:
    """Return what stays the same when a relay is renamed: its registry id, if any."""
    registered = er.async_get(hass).async_get(entity_id)
    return registered.id if registered else entity_id


def relay_now(hass: HomeAssistant, subentry: ConfigSubentry) -> str:
    """Return the entity id a bay's relay has today, which may not be the stored one."""
    known = relay_of_key(hass, subentry.unique_id or "")
    return known or str(subentry.data[CONF_RELAY])


def relay_of_key(hass: HomeAssistant, key: str) -> str | None:
    """Return the entity id that a relay's registry id stands for today."""
    registered = er.async_get(hass).entities.get_entry(key)
    return registered.entity_id if registered else None


@callback
def async_follow_renamed_relays(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Store the present entity id of every relay that was renamed since."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_BAY):
        data = {**subentry.data, CONF_RELAY: relay_now(hass, subentry)}
        hass.config_entries.async_update_subentry(entry, subentry, data=data)
