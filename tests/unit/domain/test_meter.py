"""Energy from meters that reset, roll over, fall silent, jump and come late."""

import pytest

from custom_components.paybay.domain.meter import (
    Metering,
    Reading,
    to_mw,
    to_mwh,
)

KWH = 1_000_000
WH = 1_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def count(*totals: int | None, every_ms: int = MINUTE_MS) -> Metering:
    """Hear these counts one after the other."""
    metering = Metering.begin(0)
    for number, total in enumerate(totals):
        metering = metering.hear(Reading(total_mwh=total), number * every_ms)
    return metering


def flow(*powers: tuple[int, int | None]) -> Metering:
    """Hear these powers at these milliseconds."""
    metering = Metering.begin(0)
    for at_ms, power in powers:
        metering = metering.hear(Reading(power_mw=power), at_ms)
    return metering


@pytest.mark.parametrize(
    ("totals", "delivered"),
    [
        pytest.param([], 0, id="never heard"),
        pytest.param([5 * KWH], 0, id="what was counted before is not ours"),
        pytest.param([5 * KWH, 5 * KWH + 300 * WH], 300 * WH, id="it rises"),
        pytest.param([0, 100 * WH, 100 * WH, 200 * WH], 200 * WH, id="it rests"),
        pytest.param([9 * KWH, 200 * WH], 200 * WH, id="reset to zero and on"),
        pytest.param(
            [9_999_900 * WH, 9_999_950 * WH, 30 * WH], 80 * WH, id="it rolls over"
        ),
        pytest.param(
            [9 * KWH, 9 * KWH - 1, 9 * KWH], 0, id="noise is not counted twice"
        ),
        pytest.param(
            [9 * KWH, 9 * KWH - 2 * WH, 9 * KWH + 5 * WH], 5 * WH, id="noise, then on"
        ),
        pytest.param([None, None, 7 * KWH, 7 * KWH + WH], WH, id="the first is late"),
        pytest.param(
            [KWH, None, None, KWH + 50 * WH], 50 * WH, id="silence loses nothing"
        ),
        pytest.param(
            [800 * KWH, 0, 800 * KWH, 800 * KWH + WH],
            WH,
            id="a zero for a moment is no energy",
        ),
        pytest.param(
            [8 * KWH, 90_000 * KWH, 8 * KWH + WH, 8 * KWH + 3 * WH],
            2 * WH,
            id="an impossible jump is no energy",
        ),
        pytest.param([3 * KWH, 4 * KWH], KWH, id="a coarse meter's step at once"),
    ],
)
def test_delivered_energy(totals: list[int | None], delivered: int) -> None:
    assert count(*totals).delivered_mwh == delivered


def test_energy_goes_on_after_a_restart_with_what_flowed_meanwhile() -> None:
    known = Metering.begin(
        0, delivered_mwh=100 * WH, total_mwh=5 * KWH, gone_ms=2 * HOUR_MS
    )
    on = known.hear(Reading(total_mwh=19 * KWH), 0)
    assert on.delivered_mwh == 100 * WH + 14 * KWH


def test_jump_that_the_time_away_cannot_explain_is_not_charged() -> None:
    known = Metering.begin(
        0, delivered_mwh=100 * WH, total_mwh=5 * KWH, gone_ms=MINUTE_MS
    )
    on = known.hear(Reading(total_mwh=19 * KWH), 0)
    assert on.delivered_mwh == 100 * WH
    assert on.hear(Reading(total_mwh=19 * KWH + WH), 1).delivered_mwh == 101 * WH


def test_silence_lasts_until_a_word_is_heard() -> None:
    metering = count(KWH, None, None)
    assert metering.silent_ms(5 * MINUTE_MS) == 5 * MINUTE_MS
    heard = metering.hear(Reading(total_mwh=KWH), 5 * MINUTE_MS)
    assert heard.silent_ms(6 * MINUTE_MS) == MINUTE_MS


@pytest.mark.parametrize(
    ("powers", "delivered"),
    [
        pytest.param([(0, KWH)], 0, id="one power is no energy"),
        pytest.param([(0, KWH), (HOUR_MS, KWH)], KWH, id="steady"),
        pytest.param([(0, 0), (HOUR_MS, KWH)], KWH // 2, id="rising: the trapezoid"),
        pytest.param(
            [(0, KWH), (MINUTE_MS, None), (HOUR_MS, KWH)],
            0,
            id="silence is not guessed",
        ),
        pytest.param([(0, -KWH), (HOUR_MS, -KWH)], 0, id="nothing flows backwards"),
    ],
)
def test_energy_from_power_alone(
    powers: list[tuple[int, int | None]], delivered: int
) -> None:
    assert flow(*powers).delivered_mwh == delivered


def test_many_small_steps_add_up_to_the_whole() -> None:
    seconds = [(second * 1000, 100 * WH) for second in range(3601)]
    assert flow(*seconds).delivered_mwh == 100 * WH


def test_count_wins_over_power() -> None:
    metering = Metering.begin(0)
    for at_ms, total in ((0, KWH), (HOUR_MS, KWH + 10 * WH)):
        reading = Reading(total_mwh=total, power_mw=5 * KWH)
        metering = metering.hear(reading, at_ms)
    assert metering.delivered_mwh == 10 * WH


@pytest.mark.parametrize(
    ("value", "unit", "mwh"),
    [
        ("1.5", "kWh", 1_500_000),
        ("1500", "Wh", 1_500_000),
        ("0.0015", "MWh", 1_500_000),
        ("12.3456789", "kWh", 12_345_678),
        ("unavailable", "kWh", None),
        ("unknown", "kWh", None),
        ("nan", "kWh", None),
        ("inf", "kWh", None),
        ("1e400", "kWh", None),
        ("", "kWh", None),
        ("5", None, None),
        ("5", "m³", None),
    ],
)
def test_units_of_energy(value: str, unit: str | None, mwh: int | None) -> None:
    assert to_mwh(value, unit) == mwh


@pytest.mark.parametrize(
    ("value", "unit", "mw"),
    [("60", "W", 60_000), ("0.06", "kW", 60_000), ("5", "mW", 5), ("5", "VA", None)],
)
def test_units_of_power(value: str, unit: str, mw: int | None) -> None:
    assert to_mw(value, unit) == mw
