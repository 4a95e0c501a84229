"""The end of a soak: everything works again, and every order is closed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import time

from demo.running import RunningSite
from demo.till import TillError

from .evidence import Evidence
from .gather import drop_unmade, from_ledger, provider_books
from .killer import Killer
from .money import is_raised, nothing_open
from .spec import SoakPlan

SETTLED_WITHIN_S = 900.0
"""A refund that found the provider out of order three times waits ten minutes."""
LOOK_S = 0.5


async def calm_down(
    site: RunningSite, killer: Killer, plan: SoakPlan, say: Callable[[str], None]
) -> str | None:
    """Let all faults end and every order close.

    Home Assistant starts once more, as after any crash: then it asks for every link
    that may still bring money. Return what is open after all patience, None if nothing.
    """
    await site.till.control("faults/reset")
    await killer.settle()
    for order_id in _unpaid(from_ledger(site, plan.seed)):
        with suppress(TillError):
            await site.till.control(f"links/{order_id}/expire")
    await killer.kill_home()
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while (open_ones := await _open(site, plan)) and time.monotonic() < deadline:
        say(f"waiting for {open_ones}")
        await asyncio.sleep(LOOK_S)
    return open_ones


def _unpaid(evidence: Evidence) -> list[str]:
    return [row["id"] for row in evidence.orders if row["state"] == "created"]


async def _open(site: RunningSite, plan: SoakPlan) -> str | None:
    evidence = from_ledger(site, plan.seed)
    if not plan.patient:
        await drop_unmade(site.till, evidence)
    if found := [each.text for each in nothing_open(evidence)]:
        return f"{len(found)} open: {found[0]}"
    taken, _ = await provider_books(site.till)
    if missing := {each.id for each in taken} - {p["id"] for p in evidence.payments}:
        return f"{len(missing)} payments not seen yet: {min(missing)}"
    if high := [bay.pin for bay in evidence.bays if site.recorder.is_high(bay.pin)]:
        return f"GPIO {high} on"
    return None


def raised(evidence: Evidence) -> int:
    """Return how many refunds wait for the owner."""
    return sum(is_raised(row) for row in evidence.refunds)
