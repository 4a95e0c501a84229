"""Printed QR codes in Home Assistant: made, seen, printed, paid and retired."""

from dataclasses import replace
from http import HTTPStatus
import io
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import Channel, Notice, QrFact
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.domain.qr_codes import QrState
from custom_components.paybay.ledger import orders, qr_codes
from custom_components.paybay.providers.base import (
    Poster,
    ProviderFeatureError,
    ProviderRefusedError,
    ProviderUnavailableError,
    QrRequest,
)

from .entries import BAY_1, BAY_2, FREE, PLANS, make_entry
from .site_fixtures import ObedientClock, captured, set_up, settled, state_of

BAY = "switch.bay_1"
IMAGE = "image.bay_1_printed_qr_code"


def _png() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (41, 100), "white").save(picture, format="PNG")
    return picture.getvalue()


PNG = _png()


class Account:
    """QR codes as a provider keeps them."""

    def __init__(self, provider: NonCallableMagicMock) -> None:
        self.codes: dict[str, QrFact] = {}
        self.asked: list[QrRequest] = []
        provider.create_qr.side_effect = self.create
        provider.close_qr.side_effect = self.close
        provider.fetch_poster.return_value = Poster("image/png", PNG)
        provider.list_qrs.side_effect = lambda: list(self.codes.values())
        provider.qr_payments.return_value = []

    def create(self, request: QrRequest) -> QrFact:
        self.asked.append(request)
        number = len(self.asked)
        fact = QrFact(
            id=f"qr_{number:014}",
            active=True,
            amount=request.amount,
            image_url=f"https://rzp.io/i/{number}",
            created_s=1,
            tag=request.tag,
        )
        self.codes[fact.id] = fact
        return fact

    def close(self, qr_id: str) -> QrFact:
        self.codes[qr_id] = replace(self.codes[qr_id], active=False)
        return self.codes[qr_id]


@pytest.fixture
def account(site_provider: NonCallableMagicMock) -> Account:
    return Account(site_provider)


@pytest.fixture
async def site(account: Account, site_entry: MockConfigEntry) -> MockConfigEntry:
    return site_entry


