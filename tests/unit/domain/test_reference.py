"""What a customer may write on an order."""

from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.reference import (
    MAX_CHARS,
    ReferenceKind,
    ReferencePolicy,
    ReferenceRefusedError,
)

ASKED = ReferencePolicy(kind=ReferenceKind.VEHICLE)
MUST = ReferencePolicy(kind=ReferenceKind.ROOM, required=True)


def refused(text: str, policy: ReferencePolicy = ASKED) -> str:
    with pytest.raises(ReferenceRefusedError) as caught:
        policy.take(text)
    return caught.value.reason


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mh12ab1234", "MH12AB1234"),
        ("  22  BH 1234 aa ", "22 BH 1234 AA"),
        ("B-204", "B-204"),
        ("कमरा १२", "कमरा १२"),
    ],
)
def test_vehicles_and_rooms_are_taken(typed: str, kept: str) -> None:
    assert ASKED.take(typed) == kept


def test_who_says_nothing_gets_a_random_one_unless_it_is_required() -> None:
    first, second = ASKED.take(" "), ASKED.take("")
    assert first.startswith("WEB-")
    assert first != second
    assert refused(" \u00a0", MUST) == "missing"


@pytest.mark.parametrize(
    "private",
    ["9876543210", "98765 43210", "+91-98765-43210", "१२३४५६७८९०", "me@bank", "a@b.in"],
)
def test_no_phone_email_or_upi_id_is_taken(private: str) -> None:
    assert refused(private) == "not_this"


@pytest.mark.parametrize("odd", ["<b>", "a\x00b", "a\u202eb", "🚗", "a;b", "{x}"])
def test_nothing_odd_is_taken(odd: str) -> None:
    assert refused(odd) == "not_this"


def test_a_text_too_long_is_refused_and_never_cut() -> None:
    assert refused("A" * (MAX_CHARS + 1)) == "too_long"


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(ReferenceRefusedError) as caught:
        ASKED.take("9876543210")
    assert "98765" not in repr(caught.value)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_taken_or_refused(text: str) -> None:
    try:
        kept = ASKED.take(text)
    except ReferenceRefusedError:
        return
    assert kept
    assert len(kept) <= MAX_CHARS


def test_what_is_stored_is_read_again() -> None:
    assert ReferencePolicy.read(MUST.stored()) == MUST
    assert ReferencePolicy.read(None) is None
