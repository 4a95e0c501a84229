"""Payment links: what their notes say of the sale they were made for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTag:
    """What tells a link of ours from other sites' on the same account; no secret.

    It also says what was sold, for a ledger that has lost the order. `order_id` is the
    link's own reference, None where that is not one of ours.
    """

    site_id: str
    bay_id: str
    bay_name: str
    plan_code: str
    plan_name: str
    order_id: str | None = None
