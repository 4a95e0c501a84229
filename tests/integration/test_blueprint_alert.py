"""The alert with buttons: real money, a real phone's taps, real answers."""

from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.auth.models import User
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.paybay.const import EVENT_ATTENTION
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.ledger import orders, refunds

from .automations import bay_device, reload_automations, use
from .blueprint_fixtures import Register
from .entries import BAY_1, BAY_2
from .phones import Phone
from .site_fixtures import paid, settled, state_of
from .test_refunds import BROKE

NAME = "alert_with_buttons"
CHARGING, UNDELIVERED = OrderState.CHARGING, OrderState.UNDELIVERED
LATE: dict[str, Any] = {"created_s": 1_700_000_000}


async def alerted(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone, bay_id: str = "bay_1"
) -> tuple[Order, dict[str, str]]:
    """Pay too late; return the order and the buttons of the alert that came."""
    order = await paid(hass, bays, bay_id=bay_id, **LATE)
    await settled(hass, bays)
    alert = phone.told[-1]
    assert alert["data"]["tag"] == f"paybay_{order.id}"
    return order, {each["title"]: each["action"] for each in alert["data"]["actions"]}


async def standing(bays: MockConfigEntry, order: Order) -> tuple[Any, list[Any]]:
    """Return an order's state, and those of its refunds."""
    ledger = bays.runtime_data.ledger
    order = await ledger.run(lambda c: orders.get(c, order.id))
    owed = await ledger.run(lambda c: refunds.of_order(c, order.id))
    return order.state, [refund.state for refund in owed]


