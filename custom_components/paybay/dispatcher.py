"""The dispatcher: what was credited goes to its bay, what happens to who listens."""

from collections.abc import Callable, Mapping

from .bay import Bay
from .domain.happenings import Happening, What
from .domain.notices import Notice
from .domain.orders import Order, OrderState
from .domain.refunds import RefundState
from .intake import Taken
from .ledger.payments import Verdict


class Dispatcher:
    """Routes the intake's results. It decides nothing."""

    def __init__(
        self,
        bays: Mapping[str, Bay],
        on_paid: Callable[[Order], None],
        on_unmatched: Callable[[str], None],
    ) -> None:
        """`on_paid` hears of owed orders, `on_unmatched` of strangers' payments."""
        self._bays = bays
        self._on_paid = on_paid
        self._on_unmatched = on_unmatched
        self._listeners: set[Callable[[Happening], None]] = set()
        self._held: list[Happening] | None = []

    def listen(self, on_happening: Callable[[Happening], None]) -> Callable[[], None]:
        """Call back for everything that happens at any bay; return how to stop."""
        self._listeners.add(on_happening)
        return lambda: self._listeners.discard(on_happening)

    def release(self) -> None:
        """Pass on what happened before the listeners were there, and all from now."""
        held, self._held = self._held or [], None
        for happening in held:
            self.tell(happening)

    def tell(self, happening: Happening) -> None:
        """Pass a happening on."""
        if self._held is not None:
            self._held.append(happening)
            return
        for listener in tuple(self._listeners):
            listener(happening)

    def taken(self, notice: Notice, taken: Taken) -> None:
        """Act on what the intake committed."""
        if taken.verdict is Verdict.UNMATCHED and notice.payment is not None:
            self._on_unmatched(notice.payment.id)
        order = taken.order
        if order is None:
            return
        if bay := self._bays.get(order.bay_id):
            bay.poke()
        if taken.verdict is Verdict.CREDITED:
            self._credited(order)
        elif taken.verdict is Verdict.EXTRA:
            self._say(What.PAYMENT_EXTRA, order, "paid_twice")
        if taken.refund and taken.refund.state is RefundState.PROCESSED:
            self._say(What.PAYMENT_REFUNDED, order, taken.refund.reason)

    def _credited(self, order: Order) -> None:
        self._say(What.PAYMENT_RECEIVED, order)
        if order.state is OrderState.PAID:
            self._on_paid(order)
        else:
            self._say(What.ORDER_UNDELIVERED, order, order.reason)

    def _say(self, what: What, order: Order, reason: str | None = None) -> None:
        self.tell(Happening(what=what, bay_id=order.bay_id, order=order, reason=reason))
