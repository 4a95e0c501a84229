"""A newcomer's way from an empty Home Assistant to the first paid bay."""

from collections.abc import AsyncIterator
import re
from typing import cast

from playwright.async_api import Browser, Page, Route, ViewportSize, expect
import pytest
import pytest_asyncio

from demo.bays import BaySpec
from demo.running import RunningSite
from demo.site import PLANS, SiteSpec

from .conftest import Snap
from .owner import choose, field, press, sign_in, snap_both

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://shop.example.com"
BAY = BaySpec(number=1, pin=17)
SITE = SiteSpec(plans=PLANS, bays=(BAY,), set_up=False, public_url=PUBLIC)
PHONE = ViewportSize(width=390, height=844)
SOON_MS = 30_000


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, site: RunningSite) -> AsyncIterator[Page]:
    """Return a page from which the shop's public address leads to its site."""
    context = await browser.new_context(viewport=PHONE, has_touch=True)

    async def lead(route: Route) -> None:
        url = route.request.url.replace(PUBLIC, site.home.url)
        await route.fulfill(status=302, headers={"Location": url})

    await context.route(f"{PUBLIC}/**", lead)
    yield await context.new_page()
    await context.close()


async def add_integration(page: Page) -> None:
    await press(page, "Add integration")
    await page.get_by_placeholder("Search for a brand name").fill("paybay")
    found = page.locator("ha-integration-list-item").filter(has_text="PayBay")
    await found.first.click()


async def enter_keys(page: Page, site: RunningSite, snap: Snap) -> None:
    await field(page, "Key ID").fill(site.spec.keys.key_id)
    await field(page, "Key secret").fill("mistyped")
    await press(page, "Submit")
    refused = page.get_by_text("Razorpay refused these keys")
    await expect(refused).to_be_visible(timeout=SOON_MS)
    await snap_both(page, snap, "1-keys-refused")
    await field(page, "Key secret").fill(site.spec.keys.key_secret)
    await press(page, "Submit")


async def add_webhook(page: Page, site: RunningSite, snap: Snap) -> None:
    """Copy the webhook to Razorpay, at first with a wrong secret."""
    await page.get_by_text("Without reports").wait_for()
    await snap_both(page, snap, "2-reach")
    await choose(page, "Razorpay reports to this Home Assistant")
    await page.get_by_text("Webhook URL").wait_for()
    await snap_both(page, snap, "3-webhook")
    copied = await page.locator("pre code").all_inner_texts()
    url, secret = (text.strip() for text in copied)
    assert url.startswith(f"{PUBLIC}/api/paybay/webhook/")
    reached = url.replace(PUBLIC, site.home.url)
    await site.till.control("endpoints", url=reached, secret="mistyped")
    await press(page, "Submit")
    wrong = page.get_by_text("signed with another secret")
    await expect(wrong).to_be_visible(timeout=SOON_MS)
    await snap_both(page, snap, "4-wrong-secret")
    # Nothing is pressed now: with the next event the page goes on by itself.
    await site.till.control("endpoints/0", secret=secret)
    await site.till.control("foreign_payment")
    works = page.get_by_text("The webhook works")
    await expect(works).to_be_visible(timeout=SOON_MS)
    await snap_both(page, snap, "5-works")
    await press(page, "Submit")


async def type_plan(page: Page, snap: Snap) -> None:
    await page.get_by_text("What do you sell?").wait_for()
    await snap_both(page, snap, "6-plans")
    await choose(page, "Type my own plans")
    await field(page, "Name").fill("A minute")
    await field(page, "Price").fill("10")
    await field(page, "Minutes").fill("1")
    await snap_both(page, snap, "7-plan")
    await press(page, "Submit")


async def add_bay(page: Page, snap: Snap) -> None:
    await expect(field(page, "Name")).to_have_value("Bay 1", timeout=SOON_MS)
    await page.locator("ha-entity-picker").first.click()
    await page.get_by_text("Pi bay 1 relay").first.click()
    await snap_both(page, snap, "8-bay")
    await press(page, "Submit")
    safe = page.get_by_text("Ends by itself even if Home Assistant is off: yes")
    await expect(safe).to_be_visible(timeout=SOON_MS)
    await snap_both(page, snap, "9-protection")
    await press(page, "Submit")
    ready = page.get_by_text("Bay 1 is ready")
    await expect(ready).to_be_visible(timeout=SOON_MS)
    await snap_both(page, snap, "A-ready")
    await press(page, "Finish")


async def bay_page(site: RunningSite) -> str:
    """Return the address behind the new bay's QR code."""
    got = await site.home.command("config_entries/get", domain="paybay")
    (entry,) = cast(list[dict[str, str]], got)
    listed = await site.home.command(
        "config_entries/subentries/list", entry_id=entry["entry_id"]
    )
    subentries = cast(list[dict[str, str]], listed)
    (bay,) = (each for each in subentries if each["subentry_type"] == "bay")
    return f"{PUBLIC}/paybay/{bay['subentry_id']}"


async def test_from_nothing_to_the_first_paid_bay(
    page: Page, site: RunningSite, snap: Snap
) -> None:
    await sign_in(page, site, "/config/integrations/dashboard")
    await add_integration(page)
    await enter_keys(page, site, snap)
    await add_webhook(page, site, snap)
    await type_plan(page, snap)
    await add_bay(page, snap)

    await site.home.wait_state(BAY.relay, "off")
    customer = await page.context.new_page()
    await customer.goto(await bay_page(site))
    await customer.get_by_role("button", name="A minute").click()
    await customer.wait_for_url(re.compile(r"/i/\w+$"))
    await customer.locator("button[value=success]").click()
    await site.home.wait_state(BAY.relay, "on")
    await customer.wait_for_url(re.compile(r"/paybay/orders/[\w-]+$"))
    clock = customer.get_by_role("timer")
    await expect(clock).to_be_visible(timeout=SOON_MS)
    await snap_both(customer, snap, "B-charging")
    # What came while there was no site to store it came again.
    tries = (await site.till.books())["deliveries"]
    paid = [each for each in tries if each["event"] == "payment.captured"]
    last = {each["event_id"]: each["status"] for each in paid}
    assert list(last.values()) == [200, 200]
