"""Printed QR codes in the ledger. None is ever deleted once somebody could pay it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    insert,
    select,
    update,
)

from ..domain.money import Money
from ..domain.notices import QrFact
from ..domain.qr_codes import QrCode, QrState
from .schema import posters, qr_codes

LIVE = (QrState.ASKED, QrState.ACTIVE, QrState.RETIRING)
"""States in which the provider may still let it be paid."""


def add(connection: Connection, qr: QrCode) -> None:
    """Store a QR code that the provider will be asked for."""
    price = qr.price
    connection.execute(
        insert(qr_codes).values(
            key=qr.key,
            site_id=qr.site_id,
            bay_id=qr.bay_id,
            bay_name=qr.bay_name,
            state=qr.state,
            test_mode=qr.test_mode,
            plan_code=qr.plan_code,
            plan_name=qr.plan_name,
            price_minor=price.minor if price else None,
            currency=price.currency if price else None,
            owed_ms=qr.owed_ms,
            energy_wh=qr.energy_wh,
            created_ms=qr.created_ms,
        )
    )


def forget(connection: Connection, key: str) -> None:
    """Drop a QR code that the provider refused to make: nobody can have paid it."""
    never_made = qr_codes.c.key == key, qr_codes.c.provider_id.is_(None)
    connection.execute(delete(qr_codes).where(*never_made))


def get(connection: Connection, key: str) -> QrCode:
    """Return a QR code; raise NoResultFound."""
    query = select(qr_codes).where(qr_codes.c.key == key)
    return _qr(connection.execute(query).one())


def find(
    connection: Connection, *, provider_id: str | None = None, key: str | None = None
) -> QrCode | None:
    """Return the QR code with the provider's id, else the one with our key."""
    wanted = (qr_codes.c.provider_id, provider_id), (qr_codes.c.key, key)
    for column, value in wanted:
        if value is not None:
            query = select(qr_codes).where(column == value)
            if row := connection.execute(query).first():
                return _qr(row)
    return None


def of_site(
    connection: Connection, site_id: str, states: Collection[QrState] = tuple(QrState)
) -> Sequence[QrCode]:
    """Return a site's QR codes in these states, newest first."""
    where = qr_codes.c.site_id == site_id, qr_codes.c.state.in_(states)
    return _all(connection, *where)


def live(connection: Connection, site_id: str, *, test_mode: bool) -> Sequence[QrCode]:
    """Return the QR codes that the account's present keys can do something about.

    Those of the other mode wait until its keys are back.
    """
    found = of_site(connection, site_id, LIVE)
    return [qr for qr in found if qr.test_mode is test_mode]


def payable(
    connection: Connection, site_id: str, closed_after_ms: int
) -> Sequence[QrCode]:
    """Return the QR codes that may still bring money, a late payment too."""
    recent = qr_codes.c.state.in_(LIVE) | (qr_codes.c.closed_ms >= closed_after_ms)
    return _all(connection, qr_codes.c.site_id == site_id, recent)


def without_poster(connection: Connection, site_id: str) -> Sequence[QrCode]:
    """Return the QR codes in use whose picture is still to be fetched."""
    stored = exists().where(posters.c.qr_key == qr_codes.c.key)
    active = qr_codes.c.state == QrState.ACTIVE
    return _all(connection, qr_codes.c.site_id == site_id, active, ~stored)


def made(connection: Connection, key: str, fact: QrFact) -> QrCode:
    """Store that the provider has made a QR code, whatever was decided meanwhile."""
    qr = get(connection, key)
    state = QrState.ACTIVE if qr.state is QrState.ASKED else qr.state
    return _change(
        connection,
        qr,
        state=state,
        provider_id=qr.provider_id or fact.id,
        image_url=qr.image_url or fact.image_url,
        text=qr.text or fact.text,
    )


def retire(connection: Connection, key: str, answer: str | None = None) -> QrCode:
    """Take a QR code out of use; `answer` is why the provider did not close it."""
    qr = get(connection, key)
    if qr.state is QrState.RETIRED:
        return qr
    return _change(connection, qr, state=QrState.RETIRING, answer=answer)


def closed(connection: Connection, key: str, at_ms: int) -> QrCode:
    """Store that nobody can pay a QR code any more."""
    qr = get(connection, key)
    if qr.state is QrState.RETIRED:
        return qr
    return _change(connection, qr, state=QrState.RETIRED, closed_ms=at_ms, answer=None)


def keep_poster(
    connection: Connection, key: str, content_type: str, image: bytes
) -> None:
    """Store a QR code's picture; the first one stays."""
    if poster(connection, key) is None:
        values = {"qr_key": key, "content_type": content_type, "image": image}
        connection.execute(insert(posters).values(**values))


def poster(connection: Connection, key: str) -> tuple[str, bytes] | None:
    """Return a QR code's picture: its content type and its bytes."""
    query = select(posters.c.content_type, posters.c.image)
    row = connection.execute(query.where(posters.c.qr_key == key)).first()
    return (row.content_type, row.image) if row else None


def _all(connection: Connection, *where: ColumnElement[bool]) -> list[QrCode]:
    order_by = qr_codes.c.created_ms.desc(), qr_codes.c.key
    rows = connection.execute(select(qr_codes).where(*where).order_by(*order_by))
    return [_qr(row) for row in rows]


def _change(connection: Connection, qr: QrCode, **values: Any) -> QrCode:
    connection.execute(
        update(qr_codes).where(qr_codes.c.key == qr.key).values(**values)
    )
    return replace(qr, **values)


def _qr(row: Row[Any]) -> QrCode:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    minor, currency = values.pop("price_minor"), values.pop("currency")
    return QrCode(
        price=Money(minor, currency) if minor is not None else None,
        state=QrState(values.pop("state")),
        **values,
    )
