"""What only the owner can settle: told once, and settled by a button or an action."""

from dataclasses import replace
from typing import Any
from unittest.mock import NonCallableMagicMock, patch

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

from custom_components.paybay.const import DOMAIN, EVENT_ATTENTION
from custom_components.paybay.domain.links import LinkTag
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    LinkFact,
    LinkStatus,
    Notice,
)
from custom_components.paybay.domain.orders import OrderState, PaidBy
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.domain.relays import RelayReport
from custom_components.paybay.drivers.switch import SwitchDriver
from custom_components.paybay.ledger import orders, refunds, unreported
from custom_components.paybay.walk_ins import Sale

from .site_fixtures import ObedientClock, paid, settled, state_of, untouched
from .test_refunds import made
from .test_repairs import choose, confirm, only_issue

LATE: dict[str, Any] = {"created_s": 1_700_000_000}
RELAY = "input_boolean.relay_1"


@pytest.fixture(autouse=True)
async def _repairs(hass: HomeAssistant, site_provider: NonCallableMagicMock) -> None:
    assert await async_setup_component(hass, "repairs", {})
    site_provider.refund.side_effect = made


def issues(hass: HomeAssistant) -> list[str | None]:
    found = ir.async_get(hass).issues.values()
    return [issue.translation_key for issue in found if issue.domain == DOMAIN]


async def act(hass: HomeAssistant, action: str, order_id: str) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, {"order_id": order_id}, blocking=True, return_response=True
    )


async def refund_states(entry: MockConfigEntry, order_id: str) -> list[RefundState]:
    ledger = entry.runtime_data.ledger
    found = await ledger.run(lambda c: refunds.of_order(c, order_id))
    return [refund.state for refund in found]


