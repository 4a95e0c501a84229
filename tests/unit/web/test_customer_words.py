"""The customer's words, tokens and limits, without a browser."""

import asyncio

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.web.customer import texts, wording
from custom_components.paybay.web.customer.buckets import (
    MAX_KEYS,
    Buckets,
    client_of,
)
from custom_components.paybay.web.customer.order_stage import Stage
from custom_components.paybay.web.customer.tokens import LIFE_S, FormTokens, Once

EN = texts.texts_in("en")


def test_every_stage_has_its_own_words() -> None:
    assert [stage for stage in Stage if not EN.has(f"state_{stage}")] == []


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(1000, "INR"), "₹10"),
        (Money(1050, "INR"), "₹10.50"),
        (Money(10_000_005, "INR"), "₹1,00,000.05"),
        (Money(123_456_700, "INR"), "₹12,34,567"),
        (Money(123_456_700, "EUR"), "€1,234,567"),
        (Money(100, "CHF"), "CHF\u00a01"),
    ],
)
def test_money_is_written_as_its_people_write_it(amount: Money, text: str) -> None:
    assert wording.money(amount) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_no_digit_of_an_amount_is_lost(minor: int) -> None:
    text = wording.money(Money(minor, "INR")).removeprefix("₹").replace(",", "")
    assert Money.from_major(text, "INR").minor == minor


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (90, "1 min 30 s"),
        (600, "10 min"),
        (659, "10 min"),
        (5400, "1 h 30 min"),
        (86_400, "24 h"),
        (-5, "0 s"),
    ],
)
def test_time_is_written_shortly(seconds: int, text: str) -> None:
    assert wording.duration(EN, seconds * 1000) == text


def test_countdown_says_zero_only_at_the_end() -> None:
    shown = [wording.countdown(ms) for ms in (3_661_000, 60_000, 59_001, 1, 0, -1)]
    assert shown == ["1:01:01", "1:00", "1:00", "0:01", "0:00", "0:00"]


def test_energy_has_a_fitting_unit() -> None:
    assert wording.energy(500_000) == "500 Wh"
    assert wording.energy(1_250_000) == "1.25 kWh"


def test_token_counts_for_its_browser_bay_and_hour_only() -> None:
    tokens = FormTokens(b"one")
    token = tokens.make("visitor", "bay", 100)
    assert tokens.nonce(token, "visitor", "bay", 100)
    assert tokens.nonce(token, "visitor", "bay", 100 + LIFE_S)
    assert tokens.nonce(token, "visitor", "bay", 101 + LIFE_S) is None
    assert tokens.nonce(token, "somebody", "bay", 100) is None
    assert tokens.nonce(token, "visitor", "another", 100) is None
    assert FormTokens(b"another").nonce(token, "visitor", "bay", 100) is None
    # After a restart with the stored secret.
    assert FormTokens(b"one").nonce(token, "visitor", "bay", 100)
    later = token.replace(f".{100 + LIFE_S}.", f".{200 + LIFE_S}.")
    assert tokens.nonce(later, "visitor", "bay", 100) is None


@given(st.text(max_size=200))
def test_no_text_is_a_token_and_none_breaks_the_check(text: str) -> None:
    assert FormTokens(b"one").nonce(text, "visitor", "bay", 0) is None


async def test_work_is_done_once_and_again_after_it_failed() -> None:
    once, tries = Once[int](asyncio.ensure_future), 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 1:
            raise ValueError
        return tries

    failed = await asyncio.gather(
        *(once.do("key", work) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in failed] == [ValueError] * 3
    assert await asyncio.gather(*(once.do("key", work) for _ in range(3))) == [2] * 3
    assert await once.do("other", work) == 3


def test_bucket_empties_and_fills_again() -> None:
    buckets = Buckets(burst=2, every_s=10)
    assert [buckets.take("a", 0) for _ in range(3)] == [True, True, False]
    assert buckets.take("b", 0)
    assert not buckets.take("a", 9)
    assert buckets.take("a", 11)
    assert not buckets.take("a", 12)


def test_buckets_stay_few_however_many_ask() -> None:
    buckets = Buckets(burst=1, every_s=10)
    for number in range(MAX_KEYS + 100):
        buckets.take(str(number), 0)
    assert len(buckets._buckets) == MAX_KEYS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "", True),
    ],
)
def test_who_counts_as_one_client(
    one: str | None, other: str | None, *, same: bool
) -> None:
    assert (client_of(one) == client_of(other)) is same
