"""Fixtures of a whole site at work: real ledger file, fake provider, obedient clock.

`site_entry` sets up an entry with "Bay 1" on a real `input_boolean.relay_1`. In a test:

    site = site_entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await site.intake.take(captured(order))       # the customer pays
    await settled(hass, site_entry)
    assert state_of(hass, "input_boolean.relay_1") == "on"
    await clock.pass_by(hass, 600)                # and ten minutes go by

`captured` makes what a provider says of a payment: `site.intake.take(Notice(...))`.
"""

from collections.abc import Callable
from dataclasses import replace
import itertools
from typing import Any, override
from unittest.mock import NonCallableMagicMock, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.clock import LoopClock
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    LinkFact,
    LinkStatus,
    Notice,
    PaymentFact,
    PaymentStatus,
)
from custom_components.paybay.domain.orders import Order
from custom_components.paybay.providers.base import (
    Capability,
    LinkDetails,
    LinkRequest,
)

from .entries import make_entry

_payment_numbers = itertools.count(1)


class ObedientClock(LoopClock):
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.gone_ms = 0
        self.start_ms = 1_800_000_000_000
        self._timers: list[tuple[int, Callable[[], None]]] = []

    @override
    def now_ms(self) -> int:
        return self.start_ms + self.gone_ms

    @override
    def monotonic_ms(self) -> int:
        return self.gone_ms

    @override
    def call_later(
        self, delay_ms: int, action: Callable[[], None]
    ) -> Callable[[], None]:
        timer = (self.gone_ms + delay_ms, action)
        self._timers.append(timer)

        def cancel() -> None:
            if timer in self._timers:
                self._timers.remove(timer)

        return cancel

    async def pass_by(self, hass: HomeAssistant, seconds: float) -> None:
        """Let time pass, with everything in it that was due."""
        end_ms = self.gone_ms + int(seconds * 1000)
        while due := [timer for timer in self._timers if timer[0] <= end_ms]:
            timer = min(due, key=lambda each: each[0])
            self._timers.remove(timer)
            self.gone_ms = max(self.gone_ms, timer[0])
            timer[1]()
            await hass.async_block_till_done()
        self.gone_ms = end_ms


def captured(order: Order, payment_id: str | None = None, **changes: Any) -> Notice:
    """Return what the provider says when an order was paid, some of it changed."""
    fact: dict[str, Any] = {
        "id": payment_id or f"pay_{next(_payment_numbers):014}",
        "status": PaymentStatus.CAPTURED,
        "amount": order.price,
        "created_s": order.created_ms // 1000,
        "method": "upi",
        "rrn": "123456789012",
    }
    return Notice(
        channel=Channel.WEBHOOK,
        kind="payment.captured",
        payment=PaymentFact(**(fact | changes)),
        reference_id=order.id,
    )


def state_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return an entity's state, if it has one."""
    state = hass.states.get(entity_id)
    return state.state if state else None


async def settled(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Return when everything that was begun is done."""
    await hass.async_block_till_done(wait_background_tasks=True)
    for bay in entry.runtime_data.bays.values():
        await bay.settle()
    await hass.async_block_till_done(wait_background_tasks=True)


async def paid(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    *,
    bay_id: str = "bay_1",
    plan: str = "ten_min",
    **changes: Any,
) -> Order:
    """Order a plan and pay for it; `changes` are made to the payment."""
    site = entry.runtime_data
    order: Order = await site.offers.make(site.bays[bay_id], plan)
    await site.intake.take(captured(order, **changes))
    await settled(hass, entry)
    return order


def open_link(request: LinkRequest) -> LinkFact:
    """Return the link that was asked for."""
    return LinkFact(
        id=f"plink_{request.reference_id[-14:]}",
        reference_id=request.reference_id,
        status=LinkStatus.CREATED,
        amount=request.amount,
        url=f"https://rzp.io/rzp/{request.reference_id[-8:]}",
    )


def untouched(payment_id: str) -> PaymentFact:
    """Return a payment of ten rupees of which nothing went back."""
    return PaymentFact(
        id=payment_id,
        status=PaymentStatus.CAPTURED,
        amount=Money(1000, "INR"),
        created_s=1_800_000_000,
    )


def unpaid_link(link_id: str) -> LinkDetails:
    link = LinkFact(
        id=link_id,
        reference_id=None,
        status=LinkStatus.CREATED,
        amount=Money(1000, "INR"),
        url="https://rzp.io/rzp/unpaid",
    )
    return LinkDetails(link=link)


def cancelled_link(link_id: str) -> LinkDetails:
    """Return a link that nobody paid before it was cancelled."""
    found = unpaid_link(link_id)
    return replace(found, link=replace(found.link, status=LinkStatus.CANCELLED))


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration directory, and so a ledger, of its own."""
    return hass_tmp_config_dir


@pytest.fixture
def clock() -> Any:
    """Return the clock of the sites that a test sets up."""
    made = ObedientClock()
    with patch(f"custom_components.{DOMAIN}.make_site.LoopClock", return_value=made):
        yield made


@pytest.fixture
def site_provider(provider: NonCallableMagicMock) -> Any:
    """Return the fake provider that a set up site works with."""
    provider.test_mode = True
    provider.capabilities = frozenset(Capability)
    provider.min_link_life_s = 960
    provider.create_link.side_effect = open_link
    provider.fetch_link.side_effect = unpaid_link
    provider.cancel_link.side_effect = cancelled_link
    provider.read_return.return_value = None
    provider.find_link.return_value = None
    provider.find_qr.return_value = None
    provider.fetch_payment.side_effect = untouched
    provider.payments_between.return_value = []
    provider.refunds_of.return_value = []
    with patch(
        f"custom_components.{DOMAIN}.make_site.make_provider", return_value=provider
    ):
        yield provider


@pytest.fixture
async def relay_helpers(hass: HomeAssistant) -> None:
    """Set up real relays: `input_boolean.relay_1` and `relay_2`."""
    config = {"input_boolean": {"relay_1": None, "relay_2": None}}
    assert await async_setup_component(hass, "input_boolean", config)


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set an entry up and return it at rest."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await settled(hass, entry)
    return entry


@pytest.fixture
async def site_entry(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    """Set up an entry with one bay and two plans; see the module's docstring."""
    return await set_up(hass, make_entry())
