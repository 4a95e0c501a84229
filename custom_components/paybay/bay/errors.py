"""Why a bay did not do what it was asked to."""

from ..ledger import LedgerError


class NothingToStartError(Exception):
    """No paid order waits for this bay, or somebody else claimed it."""


class NothingToStopError(Exception):
    """No session runs at this bay."""


class StopRefusedError(Exception):
    """The bay's rules do not let customers end their sessions."""


class StopNotStoredError(LedgerError):
    """The relay was told to switch off; the ledger could not store the order's end.

    It is tried again for as long as the bay is at work.
    """


class StartFailedError(Exception):
    """The order does not run; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason
