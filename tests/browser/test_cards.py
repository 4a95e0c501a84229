"""The owner's cards and dashboard, in the frontend that Home Assistant brings."""

import asyncio
from io import BytesIO
import re
from typing import Any

from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Page, expect
import pytest
import zxingcpp

from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec
from demo.waiting import poll

from .cards import PHONE, card, signed_in, sold, view
from .conftest import Snap

pytestmark = pytest.mark.asyncio(loop_scope="module")

# No budget: whatever goes back waits for the owner's word.
SITE = SiteSpec(
    plans=(
        PlanSpec(code="short", name="Eight seconds", rupees=10, seconds=8),
        PlanSpec(code="long", name="Ten minutes", rupees=20, seconds=600),
    ),
    bays=BAYS[:2],
    refund_budget="0.00",
)
BAY_1, BAY_2 = SITE.bays
SECONDS = 15_000


_BACK = "SELECT state, amount_minor FROM refunds WHERE order_id = ?"


async def gone_back(site: RunningSite, order_id: str) -> int:
    """Return what went back of an order, in paise, once all of it has."""

    async def look() -> int | None:
        rows = site.books.rows(_BACK, order_id)
        over = rows and all(row["state"] == "processed" for row in rows)
        return sum(int(row["amount_minor"]) for row in rows) if over else None

    return await poll(look, f"the refund of {order_id}", within_s=30)


async def test_dashboard_opens_first_and_shows_every_bay(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site) as page:
        await page.goto("/")
        for bay in SITE.bays:
            await expect(
                card(page, bay).get_by_text("Available", exact=True)
            ).to_be_visible(timeout=SECONDS)
        await expect(page.get_by_text("Test mode").first).to_be_visible()
        await snap(page, "owner-idle")


