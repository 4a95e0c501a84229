"""How much energy each bay delivered to customers, day by day."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from .schema import bay_energy


@dataclass(frozen=True, slots=True)
class EnergySums:
    """What one bay delivered, in milliwatt-hours; today began at `day_ms`."""

    today_mwh: int
    total_mwh: int
    day_ms: int


def add(connection: Connection, bay_id: str, day_ms: int, mwh: int) -> None:
    """Add energy to the local day that began at `day_ms`."""
    where = bay_energy.c.bay_id == bay_id, bay_energy.c.day_ms == day_ms
    more = update(bay_energy).where(*where).values(mwh=bay_energy.c.mwh + mwh)
    if not connection.execute(more).rowcount:
        first = insert(bay_energy).values(bay_id=bay_id, day_ms=day_ms, mwh=mwh)
        connection.execute(first)


def sums(connection: Connection, bay_id: str, day_ms: int) -> EnergySums:
    """Return a bay's energy since `day_ms`, and all of it."""
    mwh, its_own = bay_energy.c.mwh, bay_energy.c.bay_id == bay_id
    total = select(func.coalesce(func.sum(mwh), 0)).where(its_own)
    today = total.where(bay_energy.c.day_ms >= day_ms)
    return EnergySums(
        int(connection.execute(today).scalar_one()),
        int(connection.execute(total).scalar_one()),
        day_ms,
    )
