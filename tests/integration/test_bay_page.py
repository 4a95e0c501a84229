"""A bay's page: what a customer sees before paying, and the order it makes."""

import asyncio
from dataclasses import replace
from datetime import time
from itertools import count
from typing import Any
from unittest.mock import NonCallableMagicMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.devices import bay_device_id
from custom_components.paybay.domain.bay import BusyPolicy, RestPolicy
from custom_components.paybay.domain.hours import OpeningHours
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.entry_data import bay_data, plan_data
from custom_components.paybay.providers.base import (
    ProviderRefusedError,
    ProviderUnavailableError,
)
from custom_components.paybay.web.customer import visit
from custom_components.paybay.web.customer.desk import Desk
from custom_components.paybay.web.customer.texts import LANGUAGES, texts_in

from .entries import BAY_1, PLANS, TEN_MIN, make_entry
from .pages import (
    BAY,
    ORDERS,
    Client,
    Page,
    choose,
    get,
    orders_of,
    page_of,
    post,
    the_order,
)
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

FREE = Plan(code="free", name="A taste", price=Money(0, "INR"), duration_s=60)


@pytest.fixture
async def client(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


async def change_bay(
    hass: HomeAssistant, entry: MockConfigEntry, title: str | None = None, **rules: Any
) -> None:
    """Change the bay's name or rules as its owner would."""
    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries["bay_1"],
        title=title or "Bay 1",
        data=bay_data(replace(BAY_1, **rules)),
    )
    await settled(hass, entry)


async def test_page_shows_bay_place_state_prices_and_promises(client: Client) -> None:
    page = await get(client, BAY)
    assert page.status == 200
    assert page.plans == ["ten_min", "hour_pass"]
    for words in ("Bay 1", "Green Corner", "Ready for you", "Ten min", "₹10", "₹50"):
        assert words in page.text
    assert "10 min of charging" in page.text
    assert "1 h of charging" in page.text
    assert "Test mode: no real money" in page.text
    assert "cannot start within 5 min" in page.text
    assert "what you did not use is refunded" in page.text
    assert "5 to 7 working days" in page.text


async def test_owner_finds_the_page_at_the_bays_device(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await hass.config.async_update(external_url="https://bays.example.com")
    await hass.async_block_till_done()
    registry = dr.async_get(hass)
    device = registry.async_get(bay_device_id(hass, site_entry, "bay_1") or "")
    assert isinstance(device, dr.DeviceEntry)
    assert device.configuration_url == "https://bays.example.com/paybay/bay_1"


async def test_page_is_small_locked_down_and_kept_by_nobody(client: Client) -> None:
    page = await get(client, BAY)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    sources = [page.all("link")[1]["href"], page.all("script")[0]["src"]]
    # The largest of all languages: letters of three bytes.
    tamil = await get(client, f"{BAY}?lang=ta")
    sizes = [len(tamil.source.encode())]
    for source in sources:
        found = await get(client, str(source))
        assert found.status == 200
        assert "immutable" in found.headers["Cache-Control"]
        sizes.append(len(found.source.encode()))
    assert len(sizes) == 3
    assert sum(sizes) < 30_000
    inline = ("style", "onclick", "onload", "onsubmit")
    assert not [a for _, a in page.read.tags if set(a) & set(inline)]
    assert not page.all("style")


async def test_unknown_file_is_not_served(client: Client) -> None:
    assert (await get(client, "/paybay/static/page.css")).status == 404
    assert (await get(client, "/paybay/static/..%2Fviews.py")).status in (400, 404)


async def test_page_speaks_hindi_when_asked_and_remembers_it(client: Client) -> None:
    page = await get(client, f"{BAY}?lang=hi")
    assert page.all("html")[0]["lang"] == "hi"
    assert "आपके लिए तैयार" in page.text
    assert (await get(client, BAY)).all("html")[0]["lang"] == "hi"
    assert (await get(client, f"{BAY}?lang=en")).all("html")[0]["lang"] == "en"


async def test_every_language_is_offered_by_its_own_name(client: Client) -> None:
    page = await get(client, BAY)
    links = {link["href"]: link for link in page.all("a") if link.get("hreflang")}
    for code, name in LANGUAGES[1:]:
        assert links[f"?lang={code}"]["lang"] == code
        assert name in page.text
        told = await get(client, f"{BAY}?lang={code}")
        assert told.all("html")[0]["lang"] == code
        assert texts_in(code)("bay_available") in told.text


async def test_language_goes_along_where_the_browser_is_led(client: Client) -> None:
    """A browser without cookies that changes the language on a form's answer."""
    led = await client.get(f"{ORDERS}?lang=ta", allow_redirects=False)
    assert led.headers["Location"] == f"{BAY}?lang=ta"
    led = await client.get(f"{ORDERS}?lang=xx", allow_redirects=False)
    assert led.headers["Location"] == BAY


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ta-IN,ta;q=0.9,en-GB;q=0.8", "ta"),
        ("ml, kn;q=0.7, en;q=0.3", "kn"),
        ("hi-IN,hi;q=0.9,en;q=0.8", "hi"),
        ("en-GB,hi;q=0.5", "en"),
        ("fr, de;q=0.9", "en"),
        ("hi;q=x, \u0939", "en"),
        ("", "en"),
    ],
)
async def test_page_speaks_the_phones_language(
    client: Client, header: str, language: str
) -> None:
    page = await get(client, BAY, **{"Accept-Language": header})
    assert page.all("html")[0]["lang"] == language


