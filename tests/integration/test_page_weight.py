"""A first look at a bay costs little data, whatever the language and the options."""

from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.reference import ReferenceKind, ReferencePolicy
from custom_components.paybay.web.customer.answers import ASSETS
from custom_components.paybay.web.customer.texts import LANGUAGES

from .entries import make_entry
from .pages import BAY
from .site_fixtures import ObedientClock, set_up

MOST_BYTES = 30_000


async def test_first_load_is_light_in_every_language(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    policy = ReferencePolicy(kind=ReferenceKind.VEHICLE)
    await set_up(hass, make_entry(reference=policy))
    client = await hass_client_no_auth()
    assets = sum(len(body) for _, body in ASSETS.values())
    for code, _ in LANGUAGES:
        page = await (await client.get(f"{BAY}?lang={code}")).read()
        assert len(page) + assets < MOST_BYTES, code
