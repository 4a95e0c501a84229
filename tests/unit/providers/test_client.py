"""The SDK's wrapper: typed errors, patience with limits, nothing shared."""

from contextlib import suppress
import sys
import threading
from typing import Any

from aiohttp import web
import certifi
import pytest

from custom_components.paybay.providers.base import (
    ProviderAuthError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider, is_test_key
from custom_components.paybay.providers.razorpay.client import TIMEOUT_S, Clients
from custom_components.paybay.providers.razorpay.errors import error_of
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Edge, Maker, Sleeper

NOBODY = "http://127.0.0.1:9"


def bad_request(description: str, **more: Any) -> dict[str, Any]:
    return {
        "error": {"code": "BAD_REQUEST_ERROR", "description": description} | more,
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, bad_request("Authentication failed"), ProviderAuthError),
        (401, "<html>", ProviderAuthError),
        (400, bad_request("The id provided does not exist"), ProviderRefusedError),
        (403, bad_request("Access Denied"), ProviderRefusedError),
        (404, bad_request("no such thing"), ProviderRefusedError),
        (409, bad_request("Different request with..."), ProviderRefusedError),
        (409, bad_request("... is still in progress"), ProviderUnavailableError),
        (408, bad_request("too slow"), ProviderUnavailableError),
        (429, bad_request("Too many requests"), ProviderUnavailableError),
        (500, {"error": {"code": "SERVER_ERROR"}}, ProviderUnavailableError),
        (400, {"error": {"code": "GATEWAY_ERROR"}}, ProviderUnavailableError),
        (400, {"error": {"code": "SERVER_ERROR"}}, ProviderUnavailableError),
        (502, "<html>", ProviderUnavailableError),
        (403, "<html>", ProviderUnavailableError),
        (400, None, ProviderUnavailableError),
        (400, [], ProviderUnavailableError),
        (400, {"error": "text"}, ProviderUnavailableError),
        (302, None, ProviderUnavailableError),
        (200, None, ProviderUnavailableError),
    ],
)
def test_every_answer_that_is_no_success_has_its_error(
    status: int, body: object, kind: type[ProviderError]
) -> None:
    assert type(error_of(status, body)) is kind


def test_a_refusal_keeps_what_the_provider_said() -> None:
    error = error_of(400, bad_request("too small", field="amount"))
    assert isinstance(error, ProviderRefusedError)
    assert str(error) == error.description == "too small"
    assert (error.status, error.field_name) == (400, "amount")


def test_a_refusal_without_words_names_its_status() -> None:
    assert str(error_of(400, {"error": {"description": None, "field": 5}})) != ""
    assert str(error_of(503, None)) == "HTTP status 503"


async def test_a_check_is_one_cheap_call(edge: Edge, make: Maker) -> None:
    edge.answer({"entity": "collection", "count": 0, "items": []})
    await make(edge.url).check()
    assert [seen.path for seen in edge.seen] == ["/v1/payments?count=1"]


async def test_keys_are_used_without_the_blanks_around_them(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"items": []})
    provider = make(edge.url, key_id=" rzp_test_x\n", key_secret="\tsecret ")
    await provider.check()
    assert edge.seen[0].headers["Authorization"] == "Basic cnpwX3Rlc3RfeDpzZWNyZXQ="


async def test_a_read_is_tried_again_after_a_fault(
    edge: Edge, make: Maker, sleeper: Sleeper
) -> None:
    edge.answer("<html>", {"error": {"code": "SERVER_ERROR"}}, status=502)
    edge.answer({"items": []})
    await make(edge.url).check()
    assert len(edge.seen) == 3
    first_s, second_s = sleeper.slept
    assert 0.25 <= first_s <= 0.75
    assert 1 <= second_s <= 3


async def test_a_read_is_given_up_after_three_tries(edge: Edge, make: Maker) -> None:
    edge.answer(bad_request("Too many requests"), status=429)
    with pytest.raises(ProviderUnavailableError, match="Too many requests"):
        await make(edge.url).check()
    assert len(edge.seen) == 3


@pytest.mark.parametrize("status", [400, 401])
async def test_a_refused_read_is_not_tried_again(
    edge: Edge, make: Maker, status: int
) -> None:
    edge.answer(bad_request("no"), status=status)
    with pytest.raises(ProviderRefusedError if status == 400 else ProviderAuthError):
        await make(edge.url).check()
    assert len(edge.seen) == 1


@pytest.mark.parametrize("page", ["<html>a captive portal</html>", "", "{", "null"])
async def test_a_success_that_is_not_json_is_no_answer(
    edge: Edge, make: Maker, page: str
) -> None:
    edge.answer(page)
    with pytest.raises(ProviderUnavailableError):
        await make(edge.url).check()


