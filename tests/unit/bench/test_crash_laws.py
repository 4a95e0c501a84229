"""The crash soak's judge finds each kind of wrong in the books and at the pins.

One evidence that is right, then doctored: each doctoring must break exactly its law.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.crash.evidence import BayFacts, Evidence, Kill, On, Returned, Row, Taken
from bench.crash.laws import judge

T = 1_000_000.0
"""When the story begins, in Unix seconds."""
BRIDGE, PLAIN = "bay_1", "bay_5"


def evidence() -> Evidence:
    """Return what the books say after two orders.

    `ord_a` ran its 4 s at the bridge; `ord_b` was stopped after 1 of 4 s at the plain
    switch, so 30 of its 40 rupees went back.
    """
    return Evidence(
        seed="s",
        bays=[
            BayFacts(id=BRIDGE, pin=17, keeps_time=True),
            BayFacts(id=PLAIN, pin=45, keeps_time=False),
        ],
        plans_ms={"s4": 4000},
        orders=[
            _order("ord_a", BRIDGE, "completed", 4000),
            _order("ord_b", PLAIN, "stopped", 1000),
        ],
        payments=[_payment("a"), _payment("b")],
        deliveries=[
            _delivery(1, "ord_a", BRIDGE, 4000, "time_up"),
            _delivery(2, "ord_b", PLAIN, 1000, "switched_off"),
        ],
        refunds=[_refund()],
        timeline=[_step("ord_a", "complete", 5), _step("ord_b", "stop", 2)],
        taken=[_taken("a", refunded=0), _taken("b", refunded=3000)],
        returned=[
            Returned(
                id="rfnd_b", payment_id="pay_b", amount_minor=3000, status="processed"
            )
        ],
        ons=[
            On(pin=17, start_s=T + 1, end_s=T + 5),
            On(pin=45, start_s=T + 1, end_s=T + 2),
        ],
    )


def _order(order_id: str, bay_id: str, state: str, ran_ms: int) -> Row:
    return {
        "id": order_id,
        "bay_id": bay_id,
        "plan_code": "s4",
        "owed_ms": 4000,
        "state": state,
        "ran_ms": ran_ms,
        "paid_ms": int(T * 1000) + 900,
        "reason": "time_up",
        "claimed_by": "direct",
    }


def _payment(letter: str) -> Row:
    return {"id": f"pay_{letter}", "order_id": f"ord_{letter}", "amount_minor": 4000}


def _delivery(number: int, order_id: str, bay_id: str, ran_ms: int, why: str) -> Row:
    began_ms = int(T * 1000) + 1000
    return {
        "id": number,
        "order_id": order_id,
        "bay_id": bay_id,
        "state": "closed",
        "planned_ms": 4000,
        "started_ms": began_ms,
        "ended_ms": began_ms + ran_ms,
        "ran_ms": ran_ms,
        "reason": why,
    }


def _refund() -> Row:
    return {
        "key": "key_b",
        "order_id": "ord_b",
        "payment_id": "pay_b",
        "provider_id": "rfnd_b",
        "amount_minor": 3000,
        "state": "processed",
        "approved_by": "budget",
    }


def _step(order_id: str, what: str, after_s: float) -> Row:
    return {"order_id": order_id, "what": what, "at_ms": int((T + after_s) * 1000)}


def _taken(letter: str, *, refunded: int) -> Taken:
    return Taken(
        id=f"pay_{letter}",
        order_id=f"ord_{letter}",
        amount_minor=4000,
        refunded_minor=refunded,
        captured_s=T,
    )


def broken(books: Evidence) -> set[str]:
    return {violation.law for violation in judge(books)}


def on(pin: int, start_s: float, end_s: float | None) -> On:
    return On(pin=pin, start_s=T + start_s, end_s=end_s and T + end_s)


def test_books_that_agree_break_no_law() -> None:
    assert judge(evidence()) == []


def test_evidence_survives_being_kept() -> None:
    books = evidence()
    books.kills = [Kill(part="home", at_s=T, over_s=T + 1)]
    books.blind = [(T, T + 1)]
    assert Evidence.from_json(books.to_json()) == books


CREDITED = "each captured payment is credited once"
BOUGHT = "what is owed is what was bought"
CLOSED = "everything is closed"
SETTLED = "owed = delivered + refunded + raised"
AGREED = "refunds are within the payment and in both books"
REASON = "never on without a reason, never past the end"
CAPTURED = "relay on implies a captured payment"
LONGER = "never on longer than owed"
COUNTED = "delivered is what the pin was on"


def payment_lost(books: Evidence) -> None:
    books.payments.pop(0)


def payment_twice(books: Evidence) -> None:
    books.payments.append(dict(books.payments[0]))


def payment_invented(books: Evidence) -> None:
    books.taken = books.taken[1:]


def payment_to_another_order(books: Evidence) -> None:
    books.payments[0]["order_id"] = "ord_b"


def payment_of_another_amount(books: Evidence) -> None:
    books.payments[0]["amount_minor"] = 1


def owed_twice(books: Evidence) -> None:
    books.orders[0]["owed_ms"] = 8000


def order_open(books: Evidence) -> None:
    books.orders[0]["state"] = "paused"


def delivery_open(books: Evidence) -> None:
    books.deliveries[0]["state"] = "on"


def refund_on_its_way(books: Evidence) -> None:
    books.refunds[0]["state"] = "sent"


def refund_forgotten(books: Evidence) -> None:
    books.refunds, books.returned = [], []


def refund_too_small(books: Evidence) -> None:
    books.refunds[0]["amount_minor"] = 2999
    books.returned = [replace(books.returned[0], amount_minor=2999)]


def deliveries_do_not_add_up(books: Evidence) -> None:
    books.deliveries[0]["ran_ms"] = 3000


def refund_in_one_book(books: Evidence) -> None:
    books.refunds[0]["provider_id"] = None


def refund_unknown_to_the_provider(books: Evidence) -> None:
    books.refunds.append({**_refund(), "provider_id": "rfnd_x"})


def refunded_twice(books: Evidence) -> None:
    more = replace(books.returned[0], id="rfnd_c")
    books.returned.append(more)
    books.refunds.append({**_refund(), "provider_id": "rfnd_c"})


def on_before_anybody_paid(books: Evidence) -> None:
    books.ons.append(on(17, -3, -2))


def on_past_the_end(books: Evidence) -> None:
    books.ons[0] = on(17, 1, 5.4)


def on_for_ever(books: Evidence) -> None:
    books.ons[1] = on(45, 1, None)


def captured_after_the_start(books: Evidence) -> None:
    books.taken[0] = replace(books.taken[0], captured_s=T + 2)


def order_served_too_long(books: Evidence) -> None:
    books.ons[0] = on(17, 1, 6)
    books.timeline[0] = _step("ord_a", "complete", 6)


def less_given_than_counted(books: Evidence) -> None:
    books.ons[0] = on(17, 1, 4)


def more_given_than_counted(books: Evidence) -> None:
    books.ons[1] = on(45, 1, 3)
    books.timeline[1] = _step("ord_b", "stop", 3)


@pytest.mark.parametrize(
    ("doctor", "laws"),
    [
        (payment_lost, {CREDITED, BOUGHT}),
        (payment_twice, {CREDITED}),
        (payment_invented, {CREDITED, CAPTURED}),
        (payment_to_another_order, {CREDITED, BOUGHT}),
        (payment_of_another_amount, {CREDITED}),
        (owed_twice, {BOUGHT, SETTLED}),
        (order_open, {CLOSED, BOUGHT}),
        (delivery_open, {CLOSED}),
        (refund_on_its_way, {CLOSED, AGREED}),
        (refund_forgotten, {SETTLED}),
        (refund_too_small, {SETTLED}),
        (deliveries_do_not_add_up, {SETTLED}),
        (refund_in_one_book, {AGREED}),
        (refund_unknown_to_the_provider, {AGREED}),
        (refunded_twice, {AGREED, SETTLED}),
        (on_before_anybody_paid, {REASON}),
        (on_past_the_end, {REASON}),
        (on_for_ever, {REASON}),
        (captured_after_the_start, {CAPTURED}),
        (order_served_too_long, {LONGER, COUNTED}),
        (less_given_than_counted, {COUNTED}),
        (more_given_than_counted, {COUNTED}),
    ],
)
def test_doctored_books_break_their_law(
    doctor: Callable[[Evidence], None], laws: set[str]
) -> None:
    books = evidence()
    doctor(books)
    assert broken(books) == laws


def test_what_waits_for_the_owner_is_not_lost() -> None:
    books = evidence()
    books.refunds[0] |= {"state": "due", "approved_by": None, "provider_id": None}
    books.returned = []
    assert judge(books) == []


def test_a_plain_switch_stays_on_while_nobody_can_reach_it() -> None:
    books = evidence()
    order_served_too_long(books)
    books.bays[0] = replace(books.bays[0], keeps_time=False)
    books.blind = [(T + 4, T + 6)]
    assert judge(books) == []


def test_a_relay_that_keeps_time_has_no_such_excuse() -> None:
    books = evidence()
    order_served_too_long(books)
    books.blind = [(T + 4, T + 6)]
    assert broken(books) == {LONGER, COUNTED}


def test_a_dead_bridge_leaves_its_relay_on_until_its_supervisor_acts() -> None:
    books = evidence()
    order_served_too_long(books)
    books.kills = [Kill(part="bridge", at_s=T + 4.9, over_s=T + 6)]
    assert judge(books) == []


def test_time_after_the_last_checkpoint_is_given_again_only_after_a_crash() -> None:
    books = evidence()
    books.deliveries[1]["reason"] = "relay_off"
    more_given_than_counted(books)
    assert broken(books) == {COUNTED}
    books.blind = [(T + 1.5, T + 1.6)]
    assert judge(books) == []


@pytest.mark.parametrize(("early_s", "laws"), [(1.4, set()), (2.5, {LONGER, COUNTED})])
def test_an_automation_at_the_relay_is_noticed_soon(
    early_s: float, laws: set[str]
) -> None:
    books = evidence()
    for order in books.orders:
        order["paid_ms"] = int(T * 1000) - 2000
        order["claimed_by"] = "relay"
    books.taken = [replace(each, captured_s=T - 3) for each in books.taken]
    books.ons[0] = on(17, 1 - early_s, 5)
    assert broken(books) == laws
