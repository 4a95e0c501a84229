"""Refunds inside Home Assistant: sent within the budget, else at the owner's word."""

import asyncio
import itertools
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.paybay.const import (
    CONF_MERCHANT,
    CONF_POLLING_ONLY,
    CONF_REFUND_BUDGET,
    DOMAIN,
    EVENT_ATTENTION,
)
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import Channel, Notice, RefundFact
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.ledger import LedgerError, refunds
from custom_components.paybay.providers.base import (
    ProviderBalanceError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

from .entries import MERCHANT, make_entry
from .site_fixtures import ObedientClock, captured, paid, set_up, settled, state_of
from .test_repairs import choose, only_issue

LATE: dict[str, Any] = {"created_s": 1_700_000_000}
REFUSED = ProviderRefusedError("too old", 400, None)
BROKE = ProviderBalanceError("invalid request sent", 400, None)
_numbers = itertools.count(1)


def made(payment_id: str, amount: Money, key: str) -> RefundFact:
    """Return a refund as it is made at once."""
    return RefundFact(
        id=f"rfnd_{next(_numbers)}",
        payment_id=payment_id,
        amount=amount,
        status="processed",
        key=key,
    )


@pytest.fixture(autouse=True)
async def _repairs(hass: HomeAssistant, site_provider: NonCallableMagicMock) -> None:
    assert await async_setup_component(hass, "repairs", {})
    site_provider.refund.side_effect = made
    site_provider.refunds_of.return_value = []
    site_provider.fetch_payment.side_effect = unrefunded


def unrefunded(payment_id: str) -> Any:
    """Return a payment of which nothing went back."""
    order = NonCallableMagicMock(price=Money(1000, "INR"), created_ms=0, id="")
    return captured(order, payment_id).payment


@pytest.fixture
async def free_hand(
    hass: HomeAssistant, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a site that refunds up to 15 rupees a day by itself."""
    return await set_up(hass, make_entry(refund_budget="15.00"))


def issues(hass: HomeAssistant) -> list[str | None]:
    found = ir.async_get(hass).issues.values()
    return [issue.translation_key for issue in found if issue.domain == DOMAIN]


async def states(entry: MockConfigEntry, order_id: str) -> list[RefundState]:
    ledger = entry.runtime_data.ledger
    found = await ledger.run(lambda c: refunds.of_order(c, order_id))
    return [refund.state for refund in found]


async def refund(hass: HomeAssistant, order_id: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN,
        "refund_order",
        {"order_id": order_id, **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(answer, dict)
    return answer


async def test_within_the_budget_nobody_is_asked(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    told = async_capture_events(hass, "state_changed")
    order = await paid(hass, free_hand, payment_id="pay_1", **LATE)
    assert await states(free_hand, order.id) == [RefundState.PROCESSED]
    assert site_provider.refund.call_count == 1
    assert issues(hass) == []
    seen = {
        (event.data["new_state"].attributes or {}).get("event_type") for event in told
    }
    assert "payment_refunded" in seen


async def test_above_the_budget_the_owner_approves(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    await paid(hass, free_hand, **LATE)
    order = await paid(hass, free_hand, **LATE)
    assert issues(hass) == ["refund_due"]
    result = await choose(hass, "refund")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, free_hand)
    assert await states(free_hand, order.id) == [RefundState.PROCESSED]
    assert site_provider.refund.call_count == 2
    assert issues(hass) == []


async def test_approval_that_cannot_be_stored_stays_open(
    hass: HomeAssistant, site_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    await paid(hass, site_entry, **LATE)
    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        result = await choose(hass, "refund")
    assert result["reason"] == "not_stored"
    assert issues(hass) == ["refund_due"]


async def test_lack_of_balance_is_shown_until_the_money_is_on_its_way(
    hass: HomeAssistant,
    free_hand: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    site_provider.refund.side_effect = BROKE
    await paid(hass, free_hand, **LATE)
    assert issues(hass) == ["refund_no_balance"]
    assert (only_issue(hass).translation_placeholders or {})["answer"] == str(BROKE)
    await choose(hass, "refund")
    await settled(hass, free_hand)
    assert issues(hass) == ["refund_no_balance"]
    site_provider.refund.side_effect = made
    await clock.pass_by(hass, 3_600)
    await settled(hass, free_hand)
    assert issues(hass) == []


async def test_failed_refund_is_tried_again_at_the_owners_word(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    site_provider.refund.side_effect = REFUSED
    order = await paid(hass, free_hand, **LATE)
    assert issues(hass) == ["refund_failed"]
    site_provider.refund.side_effect = made
    await choose(hass, "refund")
    await settled(hass, free_hand)
    assert issues(hass) == []
    assert RefundState.PROCESSED in await states(free_hand, order.id)
    first, second = (call.args[2] for call in site_provider.refund.call_args_list)
    assert first != second


async def test_failed_refund_can_be_settled_otherwise(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    site_provider.refund.side_effect = REFUSED
    order = await paid(hass, free_hand, **LATE)
    form = await choose(hass, "confirm")
    await hass.data["repairs"]["flow_manager"].async_configure(form["flow_id"], {})
    assert issues(hass) == []
    assert await states(free_hand, order.id) == [RefundState.WAIVED]


async def test_webhook_of_a_dashboard_refund_ends_what_waits(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, payment_id="pay_1", **LATE)
    assert issues(hass) == ["refund_due"]
    fact = RefundFact(
        id="rfnd_x",
        payment_id="pay_1",
        amount=Money(1000, "INR"),
        status="processed",
    )
    notice = Notice(channel=Channel.WEBHOOK, kind="refund.processed", refund=fact)
    await site_entry.runtime_data.intake.take(notice)
    await settled(hass, site_entry)
    assert issues(hass) == []


async def test_running_session_ends_when_its_money_went_back(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, payment_id="pay_1")
    assert state_of(hass, "input_boolean.relay_1") == "on"
    fact = RefundFact(
        id="rfnd_x",
        payment_id="pay_1",
        amount=Money(1000, "INR"),
        status="processed",
    )
    notice = Notice(channel=Channel.WEBHOOK, kind="refund.processed", refund=fact)
    await site_entry.runtime_data.intake.take(notice)
    await settled(hass, site_entry)
    assert state_of(hass, "input_boolean.relay_1") == "off"
    assert issues(hass) == []


async def test_removed_site_leaves_its_refunds_to_the_owner(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    site_provider.refund.side_effect = ProviderUnavailableError("no answer")
    await paid(hass, free_hand, **LATE)
    assert issues(hass) == []
    await hass.config_entries.async_remove(free_hand.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issues(hass) == ["refund_due"]
    assert (await choose(hass, "confirm"))["step_id"] == "confirm"


async def test_action_sends_a_refund_that_waits(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, payment_id="pay_1", **LATE)
    assert await refund(hass, order.id) == {
        "order_id": order.id,
        "payment_id": "pay_1",
        "amount": 1000,
        "currency": "INR",
        "state": "processed",
        "problem": None,
    }


async def test_action_refunds_part_of_what_was_delivered(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    with pytest.raises(ServiceValidationError) as nothing_left:
        await refund(hass, order.id)
    assert nothing_left.value.translation_key == "refund_too_little"
    assert (await refund(hass, order.id, amount=2.5))["amount"] == 250
    assert (await refund(hass, order.id, amount="7.50"))["state"] == "processed"
    with pytest.raises(ServiceValidationError) as too_much:
        await refund(hass, order.id, amount=1)
    assert too_much.value.translation_key == "refund_too_much"


async def test_action_gives_the_rest_back_once(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 300)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.bay_1"}, blocking=True
    )
    await settled(hass, site_entry)
    with pytest.raises(ServiceValidationError) as other:
        await refund(hass, order.id, amount=1)
    assert other.value.translation_key == "refund_waits"
    assert (await refund(hass, order.id))["amount"] == 500
    with pytest.raises(ServiceValidationError):
        await refund(hass, order.id)


@pytest.mark.parametrize("amount", ["5.001", "much", "NaN", "1e30"])
async def test_action_takes_amounts_only(
    hass: HomeAssistant, site_entry: MockConfigEntry, amount: str
) -> None:
    order = await paid(hass, site_entry, **LATE)
    with pytest.raises(ServiceValidationError) as refused:
        await refund(hass, order.id, amount=amount)
    assert refused.value.translation_key == "not_an_amount"


async def test_action_says_why_it_cannot(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    site = site_entry.runtime_data
    unpaid = await site.offers.make(site.bays["bay_1"], "ten_min")
    running = await paid(hass, site_entry)
    for order_id, key in (
        ("ord_x", "unknown_order"),
        (unpaid.id, "refund_not_paid"),
        (running.id, "refund_still_open"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await refund(hass, order_id)
        assert refused.value.translation_key == key
    with monkeypatch.context() as patched:
        patched.setattr(site.ledger, "run", full)
        with pytest.raises(HomeAssistantError) as broken:
            await refund(hass, running.id)
    assert broken.value.translation_key == "ledger_failed"
    await hass.config_entries.async_unload(site_entry.entry_id)
    with pytest.raises(ServiceValidationError) as unloaded:
        await refund(hass, running.id)
    assert unloaded.value.translation_key == "order_site_not_loaded"


async def test_action_is_for_administrators(
    hass: HomeAssistant, site_entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "refund_order",
            {"order_id": "ord_x"},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_budget_is_an_option_that_works_at_once(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, **LATE)
    assert issues(hass) == ["refund_due"]
    menu = await hass.config_entries.options.async_init(site_entry.entry_id)
    form = await hass.config_entries.options.async_configure(
        menu["flow_id"], {"next_step_id": "account"}
    )
    assert form["type"] is FlowResultType.FORM
    done = await hass.config_entries.options.async_configure(
        form["flow_id"], {CONF_REFUND_BUDGET: 25.5}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, site_entry)
    assert site_entry.options == {
        CONF_MERCHANT: MERCHANT.stored(),
        CONF_REFUND_BUDGET: "25.50",
        CONF_POLLING_ONLY: False,
    }
    assert await states(site_entry, order.id) == [RefundState.PROCESSED]
    assert issues(hass) == []


async def test_within_the_budget_nobody_is_asked_while_another_is_on_its_way(
    hass: HomeAssistant, free_hand: MockConfigEntry, site_provider: NonCallableMagicMock
) -> None:
    async def slow(payment_id: str, amount: Money, key: str) -> Any:
        await answered.wait()
        return made(payment_id, amount, key)

    answered, told = asyncio.Event(), async_capture_events(hass, EVENT_ATTENTION)
    site_provider.refund.side_effect = slow
    site = free_hand.runtime_data
    for price in (1000, 200):
        order = await site.offers.make(site.bays["bay_1"], "ten_min")
        wrong = {"amount": Money(price, "INR")}
        await site.intake.take(captured(order, **(LATE | wrong)))
        await hass.async_block_till_done()
    assert site_provider.refund.call_count == 1
    answered.set()
    await settled(hass, free_hand)
    assert site_provider.refund.call_count == 2
    assert told == []
