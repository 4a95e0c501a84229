"""What one look at the provider brought."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Counts. `unanswered` is how many questions will be asked again later.

    `links` and `payments` were looked at, `credited` payments were new to us,
    `refunded` refunds were made elsewhere or ended without our being told.
    """

    links: int = 0
    payments: int = 0
    credited: int = 0
    refunded: int = 0
    unanswered: int = 0
