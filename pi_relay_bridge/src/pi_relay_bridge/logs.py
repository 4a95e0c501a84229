"""Log lines for journald, which has times of its own and takes levels as a prefix."""

import logging
import os
import sys

# syslog's numbers, as sd-daemon(3) wants them in front of a line.
SEVERITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def set_up() -> None:
    """Log to stdout; with levels that journald understands where it listens."""
    handler = logging.StreamHandler(sys.stdout)
    if os.environ.get("JOURNAL_STREAM"):
        handler.addFilter(_add_severity)
        handler.setFormatter(logging.Formatter("<%(severity)d>%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _add_severity(record: logging.LogRecord) -> bool:
    """Give a record its syslog number; let it pass."""
    record.severity = SEVERITIES.get(record.levelname, 6)
    return True