@pytest.mark.parametrize(
    "path", ["nope", "orders", "plan_ten_min", "%00", "ओम", "..%2Fetc", "x" * 2000]
)
async def test_bay_that_is_not_there_sells_nothing(client: Client, path: str) -> None:
    page = await get(client, f"/paybay/{path}")
    assert page.status in (400, 404)
    assert not page.can_pay
    if page.status == 404:
        assert "do not pay" in page.text


async def test_name_of_a_bay_cannot_bring_its_own_html(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    name = '<script>alert(1)</script> {t} "बे" ⚡\u202e'
    await change_bay(hass, site_entry, title=name)
    page = await get(client, BAY)
    assert len(page.all("script")) == 1
    assert "<script>alert" not in page.source
    assert "<script>alert(1)</script>" in page.text
    assert (await choose(client)).status == 303
    order_page = await get(client, page_of(await the_order(site_entry)))
    assert len(order_page.all("script")) == 1
    assert "<script>alert" not in order_page.source


async def test_renamed_bay_keeps_its_address(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await change_bay(hass, site_entry, title="By the gate")
    page = await get(client, BAY)
    assert page.status == 200
    assert "By the gate" in page.text


async def shut(client: Client, words: str) -> Page:
    """Return the bay's page, which must say this and offer nothing."""
    page = await get(client, BAY)
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert words in page.text
    assert "nothing was charged" in page.text.lower()
    assert not page.can_pay
    return page


async def test_bay_out_of_reach_sells_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    hass.states.async_set("input_boolean.relay_1", "unavailable")
    await settled(hass, site_entry)
    await shut(client, "cannot be reached")


async def test_bay_out_of_service_sells_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await site_entry.runtime_data.bays["bay_1"].put_in_service(on=False)
    await shut(client, "Out of service")


async def test_closed_site_sells_nothing(
    site_entry: MockConfigEntry, client: Client
) -> None:
    await site_entry.runtime_data.sign.turn(is_open=False)
    await shut(client, "Closed at the moment")


async def test_bay_outside_its_hours_sells_nothing_and_says_when_it_does(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    never_today = OpeningHours.of(time(8), time(8, 1), ["mon"])
    await change_bay(hass, site_entry, hours=never_today)
    page = await shut(client, "Closed at this hour")
    assert "Open 8:00 am to 8:01 am, Mon" in page.text


async def test_site_that_is_not_loaded_sells_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    token = (await get(client, BAY)).token
    await hass.config_entries.async_unload(site_entry.entry_id)
    looked = await get(client, BAY)
    assert (looked.status, looked.can_pay) == (503, False)
    assert "not ready" in looked.text
    page = await post(client, ORDERS, {"token": token, "plan": "ten_min"})
    assert page.status == 503


async def test_deleted_bay_is_unknown(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    hass.config_entries.async_remove_subentry(site_entry, "bay_1")
    await settled(hass, site_entry)
    assert (await get(client, BAY)).status == 404


async def test_busy_bay_takes_a_top_up_and_says_when_it_begins(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await paid(hass, site_entry)
    page = await get(client, BAY)
    assert page.status == 200
    assert "In use until about" in page.text
    assert "Your time begins when what was paid before is used up" in page.text
    assert page.plans == ["ten_min", "hour_pass"]


async def test_busy_bay_without_top_up_sells_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await change_bay(hass, site_entry, busy=BusyPolicy.REFUND)
    await paid(hass, site_entry)
    page = await get(client, BAY)
    assert page.status == 200
    assert "come back when the present session has ended" in page.text
    assert not page.can_pay


async def test_plan_too_long_for_the_queue_cannot_be_chosen_and_a_short_one_can(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await change_bay(hass, site_entry, max_queue_s=1200)
    await paid(hass, site_entry)
    page = await get(client, BAY)
    assert page.plans == ["ten_min"]
    assert "more time than can wait here" in page.text


async def test_owner_who_keeps_the_rest_says_so_before_the_customer_pays(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    await change_bay(
        hass, site_entry, rest=RestPolicy.KEEP, customer_stop=False, resume_window_s=60
    )
    page = await get(client, BAY)
    assert "the rest is not refunded" in page.text
    assert "cannot be stopped early" in page.text
    assert "if it can within 1 min" in page.text


async def test_choosing_a_plan_leads_to_its_payment(
    site_entry: MockConfigEntry,
    client: Client,
    site_provider: NonCallableMagicMock,
) -> None:
    answer = await choose(client)
    order = await the_order(site_entry)
    assert answer.status == 303
    assert answer.headers["Location"] == order.link_url
    assert order.plan_code == "ten_min"
    cookies = "\n".join(answer.headers.getall("Set-Cookie"))
    assert f"paybay_order={order.watch_code}; HttpOnly;" in cookies
    assert "Path=/paybay/bay_1; SameSite=Lax" in cookies


async def test_browser_returns_to_the_order_once_it_has_paid(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    site_provider: NonCallableMagicMock,
) -> None:
    await hass.config.async_update(external_url="https://bays.example.com")
    await choose(client)
    order = await the_order(site_entry)
    asked = site_provider.create_link.call_args.args[0]
    expected = f"https://bays.example.com/paybay/orders/{order.watch_code}/return"
    assert asked.callback_url == expected


async def test_double_tap_makes_one_order(
    site_entry: MockConfigEntry, client: Client
) -> None:
    form = {"token": (await get(client, BAY)).token, "plan": "ten_min"}
    taps = await asyncio.gather(*(post(client, ORDERS, form) for _ in range(3)))
    order = await the_order(site_entry)
    assert [tap.headers["Location"] for tap in taps] == [order.link_url] * 3


async def test_second_visit_finds_the_order_and_pays_it_instead_of_another(
    site_entry: MockConfigEntry, client: Client
) -> None:
    await choose(client)
    order = await the_order(site_entry)
    page = await get(client, BAY)
    assert "Your order here" in page.text
    assert "somebody else" not in page.text
    assert page_of(order) in [each["href"] for each in page.all("a")]
    again = await choose(client)
    assert again.headers["Location"] == order.link_url
    await the_order(site_entry)


async def test_change_of_mind_calls_the_first_order_off(
    site_entry: MockConfigEntry, client: Client, site_provider: NonCallableMagicMock
) -> None:
    await choose(client, "ten_min")
    first = await the_order(site_entry)
    await choose(client, "hour_pass")
    states = {o.plan_code: o.state for o in await orders_of(site_entry)}
    site_provider.cancel_link.assert_awaited_once_with(first.link_id)
    assert states == {
        "ten_min": OrderState.CANCELLED,
        "hour_pass": OrderState.CREATED,
    }


async def test_free_plan_starts_at_once(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    bay = replace(BAY_1, plan_codes=("free",))
    entry = await set_up(hass, make_entry(bays=[bay], plans=[*PLANS, FREE]))
    client = await hass_client_no_auth()
    assert "Free" in (await get(client, BAY)).text
    answer = await choose(client, "free")
    order = await the_order(entry)
    assert answer.headers["Location"] == page_of(order)
    assert state_of(hass, "input_boolean.relay_1") == "on"
    site_provider.create_link.assert_not_called()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "https://["},
    ],
)
async def test_other_websites_cannot_order(
    site_entry: MockConfigEntry, client: Client, headers: dict[str, str]
) -> None:
    form = {"token": (await get(client, BAY)).token, "plan": "ten_min"}
    page = await post(client, ORDERS, form, headers)
    assert page.status == 403
    assert await orders_of(site_entry) == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "null"}, {}],
)
async def test_own_page_can_order_whatever_the_browser_tells_of_it(
    site_entry: MockConfigEntry, client: Client, headers: dict[str, str]
) -> None:
    form = {"token": (await get(client, BAY)).token, "plan": "ten_min"}
    assert (await post(client, ORDERS, form, headers)).status == 303


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "अ" * 22 + ".9.x", "." * 60])
async def test_form_without_a_token_of_ours_orders_nothing_and_explains(
    site_entry: MockConfigEntry, client: Client, token: str
) -> None:
    await get(client, BAY)
    page = await post(client, ORDERS, {"token": token, "plan": "ten_min"})
    assert page.status == 403
    assert "Please choose again" in page.text
    assert page.plans
    assert await orders_of(site_entry) == []


