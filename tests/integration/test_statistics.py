"""Long-term statistics of money, sessions, time and energy, by the real recorder."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import NonCallableMagicMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from .entries import BAY_1, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled

METER = "sensor.meter"
SUMS = {
    "sensor.bay_1_revenue": "revenue",
    "sensor.bay_1_revenue_today": "revenue today",
    "sensor.razorpay_test_revenue_today": "revenue of the site today",
    "sensor.bay_1_sessions_today": "sessions",
    "sensor.bay_1_charging_time_today": "minutes",
    "sensor.bay_1_energy": "energy",
    "sensor.bay_1_energy_today": "energy today",
}
_FIVE_MIN = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Have the recorder there before Home Assistant."""


class Shop:
    """A bay with a meter, the clocks around it, and what the recorder makes of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        clock: ObedientClock,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        self.hass, self.entry = hass, entry
        self.clock, self.freezer = clock, freezer
        self.kwh = 7.0

    async def be(self, moment: datetime) -> None:
        """Let time pass until then, in every clock."""
        self.freezer.move_to(moment)
        ahead_s = moment.timestamp() - self.clock.now_ms() / 1000
        await self.clock.pass_by(self.hass, ahead_s)
        async_fire_time_changed(self.hass, moment)
        await settled(self.hass, self.entry)

    async def sell(self) -> None:
        """Sell ten minutes for ten rupees and deliver them, with half a unit."""
        await paid(self.hass, self.entry, created_s=self.clock.now_ms() // 1000)
        self.kwh += 0.5
        meter(self.hass, self.kwh)
        await self.be(dt_util.utcnow() + timedelta(seconds=640))

    async def compiled(self, begin: datetime) -> None:
        """Have the recorder compile everything since the last time."""
        await async_wait_recording_done(self.hass)
        while begin + _FIVE_MIN <= dt_util.utcnow():
            do_adhoc_statistics(self.hass, start=begin)
            begin += _FIVE_MIN
        await async_wait_recording_done(self.hass)

    async def sums(self, begin: datetime) -> dict[str, float]:
        """Return the last sum of each statistic."""
        found: Any = await get_instance(self.hass).async_add_executor_job(
            statistics_during_period,
            self.hass,
            begin,
            None,
            set(SUMS),
            "5minute",
            None,
            {"sum"},
        )
        return {SUMS[key]: round(rows[-1]["sum"], 6) for key, rows in found.items()}


def meter(hass: HomeAssistant, kwh: float) -> None:
    hass.states.async_set(METER, f"{kwh:.3f}", {"unit_of_measurement": "kWh"})


@pytest.fixture
async def shop(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
    freezer: FrozenDateTimeFactory,
) -> Shop:
    """Open a shop that takes real money, at ten in the evening."""
    begin = dt_util.start_of_local_day() + timedelta(days=1, hours=22)
    freezer.move_to(begin)
    clock.start_ms = int(begin.timestamp() * 1000)
    site_provider.test_mode = False
    meter(hass, 7.0)
    bay = replace(BAY_1, energy_meter=METER)
    entry = make_entry(bays=[bay], key_id="rzp_live_paybay00000001")
    assert await async_setup_component(hass, "sensor", {})
    return Shop(hass, await set_up(hass, entry), clock, freezer)


async def test_sums_are_right_over_a_restart_and_midnight(
    hass: HomeAssistant, shop: Shop
) -> None:
    begin = dt_util.utcnow()
    await shop.be(begin + timedelta(minutes=6))
    await shop.sell()
    assert await hass.config_entries.async_reload(shop.entry.entry_id)
    await settled(hass, shop.entry)
    await shop.sell()
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    await shop.be(midnight)
    await shop.be(midnight + timedelta(minutes=7))
    await shop.sell()
    await shop.be(midnight + timedelta(minutes=30))
    await shop.compiled(begin)
    assert await shop.sums(begin) == {
        "revenue": 30.0,
        "revenue today": 30.0,
        "revenue of the site today": 30.0,
        "sessions": 3.0,
        "minutes": 30.0,
        "energy": 1.5,
        "energy today": 1.5,
    }


async def test_a_day_that_began_while_home_assistant_was_off_is_counted_whole(
    hass: HomeAssistant, shop: Shop
) -> None:
    begin = dt_util.utcnow()
    await shop.be(begin + timedelta(minutes=6))
    await shop.sell()
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    await shop.be(midnight - timedelta(minutes=20))
    await paid(
        hass, shop.entry, plan="hour_pass", created_s=shop.clock.now_ms() // 1000
    )
    await shop.be(midnight - timedelta(minutes=10))
    assert await hass.config_entries.async_unload(shop.entry.entry_id)
    shop.freezer.move_to(midnight + timedelta(hours=1))
    shop.clock.gone_ms += 70 * 60_000
    await set_up(hass, shop.entry)
    await shop.be(midnight + timedelta(minutes=70))
    await shop.compiled(begin)
    sums = await shop.sums(begin)
    assert sums["revenue"] == sums["revenue today"] == 60.0
    assert sums["sessions"] == 2.0
    assert sums["minutes"] == 70.0
