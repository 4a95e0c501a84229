"""Plans: only what can be sold and delivered can be written down."""

from typing import Any

import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import (
    MAX_DURATION_S,
    MAX_PRICE_MINOR,
    MIN_PRICE_MINOR,
    Plan,
    PlanError,
)


def plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "code": "ten",
        "name": "Ten minutes",
        "price": Money(1000, "INR"),
        "duration_s": 600,
    }
    return Plan(**(fields | changes))


def test_a_plan_promises_its_duration_in_milliseconds() -> None:
    assert plan(duration_s=600).owed_ms == 600_000


@pytest.mark.parametrize("minor", [MIN_PRICE_MINOR, 1000, MAX_PRICE_MINOR])
def test_a_price_within_the_limits_is_taken(minor: int) -> None:
    assert not plan(price=Money(minor, "INR")).free


def test_a_price_of_nothing_is_free() -> None:
    assert plan(price=Money(0, "INR")).free


@pytest.mark.parametrize(
    "minor", [-1, 1, MIN_PRICE_MINOR - 1, MAX_PRICE_MINOR + 1, -1000]
)
def test_a_price_the_provider_would_refuse_is_refused(minor: int) -> None:
    with pytest.raises(PlanError) as refused:
        plan(price=Money(minor, "INR"))
    assert (refused.value.key, refused.value.reason) == ("amount", "plan_amount")


@pytest.mark.parametrize("duration_s", [1, 600, MAX_DURATION_S])
def test_a_duration_within_the_limits_is_taken(duration_s: int) -> None:
    assert plan(duration_s=duration_s).duration_s == duration_s


@pytest.mark.parametrize("duration_s", [-1, 0, MAX_DURATION_S + 1])
def test_a_duration_no_device_would_run_is_refused(duration_s: int) -> None:
    with pytest.raises(PlanError) as refused:
        plan(duration_s=duration_s)
    assert (refused.value.key, refused.value.reason) == ("duration", "plan_duration")


@pytest.mark.parametrize("code", ["a", "7", "ten", "ten-min_2", "x" * 40])
def test_a_plain_code_is_taken(code: str) -> None:
    assert plan(code=code).code == code


@pytest.mark.parametrize(
    "code", ["", "Ten", "-ten", "_ten", "ten min", "zehn€", "x" * 41, "ten\n", "٣"]
)
def test_a_code_that_does_not_fit_into_a_url_is_refused(code: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan(code=code)
    assert (refused.value.key, refused.value.reason) == ("code", "plan_code")


def test_an_energy_cap_is_optional() -> None:
    assert plan().energy_wh is None
    assert plan(energy_wh=1).energy_wh == 1


@pytest.mark.parametrize("energy_wh", [0, -1])
def test_an_energy_cap_of_nothing_is_refused(energy_wh: int) -> None:
    with pytest.raises(PlanError) as refused:
        plan(energy_wh=energy_wh)
    assert (refused.value.key, refused.value.reason) == ("energy_wh", "plan_energy")
