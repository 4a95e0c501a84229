"""How an owner uses Home Assistant's own screens."""

import os
import re

from playwright.async_api import Locator, Page, ViewportSize

from demo.running import RunningSite
from demo.site import OWNER, OWNER_PASSWORD

from .conftest import Snap

DESKTOP = ViewportSize(width=1280, height=900)


async def sign_in(page: Page, site: RunningSite, path: str) -> None:
    """Open a page of Home Assistant as its owner."""
    await page.goto(site.home.url + path)
    await page.locator("input[name=username]").fill(OWNER)
    await page.locator("input[name=password]").fill(OWNER_PASSWORD)
    await page.get_by_role("button", name=re.compile("log in", re.IGNORECASE)).click()


def field(page: Page, label: str) -> Locator:
    """Return the input of a form's field."""
    shown = page.locator("ha-selector").filter(has_text=label)
    return shown.locator("input").first


async def press(page: Page, button: str) -> None:
    """Press a dialog's button."""
    await page.get_by_role("button", name=button, exact=True).click()


async def choose(page: Page, option: str) -> None:
    """Choose from a menu."""
    await page.get_by_text(option, exact=True).click()


async def snap_both(page: Page, snap: Snap, name: str) -> None:
    """Keep a picture of the page as it is, and one as on a desktop."""
    if not os.environ.get("PAYBAY_SHOTS") or (size := page.viewport_size) is None:
        return
    for prefix, shown in (("phone", size), ("desktop", DESKTOP), ("", size)):
        await page.set_viewport_size(shown)
        if prefix:
            # Only for the eye: dialogs slide to where they belong.
            await page.wait_for_timeout(700)
            await snap(page, f"{prefix}-{name}")