async def test_json_without_an_end_is_no_answer(edge: Edge, make: Maker) -> None:
    edge.answer("[" * 200_000)
    with pytest.raises(ProviderUnavailableError):
        await make(edge.url).check()


async def test_a_redirect_is_not_followed(edge: Edge, make: Maker) -> None:
    edge.answer({}, status=302)
    edge.answers[0].headers["Location"] = "/elsewhere"
    with pytest.raises(ProviderUnavailableError):
        await make(edge.url).check()
    assert {seen.path for seen in edge.seen} == {"/v1/payments?count=1"}


async def test_an_empty_answer_is_an_empty_object(edge: Edge, make: Maker) -> None:
    edge.answer("", status=204)
    await make(edge.url).check()
    with pytest.raises(ProviderUnavailableError, match="cannot read"):
        await make(edge.url).fetch_link("plink_1")


async def test_an_entity_that_makes_no_sense_is_no_answer(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"id": "plink_1", "status": "created", "amount": 10.5})
    with pytest.raises(ProviderUnavailableError, match="cannot read"):
        await make(edge.url).fetch_link("plink_1")


async def test_a_provider_that_cannot_be_reached_is_unavailable(make: Maker) -> None:
    with pytest.raises(ProviderUnavailableError, match="no answer: ConnectionError"):
        await make(NOBODY).check()


async def test_nothing_is_printed_whatever_goes_wrong(
    edge: Edge, make: Maker, capfd: pytest.CaptureFixture[str]
) -> None:
    edge.answer("<html>", status=502)
    for url in (edge.url, NOBODY):
        with pytest.raises(ProviderUnavailableError):
            await make(url).check()
    assert capfd.readouterr().out == ""


def test_the_sdk_is_not_imported_before_the_first_call(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "razorpay", raising=False)
    make(NOBODY)
    assert "razorpay" not in sys.modules


def test_a_client_trusts_todays_authorities_and_never_retries() -> None:
    client = Clients("rzp_test_x", "secret", None)._new()
    assert client.base_url == "https://api.razorpay.com"
    assert client.cert_path == certifi.where()
    assert client.retry_enabled is False
    assert client.session.trust_env is True
    assert TIMEOUT_S == (5, 20)


def test_the_emulator_is_never_asked_through_a_proxy() -> None:
    client = Clients("rzp_test_x", "secret", NOBODY)._new()
    assert (client.base_url, client.session.trust_env) == (NOBODY, False)


def test_calls_in_a_row_share_a_client_even_after_an_error() -> None:
    clients, used = Clients("rzp_test_x", "secret", NOBODY), []

    def ask(sdk: Any) -> dict[str, Any]:
        used.append(sdk)
        raise ProviderUnavailableError

    for _ in range(3):
        with pytest.raises(ProviderUnavailableError):
            clients.call(ask)
    assert len(set(map(id, used))) == 1


def test_calls_at_the_same_time_never_share_a_client() -> None:
    clients, used = Clients("rzp_test_x", "secret", NOBODY), []
    together = threading.Barrier(8, timeout=10)

    def ask(sdk: Any) -> dict[str, Any]:
        used.append(sdk)
        together.wait()
        return {}

    threads = [threading.Thread(target=clients.call, args=(ask,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, used))) == 8
    assert len(clients._idle) == 4


@pytest.mark.parametrize(
    ("key_id", "test"),
    [
        ("rzp_test_abc", True),
        (" rzp_test_abc", True),
        ("rzp_live_abc", False),
        ("other", False),
        ("", False),
    ],
)
def test_a_test_key_is_known_by_its_prefix(
    make: Maker, key_id: str, test: bool
) -> None:
    provider: RazorpayProvider = make(NOBODY, key_id=key_id)
    assert provider.test_mode is is_test_key(key_id) is test


def test_a_link_lives_a_minute_longer_than_the_floor(make: Maker) -> None:
    assert make(NOBODY).min_link_life_s == 16 * 60


async def test_each_answer_tells_the_providers_time(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    heard: list[int] = []
    provider.watch_time(heard.append)
    emulator.clock.advance(-3600)
    await provider.check()
    emulator.clock.advance(7200)
    await provider.check()
    before, after = heard
    assert abs(after - emulator.clock.time() * 1000) < 30_000
    assert 7_200_000 <= after - before < 7_230_000


@pytest.mark.parametrize(
    ("status", "date"),
    [(200, "yesterday, about noon"), (200, ""), (500, "Sat, 01 Jan 2000 00:00:00 GMT")],
)
async def test_answer_that_is_not_dated_or_no_success_tells_no_time(
    edge: Edge, make: Maker, status: int, date: str
) -> None:
    heard: list[int] = []
    provider = make(edge.url)
    provider.watch_time(heard.append)
    edge.answers.append(
        web.json_response({"items": []}, status=status, headers={"Date": date})
    )
    with suppress(ProviderUnavailableError):
        await provider.check()
    assert heard == []
