"""What customers are asked to write on an order, as a form."""

from typing import Any

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from ..domain.reference import MAX_RETENTION_DAYS, ReferenceKind, ReferencePolicy
from .schemas import choice, number

CONF_ASK = "ask"
CONF_KIND = "kind"
CONF_REQUIRED = "required"
CONF_RETENTION_DAYS = "retention_days"
_DEFAULT = ReferencePolicy(kind=ReferenceKind.VEHICLE)


def schema(policy: ReferencePolicy | None) -> vol.Schema:
    """Return the form as it is filled in now."""
    shown = policy or _DEFAULT
    days = number(
        {"min": 1, "max": MAX_RETENTION_DAYS, "unit_of_measurement": UnitOfTime.DAYS}
    )
    return vol.Schema(
        {
            vol.Required(CONF_ASK, default=policy is not None): BooleanSelector(),
            vol.Required(CONF_KIND, default=shown.kind.value): choice(
                ReferenceKind, "reference_kind"
            ),
            vol.Required(CONF_REQUIRED, default=shown.required): BooleanSelector(),
            vol.Required(CONF_RETENTION_DAYS, default=shown.retention_days): vol.All(
                days, vol.Coerce(int)
            ),
        }
    )


def stored_of(user_input: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the entry stores; None: nobody is asked."""
    told = dict(user_input)
    return told if told.pop(CONF_ASK) else None
