"""What reaches a webhook receiver, and what the emulator does when it does not."""

import asyncio

import pytest
from razorpay.errors import SignatureVerificationError

from demo.razorpay_emulator import RazorpayEmulator
from demo.razorpay_emulator.endpoints import retry_waits
from demo.razorpay_emulator.events import LINK_PAYMENT_EVENTS
from demo.razorpay_emulator.faults import SignatureMode
from demo.razorpay_emulator.signing import sign

from .conftest import Receiver, Sdk


async def test_one_payment_makes_four_signed_events(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link()
    emulator.pay(link["id"])
    await emulator.idle()

    assert receiver.events == list(LINK_PAYMENT_EVENTS)
    assert len({post.event_id for post in receiver.posts}) == 4
    for post in receiver.posts:
        assert sdk.client.utility.verify_webhook_signature(
            post.raw.decode(), post.signature, "hook-secret"
        )


async def test_the_body_has_the_shapes_a_client_must_survive(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link(description="रुपये", notes={"bay": "2"})
    emulator.clock.advance(600)
    payment = emulator.pay(link["id"])
    await emulator.idle()

    paid = receiver.posts[-1]
    body = paid.body
    parts = {kind: part["entity"] for kind, part in body["payload"].items()}
    assert body["contains"] == ["payment_link", "order", "payment"]
    assert body["created_at"] == link["created_at"] < payment.created_at
    assert f"order_{parts['order']['id']}" == parts["payment_link"]["order_id"]
    assert parts["order"]["product_type"] == "payment_link_v2"
    assert (parts["payment"]["notes"], parts["order"]["notes"]) == ([], [])
    assert b"http:\\/\\/127.0.0.1" in paid.raw
    assert b"\\u0930" in paid.raw


async def test_a_snapshot_shows_the_payment_as_it_was(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link()
    emulator.pay(link["id"], "fail_then_capture")
    await emulator.idle()

    seen = [
        (post.event, post.body["payload"]["payment"]["entity"]["status"])
        for post in receiver.posts
    ]
    assert seen[:3] == [
        ("payment.failed", "failed"),
        ("payment.authorized", "authorized"),
        ("payment.captured", "captured"),
    ]


async def test_cancel_expiry_refund_and_dispute_are_told(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    first, second = await sdk.link(), await sdk.link()
    await sdk(sdk.client.payment_link.cancel, first["id"])
    emulator.expire(second["id"])
    payment = emulator.foreign_payment()
    emulator.dispute(payment.id)
    emulator.refund(payment.id)
    await emulator.idle()

    assert receiver.events == [
        "payment_link.cancelled",
        "payment_link.expired",
        "payment.authorized",
        "payment.captured",
        "order.paid",
        "payment.dispute.created",
        "refund.created",
        "refund.processed",
    ]


async def test_an_expiry_is_noticed_without_anyone_asking(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link(expire_by=emulator.clock.now() + 1000)

    emulator.clock.advance(1020)
    await emulator.webhooks.until(lambda: bool(emulator.webhooks.log))

    assert receiver.events == ["payment_link.expired"]
    entity = receiver.posts[0].body["payload"]["payment_link"]["entity"]
    assert entity["updated_at"] == link["updated_at"] < entity["expired_at"]


async def test_a_link_can_expire_in_silence(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link()
    emulator.faults.silent_expiry = True
    emulator.expire(link["id"])
    await emulator.idle()

    assert not receiver.posts
    assert emulator.link(link["id"]).status == "expired"


async def tried(emulator: RazorpayEmulator, times: int) -> None:
    await emulator.webhooks.until(lambda: len(emulator.webhooks.log) == times)


async def test_an_event_is_tried_until_it_is_taken(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.only = ["payment.captured"]
    receiver.answers = [503, 302, 204]
    emulator.foreign_payment()
    await emulator.idle()

    for wait_s, tries in ((60, 2), (120, 3)):
        emulator.clock.advance(wait_s - 5)
        await emulator.idle()
        assert len(emulator.webhooks.log) == tries - 1
        emulator.clock.advance(6)
        await tried(emulator, tries)

    assert len({(post.event_id, post.raw) for post in receiver.posts}) == 1
    log = [(each.number, each.status, each.accepted) for each in emulator.webhooks.log]
    assert log == [(1, 503, False), (2, 302, False), (3, 204, True)]


def test_retries_double_and_end_after_24_hours() -> None:
    waits = list(retry_waits())

    assert waits[:4] == [60, 120, 240, 480]
    assert sum(waits) == 24 * 3600


async def test_a_webhook_that_fails_for_24_hours_is_disabled(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.webhooks.retry_scale = 24 * 3600 * 20
    emulator.faults.webhook.only = ["payment.captured"]
    receiver.always = 500
    (endpoint,) = emulator.webhooks.endpoints
    emulator.foreign_payment()
    await emulator.webhooks.until(lambda: not endpoint.enabled)
    tries = len(receiver.posts)

    emulator.foreign_payment()
    await emulator.idle()

    assert tries == 1 + len(list(retry_waits()))
    assert len(receiver.posts) == tries


async def test_no_answer_in_time_counts_as_a_failure(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.only = ["payment.captured"]
    receiver.hang = asyncio.Event()
    emulator.foreign_payment()
    await emulator.idle()

    (attempt,) = emulator.webhooks.log
    assert (attempt.status, attempt.accepted) == (None, False)
    assert "Timeout" in attempt.error


async def test_a_dead_url_is_tried_too(emulator: RazorpayEmulator) -> None:
    emulator.webhooks.add("http://127.0.0.1:1/hook", "secret")
    emulator.faults.webhook.only = ["payment.captured"]
    emulator.foreign_payment()
    await emulator.idle()

    assert emulator.webhooks.log[0].status is None


async def test_events_can_be_dropped_copied_and_shuffled(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    knobs = emulator.faults.webhook
    knobs.drop, knobs.duplicates, knobs.shuffle = ["payment.captured"], 2, True
    emulator.foreign_payment()
    await emulator.idle()

    expected = ["payment.authorized"] * 3 + ["order.paid"] * 3
    assert sorted(receiver.events) == sorted(expected)
    assert receiver.events != expected
    assert len({post.event_id for post in receiver.posts}) == 2


async def test_families_of_events_can_be_dropped(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.drop = ["payment.*"]
    emulator.foreign_payment()
    await emulator.idle()

    assert receiver.events == ["order.paid"]


async def test_some_events_get_lost_at_random(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.drop_chance = 0.5
    for _ in range(10):
        emulator.foreign_payment()
    await emulator.idle()

    assert 0 < len(receiver.posts) < 30


async def test_events_overtake_each_other_when_each_is_late_by_itself(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.jitter_s = 1000
    for _ in range(4):
        emulator.foreign_payment()
    await asyncio.sleep(0.05)
    assert len(receiver.posts) < 12
    for _ in range(20):
        emulator.clock.advance(51)
        await asyncio.sleep(0.02)
    await emulator.idle()

    assert len(receiver.posts) == 12
    happened = ["payment.authorized", "payment.captured", "order.paid"] * 4
    assert receiver.events != happened


async def test_events_can_be_late(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.delay_s = 3600
    emulator.foreign_payment()
    await asyncio.sleep(0.05)
    assert not receiver.posts

    emulator.clock.advance(3601)
    await emulator.idle()
    assert len(receiver.posts) == 3


async def test_a_wrong_or_missing_signature_can_be_sent(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.only = ["payment.captured"]
    for mode in ("wrong", "none"):
        emulator.faults.webhook.signature = mode
        emulator.foreign_payment()
        await emulator.idle()

    wrong, missing = receiver.posts
    assert missing.signature is None
    with pytest.raises(SignatureVerificationError):
        sdk.client.utility.verify_webhook_signature(
            wrong.raw.decode(), wrong.signature, "hook-secret"
        )


@pytest.mark.parametrize("mode", ["garbled", "tampered"])
async def test_a_body_or_signature_can_be_spoiled_on_the_way(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver, mode: SignatureMode
) -> None:
    emulator.faults.webhook.only = ["payment.captured"]
    emulator.faults.webhook.signature = mode
    emulator.foreign_payment()
    await emulator.idle()

    [post] = receiver.posts
    assert post.signature is not None
    good = sign("hook-secret", post.raw)
    assert post.signature != good
    event = next(e for e in emulator.webhooks.events.values() if e.id == post.event_id)
    assert (post.raw == event.body) == (mode == "garbled")


async def test_older_events_keep_the_secret_they_were_born_with(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.faults.webhook.only = ["payment.captured"]
    receiver.answers = [500]
    emulator.foreign_payment()
    await emulator.idle()
    emulator.webhooks.endpoints[0].rotate("new-secret")
    emulator.clock.advance(61)
    await emulator.webhooks.until(lambda: len(receiver.posts) == 2)
    emulator.foreign_payment()
    await emulator.idle()
    emulator.faults.webhook.signature = "old"
    emulator.foreign_payment()
    await emulator.idle()

    verify = sdk.client.utility.verify_webhook_signature
    secrets = ("hook-secret", "hook-secret", "new-secret", "hook-secret")
    for post, secret in zip(receiver.posts, secrets, strict=True):
        assert verify(post.raw.decode(), post.signature, secret)


async def test_without_a_secret_nothing_is_signed(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.webhooks.endpoints[0].secret = None
    emulator.foreign_payment()
    await emulator.idle()

    assert {post.signature for post in receiver.posts} == {None}


async def test_each_endpoint_gets_what_it_subscribed_to(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    second = emulator.webhooks.add(receiver.url, "other-secret")
    second.events = ["order.paid"]
    emulator.foreign_payment()
    await emulator.idle()

    assert sorted(receiver.events).count("order.paid") == 2
    assert len(receiver.posts) == 4


async def test_an_event_can_be_sent_again_with_its_own_id(
    emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.foreign_payment()
    await emulator.idle()
    first = receiver.posts[0]

    emulator.webhooks.resend(first.event_id)
    await emulator.idle()

    assert receiver.posts[-1] == first