async def test_alert_says_where_how_much_and_why(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    _, buttons = await alerted(hass, bays, phone)
    assert phone.told[-1]["title"] == "Bay 1: paid and not delivered"
    assert phone.told[-1]["message"] == (
        "10.00 INR, Ten min, the payment arrived too late to start the bay for it."
    )
    assert list(buttons) == ["Serve now", "Refund", "Call off refund"]


@pytest.mark.parametrize(
    ("button", "becomes", "answer"),
    [
        ("Serve now", (CHARGING, [RefundState.WAIVED]), "The bay runs now"),
        ("Refund", (UNDELIVERED, [RefundState.PROCESSED]), "10.00 INR is on"),
        ("Call off refund", (UNDELIVERED, [RefundState.WAIVED]), "The refund"),
    ],
)
async def test_each_button_does_what_it_says_and_answers(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    phone: Phone,
    *,
    button: str,
    becomes: tuple[OrderState, list[RefundState]],
    answer: str,
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    order, buttons = await alerted(hass, bays, phone)
    await phone.tap(buttons[button])
    await settled(hass, bays)
    assert await standing(bays, order) == becomes
    assert phone.told[-1]["title"] == f"Done: {button}"
    assert phone.told[-1]["message"].startswith(answer)
    assert phone.told[-1]["data"]["tag"] == f"paybay_{order.id}"


async def test_alerts_of_two_bays_do_not_mix(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    first, its_buttons = await alerted(hass, bays, phone)
    second, other_buttons = await alerted(hass, bays, phone, "bay_2")
    await phone.tap(its_buttons["Refund"])
    await phone.tap(other_buttons["Serve now"])
    await settled(hass, bays)
    assert await standing(bays, first) == (
        UNDELIVERED,
        [RefundState.PROCESSED],
    )
    assert await standing(bays, second) == (CHARGING, [RefundState.WAIVED])
    assert state_of(hass, BAY_1.relay) == "off"
    assert state_of(hass, BAY_2.relay) == "on"


async def test_who_has_no_right_is_told_so_and_nothing_happens(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    phone: Phone,
    *,
    register: Register,
    hass_read_only_user: User,
    site_provider: NonCallableMagicMock,
) -> None:
    helper: Phone = await register(hass_read_only_user, "Helper's phone")
    await use(hass, NAME, phones=[phone.device_id, helper.device_id])
    order, buttons = await alerted(hass, bays, phone)
    for button, action in buttons.items():
        await helper.tap(action)
        assert helper.told[-1]["title"] == f"Not done: {button}"
        assert "only administrators" in helper.told[-1]["message"]
        # The alert with its buttons stays for those who may.
        assert helper.told[-1]["data"]["tag"] != f"paybay_{order.id}"
    assert await standing(bays, order) == (UNDELIVERED, [RefundState.DUE])
    assert site_provider.refund.await_count == 0


async def test_second_tap_changes_nothing_and_says_why(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    phone: Phone,
    site_provider: NonCallableMagicMock,
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    order, buttons = await alerted(hass, bays, phone)
    await phone.tap(buttons["Refund"])
    await settled(hass, bays)
    for button, action in buttons.items():
        await phone.tap(action)
        assert phone.told[-1]["title"] == f"Not done: {button}"
    assert "The money of order" in phone.told[-3]["message"]
    assert "was delivered, or less" in phone.told[-2]["message"]
    assert "no refund that could be waived" in phone.told[-1]["message"]
    assert await standing(bays, order) == (
        UNDELIVERED,
        [RefundState.PROCESSED],
    )
    assert site_provider.refund.await_count == 1


async def test_button_works_after_the_automations_were_reloaded(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    order, buttons = await alerted(hass, bays, phone)
    await reload_automations(hass, NAME, phones=[phone.device_id])
    await phone.tap(buttons["Serve now"])
    await settled(hass, bays)
    assert (await standing(bays, order))[0] == CHARGING


async def test_taps_that_are_not_ours_are_left_alone(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    order, buttons = await alerted(hass, bays, phone)
    told = len(phone.told)
    for action in (
        "OPEN_GARAGE",
        "",
        f"PAYBAY_REFUND_{order.id}@another_automation",
        buttons["Refund"].replace("REFUND", "EXPORT"),
    ):
        await phone.tap(action)
    assert len(phone.told) == told
    assert await standing(bays, order) == (UNDELIVERED, [RefundState.DUE])


async def test_tap_while_the_site_is_not_loaded_says_so(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    _, buttons = await alerted(hass, bays, phone)
    await hass.config_entries.async_unload(bays.entry_id)
    await phone.tap(buttons["Serve now"])
    assert phone.told[-1]["title"] == "Not done: Serve now"


async def test_only_chosen_bays_are_told_of(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    chosen = [bay_device(hass, bays, "bay_2")]
    await use(hass, NAME, phones=[phone.device_id], bays=chosen)
    await paid(hass, bays, **LATE)
    assert phone.told == []
    await alerted(hass, bays, phone, "bay_2")


async def test_phone_that_was_removed_does_not_keep_others_from_the_alert(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    await use(hass, NAME, phones=["a_device_that_is_gone", phone.device_id])
    await alerted(hass, bays, phone)


async def test_refund_that_lacks_balance_says_that_it_waits(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    phone: Phone,
    site_provider: NonCallableMagicMock,
) -> None:
    await use(hass, NAME, phones=[phone.device_id])
    _, buttons = await alerted(hass, bays, phone)
    site_provider.refund.side_effect = BROKE
    await phone.tap(buttons["Refund"])
    answer = phone.told[-2]  # the last is the alert that the balance lacks
    assert answer["title"] == "Not done: Refund"
    assert answer["message"].startswith("10.00 INR could not be sent back yet.")
    assert phone.told[-1]["title"] == "Bay 1: no balance for a refund"


async def test_start_of_home_assistant_tells_of_what_stands_open(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    """What was told while automations were not loaded, nobody heard."""
    await paid(hass, bays, **LATE)
    await use(hass, NAME, phones=[phone.device_id])
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    (told,) = phone.told
    assert told["message"] == "1 open item in the repairs."


async def test_tap_by_nobody_known_has_no_rights(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    """An event that no user stands behind is not the owner's."""
    await use(hass, NAME, phones=[phone.device_id])
    order, buttons = await alerted(hass, bays, phone)
    data = {"action": buttons["Refund"]}
    hass.bus.async_fire("mobile_app_notification_action", data)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert phone.told[-1]["title"] == "Not done: Refund"
    assert await standing(bays, order) == (UNDELIVERED, [RefundState.DUE])


async def test_alert_that_a_person_made_up_is_not_passed_on(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    phone: Phone,
    hass_read_only_user: User,
) -> None:
    """The Home Assistant app fires any event for whoever is signed in to it."""
    told = async_capture_events(hass, EVENT_ATTENTION)
    await use(hass, NAME, phones=[phone.device_id])
    await alerted(hass, bays, phone)
    before = len(phone.told)
    made_up = {**told[-1].data, "amount": 1, "reason": "Tap Refund, please"}
    context = Context(user_id=hass_read_only_user.id)
    hass.bus.async_fire(EVENT_ATTENTION, made_up, context=context)
    await settled(hass, bays)
    assert len(phone.told) == before