@pytest.fixture
async def two_bays(
    hass: HomeAssistant, account: Account, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    bay = replace(BAY_2, plan_codes=("free",))
    return await set_up(hass, make_entry(bays=[BAY_1, bay], plans=[*PLANS, FREE]))


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        "paybay", action, {"bay": BAY, **data}, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    await hass.async_block_till_done(wait_background_tasks=True)
    return answer


async def provision(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    (result,) = (await act(hass, "provision_qr", **data))["results"]
    assert isinstance(result, dict)
    return result


async def scan(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, minor: int
) -> Any:
    """Have the newest code paid; return its order."""
    site = entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    told = captured(order, amount=Money(minor, "INR"))
    fact = list(account.codes.values())[-1]
    taken = await site.intake.take(
        Notice(
            channel=Channel.WEBHOOK,
            kind="qr_code.credited",
            payment=told.payment,
            qr=fact,
        )
    )
    await settled(hass, entry)
    return await site.ledger.run(lambda c: orders.get(c, taken.order.id))


async def test_a_code_for_a_plan_is_made_with_its_price_and_our_notes(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    result = await provision(hass, plan="ten_min")
    assert result == {
        "bay": BAY,
        "name": "Bay 1",
        "qr_id": "qr_00000000000001",
        "state": "active",
        "mode": "fixed",
        "plan": "ten_min",
        "amount": 1000,
        "currency": "INR",
        "seconds": 600,
        "created": True,
        "outdated": False,
        "image_url": "https://rzp.io/i/1",
    }
    (asked,) = account.asked
    assert asked.amount == Money(1000, "INR")
    assert asked.description == "Bay 1: Ten min"
    assert (asked.tag.bay_id, asked.tag.site_id) == ("bay_1", site.entry_id)


async def test_asking_again_gives_the_code_that_hangs_there(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    first = await provision(hass)
    again = await provision(hass)
    assert (first["mode"], first["amount"]) == ("open", None)
    assert again == first | {"created": False}
    fixed = await provision(hass, plan="ten_min")
    assert fixed["qr_id"] != first["qr_id"]
    assert len(account.asked) == 2


async def test_a_code_can_be_replaced_and_the_old_one_is_closed(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    first = await provision(hass)
    second = await provision(hass, replace=True)
    assert second["created"]
    assert not account.codes[first["qr_id"]].active
    assert account.codes[second["qr_id"]].active


async def test_a_code_that_promises_an_older_price_says_so(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    await provision(hass, plan="ten_min")
    plans = site.runtime_data.plans
    plans["ten_min"] = replace(plans["ten_min"], price=Money(1500, "INR"))
    result = await provision(hass, plan="ten_min")
    assert (result["amount"], result["outdated"]) == (1000, True)


async def test_test_mode_warns_that_nobody_can_scan_it(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    answer = await act(hass, "provision_qr")
    assert answer["test_mode"] is True
    assert "no UPI app can pay them" in answer["warning"]


async def test_one_bay_that_cannot_have_a_code_does_not_stop_the_others(
    hass: HomeAssistant, two_bays: MockConfigEntry
) -> None:
    answer = await act(hass, "provision_qr", bay=[BAY, "switch.bay_2"])
    good, bad = answer["results"]
    assert good["state"] == "active"
    assert (bad["bay"], bad["state"]) == ("switch.bay_2", "failed")
    assert bad["error"] == "qr_nothing_for_sale"
    assert "Bay 2 sells no plan" in bad["message"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"plan": "nothing"}, "qr_plan_not_offered"),
        ({"plan": "free", "bay": "switch.bay_2"}, "qr_plan_free"),
        ({"bay": "input_boolean.relay_1"}, "not_a_bay"),
    ],
)
async def test_a_code_nobody_could_use_is_refused(
    hass: HomeAssistant, two_bays: MockConfigEntry, data: dict[str, str], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await provision(hass, **data)
    assert refused.value.translation_key == key


async def test_an_account_without_the_feature_gets_a_repair_in_plain_words(
    hass: HomeAssistant,
    site: MockConfigEntry,
    account: Account,
    site_provider: NonCallableMagicMock,
    issue_registry: ir.IssueRegistry,
) -> None:
    site_provider.create_qr.side_effect = ProviderFeatureError("no", 400, None)
    with pytest.raises(HomeAssistantError) as failed:
        await provision(hass)
    assert failed.value.translation_key == "qr_not_enabled"
    issue_id = f"qr_not_enabled_{site.entry_id}"
    assert issue_registry.async_get_issue("paybay", issue_id)
    site_provider.create_qr.side_effect = account.create
    await provision(hass)
    assert not issue_registry.async_get_issue("paybay", issue_id)


async def test_a_code_whose_making_got_no_answer_is_not_made_twice(
    hass: HomeAssistant,
    site: MockConfigEntry,
    account: Account,
    site_provider: NonCallableMagicMock,
) -> None:
    def made_but_unheard(request: QrRequest) -> QrFact:
        account.create(request)
        raise ProviderUnavailableError("timeout")

    site_provider.create_qr.side_effect = made_but_unheard
    with pytest.raises(HomeAssistantError):
        await provision(hass)
    site_provider.find_qr.side_effect = lambda key: next(
        fact for fact in account.codes.values() if fact.tag and fact.tag.key == key
    )
    site_provider.create_qr.side_effect = account.create
    result = await provision(hass)
    assert result["qr_id"] == "qr_00000000000001"
    assert len(account.codes) == 1


async def test_a_bay_shows_its_printed_code_only_once_it_has_one(
    hass: HomeAssistant,
    site: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    hass_client: ClientSessionGenerator,
) -> None:
    assert state_of(hass, IMAGE) is None
    await provision(hass)
    await settled(hass, site)
    assert state_of(hass, IMAGE) not in ("unavailable", "unknown", None)
    client = await hass_client()
    for _ in range(2):
        answer = await client.get(f"/api/image_proxy/{IMAGE}")
        assert answer.content_type == "image/png"
        assert await answer.read() == PNG
    site_provider.fetch_poster.assert_awaited_once()
    await act(hass, "retire_qr", confirm="Bay 1")
    assert state_of(hass, IMAGE) == "unavailable"


async def test_the_image_is_there_again_after_a_restart(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    await provision(hass)
    assert await hass.config_entries.async_reload(site.entry_id)
    await settled(hass, site)
    assert state_of(hass, IMAGE) not in ("unavailable", "unknown", None)


async def test_a_poster_that_could_not_be_fetched_comes_later(
    hass: HomeAssistant,
    site: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    site_provider.fetch_poster.side_effect = ProviderUnavailableError("down")
    assert (await provision(hass))["state"] == "active"
    await settled(hass, site)
    assert state_of(hass, IMAGE) is None
    site_provider.fetch_poster.side_effect = None
    await clock.pass_by(hass, 3601)
    await settled(hass, site)
    assert state_of(hass, IMAGE) not in ("unavailable", "unknown", None)


async def test_the_sheet_has_each_bay_its_amount_and_its_picture(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "http", {})
    answer = await act(hass, "provision_qr", plan="ten_min")
    client = await hass_client_no_auth()
    page = await client.get(answer["print_sheet"])
    assert page.status == HTTPStatus.OK
    text = await page.text()
    assert "<h2>Bay 1</h2>" in text
    assert "10.00 INR" in text
    assert "data:image/png;base64," in text
    assert "TEST: this code cannot be paid" in text
    assert hass.config.location_name in text
    assert "http://" not in text
    assert "<script" not in text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_the_sheet_is_for_whoever_has_its_signed_link_and_for_admins(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
    hass_client: ClientSessionGenerator,
) -> None:
    link = (await act(hass, "provision_qr"))["print_sheet"]
    stranger = await hass_client_no_auth()
    bare = link.partition("&authSig")[0]
    assert "codes=" in bare
    assert (await stranger.get(bare)).status == HTTPStatus.UNAUTHORIZED
    assert (await stranger.get(link + "x")).status == HTTPStatus.UNAUTHORIZED
    guest = {"Authorization": f"Bearer {hass_read_only_access_token}"}
    answer = await stranger.get(bare, headers=guest)
    assert answer.status == HTTPStatus.UNAUTHORIZED
    admin = await hass_client()
    assert (await admin.get(bare)).status == HTTPStatus.OK


async def test_a_retired_code_is_on_no_sheet(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    link = (await act(hass, "provision_qr"))["print_sheet"]
    await act(hass, "retire_qr", confirm="Bay 1")
    client = await hass_client_no_auth()
    assert (await client.get(link)).status == HTTPStatus.NOT_FOUND


async def test_a_scan_switches_the_bay_on_for_what_was_paid(
    hass: HomeAssistant, site: MockConfigEntry, account: Account, clock: ObedientClock
) -> None:
    await provision(hass)
    order = await scan(hass, site, account, 1500)
    assert (order.state, order.owed_ms) == (OrderState.CHARGING, 900_000)
    assert state_of(hass, "input_boolean.relay_1") == "on"
    await clock.pass_by(hass, 900)
    assert state_of(hass, "input_boolean.relay_1") == "off"


async def test_retiring_needs_the_bays_name(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    made = await provision(hass)
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "retire_qr", confirm="yes")
    assert refused.value.translation_key == "qr_not_confirmed"
    assert account.codes[made["qr_id"]].active


async def test_one_of_several_codes_can_be_retired(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    fixed, free = await provision(hass, plan="ten_min"), await provision(hass)
    answer = await act(hass, "retire_qr", confirm="bay 1", qr_id=fixed["qr_id"])
    (retired,) = answer["results"]
    assert (retired["qr_id"], retired["state"]) == (fixed["qr_id"], "retired")
    assert account.codes[free["qr_id"]].active
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "retire_qr", confirm="bay 1", qr_id=fixed["qr_id"])
    assert refused.value.translation_key == "qr_not_printed"


async def test_a_code_the_provider_will_not_close_is_told_of_and_refunded(
    hass: HomeAssistant,
    site: MockConfigEntry,
    account: Account,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    issues = ir.async_get(hass)
    await provision(hass)
    site_provider.close_qr.side_effect = ProviderRefusedError("cannot", 400, None)
    (result,) = (await act(hass, "retire_qr", confirm="Bay 1"))["results"]
    assert (result["state"], result["answer"]) == ("retiring", "cannot")
    (issue,) = [i for i in issues.issues.values() if "not_closed" in i.issue_id]
    assert issue.translation_placeholders
    assert issue.translation_placeholders["bay"] == "Bay 1"

    order = await scan(hass, site, account, 1000)
    assert (order.state, order.reason) == (OrderState.UNDELIVERED, "qr_retired")
    assert state_of(hass, "input_boolean.relay_1") == "off"

    site_provider.close_qr.side_effect = account.close
    await clock.pass_by(hass, 3601)
    await settled(hass, site)
    assert not issues.async_get_issue("paybay", issue.issue_id)


async def test_codes_of_a_bay_that_is_removed_are_retired(
    hass: HomeAssistant, two_bays: MockConfigEntry, account: Account
) -> None:
    made = await provision(hass)
    hass.config_entries.async_remove_subentry(two_bays, "bay_1")
    await settled(hass, two_bays)
    assert not account.codes[made["qr_id"]].active


async def test_codes_of_a_removed_site_are_retired_and_stay_known(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    made = await provision(hass)
    ledger = site.runtime_data.ledger
    await hass.config_entries.async_remove(site.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not account.codes[made["qr_id"]].active
    known = await ledger.run(lambda c: qr_codes.find(c, provider_id=made["qr_id"]))
    assert known
    assert known.state == "retired"


async def test_a_code_closed_at_the_provider_is_no_longer_shown(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    made = await provision(hass)
    closed = account.close(made["qr_id"])
    await site.runtime_data.intake.take(
        Notice(channel=Channel.WEBHOOK, kind="qr_code.closed", qr=closed)
    )
    await settled(hass, site)
    assert state_of(hass, IMAGE) == "unavailable"


@pytest.mark.parametrize("action", ["provision_qr", "retire_qr"])
async def test_only_admins_touch_what_takes_money(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    data = {"bay": BAY} | ({"confirm": "Bay 1"} if action == "retire_qr" else {})
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "paybay",
            action,
            data,
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


def notices(hass: HomeAssistant) -> dict[str, dict[str, str]]:
    """Return what the owner is told about stickers, by its key."""
    found = (i for i in ir.async_get(hass).issues.values() if i.active)
    told = (i for i in found if str(i.translation_key).startswith("qr_"))
    return {str(i.translation_key): i.translation_placeholders or {} for i in told}


async def test_disabled_site_names_the_stickers_that_still_take_money(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    await provision(hass, plan="ten_min")
    await hass.config_entries.async_set_disabled_by(
        site.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    named = notices(hass)["qr_site_disabled"]["codes"]
    assert "Bay 1" in named
    assert "qr_00000000000001" in named
    await hass.config_entries.async_set_disabled_by(site.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert notices(hass) == {}


async def test_removed_site_tells_of_each_sticker_it_could_not_close(
    hass: HomeAssistant, site: MockConfigEntry, account: Account
) -> None:
    await provision(hass, plan="ten_min")
    ledger = site.runtime_data.ledger
    flip = "UPDATE qr_codes SET test_mode = 0"
    await ledger.run(lambda c: c.exec_driver_sql(flip))
    site.runtime_data.printed_qrs.poke()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Bay 1" in notices(hass)["qr_test_keys"]["codes"]
    await hass.config_entries.async_remove(site.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    told = notices(hass)
    assert set(told) == {"qr_left_behind"}
    assert told["qr_left_behind"]["qr_id"] == "qr_00000000000001"
    (known,) = await ledger.run(lambda c: qr_codes.of_site(c, site.entry_id))
    assert known.state is QrState.RETIRING
