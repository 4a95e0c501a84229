"""The snapshot that screens are painted from: plain values, made of plain values.

Nothing here asks anybody anything. It holds no customer's data: no reference of a
payment, none of a bank, no watch code.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..bay import Face
from ..domain.bay import BayConfig, BayStatus
from ..domain.orders import Order, OrderState
from ..domain.plans import Plan
from ..domain.sums import Sums
from ..ledger.live_orders import LiveOrder
from ..open_items.kinds import ISSUE_CASH_BACK
from ..order_json import iso

type Json = dict[str, Any]

_PERIODS = ("today", "week", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class BayFacts:
    """A bay as it is now. `entities` are entity ids by what they do, None if absent."""

    config: BayConfig
    face: Face
    device_id: str | None
    area: str | None
    name: str
    driver: str
    ends_by_itself: bool
    problem: str | None
    plans: Sequence[Plan]
    page_url: str | None
    power_w: float | None
    plugged: bool | None
    entities: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the ledger says of a site: what it owes now, and sums by bay.

    The sums are keyed `today`, `week`, `month`, then by bay id; removed bays count.
    """

    live: Sequence[LiveOrder]
    sums: Mapping[str, Mapping[str, Sums]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """A site as it is now; `items` are what its owner must settle."""

    entry_id: str
    device_id: str | None
    name: str
    test_mode: bool
    is_open: bool
    currency: str
    provider_reachable: bool | None
    webhook_ms: int | None
    merchant_name: str | None
    items: Sequence[Json]
    entities: Mapping[str, str | None]
    bays: Sequence[BayFacts]
    books: Books

    @property
    def is_torn(self) -> bool:
        """Return whether a bay still shows an order that the ledger has ended."""
        live = {each.order.id for each in self.books.live}
        shown = (bay.face.order_id for bay in self.bays)
        return any(order_id and order_id not in live for order_id in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """What a user may do: bays are named by id; None is every bay, removed ones too."""

    admin: bool
    sees: Collection[str] | None = None
    controls: Collection[str] | None = None

    def may_see(self, bay_id: str) -> bool:
        """Return whether this bay is shown."""
        return self.sees is None or bay_id in self.sees

    def may_control(self, bay_id: str) -> bool:
        """Return whether this bay's buttons will work."""
        return self.controls is None or bay_id in self.controls


def snapshot(
    sites: Iterable[SiteFacts], unavailable: Sequence[Json], viewer: Viewer
) -> Json:
    """Return all that this user may see, but for the time."""
    shown = [
        site
        for site in sites
        if viewer.sees is None or any(viewer.may_see(b.config.id) for b in site.bays)
    ]
    return {
        "can": {"admin": viewer.admin},
        "sites": [_site(site, viewer) for site in shown],
        "unavailable": list(unavailable) if viewer.sees is None else [],
    }


def sums_json(sums: Sums) -> Json:
    """Return sums in seconds and watt-hours."""
    return {
        "revenue": sums.revenue,
        "cash": sums.cash,
        "refunded": sums.refunded,
        "cash_back": sums.cash_back,
        "test_revenue": sums.test_revenue,
        "sessions": sums.sessions,
        "seconds": sums.delivered_ms // 1000,
        "energy_wh": sums.delivered_mwh / 1000,
    }


def _site(site: SiteFacts, viewer: Viewer) -> Json:
    return {
        "entry_id": site.entry_id,
        "device_id": site.device_id,
        "name": site.name,
        "test_mode": site.test_mode,
        "open": site.is_open,
        "currency": site.currency,
        "provider_reachable": site.provider_reachable,
        "last_webhook_at": iso(site.webhook_ms),
        "merchant_name": site.merchant_name,
        **{period: _total(site, period, viewer) for period in _PERIODS},
        "items": [item for item in site.items if _concerns(item, site, viewer)],
        "entities": dict(site.entities),
        "bays": [
            _bay(bay, site.books, viewer)
            for bay in site.bays
            if viewer.may_see(bay.config.id)
        ],
    }


def _concerns(item: Json, site: SiteFacts, viewer: Viewer) -> bool:
    """Return whether a user can settle an item: of cash also those who took it."""
    if viewer.admin:
        return True
    controls = {b.config.id for b in site.bays if viewer.may_control(b.config.id)}
    return item["kind"] == ISSUE_CASH_BACK and item["bay_id"] in controls


def _total(site: SiteFacts, period: str, viewer: Viewer) -> Json:
    by_bay = site.books.sums[period].items()
    return sums_json(Sums.of(s for bay_id, s in by_bay if viewer.may_see(bay_id)))


def _bay(bay: BayFacts, books: Books, viewer: Viewer) -> Json:
    face, bay_id = bay.face, bay.config.id
    own = [live for live in books.live if live.order.bay_id == bay_id]
    current = next((live for live in own if live.order.id == face.order_id), None)
    return {
        "bay_id": bay_id,
        "slug": None,
        "device_id": bay.device_id,
        "area": bay.area,
        "name": bay.name,
        "status": face.status.value,
        "problem": face.fault or bay.problem,
        "in_service": face.in_service,
        "driver": bay.driver,
        "ends_by_itself": bay.ends_by_itself,
        "last_seen_at": None,
        "order": _running(current, face) if current else None,
        "queue": [
            _queued(live.order)
            for live in own
            if live is not current and live.order.state is OrderState.PAID
        ],
        "today": sums_json(books.sums["today"].get(bay_id, Sums())),
        "power_w": bay.power_w,
        "plugged": bay.plugged,
        "plans": [_plan(plan) for plan in bay.plans],
        "page_url": bay.page_url,
        "free_from_switch": False,
        "can_control": viewer.may_control(bay_id),
        "entities": dict(bay.entities),
    }


def _running(live: LiveOrder, face: Face) -> Json:
    order = live.order
    paused = face.status is BayStatus.PAUSED
    return {
        **_order(order),
        "state": order.state.value,
        "started_at": iso(live.started_ms),
        "ends_at": iso(face.order_ends_ms),
        "session_ends_at": iso(face.ends_ms),
        "remaining_s": order.left_ms / 1000 if paused else None,
    }


def _queued(order: Order) -> Json:
    return {
        **_order(order),
        "paid_at": iso(order.paid_ms),
        "start_by": iso(order.start_by_ms),
    }


def _order(order: Order) -> Json:
    return {
        "order_id": order.id,
        "plan": order.plan_code,
        "plan_name": order.plan_name,
        "amount": order.price.minor,
        "paid_by": order.paid_by.value,
        "seconds": order.owed_ms / 1000,
    }


def _plan(plan: Plan) -> Json:
    return {
        "code": plan.code,
        "name": plan.name,
        "amount": plan.price.minor,
        "seconds": plan.duration_s,
        "energy_wh": plan.energy_wh,
    }
