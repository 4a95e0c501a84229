"""Whatever is sent, in whatever order: the laws of the relay hold."""

from typing import Any

from hypothesis import given, settings, strategies as st

from .helpers import Bench

ORDERS = st.sampled_from(["A", "B", "C"])
SECONDS = st.one_of(
    st.floats(0.05, 30), st.sampled_from([float("nan"), -1, 0, 1e9, True, None])
)
STEPS = st.one_of(
    st.tuples(st.just("start"), ORDERS, SECONDS),
    st.tuples(st.just("extend"), ORDERS, SECONDS),
    st.tuples(st.just("stop"), st.one_of(ORDERS, st.none()), st.none()),
    st.tuples(st.just("set"), st.sampled_from([b"ON", b"OFF"]), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 8000), st.none()),
    st.tuples(st.just("interrupt"), st.none(), st.none()),
    st.tuples(st.just("break"), st.integers(0, 3), st.integers(0, 3)),
)


def take(bench: Bench, step: tuple[str, Any, Any]) -> None:
    """Do one step."""
    kind, first, second = step
    if kind == "set":
        bench.set(first)
    elif kind == "wait":
        bench.advance(first)
    elif kind == "interrupt":
        bench.bay.interrupt("contact_lost")
    elif kind == "break":
        bench.relay.on_failures, bench.relay.off_failures = first, second
    else:
        bench.send(kind, order_id=first, seconds=second)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_the_relay_is_on_only_under_a_deadline_or_in_fault(
    steps: list[tuple[str, Any, Any]],
) -> None:
    bench = Bench(max_session_s=60)
    for step in steps:
        take(bench, step)
        view = bench.bay.view
        if view.phase in ("running", "manual"):
            assert bench.relay.is_on
            assert len(bench.timers) == 1
            assert (
                bench.guard.deadlines[17] == bench.timers[0] <= bench.clock.up_s() + 60
            )
        elif view.phase == "idle":
            assert not bench.relay.is_on
            assert bench.timers == []
            assert bench.guard.deadlines == {}
        assert (
            bench.store.records[-1].session is not None
            if bench.store.records
            else False
        ) == (view.order_id is not None)
    bench.relay.off_failures = 0
    bench.advance(62_000)
    assert not bench.relay.is_on


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS.filter(lambda step: step[0] != "break"), max_size=25))
def test_no_order_gets_more_than_it_was_promised(
    steps: list[tuple[str, Any, Any]],
) -> None:
    bench = Bench(max_session_s=60)
    for step in steps:
        take(bench, step)
    bench.advance(62_000)
    outcomes = bench.store.records[-1].outcomes if bench.store.records else ()
    for index, outcome in enumerate(outcomes):
        earlier = [
            each for each in outcomes[:index] if each.order_id == outcome.order_id
        ]
        assert all(each.outcome == "interrupted" for each in earlier)
        assert outcome.ran_s <= 60.001
