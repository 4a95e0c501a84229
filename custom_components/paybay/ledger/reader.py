"""Reading the ledger file beside its writer: one snapshot, nobody waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from .writer import LedgerError


@contextmanager
def snapshot(path: Path) -> Iterator[Connection]:
    """Open a ledger for reading (blocking); raise LedgerError if that fails.

    What is written meanwhile is not seen (WAL), so long lists stay consistent.
    """
    engine = create_engine(
        f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true",
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
    except SQLAlchemyError as err:
        message = f"cannot read the ledger {path}: {err}"
        raise LedgerError(message) from err
    finally:
        engine.dispose()
