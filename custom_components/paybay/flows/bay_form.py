"""A bay's form, and the way between its fields and a bay."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, override

from homeassistant.const import CONF_NAME, UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..const import (
    CONF_AUTO_OFF,
    CONF_AUTO_OFF_S,
    CONF_CLAIM_FALLBACK,
    CONF_CLAIM_WINDOW_S,
    CONF_PLANS,
    CONF_RELAY,
    CONF_RESUME_WINDOW_S,
    CONF_START_MODE,
    CONF_START_WINDOW_S,
)
from ..domain.bay import BayConfig, ClaimFallback, StartMode
from ..domain.plans import Plan
from . import bay_meter, bay_policies, printed_qr, protection
from .bay_meter import SECTION_METER
from .plan_form import label
from .printed_qr import SECTION_QR
from .protection import SECTION_PROTECTION
from .schemas import choice, number

_RELAYS = ["switch", "input_boolean"]
SECTION_WHO = "who_switches_on"
SECTION_WINDOWS = "windows"

_DEFAULTS = {field.name: field.default for field in fields(BayConfig)}


class _RelaySelector(EntitySelector):
    """Offers the relays that can be had; others are refused later, with the reason."""

    @override
    def __call__(self, data: Any) -> str | list[str]:
        """Return the chosen relay."""
        return EntitySelector(EntitySelectorConfig(domain=_RELAYS))(data)


def _required(key: str) -> vol.Required:
    return vol.Required(key, default=_DEFAULTS[key])


def _seconds(least: int, most: int) -> Any:
    field = number(
        {"min": least, "max": most, "unit_of_measurement": UnitOfTime.SECONDS}
    )
    return vol.All(field, vol.Coerce(int))


def _filled(name: str, fields: vol.Schema) -> vol.Required:
    """Return a section that may be left out, and shows what its fields then are."""
    return vol.Required(name, default=lambda: dict(fields({})))


_WHO = vol.Schema(
    {
        _required(CONF_START_MODE): choice(StartMode, "start_mode"),
        _required(CONF_CLAIM_WINDOW_S): _seconds(1, 300),
        _required(CONF_CLAIM_FALLBACK): choice(ClaimFallback, "claim_fallback"),
    }
)

_WINDOWS = vol.Schema(
    {
        _required(CONF_START_WINDOW_S): _seconds(30, 3600),
        _required(CONF_RESUME_WINDOW_S): _seconds(0, 3600),
    }
)


def schema(plans: Mapping[str, Plan], no_relays: Iterable[str] = ()) -> vol.Schema:
    """Return the form of a bay that may offer these plans.

    `no_relays` are switches that are not offered: PayBay's own, and other bays'.
    """
    options = [SelectOptionDict(value=p.code, label=label(p)) for p in plans.values()]
    offered = [plan.code for plan in plans.values() if plan.energy_wh is None]
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_RELAY): _RelaySelector(
                EntitySelectorConfig(domain=_RELAYS, exclude_entities=sorted(no_relays))
            ),
            vol.Required(CONF_PLANS, default=offered): SelectSelector(
                SelectSelectorConfig(options=options, multiple=True)
            ),
            vol.Required(SECTION_WHO): section(_WHO, {"collapsed": True}),
            vol.Required(SECTION_PROTECTION): section(
                protection.SCHEMA, {"collapsed": True}
            ),
            vol.Required(SECTION_WINDOWS): section(_WINDOWS, {"collapsed": True}),
            **{
                _filled(name, fields): section(fields, {"collapsed": True})
                for name, fields in bay_policies.SECTIONS.items()
            },
            vol.Required(SECTION_QR): section(printed_qr.SCHEMA, {"collapsed": True}),
            _filled(SECTION_METER, bay_meter.SCHEMA): section(
                bay_meter.SCHEMA, {"collapsed": True}
            ),
        }
    )


def fields_of(bay: BayConfig, plans: Mapping[str, Plan]) -> dict[str, Any]:
    """Return a bay as the form shows it, without plans that are gone."""
    return {
        CONF_NAME: bay.name,
        CONF_RELAY: bay.relay,
        CONF_PLANS: [code for code in bay.plan_codes if code in plans],
        SECTION_WHO: {
            CONF_START_MODE: bay.start_mode.value,
            CONF_CLAIM_WINDOW_S: bay.claim_window_s,
            CONF_CLAIM_FALLBACK: bay.claim_fallback.value,
        },
        SECTION_PROTECTION: protection.fields_of(bay),
        SECTION_WINDOWS: {
            CONF_START_WINDOW_S: bay.start_window_s,
            CONF_RESUME_WINDOW_S: bay.resume_window_s,
        },
        **bay_policies.fields_of(bay),
        SECTION_QR: printed_qr.fields_of(bay),
        SECTION_METER: bay_meter.fields_of(bay),
    }


def bay_of(user_input: Mapping[str, Any], relay: str) -> BayConfig:
    """Return the bay a filled-in form describes; it has no id yet."""
    who, windows = user_input[SECTION_WHO], user_input[SECTION_WINDOWS]
    own_end = user_input[SECTION_PROTECTION]
    return BayConfig(
        id="",
        name=user_input[CONF_NAME].strip(),
        relay=relay,
        plan_codes=tuple(user_input[CONF_PLANS]),
        start_mode=StartMode(who[CONF_START_MODE]),
        claim_fallback=ClaimFallback(who[CONF_CLAIM_FALLBACK]),
        claim_window_s=who[CONF_CLAIM_WINDOW_S],
        start_window_s=windows[CONF_START_WINDOW_S],
        resume_window_s=windows[CONF_RESUME_WINDOW_S],
        auto_off=own_end.get(CONF_AUTO_OFF),
        auto_off_s=own_end[CONF_AUTO_OFF_S],
        **bay_policies.policies_of(user_input),
        **printed_qr.rules_of(user_input[SECTION_QR]),
        **bay_meter.rules_of(user_input[SECTION_METER]),
    )
