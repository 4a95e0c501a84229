"""When a webhook is said to be ill, and when it is well again."""

import pytest

from custom_components.paybay.domain.webhook_health import (
    WebhookFacts,
    is_silent,
    signatures_fail,
)

T, F = True, False


@pytest.mark.parametrize(
    ("told", "silent"),
    [
        ([], False),
        ([F, F], False),
        ([F, F, F], True),
        ([T, F, T, F, T, F], True),
        ([T, T, F, F, F], True),
        ([T, T, T, F, F, F, F, F, F, F], False),
        ([F, T, T, T, F, F], True),
        ([F, F, T, T, T, T, T, T, T, T], False),
    ],
    ids=str,
)
def test_a_webhook_is_silent_when_missing_payments_is_a_habit(
    told: list[bool], silent: bool
) -> None:
    assert is_silent(WebhookFacts(expected=True, told=told)) is silent


def test_where_polling_is_meant_to_do_it_nothing_is_amiss() -> None:
    facts = WebhookFacts(
        expected=False, told=[F] * 10, bad_signatures=9, missed_since_good=9
    )
    assert not is_silent(facts)
    assert not signatures_fail(facts)


@pytest.mark.parametrize(
    ("bad", "missed", "fail"), [(3, 1, True), (2, 1, False), (1000, 0, False)]
)
def test_bad_signatures_count_only_beside_a_payment_nobody_told_of(
    bad: int, missed: int, fail: bool
) -> None:
    facts = WebhookFacts(expected=True, bad_signatures=bad, missed_since_good=missed)
    assert signatures_fail(facts) is fail
