"""Orders: what was promised, and the only ways an order may move."""

from dataclasses import dataclass
from enum import StrEnum

from .meter import MWH_PER_WH
from .money import Money


class OrderState(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    PAID = "paid"
    CHARGING = "charging"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    UNDELIVERED = "undelivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OrderStep(StrEnum):
    """What happens to an order."""

    CREDIT = "credit"
    CREDIT_LATE = "credit_late"
    CANCEL = "cancel"
    EXPIRE = "expire"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    STOP = "stop"
    GIVE_UP = "give_up"
    SERVE = "serve"
    """The owner has an order that ended with time owed served after all."""


type OrderTable = dict[tuple[OrderState, OrderStep], OrderState]

_S, _E = OrderState, OrderStep
TRANSITIONS: OrderTable = {
    # The offer may end and money still come: late authorisation, lost cancel race.
    **{(s, _E.CREDIT): _S.PAID for s in (_S.CREATED, _S.CANCELLED, _S.EXPIRED)},
    **{
        (s, _E.CREDIT_LATE): _S.UNDELIVERED
        for s in (_S.CREATED, _S.CANCELLED, _S.EXPIRED)
    },
    (_S.CREATED, _E.CANCEL): _S.CANCELLED,
    (_S.CREATED, _E.EXPIRE): _S.EXPIRED,
    (_S.PAID, _E.START): _S.CHARGING,
    (_S.PAID, _E.GIVE_UP): _S.UNDELIVERED,
    (_S.CHARGING, _E.PAUSE): _S.PAUSED,
    (_S.PAUSED, _E.RESUME): _S.CHARGING,
    (_S.CHARGING, _E.COMPLETE): _S.COMPLETED,
    (_S.PAUSED, _E.COMPLETE): _S.COMPLETED,
    (_S.CHARGING, _E.STOP): _S.STOPPED,
    (_S.PAUSED, _E.STOP): _S.STOPPED,
    # What was delivered stays so; only what is left waits again, in place of a refund.
    (_S.UNDELIVERED, _E.SERVE): _S.PAID,
    (_S.STOPPED, _E.SERVE): _S.PAID,
}

ENDED = frozenset({_S.COMPLETED, _S.STOPPED, _S.UNDELIVERED, _S.CANCELLED, _S.EXPIRED})
OFFERED = frozenset({_S.CREATED, _S.CANCELLED, _S.EXPIRED})
"""States in which no money has been credited yet."""
RUNNING = frozenset({_S.CHARGING, _S.PAUSED})


class IllegalStepError(RuntimeError):
    """A step that the state table does not know; nothing was changed."""

    def __init__(self, state: OrderState, step: OrderStep) -> None:
        """Say which step failed from where."""
        super().__init__(f"an order that is {state} cannot {step}")
        self.state = state
        self.step = step


def advance(state: OrderState, step: OrderStep) -> OrderState:
    """Return the state after `step`; raise IllegalStepError if there is none."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise IllegalStepError(state, step) from None


class ClaimedBy(StrEnum):
    """Who decided that a paid order starts now (or never)."""

    DIRECT = "direct"
    SWITCH = "switch"
    RELAY = "relay"
    ACTION = "action"
    FALLBACK = "fallback"
    QUEUE = "queue"
    REFUSED = "refused"


class PaidBy(StrEnum):
    """How an order is paid for."""

    ONLINE = "online"
    """Through the provider."""
    CASH = "cash"
    """Into an attendant's hand; the provider knows nothing of it."""
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One purchase for one bay, as the ledger has it.

    Times are Unix milliseconds; `owed_ms` is what was promised, `ran_ms` what
    closed deliveries have given so far. `id` is the provider's `reference_id`,
    `bay_name` what the bay was called then, `test_mode` whether no real money moves,
    `energy_wh` what it may take at most, `ran_mwh` the milliwatt-hours that closed
    deliveries have given, `qr_key` the printed QR code that was paid, if it was one.
    `session_id` is the first order of the session this one queues in, and
    `stop_reason` says that somebody asked for the order's end. `by_user` is the id of
    the Home Assistant user who sold it or gave it away, `note` that person's words.
    `cash_back_minor` is what has to be given back of the cash, which was done at
    `cash_back_ms` by the user `cash_back_by`; `stopped_by` stopped it at `stopped_ms`.
    """

    id: str
    site_id: str
    bay_id: str
    plan_code: str
    plan_name: str
    price: Money
    owed_ms: int
    state: OrderState
    watch_code: str
    created_ms: int
    offer_ends_ms: int
    bay_name: str = ""
    test_mode: bool = False
    link_id: str | None = None
    link_url: str | None = None
    paid_ms: int | None = None
    start_by_ms: int | None = None
    claim_by_ms: int | None = None
    claimed_by: ClaimedBy | None = None
    reason: str | None = None
    session_id: str | None = None
    stop_reason: str | None = None
    ran_ms: int = 0
    qr_key: str | None = None
    energy_wh: int | None = None
    ran_mwh: int = 0
    paid_by: PaidBy = PaidBy.ONLINE
    by_user: str | None = None
    note: str | None = None
    cash_back_minor: int = 0
    cash_back_ms: int | None = None
    cash_back_by: str | None = None
    stopped_by: str | None = None
    stopped_ms: int | None = None

    @property
    def owes_cash(self) -> bool:
        """Whether cash is still to be given back by hand."""
        return self.cash_back_minor > 0 and self.cash_back_ms is None

    @property
    def energy_left_mwh(self) -> int | None:
        """What closed deliveries left of its energy; None if it has no limit."""
        if self.energy_wh is None:
            return None
        return max(0, self.energy_wh * MWH_PER_WH - self.ran_mwh)

    @property
    def left_ms(self) -> int:
        """What is still owed, in milliseconds."""
        return max(0, self.owed_ms - self.ran_ms)
