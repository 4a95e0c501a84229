"""Reads the three books of a site."""

from collections.abc import Iterable
from dataclasses import replace
import time

from demo.razorpay_emulator.errors import Json
from demo.running import RunningSite
from demo.till import Till

from .evidence import BayFacts, Evidence, Kill, On, Returned, Span, Taken


def from_ledger(site: RunningSite, seed: str) -> Evidence:
    """Return evidence with the ledger's tables and nothing else."""
    books = site.books
    bays = [
        BayFacts(id=bay.id, pin=bay.pin, keeps_time=bay in site.spec.bays)
        for bay in site.spec.all_bays
    ]
    return Evidence(
        seed=seed,
        bays=bays,
        plans_ms={plan.code: plan.seconds * 1000 for plan in site.spec.plans},
        orders=books.rows("SELECT * FROM orders ORDER BY created_ms, id"),
        payments=books.rows("SELECT * FROM payments"),
        deliveries=books.rows("SELECT * FROM deliveries ORDER BY id"),
        refunds=books.rows("SELECT * FROM refunds ORDER BY created_ms"),
        timeline=books.rows("SELECT * FROM timeline ORDER BY id"),
    )


async def provider_books(till: Till) -> tuple[list[Taken], list[Returned]]:
    """Return what the emulator captured and gave back."""
    books = await till.books()
    captured_s = {
        event["entities"]["payment"]: event["at"]
        for event in books["events"]
        if event["event"] == "payment.captured"
    }
    receipt = {order["id"]: order["receipt"] for order in books["orders"]}
    taken = [
        Taken(
            id=each["id"],
            order_id=receipt[each["order_id"]],
            amount_minor=each["amount"],
            refunded_minor=each["amount_refunded"],
            captured_s=captured_s[each["id"]],
        )
        for each in books["payments"]
        if each["captured"]
    ]
    return taken, [_returned(each) for each in books["refunds"]]


def _returned(refund: Json) -> Returned:
    return Returned(
        id=refund["id"],
        payment_id=refund["payment_id"],
        amount_minor=refund["amount"],
        status=refund["status"],
    )


async def drop_unmade(till: Till, evidence: Evidence) -> None:
    """Drop orders whose link was never made: nobody can pay them.

    PayBay gives such an order two minutes, in case the link turns up.
    """
    made = {link["reference_id"] for link in (await till.books())["links"]}
    evidence.orders = [
        order
        for order in evidence.orders
        if order["state"] != "created" or order["id"] in made
    ]


def without_infinity(
    evidence: Evidence, ons: list[On], kills: Iterable[Kill], blind: Iterable[Span]
) -> Evidence:
    """Add what happened to the pins and the parts; what still lasts lasts until now."""
    now_s = time.time()
    evidence.ons = ons
    evidence.kills = [replace(k, over_s=min(k.over_s, now_s)) for k in kills]
    evidence.blind = [(start_s, min(end_s, now_s)) for start_s, end_s in blind]
    return evidence
