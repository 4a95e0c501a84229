"""What the owner tells customers of himself, as a form."""

from collections.abc import Iterator
from typing import Any

from homeassistant.const import CONF_NAME, PERCENTAGE
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..domain.merchant import MAX_ADDRESS, MAX_NAME, MAX_TEXT, Merchant, problems
from .problem import Problem
from .schemas import number

SECTION_TEXTS = "texts"
SECTION_TAX = "tax"
CONF_HELP_PHONE = "help_phone"
CONF_WHATSAPP = "whatsapp"
CONF_TERMS = "terms"
CONF_REFUND_POLICY = "refund_policy"
CONF_ADDRESS = "address"
CONF_GSTIN = "gstin"
CONF_TAX_PERCENT = "tax_percent"
CONF_SAC = "sac"

_LINE = TextSelector(TextSelectorConfig(autocomplete="off"))
_PHONE = TextSelector(TextSelectorConfig(type=TextSelectorType.TEL))
_PROSE = TextSelector(TextSelectorConfig(multiline=True))
_TAX_FIELDS = {CONF_GSTIN, CONF_TAX_PERCENT, CONF_SAC}
_BP_PER_PERCENT = 100
_LIMITS = {
    "name": str(MAX_NAME),
    "address": str(MAX_ADDRESS),
    "terms": str(MAX_TEXT),
    "refund_policy": str(MAX_TEXT),
}


def schema(merchant: Merchant) -> vol.Schema:
    """Return the form as it is filled in now; everything may be left empty."""
    shown = merchant.stored()

    def told(field: str) -> vol.Optional:
        return vol.Optional(field, description={"suggested_value": shown[field]})

    percent = vol.Required(CONF_TAX_PERCENT, default=merchant.tax_bp / _BP_PER_PERCENT)
    texts = vol.Schema({told(CONF_TERMS): _PROSE, told(CONF_REFUND_POLICY): _PROSE})
    tax = vol.Schema(
        {
            told(CONF_GSTIN): _LINE,
            percent: number(
                {"min": 0, "max": 100, "step": 0.01, "unit_of_measurement": PERCENTAGE}
            ),
            told(CONF_SAC): _LINE,
        }
    )
    return vol.Schema(
        {
            told(CONF_NAME): _LINE,
            told(CONF_HELP_PHONE): _PHONE,
            told(CONF_WHATSAPP): _PHONE,
            told(CONF_ADDRESS): _PROSE,
            vol.Required(SECTION_TEXTS, default=dict): section(
                texts, {"collapsed": not merchant.missing}
            ),
            vol.Required(SECTION_TAX, default=lambda: dict(tax({}))): section(
                tax, {"collapsed": not merchant.gstin}
            ),
        }
    )


def merchant_of(user_input: dict[str, Any]) -> Merchant:
    """Return the merchant that a form tells of."""
    told = {**user_input, **user_input[SECTION_TEXTS], **user_input[SECTION_TAX]}
    percent = told.pop(CONF_TAX_PERCENT)
    return Merchant.read({**told, "tax_bp": round(percent * _BP_PER_PERCENT)})


def form_problems(merchant: Merchant) -> Iterator[Problem]:
    """Find what is wrong; the frontend shows a section's errors at the section."""
    for field, reason in problems(merchant):
        where = field
        if field in (CONF_TERMS, CONF_REFUND_POLICY):
            where = SECTION_TEXTS
        elif field in _TAX_FIELDS or field == "tax_bp":
            where = SECTION_TAX
        limit = {"longest": _LIMITS[field]} if field in _LIMITS else {}
        yield Problem(where, reason, limit)
