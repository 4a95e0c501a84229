"""Offers: an order and the link to pay it, made only where the bay can serve."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from .bay import Bay
from .domain.bay import BayConfig, BayStatus
from .domain.board import Board, PlanOnOffer
from .domain.clock import Clock
from .domain.hours import day_began_ms, local_time
from .domain.orders import ClaimedBy, Order, OrderStep
from .domain.plans import Plan
from .domain.rules import Load, refusal
from .drafts import draft_order, link_request
from .ledger import Ledger, bays, cash, marks, orders, references, sessions
from .open_sign import CLOSED
from .providers.base import (
    PaymentProvider,
    ProviderError,
    ProviderUnavailableError,
)

MAX_OPEN_OFFERS = 5
"""Unpaid links a bay may have at a time: more only tie it up."""
_SERVING = frozenset(
    {
        BayStatus.AVAILABLE,
        BayStatus.RESERVED,
        BayStatus.STARTING,
        BayStatus.CHARGING,
    }
)
AS_STATUS = {"busy": "bay_charging", "out_of_service": "bay_out_of_service"}


class OfferRefusedError(Exception):
    """The bay cannot serve this now; no money was asked for.

    `reason`: `site_closed`, `plan_not_offered`, `plan_needs_meter`, `plan_too_long`,
    `too_many_offers`, `queue_full`, `closed`, `daily_cap`, or `bay_` and the bay's
    status.
    """

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    load: Load
    open_offers: int


class Offers:
    """Makes orders for one site."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        plans: Mapping[str, Plan],
        *,
        is_open: Callable[[], bool] = lambda: True,
        return_url: Callable[[Order], str | None] = lambda _order: None,
    ) -> None:
        """`plans` are the site's, by code; nothing is sold unless it `is_open`.

        `return_url` is where the provider sends an order's browser after paying.
        """
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._plans = plans
        self._is_open = is_open
        self._return_url = return_url

    async def make(
        self,
        bay: Bay,
        plan_code: str,
        *,
        by_user: str | None = None,
        reference: str | None = None,
    ) -> Order:
        """Create an order with a link to pay it; a free one is owed at once.

        `by_user` is the id of whoever sells it, if not the customer alone. `reference`
        is what its customer wrote on it; it goes nowhere but to the ledger. Raise
        OfferRefusedError, ProviderError or LedgerError.
        """
        plan = await self.check(bay, plan_code)
        order = replace(self.draft(bay, plan), by_user=by_user)
        if plan.free:
            return await self.grant(bay, order, reference=reference)
        await self._ledger.run(lambda c: _add(c, order, reference))
        return await self._link(bay, order)

    async def check(self, bay: Bay, plan_code: str, *, own_offers: int = 0) -> Plan:
        """Return a plan that is sold now; raise OfferRefusedError or LedgerError.

        `own_offers` of the bay's unpaid links are the asker's own, and no reason.
        """
        await bay.settle()
        plan, look = self._plans.get(plan_code), await self._look(bay)
        others = replace(look, open_offers=look.open_offers - own_offers)
        why_not = self._why_not(bay, plan, others)
        if plan is None or why_not is not None:
            raise OfferRefusedError(why_not or "plan_not_offered")
        return plan

    async def board(self, bay: Bay) -> Board:
        """Return what a bay would sell now, as it stands; raise LedgerError."""
        found = (self._plans.get(code) for code in bay.config.plan_codes)
        look = await self._look(bay)
        offered = [
            PlanOnOffer(plan=plan, refusal=self._why_not(bay, plan, look))
            for plan in found
            if plan is not None
        ]
        return Board(
            plans=tuple(offered),
            is_open=self._is_open(),
            busy=look.load.busy,
            ahead_ms=look.load.ahead_ms,
        )

    async def _look(self, bay: Bay) -> _Look:
        now_ms, zone, bay_id = self._clock.now_ms(), self._clock.zone(), bay.config.id
        began_ms = day_began_ms(now_ms, zone)

        def read(connection: Connection) -> _Look:
            offered = sessions.desk(connection, bay_id).offered
            return _Look(
                load=bays.load(connection, bay_id, now_ms, began_ms),
                open_offers=sum(o.offer_ends_ms > now_ms for o in offered),
            )

        return await self._ledger.run(read)

    def _why_not(self, bay: Bay, plan: Plan | None, look: _Look) -> str | None:
        """Say why a plan is not sold at a bay now, if so."""
        if not self._is_open():
            return "site_closed"
        if plan is None or plan.code not in bay.config.plan_codes:
            return "plan_not_offered"
        if plan.energy_wh is not None and not bay.config.metered:
            return "plan_needs_meter"
        if bay.face.status not in _SERVING:
            return f"bay_{bay.face.status}"
        return self._by_rules(bay, plan, look.load) or _too_much(bay, plan, look)

    def _by_rules(self, bay: Bay, plan: Plan, load: Load) -> str | None:
        now_ms = self._clock.now_ms()
        why_not = self._by_load(bay.config, load, plan.owed_ms, now_ms)
        return AS_STATUS.get(why_not, why_not) if why_not else None

    def _refusal(
        self, connection: Connection, config: BayConfig, owed_ms: int, now_ms: int
    ) -> str | None:
        """Say why the bay's rules do not take another order now, if so."""
        began_ms = day_began_ms(now_ms, self._clock.zone())
        load = bays.load(connection, config.id, now_ms, began_ms)
        return self._by_load(config, load, owed_ms, now_ms)

    def _by_load(
        self, config: BayConfig, load: Load, owed_ms: int, now_ms: int
    ) -> str | None:
        starts = local_time(now_ms + load.ahead_ms, self._clock.zone())
        return refusal(config, load, owed_ms=owed_ms, starts=starts)

    def draft(self, bay: Bay, plan: Plan) -> Order:
        """Return an order as it would be; nothing is stored."""
        provider = self._provider
        return draft_order(
            self._site_id,
            bay.config,
            plan,
            test_mode=provider.test_mode,
            now_ms=self._clock.now_ms(),
            open_s=provider.min_link_life_s,
        )

    async def grant(
        self,
        bay: Bay,
        order: Order,
        also: Callable[[Connection], str | None] = lambda _connection: None,
        *,
        reference: str | None = None,
    ) -> Order:
        """Store an order that no provider is paid for, and owe its time at once.

        The bay's rules, and `also`, are asked again in that same transaction: what is
        granted at the same moment must not get past them together. What does not start
        now is given up: whoever was told so does not expect it later. Raise
        OfferRefusedError, StartFailedError or LedgerError.
        """
        now_ms, config = self._clock.now_ms(), bay.config

        def grant(connection: Connection) -> str | None:
            _add(connection, order, reference)
            why_not = self._refusal(connection, config, order.owed_ms, now_ms)
            why_not = why_not or also(connection)
            if marks.get(connection, self._site_id, CLOSED) is not None:
                why_not = "site_closed"
            if why_not is not None:
                orders.step(
                    connection, order.id, OrderStep.CANCEL, now_ms, reason=why_not
                )
                return why_not
            orders.step(
                connection,
                order.id,
                OrderStep.CREDIT,
                now_ms,
                paid_ms=now_ms,
                start_by_ms=now_ms + config.start_window_s * 1000,
                claimed_by=ClaimedBy.ACTION,
            )
            cash.sold(connection, order, now_ms)
            return None

        if why_not := await self._ledger.run(grant):
            raise OfferRefusedError(AS_STATUS.get(why_not, why_not))
        return await bay.now_or_never(order.id)

    async def _link(self, bay: Bay, order: Order) -> Order:
        """Ask for the link; if that fails for good, the order is off.

        Without an answer the order stays: the link may exist, and be paid.
        """
        request = link_request(order, self._return_url(order))
        try:
            link = await self._provider.create_link(request)
        except ProviderUnavailableError:
            raise
        except ProviderError:
            await self._cancel(order)
            raise
        finally:
            bay.poke()

        now_ms = self._clock.now_ms()

        def store(connection: Connection) -> Order:
            orders.link(
                connection,
                order.id,
                link_id=link.id,
                link_url=link.url,
                at_ms=now_ms,
            )
            return orders.get(connection, order.id)

        return await self._ledger.run(store)

    async def _cancel(self, order: Order) -> None:
        now_ms = self._clock.now_ms()
        await self._ledger.run(
            lambda c: orders.step(
                c, order.id, OrderStep.CANCEL, now_ms, reason="link_refused"
            )
        )


def _add(connection: Connection, order: Order, reference: str | None) -> None:
    orders.add(connection, order)
    if reference is not None:
        at_ms = order.created_ms
        references.put(connection, order.id, order.site_id, reference, at_ms)


def _too_much(bay: Bay, plan: Plan, look: _Look) -> str | None:
    """Say why a plan that the rules allow is too much all the same, if so."""
    if look.open_offers >= MAX_OPEN_OFFERS:
        return "too_many_offers"
    too_long = bay.max_ms is not None and plan.owed_ms > bay.max_ms
    return "plan_too_long" if too_long else None
