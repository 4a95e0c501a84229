"""What the owner tells customers of himself: the form, the warning, the pages."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import CONF_MERCHANT, CONF_REFUND_BUDGET, DOMAIN
from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.entry_data import merchant_of

from .entries import MERCHANT, make_entry
from .pages import BAY, Client, choose, get, page_of, the_order
from .site_fixtures import set_up, settled

GSTIN = "27AAAAA0000A1Z2"
FILLED: dict[str, Any] = {
    "name": "Green Corner",
    "help_phone": "1912",
    "whatsapp": "+91 12345 67890",
    "texts": {"terms": "One.\n\nTwo <b>.", "refund_policy": "All of it."},
    "tax": {"gstin": GSTIN, "tax_percent": 18.0, "sac": "998714"},
}


@pytest.fixture
async def client(hass: HomeAssistant, hass_client_no_auth: Any) -> Client:
    made: Client = await hass_client_no_auth()
    return made


@pytest.fixture
async def quiet_entry(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> MockConfigEntry:
    """Return a site whose owner has told nothing."""
    return await set_up(hass, make_entry(merchant=Merchant()))


def warned(hass: HomeAssistant) -> bool:
    issues = ir.async_get(hass).issues
    return any(key == "merchant_incomplete" for _, key in _keys(issues))


def _keys(issues: Any) -> list[tuple[str, str | None]]:
    return [(domain, i.translation_key) for (domain, _), i in issues.items()]


async def fill_in(
    hass: HomeAssistant, entry: MockConfigEntry, told: dict[str, Any]
) -> Any:
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "merchant"})
    assert form["type"] is FlowResultType.FORM
    done = await options.async_configure(form["flow_id"], told)
    await settled(hass, entry)
    return done


async def test_the_owner_is_warned_until_everything_is_told(
    hass: HomeAssistant, quiet_entry: MockConfigEntry
) -> None:
    assert warned(hass)
    await fill_in(hass, quiet_entry, {**FILLED, "texts": {"terms": "One."}})
    assert warned(hass)
    await fill_in(hass, quiet_entry, FILLED)
    assert not warned(hass)


async def test_removing_a_site_takes_its_warning_along(
    hass: HomeAssistant, quiet_entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(quiet_entry.entry_id)
    assert not warned(hass)


async def test_what_is_told_is_stored_and_other_options_stay(
    hass: HomeAssistant, quiet_entry: MockConfigEntry
) -> None:
    done = await fill_in(hass, quiet_entry, FILLED)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    told = merchant_of(quiet_entry)
    assert (told.gstin, told.tax_bp, told.address) == (GSTIN, 1800, "")
    assert quiet_entry.options[CONF_REFUND_BUDGET] == "0.00"
    assert quiet_entry.options.keys() == {CONF_MERCHANT, CONF_REFUND_BUDGET}


@pytest.mark.parametrize(
    ("wrong", "where", "reason"),
    [
        ({"name": "x" * 61}, "name", "too_long"),
        ({"help_phone": "call me"}, "help_phone", "not_a_phone"),
        ({"whatsapp": "12345 67890"}, "whatsapp", "not_international"),
        ({"texts": {"terms": "x" * 6001}}, "texts", "too_long"),
        ({"tax": {"gstin": GSTIN[:-1] + "3"}}, "tax", "not_a_gstin"),
        ({"tax": {"sac": "none"}}, "tax", "not_a_sac"),
    ],
)
async def test_what_is_wrong_is_told_where_it_is_and_nothing_is_lost(
    hass: HomeAssistant,
    quiet_entry: MockConfigEntry,
    wrong: dict[str, Any],
    where: str,
    reason: str,
) -> None:
    form = await fill_in(hass, quiet_entry, {**FILLED, **wrong})
    assert form["errors"] == {where: reason}
    assert merchant_of(quiet_entry) == Merchant()
    options = hass.config_entries.options
    done = await options.async_configure(form["flow_id"], FILLED)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_a_bay_says_whom_to_pay_and_where_help_is(
    site_entry: MockConfigEntry, client: Client
) -> None:
    page = await get(client, BAY)
    assert f"Pay only to {MERCHANT.name}." in page.text
    links = [each.get("href") for each in page.all("a")]
    assert "tel:+911234567890" in links
    assert "https://wa.me/911234567890?text=Bay%201" in links
    assert f"{BAY}/terms" in links


async def test_an_order_says_the_same_and_names_itself_to_whatsapp(
    site_entry: MockConfigEntry, client: Client
) -> None:
    await choose(client)
    order = await the_order(site_entry)
    page = await get(client, page_of(order))
    assert f"Pay only to {MERCHANT.name}." in page.text
    links = [each.get("href") or "" for each in page.all("a")]
    assert any(order.id in link for link in links if "wa.me" in link)
    assert not any(order.watch_code in link for link in links if "wa.me" in link)
    terms = await get(client, f"{page_of(order)}/terms")
    assert MERCHANT.terms in terms.text


async def test_terms_are_escaped_and_keep_their_paragraphs(
    hass: HomeAssistant, quiet_entry: MockConfigEntry, client: Client
) -> None:
    await fill_in(hass, quiet_entry, FILLED)
    page = await get(client, f"{BAY}/terms")
    assert {"One.", "Two <b>.", "All of it.", f"GSTIN {GSTIN}"} <= set(page.read.words)
    assert not page.all("b")[1:]


async def test_a_site_that_tells_nothing_has_no_empty_pages(
    quiet_entry: MockConfigEntry, client: Client
) -> None:
    page = await get(client, BAY)
    assert "Pay only" not in page.text
    assert "Need help" not in page.text
    assert (await get(client, f"{BAY}/terms")).status == 404
    assert (await get(client, "/paybay/unknown/terms")).status == 404


async def test_the_warning_is_for_this_site_only(
    hass: HomeAssistant, quiet_entry: MockConfigEntry
) -> None:
    issue = f"merchant_incomplete_{quiet_entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
