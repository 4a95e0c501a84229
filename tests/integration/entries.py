"""Config entries as an owner would have made them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import (
    CONF_HOOK_ID,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_MERCHANT,
    CONF_REFERENCE,
    CONF_REFUND_BUDGET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    SUBENTRY_BAY,
    SUBENTRY_PLAN,
)
from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.domain.reference import ReferencePolicy
from custom_components.paybay.entry_data import bay_data, plan_data

KEY_ID = "rzp_test_paybay00000001"
ENTRY_DATA = {
    CONF_KEY_ID: KEY_ID,
    CONF_KEY_SECRET: "secret-of-the-key",
    CONF_HOOK_ID: "hook-of-the-entry",
    CONF_WEBHOOK_SECRET: "secret-of-the-webhook",
}

TEN_MIN = Plan(code="ten_min", name="Ten min", price=Money(1000, "INR"), duration_s=600)
HOUR_PASS = Plan(
    code="hour_pass", name="Hour pass", price=Money(5000, "INR"), duration_s=3600
)
PLANS = (TEN_MIN, HOUR_PASS)
FREE = Plan(code="free", name="Free", price=Money(0, "INR"), duration_s=300)

MERCHANT = Merchant(
    name="Green Corner",
    help_phone="+91 12345 67890",
    whatsapp="+91 12345 67890",
    terms="Park within the lines.",
    refund_policy="What was not delivered goes back.",
)

BAY_1 = BayConfig(
    id="bay_1",
    name="Bay 1",
    relay="input_boolean.relay_1",
    plan_codes=("ten_min", "hour_pass"),
)
BAY_2 = replace(BAY_1, id="bay_2", name="Bay 2", relay="input_boolean.relay_2")


def plan_subentry(plan: Plan) -> ConfigSubentryDataWithId:
    """Return a plan as an entry stores it; its subentry id is `plan_<code>`."""
    return ConfigSubentryDataWithId(
        data=plan_data(plan),
        subentry_id=f"plan_{plan.code}",
        subentry_type=SUBENTRY_PLAN,
        title=plan.name,
        unique_id=plan.code,
    )


def bay_subentry(
    bay: BayConfig, relay_key: str | None = None
) -> ConfigSubentryDataWithId:
    """Return a bay as an entry stores it; its subentry id is the bay's id.

    `relay_key` is the relay's registry id, if it has one.
    """
    return ConfigSubentryDataWithId(
        data=bay_data(bay),
        subentry_id=bay.id,
        subentry_type=SUBENTRY_BAY,
        title=bay.name,
        unique_id=relay_key or bay.relay,
    )


def make_entry(
    *,
    bays: Iterable[BayConfig] = (BAY_1,),
    plans: Iterable[Plan] = PLANS,
    subentries: Iterable[ConfigSubentryDataWithId] = (),
    refund_budget: str = "0.00",
    merchant: Merchant = MERCHANT,
    reference: ReferencePolicy | None = None,
    **data: Any,
) -> MockConfigEntry:
    """Return an entry with these bays, plans and ready-made subentries.

    `refund_budget` is a day's, in major units; `data` overrides ENTRY_DATA.
    """
    data = ENTRY_DATA | data
    return MockConfigEntry(
        domain=DOMAIN,
        title="Razorpay (test)",
        unique_id=data[CONF_KEY_ID],
        data=data,
        options={
            CONF_REFUND_BUDGET: refund_budget,
            CONF_MERCHANT: merchant.stored(),
            **({CONF_REFERENCE: reference.stored()} if reference else {}),
        },
        subentries_data=[
            *(plan_subentry(plan) for plan in plans),
            *(bay_subentry(bay) for bay in bays),
            *subentries,
        ],
    )