async def test_paid_session_is_seen_at_once_and_counts_down(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        shown = card(page, BAY_1)
        await expect(shown.get_by_text("Available", exact=True)).to_be_visible()
        order_id = await sold(site, BAY_1, "short")
        await expect(shown.get_by_text("Charging", exact=True)).to_be_visible()
        clock = shown.get_by_role("timer")
        first = await clock.locator("b").text_content()
        assert re.fullmatch(r"0:0[1-8]", first or "")
        await expect(clock.locator("b")).not_to_have_text(first or "")
        await snap(page, "owner-charging")
        await site.books.wait_end(order_id)
        await expect(shown.get_by_text("Available", exact=True)).to_be_visible()
        await expect(shown.get_by_text("₹10", exact=True)).to_be_visible()


async def test_owner_stops_a_session_is_told_the_amounts_and_lets_the_rest_go(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    order_id = await sold(site, BAY_1, "long")
    async with signed_in(browser, site) as page:
        await view(page)
        await card(page, BAY_1).get_by_role("button", name="Stop").click()
        dialog = page.get_by_role("dialog", name="Stop Bay 1?")
        await expect(dialog).to_contain_text(re.compile(r"about ₹\d+\.\d\d of ₹20"))
        await snap(page, "owner-stop")
        await dialog.get_by_role("button", name="Stop now").click()
        await expect(dialog).to_be_hidden()
        await expect(
            card(page, BAY_1).get_by_text("Available", exact=True)
        ).to_be_visible()
        [due] = site.books.rows(_BACK, order_id)
        assert due["state"] == "due"
        await view(page, "attention")
        refund = page.get_by_role("button", name=re.compile(r"^Refund ₹"))
        await expect(refund).to_be_visible()
        await snap(page, "owner-attention")
        await refund.click()
        sure = page.get_by_role("dialog")
        await expect(sure).to_contain_text("Bay 1: the provider is asked to send")
        await sure.get_by_role("button", name=re.compile(r"^Refund ₹")).click()
        await expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    assert 1900 <= await gone_back(site, order_id) < 2000


async def test_owner_stops_a_session_and_gives_everything_back(
    browser: Browser, site: RunningSite
) -> None:
    order_id = await sold(site, BAY_1, "short")
    async with signed_in(browser, site) as page:
        await view(page)
        await card(page, BAY_1).get_by_role("button", name="Stop").click()
        dialog = page.get_by_role("dialog", name="Stop Bay 1?")
        await dialog.get_by_text("Stop, and give all ₹10 back").click()
        await dialog.get_by_role("button", name="Stop and refund ₹10").click()
        await expect(dialog).to_be_hidden()
    assert await gone_back(site, order_id) == 1000


async def test_customer_pays_the_code_that_the_owner_shows(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site, viewport=PHONE, color_scheme="dark") as page:
        await view(page)
        await card(page, BAY_2).get_by_role("button", name="Eight seconds").click()
        dialog = page.get_by_role("dialog", name="Start Bay 2")
        await dialog.get_by_role("button", name="Show the code for ₹10").click()
        await expect(dialog.get_by_alt_text("Scan to pay ₹10")).to_be_visible()
        await snap(page, "owner-phone-code")
        link = dialog.get_by_role("link", name="Open the payment page")
        await site.till.press(str(await link.get_attribute("href")))
        await expect(dialog).to_be_hidden()
        await expect(card(page, BAY_2).get_by_role("timer")).to_be_visible()
        await snap(page, "owner-phone")
        await expect(card(page, BAY_2).get_by_role("timer")).to_be_hidden(
            timeout=SECONDS
        )


async def test_refused_action_says_why_in_the_dialog(
    browser: Browser, site: RunningSite
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        await page.get_by_role("switch", name="Open").click()
        await expect(page.get_by_role("switch", name="Closed")).to_be_visible()
        await card(page, BAY_1).get_by_role("button", name="Start").click()
        dialog = page.get_by_role("dialog", name="Start Bay 1")
        await dialog.get_by_role("button", name="Show the code").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("closed")
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await page.get_by_role("switch", name="Closed").click()
        await expect(page.get_by_role("switch", name="Open")).to_be_visible()


async def test_everything_stops_after_one_question(
    browser: Browser, site: RunningSite
) -> None:
    order_id = await sold(site, BAY_1, "long")
    async with signed_in(browser, site) as page:
        await view(page)
        await page.get_by_role("button", name="Stop everything").click()
        dialog = page.get_by_role("dialog", name=re.compile("Stop every bay of"))
        await expect(dialog).to_contain_text("1 session ends at once.")
        await dialog.get_by_role("button", name="Stop everything now").click()
        await expect(dialog).to_be_hidden()
        await expect(
            card(page, BAY_1).get_by_text("Available", exact=True)
        ).to_be_visible()
    assert (await site.books.wait_end(order_id))["state"] == "stopped"


async def test_orders_are_found_opened_and_handed_to_the_accountant(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    order_id = await sold(site, BAY_2, "short")
    await site.books.wait_end(order_id)
    async with signed_in(browser, site) as page:
        await view(page, "orders")
        rows = page.locator("paybay-orders-card li")
        await expect(rows.first).to_be_visible()
        await page.get_by_role("searchbox").fill(order_id)
        await expect(rows).to_have_count(1)
        await snap(page, "owner-orders")
        await rows.get_by_role("button").click()
        dialog = page.get_by_role("dialog", name="Order at Bay 2")
        await expect(dialog).to_contain_text("Relay on")
        await expect(dialog).to_contain_text(order_id)
        await snap(page, "owner-order")
        await page.keyboard.press("Escape")
        await page.get_by_role("searchbox").fill("nothing like this")
        await expect(page.get_by_text("No order matches.")).to_be_visible()
        await page.get_by_role("button", name="CSV").click()
        await page.get_by_role("button", name="Make the file").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download").click()
        path = await (await download.value).path()
        assert order_id in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_views_and_dialogs_are_accessible(
    browser: Browser, site: RunningSite, snap: Snap, scheme: str
) -> None:
    dark = scheme == "dark"
    order_id = await sold(site, BAY_1, "short")
    async with signed_in(
        browser, site, color_scheme="dark" if dark else "light"
    ) as page:
        await view(page)
        stop = card(page, BAY_1).get_by_role("button", name="Stop")
        await expect(stop).to_be_visible()
        await stop.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await faults(page) == []
        for name in ("orders", "money", "attention"):
            await view(page, name)
            await expect(page.locator(f"paybay-{name}-card ha-card")).to_be_visible()
            await snap(page, f"owner-{name}-{scheme}")
            assert await faults(page) == []
    await site.books.wait_end(order_id)


async def faults(page: Page) -> list[str]:
    """Return what axe finds in PayBay's elements; the page around them is not ours."""
    found = await Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    return [
        f"{each['id']}: {node['target']}"
        for each in found.response["violations"]
        for node in each["nodes"]
        if "paybay-" in str(node["target"])
    ]


async def test_money_is_summed_and_drawn_by_day(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site) as page:
        await view(page, "money")
        shown = page.locator("paybay-money-card")
        await expect(shown.get_by_text("This month")).to_be_visible()
        await shown.get_by_role("button", name="7 days").click()
        today = shown.locator(".bar").last
        await expect(today).to_have_attribute(
            "title", re.compile(r"₹\d+, \d+ sessions?")
        )
        await snap(page, "owner-money")


async def test_card_is_right_again_after_the_connection_was_lost(
    browser: Browser, site: RunningSite
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        shown = card(page, BAY_1)
        await expect(shown.get_by_text("Available", exact=True)).to_be_visible()
        await page.evaluate(
            "document.querySelector('home-assistant').hass.connection.socket.close()"
        )
        order_id = await sold(site, BAY_1, "short")
        await expect(shown.get_by_text("Charging", exact=True)).to_be_visible()
        await expect(shown.get_by_text("Connection lost")).to_have_count(0)
        await site.books.wait_end(order_id)
        await expect(shown.get_by_text("Available", exact=True)).to_be_visible()


async def test_page_has_one_subscription_and_gives_it_back(
    browser: Browser, site: RunningSite
) -> None:
    async with signed_in(browser, site) as page:
        sent: list[str] = []
        given_back = asyncio.Event()

        def note(frame: str | bytes) -> None:
            sent.append(str(frame))
            if asked := [each for each in sent if "paybay/subscribe" in each]:
                [number] = re.findall(r'"id":(\d+),?[^{]*$|"id":(\d+)', asked[0])[:1]
                if f'"subscription":{"".join(number)}' in str(frame):
                    given_back.set()

        page.on("websocket", lambda socket: socket.on("framesent", note))
        await view(page)
        await expect(card(page, BAY_2)).to_be_visible()
        assert sum(each.count("paybay/subscribe") for each in sent) == 1
        await page.get_by_role("link", name="History").click()
        await asyncio.wait_for(given_back.wait(), 15)


async def test_cards_are_offered_with_a_form_and_speak_hindi(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    await own_dashboard(
        site,
        {"type": "custom:paybay-bay-card", "entity": BAY_1.status, "name": "Gate"},
        {
            "type": "tile",
            "entity": BAY_2.switch,
            "features": [{"type": "custom:paybay-session-feature"}],
        },
        {"type": "custom:paybay-bay-card", "entity": "switch.gone"},
    )
    async with signed_in(browser, site, "hi") as page:
        await page.goto(f"/{OWN}/0")
        shown = page.locator("paybay-bay-card").filter(has_text="Gate")
        await expect(shown.get_by_text("खाली", exact=True)).to_be_visible()
        await expect(page.get_by_text("यह पॉइंट (अब) नहीं है")).to_be_visible()
        feature = page.locator("paybay-session-feature")
        await sold(site, BAY_2, "short")
        await expect(feature.get_by_role("button", name="बंद करें")).to_be_visible()
        await expect(feature).to_contain_text(re.compile(r"0:0\d"))
        await snap(page, "owner-hindi")
        offer = await page.evaluate(_OFFERED, BAY_1.status)
    assert offer == {
        "config": {"type": "custom:paybay-bay-card", "entity": BAY_1.status}
    }


OWN = "own-cards"
_OFFERED = """entity => {
    const { hass } = document.querySelector("home-assistant");
    const card = window.customCards.find(({ type }) => type === "paybay-bay-card");
    return card.getEntitySuggestion(hass, entity);
}"""


async def own_dashboard(site: RunningSite, *cards: dict[str, Any]) -> None:
    """Make a dashboard of an owner who arranges cards by hand."""
    await site.home.command("lovelace/dashboards/create", url_path=OWN, title="Own")
    views = [{"type": "sections", "sections": [{"cards": list(cards)}]}]
    await site.home.command(
        "lovelace/config/save", url_path=OWN, config={"views": views}
    )


async def test_cash_is_taken_and_its_rest_given_back_by_hand(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        await card(page, BAY_1).get_by_role("button", name="Ten minutes").click()
        dialog = page.get_by_role("dialog", name="Start Bay 1")
        await dialog.get_by_text("Cash", exact=True).click()
        await dialog.get_by_label("Note (optional)").fill("Blue scooter")
        await snap(page, "owner-cash")
        await dialog.get_by_role("button", name="I have ₹20: start").click()
        await expect(dialog).to_be_hidden()
        await expect(card(page, BAY_1)).to_contain_text("cash")
        await expect(card(page, BAY_1)).to_contain_text("Charging")
        await card(page, BAY_1).get_by_role("button", name="Stop").click()
        await page.get_by_role("button", name="Stop now").click()
        back = page.get_by_role("dialog", name=re.compile(r"Give ₹[\d.]+ back"))
        await expect(back).to_contain_text("Bay 1 has stopped.")
        await snap(page, "owner-cash-back")
        await back.get_by_role("button", name="Later").click()
        await view(page, "attention")
        await page.get_by_role("button", name="Given back").click()
        sure = page.get_by_role("dialog")
        await sure.get_by_role("button", name="Given back").click()
        await expect(page.get_by_role("button", name="Given back")).to_have_count(0)
        await view(page, "money")
        row = page.locator("paybay-shift-card").get_by_role("row", name="Owner")
        await expect(row).to_contain_text(re.compile(r"₹20"))
        await snap(page, "owner-shift")
    [order] = site.books.rows("SELECT note, paid_by FROM orders WHERE note IS NOT NULL")
    assert (order["note"], order["paid_by"]) == ("Blue scooter", "cash")


async def test_bay_is_taken_out_of_service_and_put_back(
    browser: Browser, site: RunningSite
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        shown = card(page, BAY_1)
        await shown.get_by_role("button", name="Take out of service").click()
        dialog = page.get_by_role("dialog", name="Take Bay 1 out of service?")
        await dialog.get_by_role("button", name="Take out of service").click()
        await expect(shown.get_by_text("Out of service", exact=True)).to_be_visible()
        await shown.get_by_role("button", name="Put into service").click()
        await expect(shown.get_by_text("Available", exact=True)).to_be_visible()


async def test_code_of_a_bay_leads_to_its_page_and_to_a_poster(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    async with signed_in(browser, site) as page:
        await view(page)
        await card(page, BAY_1).get_by_role("button", name="QR code").click()
        dialog = page.get_by_role("dialog", name="Bay 1: scan to charge")
        code = dialog.get_by_label("QR code of the start page of Bay 1")
        await expect(code).to_be_visible()
        poster = dialog.get_by_role("link", name="Poster to print")
        await expect(poster).to_be_visible()
        await snap(page, "owner-qr")
        url = f"{site.home.url}/paybay/{BAY_1.id}"
        shot = Image.open(BytesIO(await code.screenshot()))
        [read] = zxingcpp.read_barcodes(shot)
        assert read.text == url
        link = dialog.get_by_role("link", name="Open the page")
        assert await link.get_attribute("href") == url
        answer = await page.request.get(str(await poster.get_attribute("href")))
        assert (await answer.body()).startswith(b"%PDF")


async def test_attendant_sees_the_bays_and_nothing_that_only_owners_may(
    browser: Browser, site: RunningSite, snap: Snap
) -> None:
    user = await site.home.command("config/auth/create", name="Asha")
    await site.home.command(
        "config/auth_provider/homeassistant/create",
        user_id=user["user"]["id"],
        username="asha",
        password=ATTENDANT_PASSWORD,
    )
    await site.home.command(
        "config/auth/update", user_id=user["user"]["id"], group_ids=["system-users"]
    )
    order_id = await sold(site, BAY_2, "short")
    context = await browser.new_context(base_url=site.home.url, viewport=PHONE)
    page = await context.new_page()
    await view(page)
    await page.locator("input[name=username]").fill("asha")
    await page.locator("input[name=password]").fill(ATTENDANT_PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await card(page, BAY_2).get_by_role("button", name="Stop").click(timeout=SECONDS)
    dialog = page.get_by_role("dialog", name="Stop Bay 2?")
    await expect(dialog).to_contain_text(re.compile("₹10"))
    await expect(dialog.get_by_text("give all ₹10 back")).to_have_count(0)
    await snap(page, "attendant-stop")
    await dialog.get_by_role("button", name="Cancel").click()
    await view(page, "orders")
    await page.get_by_role("searchbox").fill(order_id)
    await expect(page.locator("paybay-orders-card li")).to_have_count(1)
    await expect(page.get_by_role("button", name="CSV")).to_have_count(0)
    await context.close()
    await site.books.wait_end(order_id)


ATTENDANT_PASSWORD = "asha-takes-cash"
