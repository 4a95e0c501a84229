"""Laws about money: the ledger against the provider's own books. Pure."""

from collections import Counter
from collections.abc import Iterator

from .evidence import Evidence, Row, Taken
from .violation import CRUMB_MS, LEAST_REFUND_MINOR, Violation

_ENDED = ("completed", "stopped", "undelivered", "cancelled", "expired")
_SERVED = ("completed", "stopped", "undelivered")
_OPEN_REFUNDS = ("due", "sent", "failed")


def credited_once(evidence: Evidence) -> Iterator[Violation]:
    """Find captured payments that are not in the ledger once, as they were made."""
    law = "each captured payment is credited once"
    kept = Counter(row["id"] for row in evidence.payments)
    rows = {row["id"]: row for row in evidence.payments}
    for taken in evidence.taken:
        row = rows.get(taken.id)
        if row is None or kept[taken.id] != 1:
            text = f"payment {taken.id} is in the ledger {kept[taken.id]} times"
            yield Violation(law=law, text=text, order_id=taken.order_id)
        elif (row["order_id"], row["amount_minor"]) != (
            taken.order_id,
            taken.amount_minor,
        ):
            text = (
                f"payment {taken.id} of {taken.amount_minor} was credited as"
                f" {row['amount_minor']} to {row['order_id']}"
            )
            yield Violation(law=law, text=text, order_id=taken.order_id)
    for stranger in kept.keys() - {taken.id for taken in evidence.taken}:
        text = f"payment {stranger} was never captured"
        yield Violation(law=law, text=text, order_id=rows[stranger]["order_id"])


def promised_once(evidence: Evidence) -> Iterator[Violation]:
    """Find orders that are owed something else than their plan, or were not paid."""
    law = "what is owed is what was bought"
    paid = {row["order_id"] for row in evidence.payments}
    for order in evidence.orders:
        if order["owed_ms"] != evidence.plans_ms[order["plan_code"]]:
            text = f"{order['plan_code']} became {order['owed_ms']} ms"
            yield Violation(law=law, text=text, order_id=order["id"])
        if (order["id"] in paid) != (order["state"] in _SERVED):
            was = "paid" if order["id"] in paid else "never paid"
            text = f"it is {order['state']} and was {was}"
            yield Violation(law=law, text=text, order_id=order["id"])


def nothing_open(evidence: Evidence) -> Iterator[Violation]:
    """Find what is still open, but for what the owner was asked about."""
    law = "everything is closed"
    for order in evidence.orders:
        if order["state"] not in _ENDED:
            text = f"the order is still {order['state']}"
            yield Violation(law=law, text=text, order_id=order["id"])
    for delivery in evidence.deliveries:
        if delivery["state"] != "closed":
            text = f"delivery {delivery['id']} is still {delivery['state']}"
            yield Violation(law=law, text=text, order_id=delivery["order_id"])
    for refund in evidence.refunds:
        if refund["state"] in _OPEN_REFUNDS and not is_raised(refund):
            text = f"refund {refund['key']} is still {refund['state']}"
            yield Violation(law=law, text=text, order_id=refund["order_id"])


def is_raised(refund: Row) -> bool:
    """Tell whether a refund waits for the owner: his approval, or his next try."""
    unapproved = refund["state"] == "due" and not refund["approved_by"]
    return unapproved or refund["state"] == "failed"


def owed_is_settled(evidence: Evidence) -> Iterator[Violation]:
    """Find paid orders where owed is not delivered + refunded + raised."""
    law = "owed = delivered + refunded + raised"
    orders = {order["id"]: order for order in evidence.orders}
    for taken in evidence.taken:
        order = orders.get(taken.order_id)
        if order is None:
            text = f"{taken.id} was paid for an order that is not in the ledger"
            yield Violation(law=law, text=text, order_id=taken.order_id)
            continue
        counted_ms = sum(
            row["ran_ms"] for row in evidence.of(evidence.deliveries, order["id"])
        )
        if counted_ms != order["ran_ms"]:
            text = f"deliveries add up to {counted_ms} ms, not {order['ran_ms']}"
            yield Violation(law=law, text=text, order_id=order["id"])
        expected, given = _rest_minor(order, taken), _given_minor(evidence, taken)
        if given != expected:
            text = (
                f"{order['ran_ms']} of {order['owed_ms']} ms were delivered, so"
                f" {expected} of {taken.amount_minor} should go back: {given} did"
            )
            yield Violation(law=law, text=text, order_id=order["id"])


def _rest_minor(order: Row, taken: Taken) -> int:
    left_ms = max(0, order["owed_ms"] - order["ran_ms"])
    if order["state"] == "completed" and left_ms <= CRUMB_MS:
        return 0
    rest = -(-taken.amount_minor * left_ms // order["owed_ms"])
    return int(rest) if rest >= LEAST_REFUND_MINOR else 0


def _given_minor(evidence: Evidence, taken: Taken) -> int:
    given = sum(
        back.amount_minor
        for back in evidence.returned
        if back.payment_id == taken.id and back.status == "processed"
    )
    raised = sum(
        row["amount_minor"]
        for row in evidence.of(evidence.refunds, taken.order_id)
        if row["payment_id"] == taken.id and is_raised(row)
    )
    return int(given + raised)


def refunds_agree(evidence: Evidence) -> Iterator[Violation]:
    """Find payments that gave back too much, and refunds in one book only."""
    law = "refunds are within the payment and in both books"
    for taken in evidence.taken:
        back = [each for each in evidence.returned if each.payment_id == taken.id]
        live = sum(each.amount_minor for each in back if each.status != "failed")
        if max(live, taken.refunded_minor) > taken.amount_minor:
            text = f"{live} of {taken.amount_minor} went back for {taken.id}"
            yield Violation(law=law, text=text, order_id=taken.order_id)
    states = {row["provider_id"]: row for row in evidence.refunds if row["provider_id"]}
    known = {each.id: each for each in evidence.returned}
    order_of = {taken.id: taken.order_id for taken in evidence.taken}
    for each in evidence.returned:
        row = states.get(each.id)
        ours = (row["state"], row["amount_minor"]) if row else None
        if each.payment_id in order_of and ours != (each.status, each.amount_minor):
            text = (
                f"{each.id} is {each.status} over {each.amount_minor},"
                f" the ledger has {ours}"
            )
            yield Violation(law=law, text=text, order_id=order_of[each.payment_id])
    for provider_id in states.keys() - known.keys():
        text = f"{provider_id} is in the ledger and not at the provider"
        yield Violation(law=law, text=text, order_id=states[provider_id]["order_id"])
