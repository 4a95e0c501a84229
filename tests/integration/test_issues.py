"""Repair issues about money and about relays."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import Connection

from custom_components.paybay.const import DOMAIN
from custom_components.paybay.ledger import payments, refunds

from .entries import BAY_1
from .site_fixtures import ObedientClock, captured, paid, set_up, settled, state_of

LATE: dict[str, Any] = {"created_s": 1_700_000_000}
RELAY = BAY_1.relay


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    found = ir.async_get(hass).issues.values()
    return [issue for issue in found if issue.domain == DOMAIN]


async def break_relay(hass: HomeAssistant, service: str) -> None:
    async def broken(_call: ServiceCall) -> None:
        raise HomeAssistantError

    hass.services.async_register("input_boolean", service, broken)


def show_relay(hass: HomeAssistant, state: str) -> None:
    hass.states.async_set(RELAY, state)


async def test_a_refund_that_is_due_stands_before_the_owner(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, payment_id="pay_1", **LATE)
    (issue,) = issues(hass)
    site = site_entry.runtime_data
    (refund,) = await site.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert issue.issue_id == f"refund_due_{refund.key}"
    assert issue.translation_key == "refund_due"
    assert issue.is_fixable
    assert issue.is_persistent
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders == {
        "amount": "10.00 INR",
        "answer": "-",
        "bay": "Bay 1",
        "order_id": order.id,
        "payment_id": "pay_1",
        "plan": "Ten min",
        "reason": "the payment arrived too late to start the bay for it",
        "rrn": "123456789012",
    }


async def test_a_delivered_order_leaves_no_issue(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    assert issues(hass) == []


async def test_each_refund_has_an_issue_of_its_own(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry)
    await site_entry.runtime_data.intake.take(captured(order))
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.bay_1"}, blocking=True
    )
    await settled(hass, site_entry)
    reasons = [
        (issue.translation_placeholders or {})["reason"] for issue in issues(hass)
    ]
    assert reasons == [
        "the order was paid more than once",
        "the session was stopped before its time was over",
    ]


async def test_a_payment_without_a_bank_reference_shows_none(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, rrn=None, **LATE)
    (issue,) = issues(hass)
    assert issue.translation_placeholders
    assert issue.translation_placeholders["rrn"] == "-"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("start_window", "the bay could not start in time"),
        ("refused_busy", "the relay was running something else"),
        ("refused_storage", "the relay's device refused to start (refused_storage)"),
        ("moon_phase", "the order could not be delivered as paid (moon_phase)"),
    ],
)
async def test_a_reason_is_put_into_words(
    hass: HomeAssistant, site_entry: MockConfigEntry, code: str, words: str
) -> None:
    site = site_entry.runtime_data
    order = await paid(hass, site_entry)

    def owe(connection: Connection) -> None:
        payment = payments.of_order(connection, order.id)[0]
        refunds.owe(connection, payment, payment.amount, code, 0)

    await site.ledger.run(owe)
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    (issue,) = issues(hass)
    assert issue.translation_placeholders
    assert issue.translation_placeholders["reason"] == words


async def test_an_issue_lost_with_a_crash_is_there_after_the_next_start(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    site = site_entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    assert await hass.config_entries.async_unload(site_entry.entry_id)
    await site.intake.take(captured(order, **LATE))
    await hass.async_block_till_done()
    assert issues(hass) == []
    await set_up(hass, site_entry)
    assert [issue.translation_key for issue in issues(hass)] == ["refund_due"]


async def test_an_issue_settled_elsewhere_goes_at_the_next_start(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, **LATE)
    site = site_entry.runtime_data
    (refund,) = await site.ledger.run(lambda c: refunds.of_order(c, order.id))
    await site.ledger.run(lambda c: refunds.settle(c, refund.key, 1))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert issues(hass) == []


async def test_a_site_leaves_the_issues_of_another_alone(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        "refund_due_of_another",
        data={"entry_id": "another"},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="refund_due",
    )
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert [issue.issue_id for issue in issues(hass)] == ["refund_due_of_another"]


async def test_removing_a_bay_with_a_session_leaves_an_issue(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    hass.config_entries.async_remove_subentry(site_entry, "bay_1")
    await hass.async_block_till_done(wait_background_tasks=True)
    (issue,) = issues(hass)
    assert issue.translation_placeholders
    assert issue.translation_placeholders["bay"] == "a removed bay"
    assert issue.translation_placeholders["reason"] == "the bay was removed or disabled"
    assert state_of(hass, RELAY) == "off"


async def test_removing_a_site_with_a_session_leaves_an_issue(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    await hass.config_entries.async_remove(site_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [issue.translation_key for issue in issues(hass)] == ["refund_due"]


async def test_disabling_a_site_with_a_session_leaves_an_issue(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    await hass.config_entries.async_set_disabled_by(
        site_entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [issue.translation_key for issue in issues(hass)] == ["refund_due"]
    assert state_of(hass, RELAY) == "off"


async def test_a_session_that_was_never_reported_stands_before_the_owner(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await break_relay(hass, "turn_off")
    show_relay(hass, "unavailable")
    await clock.pass_by(hass, 600 + 601)
    (issue,) = issues(hass)
    assert issue.issue_id == f"session_unreported_{order.id}"
    assert issue.is_persistent
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {
        "amount": "10.00 INR",
        "bay": "Bay 1",
        "order_id": order.id,
        "plan": "Ten min",
    }


async def test_a_stray_relay_that_stays_on_is_an_issue_until_it_is_off(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await break_relay(hass, "turn_off")
    show_relay(hass, "on")
    await settled(hass, site_entry)
    (issue,) = issues(hass)
    assert issue.issue_id == "relay_stray_bay_1"
    assert not issue.is_fixable
    assert not issue.is_persistent
    assert issue.translation_placeholders == {"bay": "Bay 1", "relay": RELAY}
    show_relay(hass, "unavailable")
    await settled(hass, site_entry)
    assert len(issues(hass)) == 1
    show_relay(hass, "off")
    await settled(hass, site_entry)
    assert issues(hass) == []


async def test_a_stray_relay_that_goes_off_leaves_no_issue(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": RELAY}, blocking=True
    )
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "off"
    assert issues(hass) == []


async def test_a_relay_that_stays_on_after_a_session_is_stuck(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    await break_relay(hass, "turn_off")
    await clock.pass_by(hass, 601)
    await settled(hass, site_entry)
    assert [issue.issue_id for issue in issues(hass)] == ["relay_stuck_bay_1"]
    show_relay(hass, "off")
    await settled(hass, site_entry)
    assert issues(hass) == []


async def test_a_stuck_relay_is_an_issue_again_after_a_reload(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await break_relay(hass, "turn_off")
    show_relay(hass, "on")
    await settled(hass, site_entry)
    assert await hass.config_entries.async_unload(site_entry.entry_id)
    assert issues(hass) == []
    await set_up(hass, site_entry)
    assert [issue.issue_id for issue in issues(hass)] == ["relay_stray_bay_1"]
