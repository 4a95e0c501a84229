"""A bay's policies in its form: who queues, what comes back, when it is open."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
import voluptuous as vol

from ..bay_policy_data import DEFAULTS, policies_from, policy_data
from ..const import (
    CONF_BUSY,
    CONF_CLOSES,
    CONF_CUSTOMER_STOP,
    CONF_DAILY_CAP_MIN,
    CONF_MAX_QUEUE_MIN,
    CONF_OPENS,
    CONF_REST,
    CONF_WEEKDAYS,
)
from ..domain.bay import BayConfig, BusyPolicy, RestPolicy
from ..domain.hours import WEEKDAYS
from .schemas import choice, number

SECTION_QUEUE = "queue"
SECTION_EARLY_END = "early_end"
SECTION_HOURS = "hours"


def _minutes(least: int, most: int) -> Any:
    field = number(
        {"min": least, "max": most, "unit_of_measurement": UnitOfTime.MINUTES}
    )
    return vol.All(field, vol.Coerce(int))


def _required(key: str) -> vol.Required:
    return vol.Required(key, default=DEFAULTS[key])


_WEEKDAYS = SelectSelector(
    SelectSelectorConfig(
        options=list(WEEKDAYS),
        multiple=True,
        mode=SelectSelectorMode.LIST,
        translation_key="weekdays",
    )
)

SECTIONS: Mapping[str, vol.Schema] = {
    SECTION_QUEUE: vol.Schema(
        {
            _required(CONF_BUSY): choice(BusyPolicy, "busy"),
            _required(CONF_MAX_QUEUE_MIN): _minutes(1, 24 * 60),
        }
    ),
    SECTION_EARLY_END: vol.Schema(
        {
            _required(CONF_REST): choice(RestPolicy, "rest"),
            _required(CONF_CUSTOMER_STOP): BooleanSelector(),
        }
    ),
    SECTION_HOURS: vol.Schema(
        {
            _required(CONF_OPENS): TimeSelector(),
            _required(CONF_CLOSES): TimeSelector(),
            _required(CONF_WEEKDAYS): _WEEKDAYS,
            _required(CONF_DAILY_CAP_MIN): _minutes(0, 24 * 60),
        }
    ),
}


def fields_of(bay: BayConfig) -> dict[str, dict[str, Any]]:
    """Return a bay's policies as the sections show them."""
    stored = policy_data(bay)
    return {
        name: {str(key): stored[str(key)] for key in schema.schema}
        for name, schema in SECTIONS.items()
    }


def policies_of(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a filled-in form says, as keywords of `BayConfig`."""
    filled = (user_input.get(name, {}) for name in SECTIONS)
    return policies_from({key: value for part in filled for key, value in part.items()})
