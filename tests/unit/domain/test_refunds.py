"""Refunds: how they move, and what the undelivered rest is worth."""

from fractions import Fraction
from itertools import product

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.refunds import (
    MIN_REFUND_MINOR,
    TRANSITIONS,
    IllegalRefundStepError,
    RefundState as S,
    RefundStep as E,
    advance,
    rest_of,
)

ALLOWED = {
    (S.DUE, E.SEND): S.SENT,
    (S.DUE, E.WAIVE): S.WAIVED,
    (S.SENT, E.PROCESS): S.PROCESSED,
    (S.SENT, E.FAIL): S.FAILED,
    (S.PROCESSED, E.FAIL): S.FAILED,
    (S.DUE, E.REPLACE): S.REPLACED,
    (S.SENT, E.POSTPONE): S.DUE,
    (S.FAILED, E.REPLACE): S.REPLACED,
    (S.FAILED, E.WAIVE): S.WAIVED,
}
PAID = st.integers(0, 10_000_000)
OWED = st.integers(1, 24 * 3600 * 1000)


def rest(paid_minor: int, owed_ms: int, ran_ms: int) -> int:
    return rest_of(Money(paid_minor, "INR"), owed_ms=owed_ms, ran_ms=ran_ms).minor


@pytest.mark.parametrize(("state", "step"), list(product(S, E)))
def test_a_refund_moves_as_the_table_says_and_no_other_way(state: S, step: E) -> None:
    if (state, step) in ALLOWED:
        assert advance(state, step) is ALLOWED[state, step]
    else:
        with pytest.raises(IllegalRefundStepError, match=f"{state} cannot {step}"):
            advance(state, step)


@pytest.mark.parametrize("state", [S.WAIVED, S.REPLACED])
def test_a_settled_refund_is_never_undone(state: S) -> None:
    assert not [old for old, _ in TRANSITIONS if old is state]


def test_only_a_bank_that_gives_it_back_undoes_a_refund_that_was_made() -> None:
    assert [step for old, step in TRANSITIONS if old is S.PROCESSED] == [E.FAIL]


def test_only_what_was_sent_can_be_processed() -> None:
    assert [old for (old, _), new in TRANSITIONS.items() if new is S.PROCESSED] == [
        S.SENT
    ]


@pytest.mark.parametrize(
    ("ran_ms", "back"),
    [(0, 1000), (300_000, 500), (599_999, 0), (600_000, 0), (700_000, 0), (-5, 1000)],
)
def test_the_rest_of_ten_rupees_for_ten_minutes(ran_ms: int, back: int) -> None:
    assert rest(1000, 600_000, ran_ms) == back


def test_a_part_of_a_paisa_is_rounded_for_the_customer() -> None:
    assert rest(1000, 3, 1) == 667


def test_a_rest_below_the_minimum_is_kept_as_rounding() -> None:
    assert rest(1000, 1000, 900) == MIN_REFUND_MINOR
    assert rest(1000, 1000, 901) == 0
    assert rest(99, 1000, 0) == 0


def test_the_rest_keeps_its_currency() -> None:
    assert rest_of(Money(1000, "USD"), owed_ms=2, ran_ms=1) == Money(500, "USD")


@pytest.mark.parametrize("owed_ms", [0, -1])
def test_there_is_no_rest_of_nothing(owed_ms: int) -> None:
    with pytest.raises(ValueError, match="owed_ms must be above 0"):
        rest(1000, owed_ms, 0)


@given(PAID, OWED, st.integers(-(10**9), 10**9))
def test_a_refund_is_at_most_the_payment_and_at_least_the_minimum(
    paid: int, owed_ms: int, ran_ms: int
) -> None:
    back = rest(paid, owed_ms, ran_ms)
    assert back == 0 or MIN_REFUND_MINOR <= back <= paid


@given(PAID, OWED, st.data())
def test_a_refund_is_less_than_a_paisa_above_the_exact_rest(
    paid: int, owed_ms: int, data: st.DataObject
) -> None:
    ran_ms = data.draw(st.integers(0, owed_ms))
    back = rest(paid, owed_ms, ran_ms)
    exact = Fraction(paid * (owed_ms - ran_ms), owed_ms)
    assert 0 <= back - exact < 1 or (back == 0 and exact < MIN_REFUND_MINOR)


@given(PAID, OWED, st.integers(0, 10**8), st.integers(0, 10**8))
def test_longer_delivery_never_means_more_money_back(
    paid: int, owed_ms: int, ran_ms: int, longer_ms: int
) -> None:
    assert rest(paid, owed_ms, ran_ms + longer_ms) <= rest(paid, owed_ms, ran_ms)
