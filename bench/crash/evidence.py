"""What three independent books say after a soak. Pure values, JSON in and out.

The ledger's rows are kept as they are; the emulator's payments and refunds and the
pins' trace come from programs that know nothing of the ledger. Times of the ledger are
Unix milliseconds, all others Unix seconds.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
import json
from typing import Any, Self

type Row = dict[str, Any]
type Span = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class BayFacts:
    """One bay; `keeps_time`: its relay ends a session by its own clock."""

    id: str
    pin: int
    keeps_time: bool


@dataclass(frozen=True, kw_only=True)
class On:
    """A pin being high; without `end_s` it still was at the end."""

    pin: int
    start_s: float
    end_s: float | None

    @property
    def span(self) -> Span:
        """Return when it was, for ever if it never ended."""
        return self.start_s, float("inf") if self.end_s is None else self.end_s


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One SIGKILL: who died, when, and when it could do its work again."""

    part: str
    at_s: float
    over_s: float


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A payment the emulator captured, for the order named on its link."""

    id: str
    order_id: str
    amount_minor: int
    refunded_minor: int
    captured_s: float


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A refund in the emulator's books."""

    id: str
    payment_id: str
    amount_minor: int
    status: str


@dataclass(kw_only=True)
class Evidence:
    """Everything a judgement needs; `plans_ms` is what each plan promises."""

    seed: str
    bays: list[BayFacts]
    plans_ms: dict[str, int]
    orders: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    timeline: list[Row] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    ons: list[On] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    blind: list[Span] = field(default_factory=list)

    def bay(self, bay_id: str) -> BayFacts:
        """Return a bay; raise KeyError."""
        return {bay.id: bay for bay in self.bays}[bay_id]

    def of(self, rows: Iterable[Row], order_id: str) -> list[Row]:
        """Return an order's rows."""
        return [row for row in rows if row["order_id"] == order_id]

    def to_json(self) -> str:
        """Return all of it as text."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` wrote."""
        values = json.loads(text)
        kinds = {
            "bays": BayFacts,
            "taken": Taken,
            "returned": Returned,
            "ons": On,
            "kills": Kill,
        }
        for name, kind in kinds.items():
            values[name] = [kind(**each) for each in values[name]]
        values["blind"] = [(start_s, end_s) for start_s, end_s in values["blind"]]
        return cls(**values)
