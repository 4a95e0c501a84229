"""What money that came by a printed QR code buys.

Such a payment names no order of ours: the order is made when the payment is credited,
in the same transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from .domain.amounts import Limits, Unsold, buy
from .domain.bay import BayConfig
from .domain.ids import new_order_id, new_watch_code
from .domain.notices import Notice, PaymentFact, QrFact
from .domain.orders import Order, OrderState
from .domain.plans import MAX_DURATION_S, Plan
from .domain.qr_codes import QrCode, QrMode, QrTag
from .ledger import orders, qr_codes

NO_PLAN = "qr"
"""The plan code and name of an order whose money bought nothing."""
NO_PLAN_NAME = "Printed QR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An order made for a payment; `refusal` says why its money goes back, if so."""

    order: Order
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    code: str = NO_PLAN
    name: str = NO_PLAN_NAME
    owed_ms: int = 0
    energy_wh: int | None = None
    refusal: str | None = None


class QrSales:
    """Sells what one site's printed QR codes promise."""

    def __init__(
        self,
        site_id: str,
        bays: Mapping[str, BayConfig],
        plans: Mapping[str, Plan],
        *,
        test_mode: bool,
        max_ms: Callable[[str], int | None] = lambda _bay_id: None,
    ) -> None:
        """`plans` are the site's by code, `bays` the rules of each bay.

        `max_ms` returns the longest session that a bay's device takes, if known.
        """
        self._site_id = site_id
        self._bays = bays
        self._plans = plans
        self._test_mode = test_mode
        self._max_ms = max_ms

    def sell(
        self, connection: Connection, notice: Notice, fact: PaymentFact, now_ms: int
    ) -> Sale | None:
        """Make the order for a payment on a printed QR code; None if not of ours.

        Money on a code that was retired, that the ledger does not know or that buys
        nothing here makes an order too: one that will never start.
        """
        tag = (notice.qr and notice.qr.tag) or fact.qr
        qr = self._find(connection, notice.qr, tag)
        if qr is not None:
            terms = self._terms(qr, fact)
            order = self._order(qr.bay_id, terms, fact, now_ms, qr=qr)
        elif tag is not None and tag.site_id == self._site_id:
            # Made by us, and the ledger does not know it: an old backup was restored.
            terms = _Terms(refusal="qr_unknown")
            order = self._order(tag.bay_id or "", terms, fact, now_ms)
        else:
            return None
        orders.add(connection, order)
        return Sale(order=order, refusal=terms.refusal)

    def note(self, connection: Connection, fact: QrFact, now_ms: int) -> None:
        """Store what the provider says of a code itself."""
        qr = self._find(connection, fact, fact.tag)
        if qr is None:
            return
        qr_codes.made(connection, qr.key, fact)
        if not fact.active:
            qr_codes.closed(connection, qr.key, now_ms)

    def _find(
        self, connection: Connection, fact: QrFact | None, tag: QrTag | None
    ) -> QrCode | None:
        """Find a code of ours by the provider's id, else by the key in its notes.

        One that a removed site left on the wall is everybody's of the same account.
        """
        found = qr_codes.find(
            connection,
            provider_id=fact.id if fact else None,
            key=tag.key if tag else None,
        )
        if found is None or (found.site_id != self._site_id and found.in_use):
            return None
        return found

    def _terms(self, qr: QrCode, fact: PaymentFact) -> _Terms:
        """Return what a payment buys: what the sticker says, for a fixed amount."""
        bay = self._bays.get(qr.bay_id)
        refusal = _refusal(qr, bay, fact)
        if refusal is not None or bay is None:
            return _Terms(refusal=refusal)
        if qr.mode is QrMode.FIXED:
            name = qr.plan_name or NO_PLAN_NAME
            code, owed_ms = qr.plan_code or NO_PLAN, qr.owed_ms or 0
            if owed_ms > self._longest_ms(bay):
                return _Terms(refusal="too_long")
            return _Terms(code=code, name=name, owed_ms=owed_ms, energy_wh=qr.energy_wh)
        return self._open_terms(bay, fact)

    def _longest_ms(self, bay: BayConfig) -> int:
        """Return what may be sold at a bay at once."""
        device_ms = self._max_ms(bay.id)
        most_ms = MAX_DURATION_S * 1000
        return most_ms if device_ms is None else min(most_ms, device_ms)

    def _open_terms(self, bay: BayConfig, fact: PaymentFact) -> _Terms:
        offered = [self._plans[c] for c in bay.plan_codes if c in self._plans]
        limits = Limits(
            least_minor=bay.min_amount_minor,
            most_minor=bay.max_amount_minor,
            max_ms=self._longest_ms(bay),
        )
        bought = buy(fact.amount, offered, bay.odd_amount, limits)
        if isinstance(bought, Unsold):
            return _Terms(refusal=bought.reason)
        plan = bought.plan
        return _Terms(
            code=plan.code,
            name=plan.name,
            owed_ms=bought.owed_ms,
            energy_wh=bought.energy_wh,
        )

    def _order(
        self,
        bay_id: str,
        terms: _Terms,
        fact: PaymentFact,
        now_ms: int,
        *,
        qr: QrCode | None = None,
    ) -> Order:
        bay, known_as = self._bays.get(bay_id), qr.bay_name if qr else ""
        return Order(
            id=new_order_id(),
            site_id=self._site_id,
            bay_id=bay_id,
            bay_name=bay.name if bay else known_as,
            test_mode=self._test_mode,
            plan_code=terms.code,
            plan_name=terms.name,
            price=fact.amount,
            owed_ms=terms.owed_ms,
            energy_wh=terms.energy_wh,
            state=OrderState.CREATED,
            watch_code=new_watch_code(),
            created_ms=now_ms,
            offer_ends_ms=now_ms,
            qr_key=qr.key if qr else None,
        )


def _refusal(qr: QrCode, bay: BayConfig | None, fact: PaymentFact) -> str | None:
    """Say why money on a code cannot be served whatever it would buy, if so."""
    if not qr.in_use:
        return "qr_retired"
    if bay is None:
        return "bay_gone"
    if qr.price is None or qr.price == fact.amount:
        return None
    if qr.price.currency != fact.amount.currency:
        return "other_currency"
    return "amount_differs"
