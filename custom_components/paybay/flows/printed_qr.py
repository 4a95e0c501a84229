"""The part of a bay's form about printed QR codes without an amount."""

from collections.abc import Iterator, Mapping
from typing import Any

import voluptuous as vol

from ..const import CONF_ODD_AMOUNT
from ..domain.amounts import OddAmountPolicy
from ..domain.bay import BayConfig
from ..domain.money import MINOR_UNITS_PER_MAJOR
from ..domain.plans import MAX_PRICE_MINOR
from .problem import Problem
from .schemas import choice, number

SECTION_QR = "printed_qr"
CONF_LEAST = "min_amount"
CONF_MOST = "max_amount"
_MOST_MAJOR = MAX_PRICE_MINOR // MINOR_UNITS_PER_MAJOR


def _major() -> Any:
    field = number({"min": 0, "max": _MOST_MAJOR, "step": 0.01})
    return vol.All(field, vol.Coerce(float))


SCHEMA = vol.Schema(
    {
        vol.Required(CONF_ODD_AMOUNT, default=OddAmountPolicy.PRO_RATA.value): choice(
            OddAmountPolicy, "odd_amount"
        ),
        vol.Required(CONF_LEAST, default=0): _major(),
        vol.Required(CONF_MOST, default=_MOST_MAJOR): _major(),
    }
)


def fields_of(bay: BayConfig) -> dict[str, Any]:
    """Return a bay's rules as the form shows them, in major units."""
    most_minor = bay.max_amount_minor
    return {
        CONF_ODD_AMOUNT: bay.odd_amount.value,
        CONF_LEAST: bay.min_amount_minor / MINOR_UNITS_PER_MAJOR,
        CONF_MOST: (MAX_PRICE_MINOR if most_minor is None else most_minor)
        / MINOR_UNITS_PER_MAJOR,
    }


def rules_of(filled_in: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a BayConfig that a filled-in form stands for."""
    most_minor = _minor(filled_in[CONF_MOST])
    return {
        "odd_amount": OddAmountPolicy(filled_in[CONF_ODD_AMOUNT]),
        "min_amount_minor": _minor(filled_in[CONF_LEAST]),
        "max_amount_minor": most_minor if most_minor < MAX_PRICE_MINOR else None,
    }


def problems(bay: BayConfig) -> Iterator[Problem]:
    """Find amounts that leave nothing between them."""
    if bay.max_amount_minor is not None and bay.max_amount_minor < bay.min_amount_minor:
        yield Problem(SECTION_QR, "amounts_crossed")


def _minor(major: float) -> int:
    return round(major * MINOR_UNITS_PER_MAJOR)
