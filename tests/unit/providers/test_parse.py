"""Webhook bodies: read whatever their shape, with nothing personal left over."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    LinkStatus,
    Notice,
    PaymentFact,
    PaymentStatus,
)
from custom_components.paybay.providers.base import MalformedEventError
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.providers.razorpay.entities import (
    link_payments,
    refund_fact,
)
from custom_components.paybay.providers.razorpay.parse import read_notice
from demo.razorpay_emulator import PERSONAL_DATA, RazorpayEmulator

from .shapes import PERSONAL, event, link_entity, payment_entity

FACT = PaymentFact(
    id="pay_PxYz0123456789",
    status=PaymentStatus.CAPTURED,
    amount=Money(1000, "INR"),
    created_s=1_790_000_000,
    method="upi",
    rrn="123456789012",
    fee_minor=24,
    tax_minor=4,
)
KINDS = [
    "order.paid",
    "payment.authorized",
    "payment.captured",
    "payment.dispute.created",
    "payment.downtime.started",
    "payment.failed",
    "payment_link.cancelled",
    "payment_link.expired",
    "payment_link.paid",
    "payment_link.partially_paid",
    "qr_code.credited",
    "refund.processed",
    "settlement.processed",
    "something.new",
]


def read(kind: str, **entities: Any) -> Notice:
    return read_notice(event(kind, **entities), "evt1")


def test_a_captured_payment_is_read() -> None:
    notice = read("payment.captured", payment=payment_entity())
    assert notice == Notice(
        channel=Channel.WEBHOOK,
        kind="payment.captured",
        event_id="evt1",
        payment=FACT,
    )


def test_a_paid_link_is_read_with_its_payment_and_our_order_id() -> None:
    dump = {"id": "PxYz0123456789", "receipt": "ord_1", "merchant_id": "x"}
    notice = read(
        "payment_link.paid",
        payment_link=link_entity(status="paid", notes={}),
        order=dump,
        payment=payment_entity(),
    )
    assert notice.reference_id == "ord_1"
    assert notice.payment == FACT
    assert notice.link is not None
    assert notice.link.status is LinkStatus.PAID
    assert notice.link.id == "plink_PxYz0123456789"
    assert notice.link.url == "https://rzp.example/i/1"


@pytest.mark.parametrize(
    "entities",
    [
        {"payment_link": link_entity(reference_id="ord_7")},
        {"payment": payment_entity(notes={"order_id": "ord_7"})},
        {
            "payment_link": link_entity(
                reference_id="", notes={"order_id": "ord_7", "bay": "1"}
            )
        },
        {"order": {"id": "order_1", "receipt": "ord_7", "notes": []}},
        {
            "payment_link": link_entity(reference_id="ord_7"),
            "payment": payment_entity(notes={"order_id": "ord_other"}),
            "order": {"receipt": "ord_7"},
        },
    ],
)
def test_our_order_id_is_found_wherever_the_event_carries_it(
    entities: dict[str, Any],
) -> None:
    assert read("order.paid", **entities).reference_id == "ord_7"


@pytest.mark.parametrize("notes", [[], None, {}, "", 0, ["order_id"], {"order_id": 5}])
@pytest.mark.parametrize("reference", ["", None, 7, "no. 7 / 2026", "x" * 41, []])
def test_notes_and_references_of_any_shape_are_survived(
    notes: Any, reference: Any
) -> None:
    notice = read(
        "payment_link.paid",
        payment_link=link_entity(notes=notes, reference_id=reference),
        payment=payment_entity(notes=notes),
        order={"receipt": reference, "notes": notes},
    )
    assert notice.reference_id is None
    assert notice.payment == FACT


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"fee": None, "tax": None}, "fee_minor", None),
        ({"fee": 0, "tax": 0}, "fee_minor", 0),
        ({"fee": "24"}, "fee_minor", None),
        ({"fee": True}, "fee_minor", None),
        ({"acquirer_data": []}, "rrn", None),
        ({"acquirer_data": None}, "rrn", None),
        ({"acquirer_data": {"rrn": None}}, "rrn", None),
        ({"acquirer_data": {"rrn": "guest@upi"}}, "rrn", None),
        ({"method": None}, "method", None),
        ({"method": "guest@example.com"}, "method", None),
        ({"amount_refunded": None}, "refunded_minor", 0),
        ({"amount_refunded": 400}, "refunded_minor", 400),
        ({"status": "authorized"}, "status", PaymentStatus.AUTHORIZED),
        ({"status": "failed", "vpa": None}, "status", PaymentStatus.FAILED),
        ({"status": "refunded"}, "status", PaymentStatus.REFUNDED),
        ({"status": "refunded", "captured": False}, "status", PaymentStatus.FAILED),
    ],
)
def test_a_payments_details_are_read_or_left_out(
    change: dict[str, Any], field: str, value: Any
) -> None:
    payment = read("payment.captured", payment=payment_entity(**change)).payment
    assert getattr(payment, field) == value


UNREADABLE = [
    {"id": None},
    {"id": "pay_"},
    {"id": "../pay_1"},
    {"id": ["pay_1"]},
    {"amount": "1000"},
    {"amount": 10.0},
    {"amount": True},
    {"amount": -1},
    {"amount": 2**60},
    {"amount": None},
    {"currency": None},
    {"currency": "inr"},
    {"status": "on_the_moon"},
    {"status": None},
    {"status": ["captured"]},
    {"created_at": None},
    {"created_at": "yesterday"},
]


@pytest.mark.parametrize("change", UNREADABLE)
def test_a_payment_that_cannot_be_read_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError):
        read("payment.captured", payment=payment_entity(**change))


@pytest.mark.parametrize("kind", ["payment.captured", "order.paid", "something.new"])
def test_money_of_another_shop_in_a_currency_we_do_not_take_is_no_error(
    kind: str,
) -> None:
    assert read(kind, payment=payment_entity(currency="JPY")).payment is None


@pytest.mark.parametrize("change", UNREADABLE)
def test_in_an_event_nobody_asked_for_it_is_left_out(change: dict[str, Any]) -> None:
    notice = read("something.new", payment=payment_entity(**change))
    assert (notice.kind, notice.payment) == ("something.new", None)


@pytest.mark.parametrize(
    "change", [{"id": 5}, {"status": None}, {"status": "new"}, {"amount": None}]
)
def test_a_link_that_cannot_be_read_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError):
        read("payment_link.expired", payment_link=link_entity(**change))


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "https://a b", 7])
def test_a_links_address_is_one_a_browser_can_be_sent_to(url: Any) -> None:
    link = read("payment_link.expired", payment_link=link_entity(short_url=url)).link
    assert link is not None
    assert link.url == ""


def test_the_end_of_an_offer_has_no_payment() -> None:
    notice = read("payment_link.expired", payment_link=link_entity(status="expired"))
    assert notice.payment is None
    assert notice.link is not None
    assert (notice.link.status, notice.reference_id) == (LinkStatus.EXPIRED, "ord_1")


def test_a_refund_event_carries_its_payment() -> None:
    refunded = payment_entity(status="refunded", amount_refunded=1000)
    notice = read("refund.processed", refund={"id": "rfnd_1"}, payment=refunded)
    assert notice.kind == "refund.processed"
    assert notice.payment is not None
    assert notice.payment.refunded_minor == 1000


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_event_is_read_with_whatever_payment_is_there(kind: str) -> None:
    assert read(kind, payment=payment_entity()).payment == FACT


@pytest.mark.parametrize(
    "kind", ["payment.captured", "payment.authorized", "payment.failed"]
)
def test_a_payment_event_without_a_payment_is_malformed(kind: str) -> None:
    with pytest.raises(MalformedEventError, match="without a payment"):
        read(kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"payment.captured"',
        b"{}",
        b'{"event":null}',
        b'{"event":"Payment Captured"}',
        b'{"event":["payment.captured"]}',
        b'{"event":"a.b.c.d.e"}',
        b"[" * 200_000,
        b'{"event":' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEventError):
        read_notice(body, None)


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [
        ("EvtPxYz0123456", "EvtPxYz0123456"),
        (None, None),
        ("", None),
        ("\udcff", None),
        ("a\nb", None),
        ("sha256:0a", "sha256:0a"),
        ("x" * 256, None),
    ],
)
def test_an_event_id_is_kept_if_it_can_be_stored(
    given_id: str | None, kept: str | None
) -> None:
    body = event("something.new")
    assert read_notice(body, given_id).event_id == kept


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal_leaves_the_parser(kind: str) -> None:
    notice = read(
        kind,
        payment=payment_entity(customer_id="cust_1", card={"name": "A. Guest"}),
        payment_link=link_entity(
            customer={"name": "A. Guest", "contact": "+910000000000"},
            notes={"order_id": "ord_1", "email": "guest@example.com"},
        ),
    )
    assert notice.payment == FACT
    assert not [word for word in PERSONAL if word in repr(notice)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def spoilt(entity: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return the entity with some fields replaced by anything at all."""
    return st.dictionaries(st.sampled_from(sorted(entity)), JSON, max_size=4).map(
        lambda changes: entity | changes
    )


EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(KINDS) | JSON},
    optional={
        "payload": JSON
        | st.dictionaries(
            st.sampled_from(["payment", "payment_link", "order"]),
            JSON
            | st.fixed_dictionaries(
                {"entity": spoilt(payment_entity()) | spoilt(link_entity()) | JSON}
            ),
        ),
    },
)


@given(JSON | EVENTS)
def test_any_json_is_a_notice_or_malformed(content: Any) -> None:
    try:
        notice = read_notice(json.dumps(content).encode(), "evt1")
    except MalformedEventError:
        return
    assert notice.kind == content["event"]
    repr(notice).encode()


@given(st.binary())
def test_any_bytes_are_malformed_or_a_notice(body: bytes) -> None:
    try:
        read_notice(body, None)
    except MalformedEventError:
        return


async def test_every_event_of_the_emulated_account_is_read(
    emulator: RazorpayEmulator, provider: RazorpayProvider
) -> None:
    foreign = emulator.foreign_payment()
    emulator.refund(foreign.id, 500)
    emulator.dispute(foreign.id)
    notices = [
        provider.parse(sent.body, sent.id) for sent in emulator.webhooks.events.values()
    ]
    assert {"payment.captured", "refund.processed", "payment.dispute.created"} <= {
        notice.kind for notice in notices
    }
    for notice in notices:
        assert notice.payment is not None
        assert notice.payment.id == foreign.id
        assert not [word for word in PERSONAL_DATA if word in repr(notice)]


def test_a_links_own_list_names_captured_payments() -> None:
    entry = {
        "payment_id": "pay_1",
        "plink_id": "plink_1",
        "amount": 1000,
        "status": "captured",
        "method": "upi",
        "created_at": 1_790_000_000,
    }
    (fact,) = link_payments(link_entity(payments=[entry]))
    assert (fact.id, fact.amount, fact.rrn) == ("pay_1", Money(1000, "INR"), None)


@pytest.mark.parametrize("nothing", [None, [], {}, "x", 0])
def test_a_link_without_payments_names_none(nothing: Any) -> None:
    assert link_payments(link_entity(payments=nothing)) == []


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("pending", "pending"),
        ("processed", "processed"),
        ("failed", "failed"),
        ("thinking", "pending"),
        (None, "pending"),
        (["failed"], "pending"),
    ],
)
def test_a_refund_in_a_state_not_known_is_not_over(status: Any, read_as: str) -> None:
    entity = {"id": "rfnd_1", "payment_id": "pay_1", "amount": 1, "currency": "INR"}
    assert refund_fact(entity | {"status": status}).status == read_as
