"""The screens of an account, from the first key to the first bay."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any
from unittest.mock import AsyncMock, NonCallableMagicMock
from uuid import uuid4

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.const import (
    CONF_HOOK_ID,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    SUBENTRY_PLAN,
)
from custom_components.paybay.entry_data import plans_of
from custom_components.paybay.providers.base import (
    ProviderAuthError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

from .entries import ENTRY_DATA, KEY_ID, make_entry

KEYS = {CONF_KEY_ID: KEY_ID, CONF_KEY_SECRET: "s3cret"}
LIVE_KEYS = {CONF_KEY_ID: "rzp_live_paybay00000001", CONF_KEY_SECRET: "s3cret"}

FAILURES = [
    (ProviderAuthError(), "invalid_auth"),
    (ProviderUnavailableError(), "cannot_connect"),
    (ProviderRefusedError("Account is suspended", 400, None), "provider_refused"),
    (RuntimeError("a bug"), "unknown"),
]

type Upload = Callable[[str | bytes], Awaitable[str]]


@pytest.fixture(autouse=True)
def _public_url(hass: HomeAssistant) -> None:
    hass.config.external_url = "https://shop.example.com"


@pytest.fixture
async def upload(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Upload:
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client()

    async def send(content: str | bytes) -> str:
        raw = content.encode() if isinstance(content, str) else content
        response = await client.post("/api/file_upload", data={"file": BytesIO(raw)})
        file_id: str = (await response.json())["file_id"]
        return file_id

    return send


async def _start(hass: HomeAssistant) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    return result


async def _go(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


async def _choose(
    hass: HomeAssistant, result: ConfigFlowResult, option: str
) -> ConfigFlowResult:
    return await _go(hass, result, {"next_step_id": option})


async def _to_plans(hass: HomeAssistant, keys: dict[str, str]) -> ConfigFlowResult:
    result = await _go(hass, await _start(hass), keys)
    result = await _choose(hass, result, "reach_polling")
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "plans")
    return result


async def test_an_account_is_set_up_with_the_default_plans(
    hass: HomeAssistant, provider: NonCallableMagicMock, mock_setup_entry: AsyncMock
) -> None:
    result = await _go(hass, await _start(hass), KEYS)
    provider.check.assert_awaited_once_with()
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "reach")
    result = await _choose(hass, result, "reach_polling")
    defaults = (result["description_placeholders"] or {})["defaults"]
    assert "- Hour pass (50.00 INR, 60 min)" in defaults

    result = await _choose(hass, result, "default_plans")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Razorpay (test)"
    entry = result["result"]
    hook, secret = entry.data[CONF_HOOK_ID], entry.data[CONF_WEBHOOK_SECRET]
    assert entry.unique_id == KEY_ID
    assert entry.data == KEYS | {CONF_HOOK_ID: hook, CONF_WEBHOOK_SECRET: secret}
    assert list(plans_of(entry)) == ["ten_min", "thirty_min", "hour_pass"]
    assert {sub.unique_id for sub in entry.subentries.values()} == set(plans_of(entry))
    mock_setup_entry.assert_awaited_once()


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_the_first_bay_comes_next(hass: HomeAssistant) -> None:
    result = await _choose(hass, await _to_plans(hass, KEYS), "default_plans")
    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    bay = hass.config_entries.subentries.async_get(flow_id)
    assert (bay["handler"][1], bay["step_id"]) == ("bay", "user")


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_live_keys_are_shown_as_live(hass: HomeAssistant) -> None:
    result = await _go(hass, await _start(hass), LIVE_KEYS)
    result = await _choose(hass, result, "reach_public")
    assert result["data_schema"]
    assert result["data_schema"]({}) == {"mode": "live"}
    hass.config_entries.flow.async_abort(result["flow_id"])

    result = await _to_plans(hass, LIVE_KEYS)
    result = await _choose(hass, result, "default_plans")
    assert result["title"] == "Razorpay"


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_blanks_around_copied_keys_are_dropped(hass: HomeAssistant) -> None:
    blanks = {key: f" {value}\n" for key, value in KEYS.items()}
    result = await _choose(hass, await _to_plans(hass, blanks), "default_plans")
    assert result["result"].data.items() >= KEYS.items()


@pytest.mark.parametrize(("failure", "error"), FAILURES)
@pytest.mark.usefixtures("mock_setup_entry")
async def test_keys_that_fail_can_be_entered_again(
    hass: HomeAssistant,
    provider: NonCallableMagicMock,
    failure: Exception,
    error: str,
) -> None:
    provider.check.side_effect = failure
    result = await _go(hass, await _start(hass), KEYS)
    assert (result["step_id"], result["errors"]) == ("user", {"base": error})
    assert result["data_schema"]
    suggested = {str(k): k.description for k in result["data_schema"].schema}
    assert suggested == {
        CONF_KEY_ID: {"suggested_value": KEY_ID},
        CONF_KEY_SECRET: None,
    }

    provider.check.side_effect = None
    result = await _go(hass, result, KEYS)
    result = await _choose(hass, result, "reach_polling")
    result = await _choose(hass, result, "default_plans")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_same_account_is_not_set_up_twice(
    hass: HomeAssistant, entry: MockConfigEntry, provider: NonCallableMagicMock
) -> None:
    result = await _go(hass, await _start(hass), KEYS)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    provider.check.assert_not_awaited()


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_a_newer_window_takes_over_from_one_that_was_left_open(
    hass: HomeAssistant,
) -> None:
    left = await _to_plans(hass, KEYS)
    result = await _to_plans(hass, KEYS)
    other = await _to_plans(hass, LIVE_KEYS)
    flows = hass.config_entries.flow.async_progress()
    assert {flow["flow_id"] for flow in flows} == {
        result["flow_id"],
        other["flow_id"],
    }
    with pytest.raises(UnknownFlow):
        await _choose(hass, left, "default_plans")


@pytest.mark.usefixtures("provider")
async def test_new_keys_are_still_asked_for_after_a_try_to_add_the_account_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    asked = await entry.start_reauth_flow(hass)
    result = await _go(hass, await _start(hass), KEYS)
    assert result["reason"] == "already_configured"
    flows = hass.config_entries.flow.async_progress()
    assert [flow["flow_id"] for flow in flows] == [asked["flow_id"]]


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_plans_come_from_an_uploaded_file(
    hass: HomeAssistant, upload: Upload
) -> None:
    result = await _to_plans(hass, KEYS)
    result = await _choose(hass, result, "upload_plans")
    assert (result["step_id"], result["errors"]) == ("upload_plans", {})

    file = await upload("[plans.quick]\namount = 2.5\nduration_seconds = 90\n")
    result = await _go(hass, result, {"file": file})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = result["result"].subentries.values()
    assert subentry.subentry_type == SUBENTRY_PLAN
    assert (subentry.title, subentry.unique_id) == ("Quick", "quick")
    assert dict(subentry.data) == {
        "code": "quick",
        "name": "Quick",
        "amount_minor": 250,
        "currency": "INR",
        "duration_s": 90,
        "energy_wh": None,
    }


@pytest.mark.parametrize(
    ("content", "error", "placeholders"),
    [
        (
            "[plans.x]\nduration = 1\namount = 0.5\n",
            "pricing_line_key",
            {"line": "3", "key": "plans.x.amount"},
        ),
        ("\n[plans", "pricing_line", {"line": "2"}),
        (b"\xff", "pricing_line", {"line": "1"}),
        ("", "pricing", {"problem": "at least one [plans.<code>] is needed"}),
        ("#" * 65_537, "pricing", {"problem": "the file is over 64 KiB"}),
    ],
    ids=["amount", "syntax", "encoding", "empty", "large"],
)
@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_a_wrong_file_names_line_and_key_and_can_be_uploaded_again(
    hass: HomeAssistant,
    upload: Upload,
    content: str | bytes,
    error: str,
    placeholders: dict[str, str],
) -> None:
    result = await _to_plans(hass, KEYS)
    result = await _choose(hass, result, "upload_plans")
    result = await _go(hass, result, {"file": await upload(content)})
    assert (result["step_id"], result["errors"]) == ("upload_plans", {"file": error})
    shown = result["description_placeholders"] or {}
    assert shown.items() >= placeholders.items()

    file = await upload("[plans.x]\namount = 10\nduration = 10\n")
    result = await _go(hass, result, {"file": file})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_an_upload_that_is_gone_can_be_repeated(
    hass: HomeAssistant, upload: Upload
) -> None:
    result = await _to_plans(hass, KEYS)
    result = await _choose(hass, result, "upload_plans")
    result = await _go(hass, result, {"file": str(uuid4())})
    assert result["errors"] == {"file": "upload_gone"}

    file = await upload("[plans.x]\namount = 10\nduration = 10\n")
    result = await _go(hass, result, {"file": file})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(("failure", "error"), FAILURES)
@pytest.mark.usefixtures("mock_setup_entry")
async def test_refused_keys_are_replaced(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    provider: NonCallableMagicMock,
    failure: Exception,
    error: str,
) -> None:
    result = await entry.start_reauth_flow(hass)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.FORM,
        "reauth_confirm",
    )
    provider.check.side_effect = failure
    new = {CONF_KEY_ID: "rzp_test_paybay00000002", CONF_KEY_SECRET: "new"}
    result = await _go(hass, result, new)
    assert (result["step_id"], result["errors"]) == ("reauth_confirm", {"base": error})

    provider.check.side_effect = None
    result = await _go(hass, result, new)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "reauth_successful",
    )
    assert entry.data == ENTRY_DATA | new
    assert entry.unique_id == new[CONF_KEY_ID]


@pytest.mark.usefixtures("provider")
async def test_an_entry_that_could_not_be_set_up_is_tried_again_with_new_keys(
    hass: HomeAssistant, entry: MockConfigEntry, mock_setup_entry: AsyncMock
) -> None:
    result = await _go(hass, await entry.start_reauth_flow(hass), KEYS)
    assert result["reason"] == "reauth_successful"
    assert entry.data == ENTRY_DATA | KEYS
    await hass.async_block_till_done()
    mock_setup_entry.assert_awaited_once()


@pytest.mark.usefixtures("provider")
async def test_a_loaded_entry_hears_of_new_keys_and_is_not_reloaded_by_the_flow(
    hass: HomeAssistant, entry: MockConfigEntry, mock_setup_entry: AsyncMock
) -> None:
    listener = AsyncMock()
    entry.add_update_listener(listener)
    await _go(hass, await entry.start_reauth_flow(hass), KEYS)
    await hass.async_block_till_done()
    listener.assert_awaited_once_with(hass, entry)
    mock_setup_entry.assert_not_awaited()


async def test_the_keys_of_another_entry_are_not_taken(
    hass: HomeAssistant, entry: MockConfigEntry, provider: NonCallableMagicMock
) -> None:
    make_entry(bays=(), key_id="rzp_test_other0000001").add_to_hass(hass)
    taken = {CONF_KEY_ID: "rzp_test_other0000001", CONF_KEY_SECRET: "x"}
    result = await _go(hass, await entry.start_reauth_flow(hass), taken)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )
    provider.check.assert_not_awaited()
    assert entry.data == ENTRY_DATA


@pytest.mark.parametrize(
    ("title", "new_title"),
    [("Razorpay (test)", "Razorpay"), ("My shop", "My shop")],
)
@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_going_live_says_that_the_webhook_is_needed_again(
    hass: HomeAssistant, entry: MockConfigEntry, title: str, new_title: str
) -> None:
    hass.config_entries.async_update_entry(entry, title=title)
    result = await entry.start_reconfigure_flow(hass)
    result = await _choose(hass, result, "new_keys")
    assert (result["step_id"], result["errors"]) == ("new_keys", {})
    result = await _go(hass, result, LIVE_KEYS)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "mode_changed",
    )
    assert (entry.title, entry.unique_id) == (new_title, LIVE_KEYS[CONF_KEY_ID])


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_plans_are_typed_one_after_another(hass: HomeAssistant) -> None:
    result = await _choose(hass, await _to_plans(hass, KEYS), "type_plans")
    quick = {"name": "Quick", "amount": 10, "currency": "INR", "minutes": 10}
    result = await _go(hass, result, quick | {"another": True})
    assert (result["step_id"], result["errors"]) == ("type_another_plan", {})
    listed = (result["description_placeholders"] or {})["plans"]
    assert listed == "- Quick (10.00 INR, 10 min)"
    result = await _go(hass, result, quick | {"name": "Long", "minutes": 60.5})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    plans = plans_of(result["result"])
    assert {code: plan.duration_s for code, plan in plans.items()} == {
        "quick": 600,
        "long": 3630,
    }


@pytest.mark.parametrize(
    ("mistake", "errors"),
    [
        ({"name": " "}, {"name": "name_missing"}),
        ({"name": "Quick"}, {"name": "plan_name_taken"}),
        ({"amount": 0.5}, {"amount": "plan_amount"}),
        ({"amount": 1.005}, {"amount": "plan_amount_decimals"}),
        ({"currency": "rupees"}, {"currency": "plan_currency"}),
        ({"minutes": 0}, {"minutes": "plan_duration"}),
        ({"minutes": 0.001}, {"minutes": "plan_duration_whole"}),
    ],
)
@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_a_mistake_in_a_typed_plan_loses_none_of_the_others(
    hass: HomeAssistant, mistake: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await _choose(hass, await _to_plans(hass, KEYS), "type_plans")
    plan = {"name": "Quick", "amount": 10, "currency": "INR", "minutes": 10}
    result = await _go(hass, result, plan | {"another": True})
    result = await _go(hass, result, plan | {"name": "Long"} | mistake)
    assert (result["step_id"], result["errors"]) == ("type_another_plan", errors)
    assert result["data_schema"]
    shown = {str(k): k.description for k in result["data_schema"].schema}
    wrong = (plan | {"name": "Long"} | mistake)["name"]
    assert shown["name"] == {"suggested_value": wrong}

    result = await _go(hass, result, plan | {"name": "Long"})
    assert list(plans_of(result["result"])) == ["quick", "long"]
