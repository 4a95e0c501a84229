"""API faults, and the paths that do not exist."""

import asyncio
from http import HTTPStatus
import time

from aiohttp import ClientSession
import pytest
from razorpay.errors import BadRequestError, ServerError
import requests

from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Sdk, basic
from .test_emulator_refunds import KEY, refund


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("401", BadRequestError),
        ("429", BadRequestError),
        ("500", ServerError),
        ("502", requests.exceptions.JSONDecodeError),
        ("504", requests.exceptions.JSONDecodeError),
        ("hang", requests.exceptions.ConnectionError),
        ("reset", requests.exceptions.ConnectionError),
        ("hang_after", requests.exceptions.ConnectionError),
        ("drop_response", requests.exceptions.ConnectionError),
    ],
)
async def test_a_fault_spoils_as_many_calls_as_told(
    sdk: Sdk, emulator: RazorpayEmulator, kind: str, error: type[Exception]
) -> None:
    emulator.faults.hang_s = 0.05
    emulator.faults.spoil(kind, method="GET", path="/v1/payments", times=2)

    for _ in range(2):
        with pytest.raises(error):
            await sdk(sdk.client.payment.all, {"count": 1})
    assert (await sdk(sdk.client.payment.all, {"count": 1}))["count"] == 0
    assert await sdk.link()


async def test_a_link_whose_answer_was_lost_is_found_by_its_reference(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.faults.spoil("drop_response", method="POST", path="/v1/payment_links")

    with pytest.raises(requests.exceptions.ConnectionError):
        await sdk.link(reference_id="order-1")
    found = await sdk(sdk.client.payment_link.all, {"reference_id": "order-1"})

    assert len(found["payment_links"]) == 1


@pytest.mark.parametrize(
    ("kind", "carried_out"),
    [("hang", 0), ("reset", 0), ("hang_after", 1), ("drop_response", 1)],
)
async def test_a_lost_call_may_or_may_not_have_been_carried_out(
    sdk: Sdk, emulator: RazorpayEmulator, kind: str, carried_out: int
) -> None:
    emulator.faults.hang_s = 0.05
    emulator.faults.spoil(kind, method="POST", path="/v1/payment_links")

    with pytest.raises(requests.exceptions.ConnectionError):
        await sdk.link()

    assert len(emulator.books.links) == carried_out


async def test_a_slow_answer_comes_in_the_end(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.faults.slow_s = 0.2
    emulator.faults.spoil("slow", path="/v1/payment_links")
    began_s = time.monotonic()

    assert (await sdk.link())["status"] == "created"
    assert time.monotonic() - began_s >= 0.2


async def test_a_client_that_waits_less_than_a_slow_answer_takes_gives_up(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.faults.slow_s = 30
    emulator.faults.spoil("slow", path="/v1/payment_links")

    with pytest.raises(requests.exceptions.ReadTimeout):
        await asyncio.to_thread(
            sdk.client.payment_link.create,
            {"amount": 1000, "currency": "INR"},
            timeout=(2, 0.1),
        )

    assert len(emulator.books.links) == 1


async def test_a_refund_whose_answer_was_lost_is_repeated_by_its_key(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    paid = emulator.foreign_payment(1000).id
    emulator.faults.spoil("drop_response", path="/v1/payments/*/refund")

    with pytest.raises(requests.exceptions.ConnectionError):
        await refund(sdk, paid, {"amount": 400}, KEY)
    made = await refund(sdk, paid, {"amount": 400}, KEY)

    assert list(emulator.books.refunds) == [made["id"]]


async def test_a_fault_without_end_lasts_until_reset(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.faults.spoil("429", times=None)
    for _ in range(3):
        with pytest.raises(BadRequestError, match="Too many requests"):
            await sdk.link()
    emulator.faults.reset()
    assert await sdk.link()


async def test_unknown_knobs_are_refused(emulator: RazorpayEmulator) -> None:
    with pytest.raises(ValueError, match="unknown knob: speed"):
        emulator.faults.update({"speed": 1})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/payments"),
        ("DELETE", "/v1/payments/qr_codes"),
        ("GET", "/v1/payments/qr_codes/qr_00000000000000/nothing"),
        ("GET", "/elsewhere"),
    ],
)
async def test_an_unknown_path_is_a_bad_request(
    emulator: RazorpayEmulator, browser: ClientSession, method: str, path: str
) -> None:
    url, auth = f"{emulator.base_url}{path}", basic(emulator)
    async with browser.request(method, url, headers=auth) as response:
        body = await response.json()

    assert response.status == HTTPStatus.BAD_REQUEST
    text = "The requested URL was not found on the server."
    assert body["error"]["description"] == text


async def test_a_trailing_slash_changes_nothing(
    emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    url, auth = f"{emulator.base_url}/v1/payment_links/", basic(emulator)
    async with browser.post(url, headers=auth, json={"amount": 1000}) as response:
        assert response.status == HTTPStatus.OK


async def test_a_body_that_is_no_json_object_is_refused(
    emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    url, auth = f"{emulator.base_url}/v1/payment_links", basic(emulator)
    for data in ("amount=1000", "[1]", "{"):
        async with browser.post(url, headers=auth, data=data) as response:
            assert response.status == HTTPStatus.BAD_REQUEST


async def test_without_a_key_the_answer_is_401_in_json(
    emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    async with browser.get(f"{emulator.base_url}/v1/payments") as response:
        body = await response.json()

    assert response.status == HTTPStatus.UNAUTHORIZED
    assert body == {
        "error": {
            "code": "BAD_REQUEST_ERROR",
            "description": "Authentication failed",
        }
    }
