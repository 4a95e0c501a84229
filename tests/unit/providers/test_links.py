"""Payment links: made once, found again, cancelled or paid, never lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.paybay.domain.links import LinkTag
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import LinkStatus, PaymentStatus
from custom_components.paybay.providers.base import (
    LinkRequest,
    ProviderAuthError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider, client
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Edge, Maker, Sleeper
from .shapes import link_entity, payment_entity

type RequestFor = Callable[..., LinkRequest]

LINKS = "/v1/payment_links"


async def test_a_link_is_created_with_its_reference(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for("ord_1"))
    assert link.reference_id == "ord_1"
    assert link.status is LinkStatus.CREATED
    assert link.amount == Money(1000, "INR")
    assert link.url.startswith(emulator.base_url)
    assert link.id in emulator.books.links


async def test_a_link_asks_for_one_full_payment_and_sends_no_messages(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"error": {"code": "BAD_REQUEST_ERROR"}}, status=400)
    request = LinkRequest(
        reference_id="ord_1",
        amount=Money(1000, "INR"),
        description="x" * 3000,
        expires_s=1_800_000_000,
        notes={f"note {n}": "y" * 300 for n in range(20)},
        callback_url="https://home.example/paybay/orders/w/return",
    )
    with pytest.raises(ProviderRefusedError):
        await make(edge.url).create_link(request)
    (asked,) = edge.seen
    assert (asked.method, asked.path) == ("POST", LINKS)
    assert asked.body == {
        "amount": 1000,
        "currency": "INR",
        "accept_partial": False,
        "description": "x" * 2048,
        "reference_id": "ord_1",
        "expire_by": 1_800_000_000,
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "notes": {f"note {n}": "y" * 255 for n in range(15)},
        "callback_url": "https://home.example/paybay/orders/w/return",
        "callback_method": "get",
        "options": {
            "checkout": {
                "config": {
                    "display": {
                        "blocks": {
                            "upi": {"name": "UPI", "instruments": [{"method": "upi"}]}
                        },
                        "sequence": ["block.upi"],
                        "preferences": {"show_default_blocks": True},
                    }
                }
            }
        },
    }


async def test_the_shortest_life_a_link_may_have_is_accepted(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    expires_s = emulator.clock.now() + provider.min_link_life_s
    link = await provider.create_link(request_for(expires_s=expires_s))
    assert emulator.link(link.id).expire_by == expires_s


async def test_the_same_reference_never_makes_two_links(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    first = await provider.create_link(request_for("ord_1"))
    again = await provider.create_link(request_for("ord_1"))
    assert again == first
    assert len(emulator.books.links) == 1


async def test_a_link_whose_answer_was_lost_is_found(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    emulator.faults.spoil("drop_response", method="POST")
    link = await provider.create_link(request_for("ord_1"))
    assert link.reference_id == "ord_1"
    assert list(emulator.books.links) == [link.id]


async def test_a_link_that_was_not_made_is_looked_for_a_few_times(
    emulator: RazorpayEmulator,
    provider: RazorpayProvider,
    request_for: RequestFor,
    sleeper: Sleeper,
) -> None:
    emulator.faults.spoil("500", method="POST", path=LINKS)
    with pytest.raises(ProviderUnavailableError, match="some trouble"):
        await provider.create_link(request_for())
    assert len(sleeper.slept) == 4
    assert sum(sleeper.slept) < 8
    assert not emulator.books.links


async def test_a_link_that_is_listed_late_is_still_found(
    edge: Edge, make: Maker, request_for: RequestFor
) -> None:
    edge.answer("<html>504</html>", status=504)
    edge.answer({"payment_links": []}, {"payment_links": []})
    edge.answer(
        {"payment_links": [link_entity(reference_id="ord_other"), link_entity()]}
    )
    link = await make(edge.url).create_link(request_for("ord_1"))
    assert link.reference_id == "ord_1"
    assert [seen.method for seen in edge.seen] == ["POST", "GET", "GET", "GET"]


async def test_a_taken_reference_that_cannot_be_found_leaves_the_link_in_doubt(
    edge: Edge, make: Maker, request_for: RequestFor
) -> None:
    taken = "payment link creation with reference ID already attempted"
    error = {"code": "BAD_REQUEST_ERROR", "description": taken}
    edge.answer({"error": error}, status=400)
    edge.answer({"payment_links": []})
    with pytest.raises(ProviderUnavailableError, match="already attempted"):
        await make(edge.url).create_link(request_for("ord_1"))


async def test_a_hanging_provider_is_given_up(
    emulator: RazorpayEmulator,
    provider: RazorpayProvider,
    request_for: RequestFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "TIMEOUT_S", (0.2, 0.2))
    emulator.faults.spoil("hang", method="POST")
    with pytest.raises(ProviderUnavailableError, match="ReadTimeout"):
        await provider.create_link(request_for())


async def test_a_refused_link_carries_the_providers_own_words(
    provider: RazorpayProvider, request_for: RequestFor
) -> None:
    with pytest.raises(ProviderRefusedError, match="15 minutes") as refused:
        await provider.create_link(request_for(expires_s=1_700_000_000))
    assert refused.value.status == 400


async def test_a_paid_link_comes_with_all_that_is_known_of_its_payment(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for("ord_1"))
    failed = emulator.pay(link.id, "fail")
    paid = emulator.pay(link.id)
    details = await provider.fetch_link(link.id)
    assert details.link.status is LinkStatus.PAID
    facts = {fact.id: fact for fact in details.payments}
    assert facts.keys() == {failed.id, paid.id}
    assert facts[failed.id].status is PaymentStatus.FAILED
    fact = facts[paid.id]
    assert fact.captured
    assert (fact.amount, fact.created_s) == (Money(1000, "INR"), paid.created_at)
    assert (fact.method, fact.rrn) == ("upi", paid.rrn)
    assert (fact.fee_minor, fact.tax_minor) == (24, 4)
    assert await provider.find_link(reference_id="ord_1") == details
    assert await provider.find_link(payment_id=paid.id) == details


async def test_a_paid_links_own_list_serves_when_its_order_cannot_be_read(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    paid = emulator.pay(link.id)
    emulator.faults.spoil("502", path="/v1/orders/*", times=None)
    (fact,) = (await provider.fetch_link(link.id)).payments
    assert (fact.id, fact.captured, fact.rrn) == (paid.id, True, None)
    assert fact.amount == Money(1000, "INR")


async def test_a_paid_link_without_any_payment_to_show_is_no_answer(
    edge: Edge, make: Maker
) -> None:
    paid = link_entity(status="paid", order_id="order_1")
    edge.answer(paid)
    edge.answer("<html></html>", status=502)
    with pytest.raises(ProviderUnavailableError):
        await make(edge.url).fetch_link("plink_1")


async def test_a_paid_link_that_names_no_order_has_only_its_own_list(
    edge: Edge, make: Maker
) -> None:
    edge.answer(link_entity(status="paid"))
    details = await make(edge.url).fetch_link("plink_1")
    assert (details.link.status, details.payments) == (LinkStatus.PAID, ())
    assert len(edge.seen) == 1


async def test_an_open_link_costs_one_request(edge: Edge, make: Maker) -> None:
    edge.answer(link_entity(order_id="order_1"))
    details = await make(edge.url).fetch_link("plink_1")
    assert (details.link.status, details.payments) == (LinkStatus.CREATED, ())
    assert len(edge.seen) == 1


async def test_nothing_is_found_where_nothing_is(
    emulator: RazorpayEmulator, provider: RazorpayProvider
) -> None:
    foreign = emulator.foreign_payment()
    assert await provider.find_link(reference_id="ord_none") is None
    assert await provider.find_link(payment_id=foreign.id) is None


async def test_a_payment_that_is_not_on_the_listed_link_finds_none(
    edge: Edge, make: Maker
) -> None:
    entity = link_entity(status="paid", order_id="order_1")
    edge.answer({"payment_links": [entity]}, entity)
    edge.answer({"items": [payment_entity(id="pay_theirs")]})
    assert await make(edge.url).find_link(payment_id="pay_ours") is None


async def test_a_search_needs_something_to_look_for(provider: RazorpayProvider) -> None:
    with pytest.raises(ValueError, match="reference id or a payment id"):
        await provider.find_link()


@pytest.mark.parametrize("link_id", ["plink_00000000000000", "pay_1"])
async def test_an_unknown_link_is_refused(
    provider: RazorpayProvider, link_id: str
) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await provider.fetch_link(link_id)
    assert refused.value.status == 400


@pytest.mark.parametrize("odd_id", ["", "..", "plink_1/cancel", "plink_1?x=1", "plink"])
async def test_an_id_that_would_change_the_path_is_not_sent(
    edge: Edge, make: Maker, odd_id: str
) -> None:
    provider = make(edge.url)
    for call in (
        provider.fetch_link(odd_id),
        provider.cancel_link(odd_id),
        provider.refund(odd_id, Money(100, "INR"), "rfd_0123456789"),
    ):
        with pytest.raises(ProviderRefusedError, match="not an id"):
            await call
    assert not edge.seen


async def test_a_link_is_cancelled(
    provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    details = await provider.cancel_link(link.id)
    assert (details.link.id, details.link.status) == (link.id, LinkStatus.CANCELLED)
    assert await provider.cancel_link(link.id) == details


async def test_a_payment_that_beats_the_cancellation_is_returned(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    emulator.faults.pay_before_cancel = True
    details = await provider.cancel_link(link.id)
    assert details.link.status is LinkStatus.PAID
    assert [fact.captured for fact in details.payments] == [True]


async def test_an_expired_link_is_returned_as_it_stands(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    emulator.expire(link.id)
    assert (await provider.cancel_link(link.id)).link.status is LinkStatus.EXPIRED


async def test_a_cancellation_whose_answer_was_lost_is_seen(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    emulator.faults.spoil("drop_response", method="POST")
    assert (await provider.cancel_link(link.id)).link.status is LinkStatus.CANCELLED


async def test_a_cancellation_that_did_not_happen_is_an_error(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    emulator.faults.spoil("500", method="POST")
    with pytest.raises(ProviderUnavailableError):
        await provider.cancel_link(link.id)
    assert emulator.link(link.id).status == "created"


async def test_bad_keys_are_an_error_of_their_own(
    emulator: RazorpayEmulator, make: Maker, request_for: RequestFor
) -> None:
    provider = make(emulator.base_url, key_secret="wrong")
    for call in (
        provider.check(),
        provider.create_link(request_for()),
        provider.fetch_link("plink_00000000000000"),
        provider.cancel_link("plink_00000000000000"),
    ):
        with pytest.raises(ProviderAuthError, match="Authentication failed"):
            await call


async def test_a_link_carries_what_it_was_made_for_and_gives_it_back(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    tag = LinkTag(
        site_id="01SITE",
        bay_id="bay_1",
        bay_name="Bay 1",
        plan_code="ten_min",
        plan_name="Ten minutes",
        order_id="ord_1",
    )
    link = await provider.create_link(replace(request_for("ord_1"), tag=tag))
    assert emulator.books.links[link.id].notes == {
        "order_id": "ord_1",
        "site_id": "01SITE",
        "bay_id": "bay_1",
        "bay": "Bay 1",
        "plan": "ten_min",
        "plan_name": "Ten minutes",
    }
    assert (await provider.fetch_link(link.id)).link.tag == tag


@pytest.mark.parametrize("notes", [[], None, {"site_id": 5}, {"site_id": "a b"}])
async def test_a_link_of_another_shop_carries_no_mark(
    edge: Edge, make: Maker, notes: object
) -> None:
    edge.answer(link_entity(notes=notes))
    assert (await make(edge.url).fetch_link("plink_1")).link.tag is None


async def test_names_in_a_links_notes_that_make_no_sense_are_left_out(
    edge: Edge, make: Maker
) -> None:
    edge.answer(link_entity(notes={"site_id": "01S", "bay": "a\nb", "plan_name": 7}))
    tag = (await make(edge.url).fetch_link("plink_1")).link.tag
    assert tag
    assert (tag.site_id, tag.bay_name, tag.plan_name) == ("01S", "", "")
