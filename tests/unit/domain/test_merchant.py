"""Who sells: what an owner may tell, and the tax within a price."""

import string

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.merchant import (
    MAX_NAME,
    Merchant,
    is_gstin,
    problems,
    tax_split,
)
from custom_components.paybay.domain.money import Money

# An invented number: the check character fits the others.
GSTIN = "27AAAAA0000A1Z2"


def reasons(**told: str | int) -> list[tuple[str, str]]:
    return list(problems(Merchant.read(told)))


def test_a_merchant_who_tells_nothing_lacks_what_customers_must_know() -> None:
    assert Merchant().missing == ("name", "help", "terms", "refund_policy")
    assert reasons() == []


def test_one_way_to_get_help_is_enough() -> None:
    told = Merchant(name="N", whatsapp="+911234567890", terms="T", refund_policy="R")
    assert told.missing == ()


def test_what_is_stored_is_read_again_and_unknown_keys_are_left() -> None:
    told = Merchant(name="Green Corner", tax_bp=500)
    assert Merchant.read({**told.stored(), "of_a_later_version": 1}) == told


def test_texts_are_trimmed_and_a_gstin_is_in_capitals() -> None:
    read = Merchant.read({"name": "  Green Corner ", "gstin": f" {GSTIN.lower()} "})
    assert (read.name, read.gstin) == ("Green Corner", GSTIN)


@pytest.mark.parametrize(
    "phone", ["1912", "+91 12345 67890", "(0)12-345.678", "0 1234 5678"]
)
def test_phone_numbers_as_people_write_them(phone: str) -> None:
    told = Merchant.read({"help_phone": phone})
    assert list(problems(told)) == []
    assert told.phone_url
    assert set(told.phone_url.removeprefix("tel:")) <= set("+0123456789")


@pytest.mark.parametrize(
    "phone", ["call me", "12", "+", "1" * 16, "12345;ext=1", "123\n456", "१२३४५"]
)
def test_what_no_phone_can_dial_is_refused(phone: str) -> None:
    assert reasons(help_phone=phone) == [("help_phone", "not_a_phone")]


def test_whatsapp_needs_its_country_code() -> None:
    assert reasons(whatsapp="12345 67890") == [("whatsapp", "not_international")]
    told = Merchant.read({"whatsapp": "+91 12345-67890"})
    assert list(problems(told)) == []
    assert told.whatsapp_url == "https://wa.me/911234567890"


def test_a_name_too_long_for_a_poster_is_refused() -> None:
    assert reasons(name="x" * (MAX_NAME + 1)) == [("name", "too_long")]


def test_a_gstin_with_one_wrong_character_is_found() -> None:
    assert is_gstin(GSTIN)
    for place in range(len(GSTIN)):
        for other in set(string.digits + string.ascii_uppercase) - {GSTIN[place]}:
            assert not is_gstin(GSTIN[:place] + other + GSTIN[place + 1 :])


@pytest.mark.parametrize("text", ["", "27AAAAA0000A1Z", GSTIN + "5", "२७AAAAA0000A1Z2"])
def test_what_is_no_gstin_is_refused(text: str) -> None:
    assert not is_gstin(text)


def test_other_tax_fields_are_checked() -> None:
    assert reasons(tax_bp=10_001, sac="99x") == [
        ("tax_bp", "not_a_percentage"),
        ("sac", "not_a_sac"),
    ]


def test_eighteen_percent_of_ten_rupees() -> None:
    split = tax_split(Money(1000, "INR"), 1800)
    assert (split.taxable.minor, split.cgst.minor, split.sgst.minor) == (848, 76, 76)


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_tax_split_is_exact_to_the_minor_unit(minor: int, tax_bp: int) -> None:
    split = tax_split(Money(minor, "INR"), tax_bp)
    assert split.cgst == split.sgst
    assert split.taxable + split.cgst + split.sgst == Money(minor, "INR")
    # Each half is the nearest: twice its error is at most one minor unit.
    error = 2 * split.cgst.minor * (10_000 + tax_bp) - minor * tax_bp
    assert abs(error) <= 10_000 + tax_bp
