"""The pricing file: what it may say, and how it is told what is wrong."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain import pricing_toml
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.domain.pricing_plan import friendly_name
from custom_components.paybay.domain.pricing_toml import (
    MAX_BYTES,
    PricingError,
    parse_pricing,
    read_pricing,
)

DEFAULTS = Path(pricing_toml.__file__).parent.parent / "default_pricing.toml"
PLAN = "[plans.x]\namount = 10\nduration = 10\n"


def test_the_defaults_are_the_three_plans_every_shop_starts_with() -> None:
    assert read_pricing(DEFAULTS.read_bytes()) == (
        Plan(code="ten_min", name="Ten min", price=Money(1000, "INR"), duration_s=600),
        Plan(
            code="thirty_min",
            name="Thirty min",
            price=Money(3000, "INR"),
            duration_s=1800,
        ),
        Plan(
            code="hour_pass",
            name="Hour pass",
            price=Money(5000, "INR"),
            duration_s=3600,
        ),
    )


def test_every_optional_key_is_read() -> None:
    text = """
        currency = "EUR"
        [plans.quick]
        name = " Quick boost "
        amount = 2.5
        duration_seconds = 90
        energy_wh = 250
    """
    assert parse_pricing(text) == (
        Plan(
            code="quick",
            name="Quick boost",
            price=Money(250, "EUR"),
            duration_s=90,
            energy_wh=250,
        ),
    )


def test_half_a_minute_is_thirty_seconds() -> None:
    (plan,) = parse_pricing("[plans.x]\namount = 0\nduration = 0.5\n")
    assert (plan.duration_s, plan.free) == (30, True)


def test_a_file_from_windows_is_read() -> None:
    raw = b"\xef\xbb\xbf" + PLAN.replace("\n", "\r\n").encode()
    assert len(read_pricing(raw)) == 1


@pytest.mark.parametrize(
    ("code", "name"),
    [("ten_min", "Ten min"), ("two-hours", "Two hours"), ("_", "_")],
)
def test_a_plan_without_a_name_is_called_by_its_code(code: str, name: str) -> None:
    assert friendly_name(code) == name


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("currency = ", 1, None, "Invalid value"),
        ("\n\n[plans.x\n", 3, None, "Expected ']'"),
        ("", None, "plans", "at least one"),
        ("plans = 3", 1, "plans", "at least one"),
        ("[plans]", 1, "plans", "at least one"),
        ("[plans]\n\nx = 3", 3, "plans.x", "must be a table"),
        ('currency = "inr"\n' + PLAN, 1, "currency", "three capital letters"),
        ("currency = 3\n" + PLAN, 1, "currency", "three capital letters"),
        ('\ncurency = "INR"\n' + PLAN, 2, "curency", "did you mean currency?"),
        ("zzz = 1\n" + PLAN, 1, "zzz", "unknown key"),
        (PLAN + "Amount = 3", 4, "plans.x.Amount", "did you mean amount?"),
        (PLAN + "duration_seconds = 3", 4, "plans.x.duration_seconds", "not both"),
        (PLAN + "[plans.y]\nduration = 3", 4, "plans.y", "amount is missing"),
        (PLAN + "[plans.y]\namount = 3", 4, "plans.y", "duration (minutes) is missing"),
        ("[plans.'A b']\namount = 1\nduration = 1", 1, "plans.A b", "a code is 1 to"),
        (PLAN + "name = 3", 4, "plans.x.name", "text on one line"),
        (PLAN + 'name = "a\\nb"', 4, "plans.x.name", "text on one line"),
        (PLAN + 'name = " "', 4, "plans.x.name", "1 to 60 characters"),
        (PLAN + "energy_wh = 0.5", 4, "plans.x.energy_wh", "whole number"),
        (PLAN + "energy_wh = 0", 4, "plans.x.energy_wh", "above 0"),
    ],
)
def test_an_error_names_line_and_key(
    text: str, line: int | None, key: str | None, message: str
) -> None:
    with pytest.raises(PricingError) as caught:
        parse_pricing(text)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("10.001", "more than two decimals"),
        ("0.5", "from 1.00 to 100000.00"),
        ("-1", "from 1.00 to 100000.00"),
        ("100000.01", "from 1.00 to 100000.00"),
        ('"10"', "must be a number, without quotes"),
        ("true", "must be a number"),
        ("2026-01-01", "must be a number"),
        ("nan", "not a sensible number"),
        ("inf", "not a sensible number"),
        ("1e300000", "not a sensible number"),
        ("0x" + "F" * 9000, "not a sensible number"),
        ("1e-1000020", "too many decimals"),
        ("10.0000000000000000000000000000000001", "too many decimals"),
    ],
)
def test_an_amount_is_exact_money(value: str, message: str) -> None:
    with pytest.raises(PricingError) as caught:
        parse_pricing(f"[plans.x]\nduration = 10\namount = {value}\n")
    assert (caught.value.line, caught.value.key) == (3, "plans.x.amount")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("duration", "0", "1 second to 24 hours"),
        ("duration", "1441", "1 second to 24 hours"),
        ("duration", "0.01", "whole number of seconds"),
        ("duration", "10.00000000001", "too many decimals"),
        ("duration", '"10"', "must be a number"),
        ("duration_seconds", "-1", "1 second to 24 hours"),
        ("duration_seconds", "1.5", "whole number of seconds"),
    ],
)
def test_a_duration_is_whole_seconds_within_a_day(
    key: str, value: str, message: str
) -> None:
    with pytest.raises(PricingError) as caught:
        parse_pricing(f"[plans.x]\namount = 10\n{key} = {value}\n")
    assert (caught.value.line, caught.value.key) == (3, f"plans.x.{key}")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plans.x.amount = 0.2\nplans.x.duration = 1", 1),
        ("[plans]\n\nx = {amount = 0.2, duration = 1}", 3),
        ('[ plans . "x" ] # here\n\nduration = 1\n"amount" = 0.2', 4),
        ("[plans]\nx.duration = 1\nx.amount = 0.2", 3),
        ('[plans.x]\nname = """\\\namount = 1"""\nduration = 1\namount = 0.2', 5),
    ],
)
def test_the_line_is_found_in_every_way_to_write_it(text: str, line: int) -> None:
    with pytest.raises(PricingError) as caught:
        parse_pricing(text)
    assert (caught.value.line, caught.value.key) == (line, "plans.x.amount")


def test_the_message_reads_as_a_sentence_on_its_own() -> None:
    assert str(PricingError(3, "plans.x", "is wrong")) == "line 3, plans.x: is wrong"
    assert str(PricingError(None, None, "is wrong")) == "is wrong"


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "9" * 5_000])
def test_an_absurd_file_is_refused(text: str) -> None:
    with pytest.raises(PricingError):
        parse_pricing(text)


def test_a_large_file_is_refused_unread() -> None:
    with pytest.raises(PricingError, match="the file is over 64 KiB"):
        read_pricing(b"#" * (MAX_BYTES + 1))
    with pytest.raises(PricingError, match="the file is over 64 KiB"):
        parse_pricing("#" * (MAX_BYTES + 1))


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(PricingError, match="line 3: the file is not UTF-8 text"):
        read_pricing(b"#\n#\n\xff\xfe")


@given(st.text())
def test_any_text_is_plans_or_a_pricing_error(text: str) -> None:
    err = _error(text)
    assert err is None or err.line is None or 1 <= err.line <= text.count("\n") + 1


@given(st.binary())
def test_any_bytes_are_plans_or_a_pricing_error(raw: bytes) -> None:
    with suppress(PricingError):
        read_pricing(raw)


KEYS = st.sampled_from(
    ["amount", "duration", "duration_seconds", "name", "energy_wh", "currency", "x.y"]
)
VALUES = st.one_of(
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda d: f"{d:f}"),
    st.sampled_from(["nan", "-inf", "1e999999", "true", "[]", "{}", '""', "'INR'"]),
    st.text(st.characters(exclude_characters="'\n", exclude_categories=["C"])).map(
        "'{}'".format
    ),
)
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.sampled_from(["[plans.a]", "[plans]", "[plans.'ü']", '"""', "[[plans]]"]),
)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_anything_like_a_pricing_file_is_plans_or_a_pricing_error(text: str) -> None:
    err = _error(text)
    assert err is None or err.line is None or 1 <= err.line <= text.count("\n") + 1


@given(
    st.decimals(min_value=1, max_value=100_000, places=2),
    st.integers(min_value=1, max_value=86_400),
)
def test_what_is_written_is_what_is_sold(amount: Decimal, seconds: int) -> None:
    (plan,) = parse_pricing(
        f"[plans.x]\namount = {amount}\nduration_seconds = {seconds}\n"
    )
    assert (plan.price.major, plan.duration_s) == (amount, seconds)


def _error(text: str) -> PricingError | None:
    try:
        parse_pricing(text)
    except PricingError as err:
        return err
    return None
