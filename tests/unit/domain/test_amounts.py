"""Amounts: which plan a sum of money buys, and for how long."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.amounts import (
    Bought,
    Limits,
    OddAmountPolicy,
    Unsold,
    buy,
    pro_rata_ms,
    pro_rata_wh,
)
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import Plan

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


def plan(code: str, rupees: int, minutes: int, currency: str = "INR") -> Plan:
    price = Money(rupees * 100, currency)
    return Plan(code=code, name=code, price=price, duration_s=minutes * 60)


TEN = plan("ten", 10, 10)
HALF_HOUR = plan("half-hour", 25, 30)
FREE = plan("free", 0, 5)
PLANS = (FREE, TEN, HALF_HOUR)
SOME_PLANS = st.lists(
    st.builds(plan, st.just("p"), st.integers(1, 500), st.integers(1, 720)), min_size=1
)


def bought(
    minor: int,
    policy: OddAmountPolicy = OddAmountPolicy.PRO_RATA,
    *,
    plans: tuple[Plan, ...] = PLANS,
    currency: str = "INR",
    max_ms: int = DAY_MS,
    least_minor: int = 0,
    most_minor: int | None = None,
) -> Bought | Unsold:
    limits = Limits(least_minor=least_minor, most_minor=most_minor, max_ms=max_ms)
    return buy(Money(minor, currency), plans, policy, limits)


@pytest.mark.parametrize("policy", OddAmountPolicy)
@pytest.mark.parametrize("wanted", [TEN, HALF_HOUR])
def test_the_exact_price_buys_its_plan(wanted: Plan, policy: OddAmountPolicy) -> None:
    assert bought(wanted.price.minor, policy) == Bought(wanted, wanted.owed_ms)


def test_an_odd_amount_buys_time_at_the_best_rate_it_can_afford() -> None:
    assert bought(1500) == Bought(TEN, 15 * MINUTE_MS)
    assert bought(5000) == Bought(HALF_HOUR, 60 * MINUTE_MS)


def test_part_of_a_millisecond_is_rounded_for_the_customer() -> None:
    assert bought(1001, plans=(plan("x", 3, 1),)) == Bought(plan("x", 3, 1), 200_200)
    assert bought(1000, plans=(plan("x", 3, 1),)) == Bought(plan("x", 3, 1), 200_000)
    assert pro_rata_ms(Money(100, "INR"), plan("x", 7, 1)) == 8572


def test_among_equal_rates_the_longer_plan_is_named() -> None:
    twenty = plan("twenty", 20, 20)
    assert bought(2500, plans=(TEN, twenty)) == Bought(twenty, 25 * MINUTE_MS)


def test_an_odd_amount_is_refunded_where_the_owner_says_so() -> None:
    assert bought(1500, OddAmountPolicy.REFUND) == Unsold("odd_amount")


@pytest.mark.parametrize("policy", OddAmountPolicy)
@pytest.mark.parametrize("minor", [0, 1, 999])
def test_less_than_the_cheapest_plan_buys_nothing(
    minor: int, policy: OddAmountPolicy
) -> None:
    assert bought(minor, policy) == Unsold("below_minimum")


@pytest.mark.parametrize("policy", OddAmountPolicy)
def test_another_currency_buys_nothing(policy: OddAmountPolicy) -> None:
    assert bought(1000, policy, currency="USD") == Unsold("other_currency")


def test_plans_in_another_currency_are_not_looked_at() -> None:
    dollars = plan("dollars", 10, 600, currency="USD")
    assert bought(1500, plans=(dollars, TEN)) == Bought(TEN, 15 * MINUTE_MS)


@pytest.mark.parametrize("plans", [(), (FREE,)])
def test_where_nothing_has_a_price_money_buys_nothing(plans: tuple[Plan, ...]) -> None:
    assert bought(1000, plans=plans) == Unsold("nothing_for_sale")


def test_more_time_than_the_bay_may_run_is_not_sold() -> None:
    assert bought(2000, plans=(TEN,), max_ms=20 * MINUTE_MS) == Bought(
        TEN, 20 * MINUTE_MS
    )
    assert bought(2001, plans=(TEN,), max_ms=20 * MINUTE_MS) == Unsold("above_maximum")


@pytest.mark.parametrize("policy", OddAmountPolicy)
def test_an_exact_price_does_not_sell_more_time_than_the_bay_may_run(
    policy: OddAmountPolicy,
) -> None:
    short = 10 * MINUTE_MS
    assert bought(1000, policy, max_ms=short) == Bought(TEN, short)
    assert bought(1000, policy, max_ms=short - 1) == Unsold("above_maximum")


def test_of_two_plans_at_one_price_the_longer_is_sold() -> None:
    longer = plan("longer", 10, 12)
    assert bought(1000, plans=(TEN, longer)) == Bought(longer, longer.owed_ms)


def test_the_owners_least_and_most_hold_for_exact_prices_too() -> None:
    assert bought(1000, least_minor=1001) == Unsold("below_minimum")
    assert bought(1000, least_minor=1000) == Bought(TEN, TEN.owed_ms)
    assert bought(2500, most_minor=2499) == Unsold("above_maximum")
    assert bought(2500, most_minor=2500) == Bought(HALF_HOUR, HALF_HOUR.owed_ms)


def test_energy_is_sold_at_the_same_rate_as_time() -> None:
    capped = replace(TEN, energy_wh=333)
    assert bought(1000, plans=(capped,)) == Bought(capped, capped.owed_ms, 333)
    assert bought(1500, plans=(capped,)) == Bought(capped, 15 * MINUTE_MS, 500)
    assert pro_rata_wh(Money(1500, "INR"), TEN) is None


@given(SOME_PLANS, st.integers(0, 10**7), st.sampled_from(OddAmountPolicy))
def test_whatever_is_bought_is_at_least_what_its_rate_gives(
    plans: list[Plan], minor: int, policy: OddAmountPolicy
) -> None:
    result = buy(Money(minor, "INR"), plans, policy, Limits(max_ms=DAY_MS))
    if isinstance(result, Bought):
        exact = Fraction(result.plan.owed_ms * minor, result.plan.price.minor)
        assert 0 <= result.owed_ms - exact < 1
        assert result.plan in plans
        assert result.plan.price.minor <= minor


@given(SOME_PLANS, st.integers(100, 10**7))
def test_no_other_affordable_plan_would_give_an_odd_amount_more_time(
    plans: list[Plan], minor: int
) -> None:
    paid = Money(minor, "INR")
    result = buy(paid, plans, OddAmountPolicy.PRO_RATA, Limits(max_ms=10**15))
    if isinstance(result, Bought) and result.plan.price != paid:
        affordable = [p for p in plans if p.price <= paid]
        assert result.owed_ms == max(pro_rata_ms(paid, p) for p in affordable)


@pytest.mark.parametrize("other", [FREE, plan("dollars", 1, 1, currency="USD")])
def test_a_plan_without_a_rate_for_this_money_is_an_error(other: Plan) -> None:
    with pytest.raises(ValueError, match="has no rate in plan"):
        pro_rata_ms(Money(1000, "INR"), other)
