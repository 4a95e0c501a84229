"""Webhook endpoints, as an owner sets them up in the dashboard, and the log."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
import random

from .errors import Json
from .events import Event
from .faults import SignatureMode, WebhookFaults
from .signing import sign

FIRST_RETRY_S = 60.0
GIVE_UP_S = 24 * 3600.0


@dataclass(kw_only=True)
class Endpoint:
    """One webhook. Without a secret nothing is signed; no `events` means all."""

    url: str
    secret: str | None
    old_secret: str | None = None
    events: Collection[str] | None = None
    enabled: bool = True

    def rotate(self, secret: str) -> None:
        """Change the secret; retries of older events keep the old one."""
        self.old_secret, self.secret = self.secret, secret

    def wants(self, event: Event) -> bool:
        """Tell whether this event is sent here."""
        return self.enabled and (self.events is None or event.name in self.events)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint, signed as it was when it happened."""

    event: Event
    endpoint: Endpoint
    secret: str | None
    old_secret: str | None

    def body(self, mode: SignatureMode) -> bytes:
        """Return the bytes that arrive."""
        return self.event.body + b" " if mode == "tampered" else self.event.body

    def headers(self, mode: SignatureMode) -> dict[str, str]:
        """Return the headers Razorpay sends along."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Razorpay-Webhook/v1",
            "x-razorpay-event-id": self.event.id,
        }
        if self.secret and (signature := self._signature(self.secret, mode)):
            headers["X-Razorpay-Signature"] = signature
        return headers

    def _signature(self, secret: str, mode: SignatureMode) -> str | None:
        match mode:
            case "none":
                return None
            case "garbled":
                return "not-a-signature-\u00e9"
            case "old":
                return (
                    sign(self.old_secret, self.event.body) if self.old_secret else None
                )
            case "wrong":
                return sign("wrong secret", self.event.body)
            case "good" | "tampered":
                return sign(secret, self.event.body)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to deliver, for the log. `status` is None when nothing answered.

    `took_ms` is real time, whatever the emulated clock does.
    """

    event_id: str
    event: str
    url: str
    number: int
    at: int
    status: int | None
    error: str
    signature: SignatureMode
    took_ms: int

    @property
    def accepted(self) -> bool:
        """Tell whether the receiver acknowledged: any 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    def as_json(self) -> Json:
        """Return the log line."""
        return asdict(self) | {"accepted": self.accepted}


def retry_waits() -> Iterator[float]:
    """Yield waits in seconds: a minute, doubling, the last one ending at 24 h."""
    wait, age = FIRST_RETRY_S, 0.0
    while age < GIVE_UP_S:
        wait = min(wait, GIVE_UP_S - age)
        yield wait
        age += wait
        wait *= 2


def arrange(
    events: Sequence[Event], faults: WebhookFaults, rng: random.Random
) -> list[Event]:
    """Return what leaves the house: dropped, copied and shuffled as told."""
    kept = [
        event
        for event in events
        if not _named(event, faults.drop)
        and (faults.only is None or _named(event, faults.only))
        and not (faults.drop_chance and rng.random() < faults.drop_chance)
    ]
    kept = [event for event in kept for _ in range(1 + faults.duplicates)]
    return rng.sample(kept, len(kept)) if faults.shuffle else kept


def _named(event: Event, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(event.name, pattern) for pattern in patterns)
