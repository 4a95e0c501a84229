"""Worlds for the core's tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from custom_components.paybay.domain.bay import BayConfig

from .world import BAY, World

type MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Return a function that opens a world; rules of the bay as keywords."""
    worlds: list[World] = []

    async def make(
        *, keeps_time: bool = False, meter: Any = None, **rules: Any
    ) -> World:
        config = BayConfig(
            id=BAY,
            name="Bay 1",
            relay="switch.bay_1",
            plan_codes=("ten_min",),
            **rules,
        )
        world = World(tmp_path / "ledger.db", config, keeps_time=keeps_time)
        if meter is not None:
            meter.world, world.meter = world, meter
        worlds.append(world)
        await world.open()
        return world

    yield make
    for world in worlds:
        await world.close()


@pytest.fixture(params=[False, True], ids=["plain_switch", "device"])
async def world(make_world: MakeWorld, request: pytest.FixtureRequest) -> World:
    """Return a world, once with a plain switch and once with a device."""
    return await make_world(keeps_time=request.param)


@pytest.fixture
async def switch_world(make_world: MakeWorld) -> World:
    """Return a world with a plain switch."""
    return await make_world()


@pytest.fixture
async def device_world(make_world: MakeWorld) -> World:
    """Return a world with a device that keeps time."""
    return await make_world(keeps_time=True)
