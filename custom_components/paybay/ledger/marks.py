"""Marks: single numbers that a site must remember across a restart."""

from sqlalchemy import Connection, delete, insert, select

from .schema import marks


def get(connection: Connection, site_id: str, name: str) -> int | None:
    """Return a mark, if it was ever put."""
    where = marks.c.site_id == site_id, marks.c.name == name
    found = connection.execute(select(marks.c.value).where(*where))
    return found.scalar_one_or_none()


def put(connection: Connection, site_id: str, name: str, value: int | None) -> None:
    """Set a mark, or take it away with None."""
    where = marks.c.site_id == site_id, marks.c.name == name
    connection.execute(delete(marks).where(*where))
    if value is not None:
        values = {"site_id": site_id, "name": name, "value": value}
        connection.execute(insert(marks).values(values))