async def test_token_of_another_browser_or_bay_orders_nothing(
    site_entry: MockConfigEntry,
    client: Client,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    token = (await get(client, BAY)).token
    client.session.cookie_jar.clear()
    page = await post(client, ORDERS, {"token": token, "plan": "ten_min"})
    assert page.status == 403
    assert await orders_of(site_entry) == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"plan": "ten_min"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/x-www-form-urlencoded", b"a" * 5000, 413),
        ("application/x-www-form-urlencoded", "plan=दस".encode(), 400),
        ("application/x-www-form-urlencoded", b"a=1&" * 50, 400),
        ("application/x-www-form-urlencoded", b"%ff%fe=%00", 403),
    ],
)
async def test_odd_bodies_are_refused(
    site_entry: MockConfigEntry,
    client: Client,
    content_type: str,
    body: bytes,
    status: int,
) -> None:
    sent = await client.post(ORDERS, data=body, headers={"Content-Type": content_type})
    assert sent.status == status
    assert await orders_of(site_entry) == []


async def test_wrong_methods_are_refused_and_a_reloaded_form_leads_back(
    client: Client,
) -> None:
    assert (await client.put(BAY)).status == 405
    assert (await client.post(BAY)).status == 405
    back = await get(client, ORDERS)
    assert (back.status, back.headers["Location"]) == (303, BAY)


