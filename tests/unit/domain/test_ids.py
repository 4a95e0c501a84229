"""Identifiers: long enough never to meet, in the alphabet their readers take."""

from collections.abc import Callable
import re

import pytest

from custom_components.paybay.domain import ids

MAKERS = {
    ids.new_order_id: r"ord_[0-9a-hjkmnp-tv-z]{20}",
    ids.new_refund_key: r"rfd_[0-9a-hjkmnp-tv-z]{24}",
    ids.new_watch_code: r"[A-Za-z0-9_-]{32}",
    ids.new_hook_id: r"[A-Za-z0-9_-]{32}",
    ids.new_webhook_secret: r"[A-Za-z0-9_-]{43}",
}


@pytest.mark.parametrize(("make", "pattern"), MAKERS.items())
def test_an_id_has_its_shape_and_is_never_the_same(
    make: Callable[[], str], pattern: str
) -> None:
    made = [make() for _ in range(500)]
    assert len(set(made)) == 500
    assert all(re.fullmatch(pattern, one) for one in made)


def test_an_order_id_fits_the_providers_reference_id() -> None:
    assert len(ids.new_order_id()) <= 40


def test_a_refund_key_fits_the_providers_idempotency_header() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{10,}", ids.new_refund_key())
