"""What proves that a bay that was switched on feeds something."""

from dataclasses import replace

import pytest

from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.load import Load, LoadWait, expected
from custom_components.paybay.domain.meter import Reading

WAIT = LoadWait(within_ms=20_000, least_mw=5_000)


BAY = BayConfig(
    id="bay",
    name="Bay",
    relay="switch.x",
    plan_codes=(),
    power_meter="sensor.watt",
    load_within_s=20,
)


def watts(watts: int | None) -> Reading:
    return Reading(power_mw=None if watts is None else watts * 1_000)


@pytest.mark.parametrize(
    ("power_w", "waited_ms", "load"),
    [
        (5, 0, Load.SEEN),
        (5, 90_000, Load.SEEN),
        (4, 19_999, Load.AWAITED),
        (4, 20_000, Load.MISSING),
        (-500, 20_000, Load.MISSING),
        (None, 19_999, Load.AWAITED),
        (None, 20_000, Load.UNKNOWN),
    ],
)
def test_a_load_is_seen_awaited_missing_or_unknown(
    power_w: int | None, waited_ms: int, load: Load
) -> None:
    assert WAIT.judge(watts(power_w), waited_ms) is load


def test_the_last_sessions_word_proves_nothing() -> None:
    wait = LoadWait(within_ms=20_000, least_mw=5_000, before_mw=3_000_000)
    assert wait.judge(watts(3_000), 0) is Load.AWAITED
    assert wait.judge(watts(3_000), 20_000) is Load.MISSING
    assert wait.judge(watts(2_999), 0) is Load.SEEN


def test_an_idle_word_from_before_does_not_hide_a_load() -> None:
    wait = LoadWait(within_ms=20_000, least_mw=5_000, before_mw=4_000)
    assert wait.judge(watts(5), 0) is Load.SEEN


def test_a_load_is_expected_only_where_the_owner_asks_and_a_sensor_can_tell() -> None:
    assert expected(replace(BAY, load_within_s=None), 600_000, Reading()) is None
    assert expected(replace(BAY, power_meter=None), 600_000, Reading()) is None


def test_what_counts_as_a_load_is_what_counts_as_plugged_in() -> None:
    wait = expected(replace(BAY, plugged_w=40), 600_000, watts(7))
    assert wait == LoadWait(within_ms=20_000, least_mw=40_000, before_mw=7_000)
    least = expected(BAY, 600_000, Reading())
    assert least == LoadWait(within_ms=20_000, least_mw=5_000, before_mw=None)


def test_a_short_plan_is_never_waited_away() -> None:
    wait = expected(BAY, 10_000, Reading())
    assert wait
    assert wait.within_ms == 5_000
