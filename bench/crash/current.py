"""Laws about current: the ledger against the recorded pins. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from .evidence import BayFacts, Evidence, Row, Span
from .spans import common, total_s, united, without
from .violation import (
    CHECKPOINT_S,
    CLAIM_S,
    SLACK_S,
    STRAY_S,
    Violation,
    is_lost,
    unwatched,
)

_LAST_STEPS = ("complete", "stop", "give_up")


@dataclass(frozen=True, kw_only=True)
class Served:
    """An order's time at its bay: `on` is what the pin was on within it.

    `excused_s` is on-time that nobody could have ended or counted.
    """

    order: Row
    deliveries: list[Row]
    span: Span
    on: list[Span]
    excused_s: float

    @property
    def on_s(self) -> float:
        """Return how long the pin was on for this order."""
        return total_s(self.on)

    @property
    def forgiven_s(self) -> float:
        """Return how much longer the pin may be on than the books say."""
        by_relay = self.order["claimed_by"] == "relay"
        return SLACK_S + self.excused_s + (CLAIM_S if by_relay else 0.0)


def served(evidence: Evidence, bay: BayFacts) -> list[Served]:
    """Return the orders that had this bay's relay, first one first.

    A bay serves one at a time: each one's span begins when it was paid, or when the
    one before it ended.
    """
    pin = united(on.span for on in evidence.ons if on.pin == bay.pin)
    dark = unwatched(evidence, bay)
    free_s, found = 0.0, []
    for order, deliveries in _in_turn(evidence, bay):
        span = max(free_s, order["paid_ms"] / 1000), _ended_s(evidence, order)
        free_s, on = span[1], common(pin, [span])
        lost = [each for each in deliveries if is_lost(each, bay, dark, span[1])]
        forgiven_s = sum(min(CHECKPOINT_S, d["planned_ms"] / 1000) for d in lost)
        excused_s = total_s(common(on, dark)) + forgiven_s
        found.append(
            Served(
                order=order,
                deliveries=deliveries,
                span=span,
                on=on,
                excused_s=excused_s,
            )
        )
    return found


def _in_turn(evidence: Evidence, bay: BayFacts) -> list[tuple[Row, list[Row]]]:
    pairs = (
        (order, evidence.of(evidence.deliveries, order["id"]))
        for order in evidence.orders
        if order["bay_id"] == bay.id and order["paid_ms"] is not None
    )
    return sorted(
        ((order, rows) for order, rows in pairs if rows),
        key=lambda pair: min(row["id"] for row in pair[1]),
    )


def _ended_s(evidence: Evidence, order: Row) -> float:
    steps = [
        row["at_ms"] / 1000
        for row in evidence.of(evidence.timeline, order["id"])
        if row["what"] in _LAST_STEPS
    ]
    return max(steps, default=float("inf"))


def only_for_an_order(evidence: Evidence) -> Iterator[Violation]:
    """Find relays that were on while no paid order had them, or past its end."""
    law = "never on without a reason, never past the end"
    for bay in evidence.bays:
        pin = united(on.span for on in evidence.ons if on.pin == bay.pin)
        spans = [each.span for each in served(evidence, bay)]
        stray = without(pin, [*spans, *unwatched(evidence, bay)])
        for start_s, end_s in stray:
            if end_s - start_s > STRAY_S:
                text = (
                    f"GPIO {bay.pin} was on for nobody for {end_s - start_s:.3f} s"
                    f" from {start_s:.3f}"
                )
                yield Violation(law=law, text=text, bay_id=bay.id)


def only_once_captured(evidence: Evidence) -> Iterator[Violation]:
    """Find orders that got their relay before the provider captured a payment."""
    law = "relay on implies a captured payment"
    captured = {taken.order_id: taken.captured_s for taken in evidence.taken}
    for bay in evidence.bays:
        for each in served(evidence, bay):
            at_s = captured.get(each.order["id"], float("inf"))
            if each.on and each.on[0][0] < at_s:
                text = f"on at {each.on[0][0]:.3f}, captured at {at_s:.3f}"
                yield Violation(law=law, text=text, order_id=each.order["id"])


def never_more_than_owed(evidence: Evidence) -> Iterator[Violation]:
    """Find orders whose pin was on for longer than was owed."""
    law = "never on longer than owed"
    for bay in evidence.bays:
        for each in served(evidence, bay):
            owed_s = each.order["owed_ms"] / 1000
            if each.on_s > owed_s + each.forgiven_s:
                text = (
                    f"on for {each.on_s:.3f} s of {owed_s:g} s owed"
                    f" ({each.excused_s:.3f} s excused)"
                )
                yield Violation(law=law, text=text, order_id=each.order["id"])


def counted_as_it_was(evidence: Evidence) -> Iterator[Violation]:
    """Find orders whose delivered time is not the time the pin was on."""
    law = "delivered is what the pin was on"
    for bay in evidence.bays:
        for each in served(evidence, bay):
            ran_s = each.order["ran_ms"] / 1000
            if ran_s > each.on_s + SLACK_S and each.order["reason"] != "unreported":
                text = f"{ran_s:.3f} s delivered, the pin was on for {each.on_s:.3f} s"
                yield Violation(law=law, text=text, order_id=each.order["id"])
            if each.on_s > ran_s + each.forgiven_s:
                text = (
                    f"on for {each.on_s:.3f} s, only {ran_s:.3f} s were counted"
                    f" ({each.excused_s:.3f} s excused)"
                )
                yield Violation(law=law, text=text, order_id=each.order["id"])