async def test_plan_that_is_not_sold_here_is_refused(
    site_entry: MockConfigEntry, client: Client
) -> None:
    page = await choose(client, "ten_min\u0000<b>")
    assert page.status == 409
    assert "no longer sold here" in page.text
    assert await orders_of(site_entry) == []


async def test_order_refused_after_the_page_was_shown_says_why(
    site_entry: MockConfigEntry, client: Client
) -> None:
    token = (await get(client, BAY)).token
    await site_entry.runtime_data.sign.turn(is_open=False)
    page = await post(client, ORDERS, {"token": token, "plan": "ten_min"})
    assert page.status == 409
    assert "has just closed" in page.text
    assert not page.can_pay


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ProviderUnavailableError("no answer"), 503, "does not answer"),
        (ProviderRefusedError("<b>no</b>", 400, None), 502, "did not take"),
    ],
)
async def test_payment_service_in_trouble_is_told_and_tried_again(
    client: Client,
    site_provider: NonCallableMagicMock,
    error: Exception,
    status: int,
    words: str,
) -> None:
    works = site_provider.create_link.side_effect
    site_provider.create_link.side_effect = error
    page = await choose(client)
    assert page.status == status
    assert words in page.text
    assert "<b>" not in page.text
    site_provider.create_link.side_effect = works
    form = {"token": page.token, "plan": "ten_min"}
    assert (await post(client, ORDERS, form)).status == 303


