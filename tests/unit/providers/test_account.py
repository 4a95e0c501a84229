"""A config entry's account: its keys, its secrets, and where it may be."""

from types import SimpleNamespace
from typing import Any, cast

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.paybay.account import is_test_key, make_provider
from custom_components.paybay.const import ENV_RAZORPAY_URL
from custom_components.paybay.providers.razorpay.calls import Run
from custom_components.paybay.providers.razorpay.provider import RazorpayProvider
from demo.razorpay_emulator import RazorpayEmulator

from .test_signature import BODY, signed

DATA = {
    "key_id": "rzp_test_emulator",
    "key_secret": "emulator-key-secret",
    "webhook_secret": "current",
    "previous_webhook_secret": "previous",
}


def provider_of(hass: Any, **changes: Any) -> RazorpayProvider:
    made = make_provider(cast(HomeAssistant, hass), DATA | changes)
    assert isinstance(made, RazorpayProvider)
    return made


@pytest.fixture
def hass(run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv(ENV_RAZORPAY_URL, raising=False)
    return SimpleNamespace(async_add_executor_job=run)


def base_url(provider: RazorpayProvider) -> str | None:
    return provider._calls._clients._base_url


def test_without_a_word_in_the_environment_it_is_the_real_razorpay(hass: Any) -> None:
    assert base_url(provider_of(hass)) is None


def test_an_empty_address_is_no_address(
    hass: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV_RAZORPAY_URL, "")
    assert base_url(provider_of(hass)) is None


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("https://127.1.2.3", "https://127.1.2.3"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:65535", "http://[::1]:65535"),
    ],
)
def test_a_loopback_address_is_used(
    hass: Any, monkeypatch: pytest.MonkeyPatch, url: str, used: str
) -> None:
    monkeypatch.setenv(ENV_RAZORPAY_URL, url)
    assert base_url(provider_of(hass)) == used


@pytest.mark.parametrize(
    "url",
    [
        "https://api.razorpay.com",
        "http://192.168.1.5:8090",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://example.com@127.0.0.1",
        "http://example.com\\@127.0.0.1",
        "http://127.0.0.1:80@example.com",
        "http://127.0.0.1/v1",
        "http://127.0.0.1?x",
        "http://127.0.0.1\n",
        "http://127.\u0660.0.1",
        "http://localhost.",
        "http://localhost.example.com",
        "http://[::ffff:10.0.0.1]",
        "ftp://127.0.0.1",
        "127.0.0.1:8090",
        "http://0.0.0.0:8090",
        "http://2130706433",
        " http://127.0.0.1",
        "x",
    ],
)
def test_any_other_address_is_an_error_and_not_a_fallback(
    hass: Any, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(ENV_RAZORPAY_URL, url)
    with pytest.raises(HomeAssistantError, match="must be a loopback address") as error:
        provider_of(hass)
    assert error.value.translation_key == "provider_url_not_loopback"


async def test_an_entrys_keys_work_against_the_emulator(
    hass: Any, emulator: RazorpayEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV_RAZORPAY_URL, emulator.base_url)
    provider = provider_of(hass)
    await provider.check()
    assert provider.test_mode


def test_both_webhook_secrets_are_accepted(hass: Any) -> None:
    provider = provider_of(hass)
    assert provider.verify(BODY, signed("current"))
    assert provider.verify(BODY, signed("previous"))


def test_the_webhook_secrets_may_be_missing(hass: Any) -> None:
    keys = {key: DATA[key] for key in ("key_id", "key_secret")}
    provider = make_provider(hass, keys)
    assert not provider.verify(BODY, signed(""))
    provider = provider_of(hass, previous_webhook_secret=None)
    assert provider.verify(BODY, signed("current"))


def test_test_keys_are_known_without_a_provider() -> None:
    assert is_test_key("rzp_test_x")
    assert not is_test_key("rzp_live_x")
