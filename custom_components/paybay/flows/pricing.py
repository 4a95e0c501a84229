"""The first plans: PayBay's own or those of an uploaded file."""

from collections.abc import Iterable
from pathlib import Path

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant

from ..const import SUBENTRY_PLAN
from ..domain.plans import Plan
from ..domain.pricing_toml import MAX_BYTES, PricingError, read_pricing
from ..entry_data import plan_data
from .problem import Problem
from .schemas import CONF_FILE

_DEFAULTS = Path(__file__).parent.parent / "default_pricing.toml"


async def async_default_plans(hass: HomeAssistant) -> tuple[Plan, ...]:
    """Return the plans a shop starts with."""
    return read_pricing(await hass.async_add_executor_job(_DEFAULTS.read_bytes))


async def async_uploaded_plans(
    hass: HomeAssistant, file_id: str
) -> tuple[Plan, ...] | Problem:
    """Return the plans of an uploaded file, or what is wrong with it."""
    try:
        raw = await hass.async_add_executor_job(_read_upload, hass, file_id)
    except OSError, ValueError:
        return Problem(CONF_FILE, "upload_gone")
    try:
        return read_pricing(raw)
    except PricingError as err:
        return _problem(err)


def subentries(plans: Iterable[Plan]) -> list[ConfigSubentryData]:
    """Return plans as a new config entry takes them."""
    return [
        ConfigSubentryData(
            data=plan_data(plan),
            subentry_type=SUBENTRY_PLAN,
            title=plan.name,
            unique_id=plan.code,
        )
        for plan in plans
    ]


def _read_upload(hass: HomeAssistant, file_id: str) -> bytes:
    with process_uploaded_file(hass, file_id) as path, path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _problem(err: PricingError) -> Problem:
    reason = "pricing" if err.line is None else "pricing_line"
    if err.line and err.key:
        reason = "pricing_line_key"
    found = {"line": str(err.line), "key": str(err.key), "problem": err.message}
    return Problem(CONF_FILE, reason, found)
