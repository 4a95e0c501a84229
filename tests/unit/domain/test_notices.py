"""Notices: what a payment's own state says about the money."""

import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import PaymentFact, PaymentStatus

TAKEN = {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED}


@pytest.mark.parametrize("status", PaymentStatus)
def test_money_was_taken_once_captured_even_if_it_went_back(
    status: PaymentStatus,
) -> None:
    fact = PaymentFact(
        id="pay_1", status=status, amount=Money(1000, "INR"), created_s=0
    )
    assert fact.captured is (status in TAKEN)