async def test_one_client_cannot_order_without_end(
    site_entry: MockConfigEntry, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "now_s", 0.0)
    token = (await get(client, BAY)).token
    form = {"token": token, "plan": "nothing"}
    statuses = [(await post(client, ORDERS, form)).status for _ in range(10)]
    assert statuses[:8] == [409] * 8
    assert statuses[8:] == [429] * 2
    slow = await post(client, ORDERS, form)
    assert slow.headers["Retry-After"]
    assert "Please wait a minute" in slow.text


async def test_one_client_cannot_look_without_end(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "now_s", 0.0)
    statuses = {(await get(client, "/paybay/nope")).status for _ in range(140)}
    assert statuses == {404, 429}


async def test_a_crowd_of_clients_waits_so_that_payments_do_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()
    monkeypatch.setattr(visit, "client_of", lambda _remote: f"client {next(numbers)}")
    monkeypatch.setattr(Desk, "now_s", 0.0)
    pages = [await get(client, "/paybay/nope") for _ in range(201)]
    assert {page.status for page in pages[:200]} == {404}
    assert pages[200].status == 429
    assert pages[200].headers["Retry-After"]
    monkeypatch.setattr(Desk, "now_s", 1.0)
    assert (await get(client, "/paybay/nope")).status == 404


async def test_price_that_changed_is_not_paid_by_the_old_order(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    client: Client,
    site_provider: NonCallableMagicMock,
) -> None:
    await choose(client)
    dearer = replace(TEN_MIN, price=Money(1200, "INR"))
    hass.config_entries.async_update_subentry(
        site_entry,
        site_entry.subentries["plan_ten_min"],
        data=plan_data(dearer),
    )
    await settled(hass, site_entry)
    await choose(client)
    prices = {o.price.minor: o.state for o in await orders_of(site_entry)}
    assert prices == {1000: OrderState.CANCELLED, 1200: OrderState.CREATED}


@pytest.mark.parametrize("why", ["out_of_service", "site_closed", "out_of_reach"])
async def test_order_is_not_paid_where_nobody_is_served_any_more(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client, why: str
) -> None:
    token = (await get(client, BAY)).token
    await choose(client)
    order, site = await the_order(site_entry), site_entry.runtime_data
    assert (await get(client, page_of(order))).can_pay
    match why:
        case "out_of_service":
            await site.bays["bay_1"].put_in_service(on=False)
        case "site_closed":
            await site.sign.turn(is_open=False)
        case _:
            hass.states.async_set("input_boolean.relay_1", "unavailable")
    await settled(hass, site_entry)
    again = await post(client, ORDERS, {"token": token, "plan": "ten_min"})
    assert again.status == 409
    page = await get(client, page_of(order))
    assert not page.can_pay
    assert not again.can_pay


async def test_order_that_waits_for_its_payment_is_not_too_many_for_itself(
    site_entry: MockConfigEntry, client: Client
) -> None:
    forms = [
        {"token": (await get(client, BAY)).token, "plan": "ten_min"} for _ in range(2)
    ]
    with patch("custom_components.paybay.offers.MAX_OPEN_OFFERS", 1):
        first, again = [await post(client, ORDERS, form) for form in forms]
    assert first.status == again.status == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert len(await orders_of(site_entry)) == 1
