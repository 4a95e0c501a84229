"""Whether a bay takes another order: asked before an offer, and when money arrives."""

from dataclasses import dataclass
from datetime import datetime

from .bay import BayConfig, BusyPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a bay has to do. Milliseconds.

    `busy` is whether somebody has it or waits for it with a paid order; `queued_ms`
    what those who wait are owed, `ahead_ms` with what the running order has left;
    `served_ms` what was served since local midnight, with what is promised.
    """

    in_service: bool = True
    busy: bool = False
    queued_ms: int = 0
    ahead_ms: int = 0
    served_ms: int = 0


def refusal(
    config: BayConfig, load: Load, *, owed_ms: int, starts: datetime
) -> str | None:
    """Say why a bay does not take an order of `owed_ms`; None if it does.

    `starts` is when it would start, in the owner's time zone. The answer is
    `out_of_service`, `closed`, `busy`, `queue_full` or `daily_cap`.
    """
    if not load.in_service:
        return "out_of_service"
    if config.hours is not None and not config.hours.are_open(starts):
        return "closed"
    if load.busy and config.busy is BusyPolicy.REFUND:
        return "busy"
    if load.busy and load.queued_ms + owed_ms > config.max_queue_s * 1000:
        return "queue_full"
    if (
        config.daily_cap_min
        and load.served_ms + owed_ms > config.daily_cap_min * 60_000
    ):
        return "daily_cap"
    return None
