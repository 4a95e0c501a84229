"""What a soak came to, in words."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
import statistics

from .evidence import Evidence, Row
from .quiet import raised
from .soak import Soaked
from .violation import Violation

AROUND_S = 15.0


def summary(found: Soaked) -> str:
    """Return the figures of one soak."""
    evidence = found.evidence
    starts = statistics.median(found.starts_s) if found.starts_s else 0
    on_s = sum(on.span[1] - on.start_s for on in evidence.ons if on.end_s)
    ran_s = sum(order["ran_ms"] for order in evidence.orders) / 1000
    kills = _counts(kill.part for kill in evidence.kills)
    states = _counts(order["state"] for order in evidence.orders)
    fates = _counts(f for f, number in found.tally.fates.items() for _ in range(number))
    return f"""seed {found.seed}: {len(found.violations)} violations
  {len(evidence.kills)} kills in {found.killing_s:.0f} s: {kills}
  Home Assistant back in {starts:.1f} s (median), settled in {found.settling_s:.0f} s
  {len(evidence.orders)} orders: {states}
  {len(evidence.taken)} payments captured: {fates}
  {len(evidence.returned)} refunds, {raised(evidence)} raised to the owner
  {ran_s:.1f} s delivered by the ledger, pins on for {on_s:.1f} s"""


def _counts(words: Iterable[str]) -> str:
    counted = sorted(Counter(words).items())
    return ", ".join(f"{number} {word}" for word, number in counted)


def describe(evidence: Evidence, violation: Violation) -> str:
    """Return a violation with everything that is known about its order."""
    lines = [
        f"BROKEN: {violation.law}",
        f"  seed {evidence.seed}",
        f"  {violation.text}",
    ]
    order_id = violation.order_id
    for order in evidence.orders:
        if order["id"] == order_id:
            lines += _story(evidence, order)
    if violation.bay_id and not order_id:
        lines += _pins(evidence, violation.bay_id, 0, float("inf"))[-40:]
    return "\n".join(lines)


def _story(evidence: Evidence, order: Row) -> list[str]:
    """Return an order's timeline with the pin's and the killer's, by time."""
    rows = evidence.of(evidence.timeline, order["id"])
    first_s, last_s = rows[0]["at_ms"] / 1000, rows[-1]["at_ms"] / 1000
    told = [
        (row["at_ms"] / 1000, f"{row['what']} {row['detail'] or ''}") for row in rows
    ]
    told += [
        (taken.captured_s, f"provider captured {taken.id}")
        for taken in evidence.taken
        if taken.order_id == order["id"]
    ]
    lines = [f"  order {order}"]
    lines += [
        f"  delivery {row}" for row in evidence.of(evidence.deliveries, order["id"])
    ]
    lines += [f"  refund {row}" for row in evidence.of(evidence.refunds, order["id"])]
    lines += [f"  {_at(at_s)} {text}" for at_s, text in sorted(told)]
    since_s = first_s - AROUND_S
    return lines + _pins(evidence, order["bay_id"], since_s, last_s + AROUND_S)


def _pins(evidence: Evidence, bay_id: str, since_s: float, until_s: float) -> list[str]:
    """Return the pin's trace and the kills between two moments."""
    pin = evidence.bay(bay_id).pin
    told = [
        (on.start_s, f"GPIO {pin} on for {on.span[1] - on.start_s:.3f} s")
        for on in evidence.ons
        if on.pin == pin
    ]
    told += [
        (kill.at_s, f"{kill.part} killed, back after {kill.over_s - kill.at_s:.2f} s")
        for kill in evidence.kills
    ]
    told += [
        (start_s, f"plain relays out of sight for {end_s - start_s:.2f} s")
        for start_s, end_s in evidence.blind
    ]
    near = [each for each in sorted(told) if since_s <= each[0] <= until_s]
    return [f"    {_at(at_s)} {text}" for at_s, text in near]


def _at(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%H:%M:%S.%f")[:-3]
