"""Posters and the start page's code in Home Assistant: asked for, seen, printed."""

from dataclasses import replace
from http import HTTPStatus
import io
from pathlib import Path
import re
from typing import Any
from unittest.mock import patch

from homeassistant.components import cloud
from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from PIL import Image
import pypdfium2
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import zxingcpp

from custom_components.paybay import const
from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.web.customer.texts import LANGUAGES
from custom_components.paybay.web.posters import words
from custom_components.paybay.web.posters.content import Content

from .entries import BAY_1, BAY_2, MERCHANT, PLANS, TEN_MIN, make_entry
from .site_fixtures import set_up, state_of

OUTSIDE = "https://bays.example.com"
PAGE = f"{OUTSIDE}/paybay/bay_1"
START_QR, POSTER = "image.bay_1_start_page_qr_code", "image.bay_1_poster"


@pytest.fixture
async def site(hass: HomeAssistant, site_entry: MockConfigEntry) -> MockConfigEntry:
    await hass.config.async_update(external_url=OUTSIDE)
    await hass.async_block_till_done()
    return site_entry


@pytest.fixture
async def client(hass_client_no_auth: ClientSessionGenerator) -> Any:
    return await hass_client_no_auth()


def scanned(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("RGB"))]


def pages_of(pdf: bytes) -> list[str]:
    """Return where each page's code leads."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [page.render(scale=2).to_pil() for page in document]
    return [text for picture in pictures for text in scanned(picture)]


async def seen(hass: HomeAssistant, entity_id: str) -> list[str]:
    picture = await async_get_image(hass, entity_id)
    return scanned(Image.open(io.BytesIO(picture.content)))


async def posters(hass: HomeAssistant, *bays: str, **data: Any) -> dict[str, Any]:
    asked = {"bay": list(bays or ["switch.bay_1"]), **data}
    answer = await hass.services.async_call(
        "paybay", "get_posters", asked, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


async def poster(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    found = (await posters(hass, **data))["posters"][0]
    assert isinstance(found, dict)
    return found


def content(hass: HomeAssistant, entry: MockConfigEntry, language: str) -> Content:
    site = entry.runtime_data
    found = words.content_of(hass, site, site.bays["bay_1"], language)
    assert found is not None
    return found


@pytest.mark.parametrize("entity_id", [START_QR, POSTER])
async def test_the_device_page_shows_a_code_that_leads_to_the_bay(
    hass: HomeAssistant, site: MockConfigEntry, entity_id: str
) -> None:
    assert await seen(hass, entity_id) == [PAGE]


@pytest.mark.parametrize("entity_id", [START_QR, POSTER])
async def test_without_a_public_address_there_is_no_code_to_print_by_mistake(
    hass: HomeAssistant, site: MockConfigEntry, entity_id: str
) -> None:
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    assert state_of(hass, entity_id) == "unavailable"


@pytest.mark.parametrize("entity_id", [START_QR, POSTER])
async def test_a_new_public_address_is_a_new_picture(
    hass: HomeAssistant, site: MockConfigEntry, entity_id: str
) -> None:
    before = state_of(hass, entity_id)
    await hass.config.async_update(external_url="https://moved.example.com")
    await hass.async_block_till_done()
    assert state_of(hass, entity_id) != before
    assert await seen(hass, entity_id) == ["https://moved.example.com/paybay/bay_1"]


async def test_an_address_of_the_cloud_is_shown_as_soon_as_it_is_connected(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> None:
    hass.config.components.add("cloud")
    address = "https://abcdef.ui.nabu.casa"
    with patch("homeassistant.components.cloud.async_remote_ui_url") as remote_url:
        remote_url.side_effect = cloud.CloudNotAvailable
        await set_up(hass, make_entry())
        assert state_of(hass, START_QR) == "unavailable"
        remote_url.side_effect, remote_url.return_value = None, address
        state = cloud.CloudConnectionState.CLOUD_CONNECTED
        async_dispatcher_send(hass, cloud.SIGNAL_CLOUD_CONNECTION_STATE, state)
        await hass.async_block_till_done()
        assert await seen(hass, START_QR) == [f"{address}/paybay/bay_1"]


def test_the_big_cloud_integration_is_loaded_only_where_it_runs() -> None:
    top = re.compile(
        r"^(from|import) homeassistant\.components.*\bcloud\b", re.MULTILINE
    )
    files = Path(const.__file__).parent.rglob("*.py")
    assert [file.name for file in files if top.search(file.read_text("utf-8"))] == []


async def test_other_settings_leave_the_code_as_it_is(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    before = state_of(hass, START_QR)
    await hass.config.async_update(elevation=12)
    await hass.async_block_till_done()
    assert state_of(hass, START_QR) == before


@pytest.mark.parametrize("size", ["a6", "a5"])
@pytest.mark.parametrize("format_", ["pdf", "svg", "png"])
async def test_links_open_without_signing_in(
    hass: HomeAssistant, site: MockConfigEntry, client: Any, size: str, format_: str
) -> None:
    found = await poster(hass, size=size, language="ta")
    answer = await client.get(found[format_])
    assert answer.status == HTTPStatus.OK
    name = f"paybay-bay-1-{size}-ta.{format_}"
    assert name in answer.headers["Content-Disposition"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    body = await answer.read()
    starts = {"pdf": b"%PDF-", "svg": b"<svg", "png": b"\x89PNG"}
    assert body.startswith(starts[format_])
    assert found["start_url"] == PAGE
    assert found["test_mode"] is True


async def test_the_pdf_leads_to_the_bay(
    hass: HomeAssistant, site: MockConfigEntry, client: Any
) -> None:
    answer = await client.get((await poster(hass))["pdf"])
    assert pages_of(await answer.read()) == [PAGE]


async def test_all_bays_come_in_one_file_to_take_to_a_printer(
    hass: HomeAssistant,
    site_provider: Any,
    clock: Any,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await hass.config.async_update(external_url=OUTSIDE)
    await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))
    client = await hass_client_no_auth()
    (site,) = (await posters(hass))["all_bays"]
    answer = await client.get(site["pdf"])
    assert pages_of(await answer.read()) == [PAGE, f"{OUTSIDE}/paybay/bay_2"]


async def test_strangers_get_no_poster_and_every_user_does(
    hass: HomeAssistant,
    site: MockConfigEntry,
    client: Any,
    hass_read_only_access_token: str,
) -> None:
    found = await poster(hass)
    bare = found["png"].partition("&authSig")[0]
    assert (await client.get(bare)).status == HTTPStatus.UNAUTHORIZED
    guest = {"Authorization": f"Bearer {hass_read_only_access_token}"}
    assert (await client.get(bare, headers=guest)).status == HTTPStatus.OK


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("poster/bay_9.pdf", HTTPStatus.NOT_FOUND),
        ("poster/bay_1.gif", HTTPStatus.NOT_FOUND),
        ("poster/bay_1.pdf?size=a0", HTTPStatus.BAD_REQUEST),
        ("poster/bay_1.pdf?lang=tlh", HTTPStatus.BAD_REQUEST),
        ("posters/nothing.pdf", HTTPStatus.NOT_FOUND),
    ],
)
async def test_what_is_not_there_is_said(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    path: str,
    status: HTTPStatus,
) -> None:
    user = await hass_client()
    assert (await user.get(f"/api/paybay/{path}")).status == status


async def test_no_poster_is_made_of_an_address_that_only_the_house_knows(
    hass: HomeAssistant, site: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    await hass.config.async_update(
        external_url=None, internal_url="http://192.168.1.2:8123"
    )
    with pytest.raises(ServiceValidationError) as raised:
        await poster(hass)
    assert raised.value.translation_key == "no_url"
    answer = await (await hass_client()).get("/api/paybay/poster/bay_1.pdf")
    assert answer.status == HTTPStatus.CONFLICT
    assert (await answer.json())["code"] == "no_url"


@pytest.mark.parametrize("language", [code for code, _ in LANGUAGES])
async def test_a_poster_says_prices_payee_and_help_in_each_language(
    hass: HomeAssistant, site: MockConfigEntry, language: str
) -> None:
    said = content(hass, site, language)
    assert (said.language, said.name) == (language, "Bay 1")
    assert [price.amount for price in said.prices] == ["₹10", "₹50"]
    assert [price.name for price in said.prices] == ["Ten min", "Hour pass"]
    assert "Green Corner" in said.pay_only
    assert MERCHANT.help_phone in said.help
    assert "bays.example.com" in said.opens
    assert len(said.steps) == 3
    assert said.test
    assert said.cleaned()[1] == ()


async def test_a_silent_owner_leaves_no_empty_lines(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> None:
    await hass.config.async_update(external_url=OUTSIDE, location_name="The Yard")
    entry = await set_up(hass, make_entry(merchant=Merchant()))
    said = content(hass, entry, "en")
    assert said.pay_only == "Pay only to The Yard"
    assert (said.help, said.place) == ("", "The Yard")


async def test_the_address_is_the_place(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> None:
    await hass.config.async_update(external_url=OUTSIDE)
    told = replace(MERCHANT, address="Market Road 5\nSurat")
    entry = await set_up(hass, make_entry(merchant=told))
    assert content(hass, entry, "en").place == "Market Road 5"


async def test_plans_that_the_bay_cannot_sell_are_not_printed_and_many_are_told_of(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> None:
    await hass.config.async_update(external_url=OUTSIDE)
    many = [
        Plan(code=f"p{n}", name="", price=Money(1000 * n, "INR"), duration_s=600 * n)
        for n in range(1, 12)
    ]
    metered = Plan(
        code="kwh", name="", price=Money(900, "INR"), duration_s=60, energy_wh=500
    )
    codes = ("kwh", *(plan.code for plan in many))
    bay = replace(BAY_1, plan_codes=codes)
    entry = await set_up(hass, make_entry(bays=[bay], plans=[*PLANS, metered, *many]))
    said = content(hass, entry, "en")
    assert said.prices[0].amount == "₹10"
    assert len(said.prices) == 8
    assert said.more == "More prices after you scan: 3"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("10 min", ""),
        ("10 Minutes", ""),
        ("600s", ""),
        ("20 min", "20 min"),
        ("Scooter", "Scooter"),
    ],
)
async def test_a_plans_name_is_printed_where_it_says_more_than_its_time(
    *,
    hass: HomeAssistant,
    site_provider: Any,
    clock: Any,
    relay_helpers: None,
    name: str,
    printed: str,
) -> None:
    await hass.config.async_update(external_url=OUTSIDE)
    entry = await set_up(hass, make_entry(plans=[replace(TEN_MIN, name=name)]))
    (price,) = content(hass, entry, "en").prices
    assert (price.buys, price.name) == ("10 min", printed)


async def test_letters_that_cannot_be_printed_are_told(
    hass: HomeAssistant, site_provider: Any, clock: Any, relay_helpers: None
) -> None:
    await hass.config.async_update(external_url=OUTSIDE)
    bay = replace(BAY_1, name="Bay 1 ⚡")
    await set_up(hass, make_entry(bays=[bay]))
    (entity_id,) = (
        s.entity_id for s in hass.states.async_all("image") if "poster" in s.entity_id
    )
    assert await seen(hass, entity_id) == [PAGE]
    found = await posters(hass, "switch.bay_1")
    assert found["posters"][0]["not_printable"] == ["⚡"]
