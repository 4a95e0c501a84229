"""Forms outlive a restart: their secret is stored."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.paybay.web.customer.secret import STORAGE_KEY, async_load_secret


async def test_the_secret_is_made_once(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    made = await async_load_secret(hass)
    assert hass_storage[STORAGE_KEY]["data"] == {"secret": made.decode()}
    assert await async_load_secret(hass) == made


@pytest.mark.parametrize("stored", [{}, {"secret": "short"}, {"secret": 5}])
async def test_what_is_no_secret_is_replaced(
    hass: HomeAssistant, hass_storage: dict[str, Any], stored: dict[str, Any]
) -> None:
    hass_storage[STORAGE_KEY] = {"version": 1, "key": STORAGE_KEY, "data": stored}
    made = await async_load_secret(hass)
    assert len(made) == 64
    assert await async_load_secret(hass) == made
