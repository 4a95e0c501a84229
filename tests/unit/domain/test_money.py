"""Money: whole minor units of a currency, exact to the last paisa."""

from decimal import Decimal
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.money import Money, MoneyError

MINOR = st.integers(1 - 10**14, 10**14 - 1)


@pytest.mark.parametrize(
    ("major", "minor"),
    [
        (10, 1000),
        ("10", 1000),
        ("10.5", 1050),
        ("10.50", 1050),
        ("0.01", 1),
        ("0", 0),
        ("-1", -100),
        ("999999999999.99", 99999999999999),
        (Decimal("99999.99"), 9999999),
        (Decimal("1E+2"), 10000),
    ],
)
def test_major_units_become_minor_units(major: Decimal | int | str, minor: int) -> None:
    assert Money.from_major(major, "INR") == Money(minor, "INR")


@pytest.mark.parametrize(
    "major",
    [
        "10.001",
        "0.005",
        "10.00000000000000000000000000001",
        "12345678901234567890123456789.01",
        "1000000000000",
        "1e30",
        "1e999999",
        "1e-999999",
        "ten",
        "",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        Decimal("NaN"),
    ],
)
def test_what_is_not_exactly_money_is_refused(major: Decimal | str) -> None:
    with pytest.raises(MoneyError):
        Money.from_major(major, "INR")


@given(st.text())
def test_any_text_is_money_or_a_money_error(text: str) -> None:
    try:
        money = Money.from_major(text, "INR")
    except MoneyError:
        return
    assert money.major == Decimal(text)


@pytest.mark.parametrize("minor", [1.0, "100", None, True, Decimal(1)])
def test_minor_units_are_whole_numbers(minor: Any) -> None:
    with pytest.raises(MoneyError, match="integer of minor units"):
        Money(minor, "INR")


@pytest.mark.parametrize("currency", ["", "IN", "INRS", "12A", "I-R", "₹₹₹"])
def test_a_currency_is_three_letters(currency: str) -> None:
    with pytest.raises(MoneyError, match="three letters"):
        Money(1, currency)


@pytest.mark.parametrize("currency", ["inr", "Inr", "INr"])
def test_a_currency_is_in_capitals(currency: str) -> None:
    with pytest.raises(MoneyError, match="capitals"):
        Money(1, currency)


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_a_currency_without_two_decimals_is_not_taken(currency: str) -> None:
    with pytest.raises(MoneyError, match="does not have two decimals"):
        Money(1, currency)


@given(MINOR)
def test_minor_units_survive_the_way_to_major_units_and_back(minor: int) -> None:
    money = Money(minor, "INR")
    assert Money.from_major(money.major, "INR") == money
    assert Money.from_major(str(money).removesuffix(" INR"), "INR") == money


@given(MINOR, MINOR)
def test_sums_and_comparisons_are_those_of_the_minor_units(a: int, b: int) -> None:
    x, y = Money(a, "INR"), Money(b, "INR")
    assert (x + y).minor == a + b
    assert (x - y).minor == a - b
    assert (x < y, x <= y, x > y, x >= y) == (a < b, a <= b, a > b, a >= b)


def test_money_is_shown_with_two_decimals() -> None:
    assert str(Money(1000, "INR")) == "10.00 INR"
    assert str(Money(-5, "USD")) == "-0.05 USD"


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__"])
def test_currencies_do_not_mix(operation: str) -> None:
    with pytest.raises(MoneyError, match="INR and USD do not mix"):
        getattr(Money(1, "INR"), operation)(Money(1, "USD"))


def test_the_same_number_of_another_currency_is_not_equal() -> None:
    assert Money(1, "INR") != Money(1, "USD")
