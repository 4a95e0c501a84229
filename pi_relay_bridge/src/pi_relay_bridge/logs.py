"""Log lines for journald, which has times of its own and takes levels as a prefix."""

import logging
from logging.handlers import MemoryHandler
import os
import sys

# syslog's numbers, as sd-daemon(3) wants them in front of a line.
SEVERITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
LINES_KEPT = 100

_memory = MemoryHandler(LINES_KEPT, flushLevel=logging.WARNING)


def set_up() -> None:
    """Log to stdout; with levels that journald understands where it listens."""
    handler = logging.StreamHandler(sys.stdout)
    if os.environ.get("JOURNAL_STREAM"):
        handler.addFilter(_add_severity)
        handler.setFormatter(logging.Formatter("<%(severity)d>%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def defer() -> None:
    """From now on keep what is no warning until `flush`: the reports go first."""
    root = logging.getLogger()
    (handler,) = root.handlers
    _memory.setTarget(handler)
    root.handlers[:] = [_memory]


def flush() -> None:
    """Write what was kept."""
    _memory.flush()


def _add_severity(record: logging.LogRecord) -> bool:
    """Give a record its syslog number; let it pass."""
    record.severity = SEVERITIES.get(record.levelname, 6)
    return True
