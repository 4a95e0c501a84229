"""The knobs: faults to inject, and choices where Razorpay's behaviour varies."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args, get_type_hints

from .errors import Json

type SignatureMode = Literal["good", "wrong", "old", "none", "garbled", "tampered"]
type QrFeature = Literal["on", "not_found", "server_error"]
type RefundOutcome = Literal["processed", "pending", "failed"]


class ApiFaultKind(StrEnum):
    """What an API call meets instead of an answer, or before it.

    Not carried out: `401`, `429`, `500`, `502` and `504` (HTML), `hang` (silence, then
    the connection is cut), `reset` (cut at once). Carried out: `drop_response` (cut
    instead of an answer), `hang_after` (silence, then cut), `slow` (a late answer).
    """

    UNAUTHORIZED = "401"
    THROTTLED = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    GATEWAY_TIMEOUT = "504"
    HANG = "hang"
    RESET = "reset"
    DROP_RESPONSE = "drop_response"
    HANG_AFTER = "hang_after"
    SLOW = "slow"


@dataclass(kw_only=True)
class ApiFault:
    """Spoil matching API calls: `times` of them, or all when None.

    `path` is a shell pattern over the path, e.g. `/v1/payments/*/refund`.
    """

    kind: ApiFaultKind
    method: str = "*"
    path: str = "*"
    times: int | None = 1

    def __post_init__(self) -> None:
        """Accept the kind as text, which is how JSON brings it."""
        self.kind = ApiFaultKind(self.kind)

    def spoils(self, method: str, path: str) -> bool:
        """Tell whether this fault has a turn left for that call."""
        if self.times is not None and self.times < 1:
            return False
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


@dataclass(kw_only=True)
class WebhookFaults:
    """How the post misbehaves.

    `drop` and `only` are shell patterns of event names, `drop_chance` is from 0 to 1,
    `duplicates` counts extra copies. `delay_s` is emulated seconds; with `jitter_s`
    each event and each copy travels by itself, up to so much later than the others.
    Signatures: `wrong` is by another secret, `old` by the endpoint's previous one,
    `none` is no header, `garbled` no signature at all, `tampered` a good one over a
    body that was changed on the way.
    """

    drop: Collection[str] = ()
    drop_chance: float = 0.0
    only: Collection[str] | None = None
    duplicates: int = 0
    shuffle: bool = False
    delay_s: float = 0.0
    jitter_s: float = 0.0
    signature: SignatureMode = "good"


@dataclass(kw_only=True)
class Faults:
    """All faults; a fresh one injects none.

    `refund_outcome` `pending` waits for `settle_refund`; `failed` answers pending
    and fails right after. `refund_slow_s` is real seconds before a refund is booked,
    during which its idempotency key is in progress. `hang_s` and `slow_s` are
    real seconds of the API faults of these names.
    `qr_feature` is how an account without QR codes answers: `not_found` to every
    call, `server_error` to create.
    """

    api: list[ApiFault] = field(default_factory=list)
    webhook: WebhookFaults = field(default_factory=WebhookFaults)
    pay_before_cancel: bool = False
    silent_expiry: bool = False
    refund_no_balance: bool = False
    refund_no_balance_old_text: bool = False
    refund_outcome: RefundOutcome = "processed"
    refund_slow_s: float = 0.0
    hang_s: float = 60.0
    slow_s: float = 8.0
    qr_feature: QrFeature = "on"

    def spoil(
        self,
        kind: ApiFaultKind | str,
        *,
        method: str = "*",
        path: str = "*",
        times: int | None = 1,
    ) -> ApiFault:
        """Add an API fault for the next matching calls."""
        fault = ApiFault(kind=ApiFaultKind(kind), method=method, path=path, times=times)
        self.api.append(fault)
        return fault

    def take(self, method: str, path: str) -> ApiFaultKind | None:
        """Use up one turn of the first fault that matches this call."""
        fault = next((f for f in self.api if f.spoils(method, path)), None)
        if fault is None:
            return None
        if fault.times is not None:
            fault.times -= 1
        return fault.kind

    def reset(self) -> None:
        """Stop injecting anything."""
        self.__dict__.update(Faults().__dict__)

    def update(self, changes: Json) -> None:
        """Set the knobs named in `changes`; `api` replaces the list.

        Raises ValueError for an unknown knob.
        """
        if "api" in changes:
            changes |= {"api": [ApiFault(**fault) for fault in changes["api"]]}
        webhook = changes.pop("webhook", {})
        for name in ("drop", "only"):
            if isinstance(names := webhook.get(name), str):
                webhook[name] = names.split(",") if names else _NO_NAMES[name]
        set_knobs(self.webhook, webhook)
        set_knobs(self, changes)

    def as_json(self) -> Json:
        """Return every knob with its value, webhook names as lists."""
        return asdict(self)


_NO_NAMES: dict[str, list[str] | None] = {"drop": [], "only": None}


@dataclass(kw_only=True)
class Quirks:
    """Choices where Razorpay's samples disagree or its behaviour is unknown.

    `closed_link_payment` says what a payment that succeeds after its link was
    cancelled or expired does. Between `expiry_lag_s` and `expiry_lag_most_s` after
    `expire_by` the status turns (samples: 11 s and 24 s). `list_lag_s` keeps what is
    younger out of the lists of links and payments. `remember_failed_refunds` makes a
    refused refund use up its idempotency key. `closed_qr_payment` says what a payment
    that succeeds on a closed QR code does, `multiple_use_closes` whether the API closes
    a QR code for many payments, `copy_qr_notes` whether its payments carry its notes,
    `qr_counters_lag` whether `qr_code.credited` shows the counters of before;
    `qr_image_content` is the feature of that name.
    """

    copy_link_notes: bool = False
    bare_order_id: bool = True
    shuffle_keys: bool = True
    closed_link_payment: Literal["capture", "refund", "fail"] = "capture"
    expiry_lag_s: int = 11
    expiry_lag_most_s: int = 24
    list_lag_s: int = 0
    remember_failed_refunds: bool = False
    max_amount: int = 50_000_000
    closed_qr_payment: Literal["capture", "refund", "fail"] = "refund"
    multiple_use_closes: bool = True
    copy_qr_notes: bool = True
    qr_counters_lag: bool = True
    qr_image_content: bool = False


def set_knobs(knobs: Any, changes: Json) -> None:
    """Set fields of a dataclass by name.

    Raises ValueError for an unknown name, or a value the knob cannot have; then
    nothing is set.
    """
    known = {knob.name for knob in fields(knobs)}
    if unknown := changes.keys() - known:
        msg = f"unknown knob: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    hints = get_type_hints(type(knobs))
    for name, value in changes.items():
        _check_value(name, hints[name], getattr(knobs, name), value)
    for name, value in changes.items():
        setattr(knobs, name, value)


def _check_value(name: str, hint: Any, present: Any, value: Any) -> None:
    options = get_args(getattr(hint, "__value__", hint))
    if isinstance(present, str) and options and value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}")
    if isinstance(present, bool) != isinstance(value, bool):
        raise ValueError(f"{name} must be {'' if hint is bool else 'no '}true or false")
    is_number = isinstance(value, int | float)
    if isinstance(present, int | float) and not (is_number and value >= 0):
        raise ValueError(f"{name} must be a number from 0 up")
