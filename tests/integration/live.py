"""A site set up in Home Assistant for real, but for the provider's network.

`live_provider` is autospecced, except that signatures are verified and bodies parsed by
the real Razorpay code. `live_entry` is a loaded entry whose bay "Bay 1" has the real
`input_boolean.relay_1` as its relay and a real ledger in a folder of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import NonCallableMagicMock, create_autospec, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.providers.base import Capability, PaymentProvider
from custom_components.paybay.providers.razorpay import RazorpayProvider

from .entries import make_entry
from .site_fixtures import cancelled_link, unpaid_link, untouched


@pytest.fixture
def live_provider() -> Iterator[NonCallableMagicMock]:
    """Replace the provider's network, and keep its cryptography."""
    made: NonCallableMagicMock = create_autospec(PaymentProvider, instance=True)
    secrets: list[str] = []

    def make(_hass: HomeAssistant, data: dict[str, str]) -> NonCallableMagicMock:
        keys = ("webhook_secret", "previous_webhook_secret")
        secrets[:] = [data[key] for key in keys if data.get(key)]
        real = RazorpayProvider(
            run=_hass.async_add_executor_job,
            key_id=data["key_id"],
            key_secret=data["key_secret"],
            webhook_secrets=secrets,
        )
        made.verify.side_effect = real.verify
        made.parse.side_effect = real.parse
        return made

    made.test_mode = True
    made.capabilities = frozenset(Capability)
    made.min_link_life_s = 960
    made.fetch_link.side_effect = unpaid_link
    made.cancel_link.side_effect = cancelled_link
    made.find_link.return_value = None
    made.find_qr.return_value = None
    made.payments_between.return_value = []
    made.fetch_payment.side_effect = untouched
    with patch("custom_components.paybay.make_site.make_provider", make):
        yield made


@pytest.fixture
async def live_entry(
    hass: HomeAssistant, live_provider: NonCallableMagicMock, tmp_path: Path
) -> MockConfigEntry:
    """Set up an entry with one bay on a real relay."""
    hass.config.config_dir = str(tmp_path)
    relay = {"input_boolean": {"relay_1": None, "relay_2": None}}
    assert await async_setup_component(hass, "input_boolean", relay)
    made = make_entry()
    made.add_to_hass(hass)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    assert made.state is ConfigEntryState.LOADED
    return made
