"""Signatures: ours over the raw bytes or not at all, and never an exception."""

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.providers.razorpay.signature import (
    is_return_signed,
    is_signed,
)
from demo.razorpay_emulator import KEY_SECRET, WEBHOOK_SECRET, RazorpayEmulator
from demo.razorpay_emulator.models import Link, Payment
from demo.razorpay_emulator.signing import return_url

from .conftest import Maker

BODY = b'{"url":"https:\\/\\/rzp.example\\/i\\/1"}'
NOBODY = "http://127.0.0.1:9"

SECRET = st.text(st.characters(codec="utf-8"), min_size=1)

SDK_KEY_SECRET = "EnLs21M47BllR3X8PSFtjtbd"
SDK_RETURN = {
    "razorpay_payment_link_id": "plink_IH3cNucfVEgV68",
    "razorpay_payment_link_reference_id": "TSsd1989",
    "razorpay_payment_link_status": "paid",
    "razorpay_payment_id": "pay_IH3d0ara9bSsjQ",
    "razorpay_signature": (
        "07ae18789e35093e51d0a491eb9922646f3f82773547e5b0f67ee3f2d3bf7d5b"
    ),
}


def signed(secret: str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", ["current", "previous"])
def test_the_current_and_the_previous_secret_are_accepted(
    make: Maker, secret: str
) -> None:
    provider = make(NOBODY, webhook_secrets=["current", "previous"])
    assert provider.verify(BODY, signed(secret))


@pytest.mark.parametrize("secret", ["older", "", KEY_SECRET])
def test_any_other_secret_is_not(make: Maker, secret: str) -> None:
    provider = make(NOBODY, webhook_secrets=["current", "previous", ""])
    assert not provider.verify(BODY, signed(secret))


def test_without_a_secret_nothing_is_accepted(make: Maker) -> None:
    assert not make(NOBODY, webhook_secrets=[]).verify(BODY, signed(""))


@pytest.mark.parametrize(
    "signature",
    [None, "", "é", "\udcff", "0" * 64, b"", 5, ["a"], "x" * 100_000],
)
def test_an_odd_signature_is_just_wrong(make: Maker, signature: Any) -> None:
    assert make(NOBODY).verify(BODY, signature) is False


def test_one_changed_byte_is_noticed(make: Maker) -> None:
    provider = make(NOBODY, webhook_secrets=["current"])
    assert not provider.verify(BODY.replace(b"\\/", b"/"), signed("current"))
    assert not provider.verify(BODY + b" ", signed("current"))
    assert not provider.verify(BODY, signed("current").upper())


@given(st.binary(), st.one_of(st.none(), st.text()), st.lists(st.text()))
def test_checking_never_raises(
    body: bytes, signature: str | None, secrets: list[str]
) -> None:
    assert is_signed(body, signature, secrets) is False


@given(st.binary(), SECRET, st.lists(st.text()))
def test_what_is_signed_with_any_of_the_secrets_is_ours(
    body: bytes, secret: str, others: list[str]
) -> None:
    assert is_signed(body, signed(secret, body), [*others, secret])


async def test_webhooks_of_the_emulated_account_are_ours_across_a_rotation(
    emulator: RazorpayEmulator, make: Maker
) -> None:
    received: list[tuple[bytes, str]] = []

    async def receive(request: web.Request) -> web.Response:
        signature = request.headers["X-Razorpay-Signature"]
        received.append((await request.read(), signature))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    endpoint = emulator.webhooks.add(url, WEBHOOK_SECRET)

    emulator.foreign_payment()
    await emulator.idle()
    endpoint.rotate("new secret")
    emulator.foreign_payment()
    await emulator.idle()
    await runner.cleanup()

    provider = make(NOBODY, webhook_secrets=["new secret", WEBHOOK_SECRET])
    assert len(received) >= 4
    assert all(provider.verify(body, signature) for body, signature in received)
    old = make(NOBODY, webhook_secrets=[WEBHOOK_SECRET])
    verdicts = [old.verify(body, signature) for body, signature in received]
    half = len(verdicts) // 2
    assert verdicts == [True] * half + [False] * half


def test_the_sdks_own_example_of_a_return_is_genuine(make: Maker) -> None:
    assert is_return_signed(SDK_RETURN, SDK_KEY_SECRET)
    provider: RazorpayProvider = make(NOBODY, key_secret=f" {SDK_KEY_SECRET}\n")
    told = provider.read_return(SDK_RETURN)
    assert told is not None
    assert told.link_id == SDK_RETURN["razorpay_payment_link_id"]
    assert told.reference_id == SDK_RETURN["razorpay_payment_link_reference_id"]


@pytest.mark.parametrize("name", SDK_RETURN)
def test_a_return_with_one_changed_or_missing_part_is_not(name: str) -> None:
    assert not is_return_signed(SDK_RETURN | {name: "other"}, SDK_KEY_SECRET)
    assert not is_return_signed(SDK_RETURN | {name: "\udcff"}, SDK_KEY_SECRET)
    rest = {key: value for key, value in SDK_RETURN.items() if key != name}
    assert not is_return_signed(rest, SDK_KEY_SECRET)


def test_the_return_of_the_emulated_account_is_genuine() -> None:
    link = Link(
        id="plink_1",
        code="1",
        amount=1000,
        currency="INR",
        created_at=0,
        updated_at=0,
        expire_by=0,
        status="paid",
        reference_id="ord_1",
        callback_url="https://home.example/return?watch=w",
    )
    payment = Payment(
        id="pay_1",
        amount=1000,
        currency="INR",
        created_at=0,
        order_id=None,
        description="",
        rrn="",
    )
    url = return_url(link, payment, KEY_SECRET)
    assert is_return_signed(dict(parse_qsl(urlsplit(url).query)), KEY_SECRET)


def test_an_empty_return_is_not_genuine() -> None:
    assert not is_return_signed({}, SDK_KEY_SECRET)
    assert not is_return_signed(SDK_RETURN, "")
