"""A bay's policies as Home Assistant stores them, and as the domain knows them.

Bays that were stored before there was a choice have none of the keys.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any

from .const import (
    CONF_BUSY,
    CONF_CLOSES,
    CONF_CUSTOMER_STOP,
    CONF_DAILY_CAP_MIN,
    CONF_MAX_QUEUE_MIN,
    CONF_OPENS,
    CONF_REST,
    CONF_WEEKDAYS,
)
from .domain.bay import BayConfig, BusyPolicy, RestPolicy
from .domain.hours import WEEKDAYS, OpeningHours

_MIDNIGHT = "00:00:00"
DEFAULTS: Mapping[str, Any] = {
    CONF_BUSY: BusyPolicy.TOP_UP.value,
    CONF_MAX_QUEUE_MIN: 240,
    CONF_REST: RestPolicy.REFUND_REST.value,
    CONF_CUSTOMER_STOP: True,
    CONF_OPENS: _MIDNIGHT,
    CONF_CLOSES: _MIDNIGHT,
    CONF_WEEKDAYS: list(WEEKDAYS),
    CONF_DAILY_CAP_MIN: 0,
}


def policies_from(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policies in a bay's data, as keywords of `BayConfig`."""
    stored = {**DEFAULTS, **data}
    return {
        "busy": BusyPolicy(stored[CONF_BUSY]),
        "max_queue_s": int(stored[CONF_MAX_QUEUE_MIN]) * 60,
        "rest": RestPolicy(stored[CONF_REST]),
        "customer_stop": stored[CONF_CUSTOMER_STOP],
        "hours": OpeningHours.of(
            time.fromisoformat(stored[CONF_OPENS]),
            time.fromisoformat(stored[CONF_CLOSES]),
            stored[CONF_WEEKDAYS],
        ),
        "daily_cap_min": int(stored[CONF_DAILY_CAP_MIN]),
    }


def policy_data(bay: BayConfig) -> dict[str, Any]:
    """Return what a bay's subentry stores of its policies."""
    hours = bay.hours or OpeningHours()
    return {
        CONF_BUSY: bay.busy.value,
        CONF_MAX_QUEUE_MIN: bay.max_queue_s // 60,
        CONF_REST: bay.rest.value,
        CONF_CUSTOMER_STOP: bay.customer_stop,
        CONF_OPENS: _clock_face(hours.opens_min),
        CONF_CLOSES: _clock_face(hours.closes_min),
        CONF_WEEKDAYS: hours.days,
        CONF_DAILY_CAP_MIN: bay.daily_cap_min,
    }


def _clock_face(minute: int) -> str:
    return time(minute // 60, minute % 60).isoformat()
