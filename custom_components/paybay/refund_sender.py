"""One refund, one step on: asked for, asked after, or found to be done already."""

from collections.abc import Callable
import logging

from .domain.clock import Clock
from .domain.happenings import Happening, What
from .domain.notices import PaymentFact, RefundFact
from .domain.refunds import ORDER_UNKNOWN, RefundProblem, RefundState
from .ledger import Ledger, orders, refund_news, refund_tries, restored
from .ledger.refunds import Refund
from .providers.base import (
    PaymentProvider,
    ProviderBalanceError,
    ProviderError,
    ProviderRefusedError,
)

_LOGGER = logging.getLogger(__name__)


class RefundSender:
    """Takes single refunds to the provider and its answers to the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        tell: Callable[[Happening], None],
    ) -> None:
        """`tell` hears of refunds that were processed."""
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._tell = tell

    async def advance(self, refund: Refund) -> None:
        """Take one refund a step on; without a usable answer it is tried again."""
        try:
            await self._step(refund)
        except ProviderError as err:
            _LOGGER.info("Refund %s waits for the provider: %s", refund.key, err)
            now_ms = self._clock.now_ms()
            await self._ledger.run(
                lambda c: refund_tries.unanswered(c, refund.key, now_ms)
            )

    async def take_in(self, payment_id: str) -> int:
        """Take in all that happened to a payment elsewhere; return how much it was."""
        _, settled = await self._look_at(payment_id)
        return len(settled)

    async def _step(self, refund: Refund) -> None:
        if await self._is_doubtful(refund):
            await self._compare(refund)
        now_ms = self._clock.now_ms()
        begun = await self._ledger.run(
            lambda c: refund_tries.begin(c, refund.key, now_ms)
        )
        if begun is None:
            await self._make_fit(refund)
        elif begun.provider_id is not None:
            await self._take(await self._provider.fetch_refund(begun.provider_id))
        else:
            await self._send(begun)

    async def _is_doubtful(self, refund: Refund) -> bool:
        """Return whether money may have gone back that this ledger knows nothing of."""
        if refund.state is not RefundState.DUE:
            return False
        return refund.refusals > 0 or await self._ledger.run(
            lambda c: (
                refund.reason == ORDER_UNKNOWN
                or refund_news.has_unknown(c, refund.payment_id)
                or restored.is_payment_before(c, refund.payment_id)
            )
        )

    async def _send(self, refund: Refund) -> None:
        try:
            fact = await self._provider.refund(
                refund.payment_id, refund.amount, refund.next_key
            )
        except ProviderRefusedError as err:
            await self._refused(refund, err)
        else:
            await self._take(fact)

    async def _refused(self, refund: Refund, err: ProviderRefusedError) -> None:
        """Find out what a refusal means: not now, done elsewhere, or never."""
        _LOGGER.warning("A refund was refused: %s", err.description)
        if isinstance(err, ProviderBalanceError):
            await self._postpone(refund, RefundProblem.NO_BALANCE, err.description)
            return
        if await self._compare(refund) < refund.amount.minor:
            await self._postpone(refund, None, None)
            await self._make_fit(refund)
            return
        now_ms, key, answer = self._clock.now_ms(), refund.key, err.description
        await self._ledger.run(lambda c: refund_tries.refused(c, key, answer, now_ms))

    async def _postpone(
        self, refund: Refund, problem: RefundProblem | None, answer: str | None
    ) -> None:
        now_ms, key = self._clock.now_ms(), refund.key
        await self._ledger.run(
            lambda c: refund_tries.postpone(c, key, problem, answer, now_ms)
        )

    async def _compare(self, refund: Refund) -> int:
        """Take in all that happened to a payment elsewhere; return what is left of it.

        A refund of ours that the provider does list is settled by that.
        """
        payment, _ = await self._look_at(refund.payment_id)
        return payment.amount.minor - payment.refunded_minor

    async def _look_at(self, payment_id: str) -> tuple[PaymentFact, list[Refund]]:
        """Take in a payment's refunds; return those processed or failed just now."""
        payment = await self._provider.fetch_payment(payment_id)
        facts = await self._provider.refunds_of(payment_id)
        now_ms = self._clock.now_ms()
        settled = await self._ledger.run(
            lambda c: refund_news.take_all(c, payment, facts, now_ms)
        )
        for each in settled:
            await self._say(each)
        return payment, settled

    async def _make_fit(self, refund: Refund) -> None:
        now_ms = self._clock.now_ms()
        await self._ledger.run(
            lambda c: refund_news.make_fit(c, refund.payment_id, now_ms)
        )

    async def _take(self, fact: RefundFact) -> None:
        now_ms = self._clock.now_ms()
        settled = await self._ledger.run(lambda c: refund_news.take(c, fact, now_ms))
        if settled is not None:
            await self._say(settled)

    async def _say(self, refund: Refund) -> None:
        """Tell of a refund that was processed."""
        if refund.state is not RefundState.PROCESSED:
            return
        order = await self._ledger.run(lambda c: orders.get(c, refund.order_id))
        self._tell(
            Happening(
                what=What.PAYMENT_REFUNDED,
                bay_id=order.bay_id,
                order=order,
                reason=refund.reason,
            )
        )
