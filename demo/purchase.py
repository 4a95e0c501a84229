"""One purchase as a customer makes it, and when everybody saw what of it."""

import time

from . import verdict
from .bays import AnyBay
from .books import Row
from .home import RefusedError
from .receipt import Purchase
from .running import RunningSite
from .site import PlanSpec
from .till import read_qr
from .verdict import CheckError
from .waiting import LateError

TOLERANCE_S = 0.5
START_WITHIN_S = 10.0
SLACK_S = 10.0


async def order(site: RunningSite, bay: AnyBay, plan: PlanSpec) -> Purchase:
    """Ask PayBay for an order and read its QR code; raise CheckError."""
    began_s, began_mono_s = time.time(), time.monotonic()
    number = len(site.home.events)
    try:
        offer = await site.home.ask(
            "paybay.create_order", bay=bay.switch, plan=plan.code
        )
    except RefusedError as error:
        raise await verdict.refused(site, bay, error) from None
    purchase = Purchase(
        bay=bay,
        plan=plan,
        order_id=offer["order_id"],
        url=read_qr(offer["qr"]),
        event_number=number,
        began_mono_s=began_mono_s,
    )
    purchase.note("order asked for", began_s)
    purchase.note("order created, QR code read")
    promised = offer["seconds"], offer["amount"], offer["currency"]
    if promised != (plan.seconds, plan.rupees * 100, "INR"):
        raise CheckError(f"{bay.name}: the order promises {promised} for {plan}")
    if purchase.url != offer["payment_url"]:
        raise CheckError(f"{bay.name}: the QR code leads to {purchase.url}")
    return purchase


async def pay(site: RunningSite, purchase: Purchase) -> None:
    """Pay on the page behind the QR code."""
    await site.till.open(purchase.url)
    purchase.note("paid")
    await site.till.press(purchase.url)


async def see_webhook(site: RunningSite, purchase: Purchase) -> None:
    """Wait until PayBay has answered a webhook with 2xx; raise CheckError."""
    tries = await site.till.wait_answered(purchase.order_id)
    purchase.note("webhook answered")
    for attempt in tries:
        if attempt.refused:
            raise verdict.forged(site, purchase, attempt)


async def see_relay_on(site: RunningSite, purchase: Purchase) -> None:
    """Wait until the bay's own pin is high and PayBay says so; raise CheckError."""
    bay = purchase.bay
    try:
        went_high = await site.recorder.wait_for(
            bay.pin, high=True, since_s=purchase.began_mono_s, within_s=START_WITHIN_S
        )
    except LateError:
        raise verdict.dark(site, purchase, bay) from None
    purchase.note(f"GPIO {bay.pin} high", went_high.at)
    charging = await site.home.wait_event(
        lambda event: event.shows(bay.status, "charging"),
        f"{bay.status} becoming charging",
        since=purchase.event_number,
    )
    purchase.note("Home Assistant: charging", charging.at)


async def see_end(site: RunningSite, purchase: Purchase) -> Row:
    """Wait until the pin is low and the order completed; raise CheckError."""
    bay, within_s = purchase.bay, purchase.plan.seconds + SLACK_S
    went_low = await site.recorder.wait_for(
        bay.pin, high=False, since_s=purchase.began_mono_s, within_s=within_s
    )
    purchase.note(f"GPIO {bay.pin} low", went_low.at)
    closed = await site.books.wait_end(purchase.order_id)
    purchase.note("order completed")
    if closed["state"] != "completed":
        raise CheckError(f"{bay.name}: the order ended as {closed['state']}")
    if abs(on_seconds(site, purchase) - purchase.plan.seconds) > TOLERANCE_S:
        raise verdict.wrong_time(purchase, on_seconds(site, purchase))
    return closed


async def buy(site: RunningSite, bay: AnyBay, plan: PlanSpec) -> tuple[Purchase, Row]:
    """Make one whole purchase while nobody else does.

    Return it and its order as it ended; raise CheckError.
    """
    purchase = await order(site, bay, plan)
    await pay(site, purchase)
    await see_webhook(site, purchase)
    await see_relay_on(site, purchase)
    closed = await see_end(site, purchase)
    if others := verdict.other_pins(site, purchase, bay):
        raise CheckError(f"{bay.name}: {others} went high as well")
    return purchase, closed


def on_seconds(site: RunningSite, purchase: Purchase) -> float:
    """Return how long the bay's pin was high since the purchase began."""
    return site.recorder.on_seconds(purchase.bay.pin, purchase.began_mono_s)
