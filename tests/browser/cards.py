"""The owner, signed in, looking at PayBay's cards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import time
from typing import Any

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    ViewportSize,
)

from demo.bays import AnyBay
from demo.running import RunningSite
from demo.storage import DASHBOARD

from .owner import DESKTOP

PHONE = ViewportSize(width=390, height=844)
_FOR_EVER_S = 10**9


def _sign_in(site: RunningSite, language: str) -> str:
    """Return the script by which a browser is signed in before a page begins."""
    tokens = {
        "access_token": site.home.token,
        "token_type": "Bearer",
        "expires_in": _FOR_EVER_S,
        "expires": (time.time() + _FOR_EVER_S) * 1000,
        "refresh_token": "none",
        "hassUrl": site.home.url,
        "clientId": f"{site.home.url}/",
    }
    stored = {
        "hassTokens": json.dumps(tokens),
        "selectedLanguage": json.dumps(language),
    }
    return "".join(
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(value)});"
        for key, value in stored.items()
    )


@asynccontextmanager
async def signed_in(
    browser: Browser, site: RunningSite, language: str = "en", **context: Any
) -> AsyncIterator[Page]:
    """Open a page that belongs to the owner; what our code throws fails the test."""
    options = {"viewport": DESKTOP, **context}
    made = await browser.new_context(base_url=site.home.url, **options)
    await made.add_init_script(_sign_in(site, language))
    page = await made.new_page()
    errors: list[str] = []

    def note(text: str) -> None:
        if "paybay" in text.lower():
            errors.append(text)

    def thrown(error: Error) -> None:
        note(error.stack or str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            note(message.text)

    page.on("pageerror", thrown)
    page.on("console", said)
    yield page
    await made.close()
    assert errors == []


async def view(page: Page, name: str = "bays") -> None:
    """Open a view of the owner's dashboard."""
    await page.goto(f"/{DASHBOARD}/{name}")


def card(page: Page, bay: AnyBay) -> Locator:
    """Return a bay's card on the page."""
    heading = page.get_by_role("heading", name=bay.name, exact=True)
    return page.locator("paybay-bay-card").filter(has=heading)


async def sold(site: RunningSite, bay: AnyBay, plan: str) -> str:
    """Sell a plan to a customer, who pays at once; return the order's id."""
    await site.home.wait_state(bay.status, "available", "charging")
    offer = await site.home.ask("paybay.create_order", bay=bay.switch, plan=plan)
    await site.till.press(offer["payment_url"])
    await site.home.wait_state(bay.status, "charging")
    return str(offer["order_id"])
