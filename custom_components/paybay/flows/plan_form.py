"""A plan's form, and the way between its fields and a plan."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from homeassistant.const import CONF_NAME, UnitOfEnergy, UnitOfTime
from homeassistant.helpers.selector import BooleanSelector, TextSelector
from homeassistant.util import slugify
import voluptuous as vol

from ..const import CONF_CODE, CONF_CURRENCY, CONF_ENERGY_WH
from ..domain.money import Money, MoneyError
from ..domain.plans import Plan, PlanError
from ..domain.pricing_toml import DEFAULT_CURRENCY
from .schemas import number

CONF_AMOUNT = "amount"
CONF_MINUTES = "minutes"
CONF_SECONDS = "seconds"
CONF_ANOTHER = "another"

_MAX_CODE_LENGTH = 40
_SECONDS_PER_MINUTE = 60
_SELDOM = (CONF_SECONDS, CONF_ENERGY_WH)
# Where a plan's own errors are shown.
_FIELDS = {"duration": CONF_MINUTES}
# The frontend fills a required number with its least: a plan for nothing, by mistake.
_TEN = {"suggested_value": 10}

NEW = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_CODE): TextSelector(),
        vol.Required(CONF_AMOUNT, description=_TEN): number({"min": 0, "step": 0.01}),
        vol.Required(CONF_CURRENCY, default=DEFAULT_CURRENCY): TextSelector(),
        vol.Required(CONF_MINUTES, description=_TEN): number(
            {"min": 0, "unit_of_measurement": UnitOfTime.MINUTES}
        ),
        vol.Optional(CONF_SECONDS, default=0): number(
            {"min": 0, "max": 59, "unit_of_measurement": UnitOfTime.SECONDS}
        ),
        vol.Optional(CONF_ENERGY_WH): number(
            {"min": 1, "unit_of_measurement": UnitOfEnergy.WATT_HOUR}
        ),
    }
)
CHANGE = vol.Schema({k: v for k, v in NEW.schema.items() if k != CONF_CODE})
FIRST = vol.Schema(
    {
        **{k: v for k, v in CHANGE.schema.items() if k not in _SELDOM},
        vol.Required(CONF_ANOTHER, default=False): BooleanSelector(),
    }
)
"""What a newcomer needs; the rest can be added to the plan later."""


class FormError(ValueError):
    """What is wrong with a filled-in form: the field and the translated text."""

    def __init__(self, where: str, reason: str, **placeholders: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason
        self.placeholders = placeholders


def fields_of(plan: Plan) -> dict[str, Any]:
    """Return a plan as the form shows it."""
    minutes, seconds = divmod(plan.duration_s, _SECONDS_PER_MINUTE)
    shown = {} if plan.energy_wh is None else {CONF_ENERGY_WH: plan.energy_wh}
    return shown | {
        CONF_NAME: plan.name,
        CONF_AMOUNT: float(plan.price.major),
        CONF_CURRENCY: plan.price.currency,
        CONF_MINUTES: minutes,
        CONF_SECONDS: seconds,
    }


def plan_of(user_input: Mapping[str, Any], old: Plan | None = None) -> Plan:
    """Return the plan a form describes; raise FormError.

    A plan that is being changed keeps its code.
    """
    if not (name := user_input[CONF_NAME].strip()):
        raise FormError(CONF_NAME, "name_missing")
    code = old.code if old else user_input.get(CONF_CODE, "").strip() or _code(name)
    try:
        return Plan(
            code=code,
            name=name,
            price=_price(user_input),
            duration_s=_duration_s(user_input),
            energy_wh=_energy_wh(user_input),
        )
    except PlanError as err:
        raise FormError(_FIELDS.get(err.key, err.key), err.reason) from err


def _energy_wh(user_input: Mapping[str, Any]) -> int | None:
    energy = user_input.get(CONF_ENERGY_WH)
    if energy is not None and energy != int(energy):
        raise FormError(CONF_ENERGY_WH, "plan_energy")
    return None if energy is None else int(energy)


def label(plan: Plan) -> str:
    """Return a plan in one line."""
    minutes, seconds = divmod(plan.duration_s, _SECONDS_PER_MINUTE)
    length = f"{minutes}:{seconds:02} min" if seconds else f"{minutes} min"
    if plan.energy_wh is not None:
        length += f", {plan.energy_wh} Wh"
    return f"{plan.name} ({plan.price}, {length})"


def _code(name: str) -> str:
    return slugify(name)[:_MAX_CODE_LENGTH]


def _price(user_input: Mapping[str, Any]) -> Money:
    currency = user_input[CONF_CURRENCY].strip().upper()
    try:
        free = Money(0, currency)
    except MoneyError as err:
        raise FormError(CONF_CURRENCY, "plan_currency") from err
    try:
        # The form gives a float; its text is what the owner typed.
        return Money.from_major(str(user_input[CONF_AMOUNT]), free.currency)
    except MoneyError as err:
        raise FormError(CONF_AMOUNT, "plan_amount_decimals") from err


def _duration_s(user_input: Mapping[str, Any]) -> int:
    minutes = Decimal(str(user_input[CONF_MINUTES]))
    seconds = minutes * _SECONDS_PER_MINUTE + Decimal(
        str(user_input.get(CONF_SECONDS, 0))
    )
    if seconds != int(seconds):
        raise FormError(CONF_MINUTES, "plan_duration_whole")
    return int(seconds)