async def test_what_needs_the_owner_is_told_once(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    told = async_capture_events(hass, EVENT_ATTENTION)
    order = await paid(hass, site_entry, **LATE)
    assert [event.data for event in told] == [
        {
            "kind": "refund_due",
            "issue_id": only_issue(hass).issue_id,
            "config_entry_id": site_entry.entry_id,
            "bay_id": "bay_1",
            "device_id": told[0].data["device_id"],
            "order_id": order.id,
            "amount": 1000,
            "currency": "INR",
            "bay": "Bay 1",
            "plan": "Ten min",
            "reason": "the payment arrived too late to start the bay for it",
        }
    ]
    assert told[0].data["device_id"]
    activity = hass.states.get("event.bay_1_activity")
    assert activity
    assert activity.attributes["event_type"] == "attention"
    assert activity.attributes["reason"] == "refund_due"
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert len(told) == 1


async def test_owner_serves_an_order_in_place_of_its_refund(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry, **LATE)
    done = await choose(hass, "serve")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "on"
    assert issues(hass) == []
    await clock.pass_by(hass, 601)
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "off"
    assert await refund_states(site_entry, order.id) == [RefundState.WAIVED]


async def test_serving_is_not_offered_while_the_bay_is_busy(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, **LATE)
    await paid(hass, site_entry)
    manager = hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(
        DOMAIN, context={"issue_id": only_issue(hass).issue_id}
    )
    assert flow["menu_options"] == ["refund", "confirm"]


async def test_serving_that_came_too_late_says_so(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, **LATE)
    manager = hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(
        DOMAIN, context={"issue_id": only_issue(hass).issue_id}
    )
    assert flow["menu_options"] == ["refund", "serve", "confirm"]
    await paid(hass, site_entry)
    late = await manager.async_configure(flow["flow_id"], {"next_step_id": "serve"})
    assert (late["type"], late["reason"]) == (FlowResultType.ABORT, "not_served")
    assert issues(hass) == ["refund_due"]


async def test_serving_at_a_dead_relay_says_so_and_owes_the_money_again(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    async def broken(_call: Any) -> None:
        raise HomeAssistantError

    order = await paid(hass, site_entry, **LATE)
    hass.services.async_register("input_boolean", "turn_on", broken)
    failed = await choose(hass, "serve")
    assert (failed["type"], failed["reason"]) == (FlowResultType.ABORT, "not_started")
    await settled(hass, site_entry)
    assert issues(hass) == ["refund_due"]
    states = await refund_states(site_entry, order.id)
    assert sorted(states) == [RefundState.DUE, RefundState.WAIVED]


async def test_serving_at_a_bay_with_a_fault_is_refused_and_keeps_the_refund(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, **LATE)
    faulty = RelayReport(contact=True, on=False, fault="estop")
    with (
        patch.object(SwitchDriver, "report", return_value=faulty),
        pytest.raises(ServiceValidationError) as refused,
    ):
        await act(hass, "serve_order", order.id)
    assert refused.value.translation_key == "serve_bay_away"
    assert await refund_states(site_entry, order.id) == [RefundState.DUE]


async def test_action_serves_and_says_what_is_left(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 300)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.bay_1"}, blocking=True
    )
    await settled(hass, site_entry)
    assert await act(hass, "serve_order", order.id) == {
        "order_id": order.id,
        "seconds": 300.0,
    }
    with pytest.raises(ServiceValidationError) as again:
        await act(hass, "serve_order", order.id)
    assert again.value.translation_key == "serve_still_open"


async def test_action_waives_what_was_settled_otherwise(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, **LATE)
    assert await act(hass, "waive_refund", order.id) == {
        "order_id": order.id,
        "amount": 1000,
        "currency": "INR",
        "state": "waived",
    }
    await settled(hass, site_entry)
    assert issues(hass) == []
    with pytest.raises(ServiceValidationError) as again:
        await act(hass, "waive_refund", order.id)
    assert again.value.translation_key == "waive_nothing"
    with pytest.raises(ServiceValidationError) as free:
        await act(hass, "serve_order", order.id)
    assert free.value.translation_key == "serve_settled"


@pytest.mark.parametrize("action", ["serve_order", "waive_refund"])
async def test_actions_are_for_administrators(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            {"order_id": "ord_x"},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_unreported_session_can_be_refunded_whole(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    ledger = site_entry.runtime_data.ledger
    await ledger.run(lambda c: orders.change(c, order.id, reason=unreported.REASON))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert issues(hass) == ["session_unreported"]
    done = await choose(hass, "refund")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, site_entry)
    assert issues(hass) == []
    assert await refund_states(site_entry, order.id) == [RefundState.PROCESSED]
    ended = await ledger.run(lambda c: orders.get(c, order.id))
    assert ended.state is OrderState.COMPLETED


async def test_cash_of_an_unreported_session_is_given_back_by_hand(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    site = site_entry.runtime_data
    sale = Sale(paid_by=PaidBy.CASH)
    order = await site.walk_ins.sell(site.bays["bay_1"], "ten_min", sale)
    await clock.pass_by(hass, 601)
    reason = unreported.REASON
    await site.ledger.run(lambda c: orders.change(c, order.id, reason=reason))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    done = await choose(hass, "refund")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, site_entry)
    assert issues(hass) == ["cash_back_due"]
    ended = await site.ledger.run(lambda c: orders.get(c, order.id))
    assert ended.cash_back_minor == 1000
    assert await refund_states(site_entry, order.id) == []


async def test_unreported_session_is_not_refunded_twice(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    await hass.services.async_call(
        DOMAIN, "refund_order", {"order_id": order.id, "amount": 10}, blocking=True
    )
    ledger = site_entry.runtime_data.ledger
    await ledger.run(lambda c: orders.change(c, order.id, reason=unreported.REASON))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    refused = await choose(hass, "refund")
    assert (refused["type"], refused["reason"]) == (
        FlowResultType.ABORT,
        "not_refunded",
    )


async def paid_unknown(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Be told of money on a link of this site whose order is not in the ledger."""
    order_id = "ord_made_after_the_backup"
    link = LinkFact(
        id="plink_AfterTheBackup",
        reference_id=order_id,
        status=LinkStatus.PAID,
        amount=Money(1000, "INR"),
        url="https://rzp.io/rzp/lost",
        tag=LinkTag(
            site_id=entry.entry_id,
            bay_id="bay_added_later",
            bay_name="Bay 9",
            plan_code="ten_min",
            plan_name="Ten minutes",
            order_id=order_id,
        ),
    )
    notice = Notice(
        channel=Channel.WEBHOOK,
        kind="payment_link.paid",
        payment=replace(untouched("pay_AfterTheBackup"), rrn="123456789012"),
        link=link,
    )
    await entry.runtime_data.intake.take(notice)
    await settled(hass, entry)
    return order_id


async def test_money_for_an_unknown_order_is_raised_once(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    told = async_capture_events(hass, EVENT_ATTENTION)
    order_id = await paid_unknown(hass, site_entry)
    await paid_unknown(hass, site_entry)
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert issues(hass) == ["order_unknown"]
    assert [(event.data["kind"], event.data["order_id"]) for event in told] == [
        ("order_unknown", order_id)
    ]
    shown = only_issue(hass).translation_placeholders
    assert shown
    assert shown.pop("paid_at")
    assert shown == {
        "amount": "10.00 INR",
        "answer": "-",
        "bay": "Bay 9",
        "order_id": order_id,
        "payment_id": "pay_AfterTheBackup",
        "plan": "Ten minutes",
        "reason": shown["reason"],
        "rrn": "123456789012",
    }
    assert await refund_states(site_entry, order_id) == [RefundState.DUE]


async def test_money_for_an_unknown_order_is_refunded_at_the_owners_word(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order_id = await paid_unknown(hass, site_entry)
    manager = hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(
        DOMAIN, context={"issue_id": only_issue(hass).issue_id}
    )
    assert flow["menu_options"] == ["refund", "confirm"]
    done = await choose(hass, "refund")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settled(hass, site_entry)
    assert issues(hass) == []
    assert await refund_states(site_entry, order_id) == [RefundState.PROCESSED]


async def test_money_for_an_unknown_order_is_settled_by_the_owner(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order_id = await paid_unknown(hass, site_entry)
    done = await confirm(hass, await choose(hass, "confirm"))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await paid_unknown(hass, site_entry)
    assert issues(hass) == []
    assert await refund_states(site_entry, order_id) == [RefundState.WAIVED]
