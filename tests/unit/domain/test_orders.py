"""Orders: every state and every step, and what may follow from which."""

from itertools import product

import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import (
    ENDED,
    OFFERED,
    RUNNING,
    TRANSITIONS,
    IllegalStepError,
    Order,
    OrderState as S,
    OrderStep as E,
    advance,
)

ALLOWED = {
    (S.CREATED, E.CREDIT): S.PAID,
    (S.CREATED, E.CREDIT_LATE): S.UNDELIVERED,
    (S.CREATED, E.CANCEL): S.CANCELLED,
    (S.CREATED, E.EXPIRE): S.EXPIRED,
    (S.CANCELLED, E.CREDIT): S.PAID,
    (S.CANCELLED, E.CREDIT_LATE): S.UNDELIVERED,
    (S.EXPIRED, E.CREDIT): S.PAID,
    (S.EXPIRED, E.CREDIT_LATE): S.UNDELIVERED,
    (S.PAID, E.START): S.CHARGING,
    (S.PAID, E.GIVE_UP): S.UNDELIVERED,
    (S.CHARGING, E.PAUSE): S.PAUSED,
    (S.CHARGING, E.COMPLETE): S.COMPLETED,
    (S.CHARGING, E.STOP): S.STOPPED,
    (S.PAUSED, E.RESUME): S.CHARGING,
    (S.PAUSED, E.COMPLETE): S.COMPLETED,
    (S.PAUSED, E.STOP): S.STOPPED,
    (S.UNDELIVERED, E.SERVE): S.PAID,
    (S.STOPPED, E.SERVE): S.PAID,
}
EVERY_PAIR = list(product(S, E))
CREDITED = set(S) - OFFERED


@pytest.mark.parametrize(("state", "step"), EVERY_PAIR)
def test_an_order_moves_as_the_table_says_and_no_other_way(state: S, step: E) -> None:
    if (state, step) in ALLOWED:
        assert advance(state, step) is ALLOWED[state, step]
    else:
        with pytest.raises(IllegalStepError) as refused:
            advance(state, step)
        assert (refused.value.state, refused.value.step) == (state, step)
        assert str(refused.value) == f"an order that is {state} cannot {step}"


def reachable(*starts: S) -> set[S]:
    found, edge = set(starts), set(starts)
    while edge:
        edge = {new for (old, _), new in TRANSITIONS.items() if old in edge} - found
        found |= edge
    return found


def test_every_state_can_be_reached_from_a_new_order() -> None:
    assert reachable(S.CREATED) == set(S)


@pytest.mark.parametrize("state", sorted(CREDITED))
def test_a_credited_order_never_goes_back_to_being_an_offer(state: S) -> None:
    assert not reachable(state) & OFFERED


@pytest.mark.parametrize("state", sorted(CREDITED))
def test_a_credited_order_is_not_credited_again(state: S) -> None:
    assert not {(state, E.CREDIT), (state, E.CREDIT_LATE)} & TRANSITIONS.keys()


@pytest.mark.parametrize("state", sorted(OFFERED))
def test_money_that_still_comes_finds_every_offer_open(state: S) -> None:
    assert advance(state, E.CREDIT) is S.PAID
    assert advance(state, E.CREDIT_LATE) is S.UNDELIVERED


def test_what_was_delivered_is_never_undone() -> None:
    assert reachable(S.COMPLETED) == {S.COMPLETED}


@pytest.mark.parametrize("state", [S.STOPPED, S.UNDELIVERED])
def test_only_the_owner_has_what_ended_served_after_all(state: S) -> None:
    assert [step for old, step in TRANSITIONS if old is state] == [E.SERVE]


@pytest.mark.parametrize("state", sorted(set(S) - ENDED))
def test_every_open_order_can_still_end(state: S) -> None:
    assert reachable(state) & ENDED


def test_the_relay_is_on_only_for_an_order_that_was_paid() -> None:
    before = {old for (old, _), new in TRANSITIONS.items() if new in RUNNING}
    assert before == RUNNING | {S.PAID}


def test_groups_of_states_do_not_contradict_each_other() -> None:
    assert not RUNNING & ENDED
    assert not RUNNING & OFFERED
    assert ENDED | OFFERED | RUNNING | {S.PAID} == set(S)


@pytest.mark.parametrize(
    ("owed_ms", "ran_ms", "left_ms"),
    [(600_000, 0, 600_000), (600_000, 1, 599_999), (1000, 1000, 0), (1000, 1500, 0)],
)
def test_what_is_left_is_never_below_nothing(
    owed_ms: int, ran_ms: int, left_ms: int
) -> None:
    order = Order(
        id="ord_1",
        site_id="site",
        bay_id="bay",
        plan_code="ten",
        plan_name="Ten minutes",
        price=Money(1000, "INR"),
        owed_ms=owed_ms,
        state=S.CHARGING,
        watch_code="w",
        created_ms=0,
        offer_ends_ms=0,
        ran_ms=ran_ms,
    )
    assert order.left_ms == left_ms
