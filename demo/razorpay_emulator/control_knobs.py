"""Every knob of the emulator, in the words of the control page. Values only."""

from dataclasses import dataclass

from .events import EVENTS

_FAMILIES = ("*", "payment.*", "payment_link.*", "qr_code.*", "refund.*")
_FATES = ("capture", "refund", "fail")


@dataclass(frozen=True, kw_only=True)
class Knob:
    """One knob: its name at `path`, what to call it, and what it may be.

    With `options` it is one of them, else a toggle, a number or a text by its value.
    """

    name: str
    text: str
    path: str = "faults"
    options: tuple[str, ...] = ()


def _quirk(name: str, text: str, *options: str) -> Knob:
    return Knob(name=name, text=text, path="quirks", options=options)


WEBHOOKS = (
    Knob(
        name="webhook.signature",
        text="Signature",
        options=("good", "wrong", "old", "none", "garbled", "tampered"),
    ),
    Knob(name="webhook.drop", text="Lose", options=("", *_FAMILIES, *EVENTS)),
    Knob(name="webhook.only", text="Send only", options=("", *_FAMILIES[1:], *EVENTS)),
    Knob(name="webhook.drop_chance", text="Lose at random (0 to 1)"),
    Knob(name="webhook.duplicates", text="Extra copies"),
    Knob(name="webhook.shuffle", text="Shuffle"),
    Knob(name="webhook.delay_s", text="All late by (s)"),
    Knob(name="webhook.jitter_s", text="Each late by up to (s)"),
)
LINKS = (
    Knob(name="pay_before_cancel", text="Paid just before each cancel"),
    Knob(name="silent_expiry", text="Expire without a webhook"),
    _quirk("closed_link_payment", "Paid after it closed", *_FATES),
    _quirk("expiry_lag_s", "Expiry noticed after (s)"),
    _quirk("expiry_lag_most_s", "at the latest after (s)"),
    _quirk("list_lag_s", "Lists lag behind by (s)"),
    _quirk("copy_link_notes", "Notes of a link on its payments"),
    _quirk("max_amount", "Largest amount (paise)"),
)
REFUNDS = (
    Knob(
        name="refund_outcome",
        text="Refunds end",
        options=("processed", "pending", "failed"),
    ),
    Knob(name="refund_no_balance", text="No balance"),
    Knob(name="refund_no_balance_old_text", text="No balance, older text"),
    Knob(name="refund_slow_s", text="Take (s), their key answers 409"),
    _quirk("remember_failed_refunds", "A refusal uses up its key"),
)
QR_CODES = (
    Knob(
        name="qr_feature", text="Feature", options=("on", "not_found", "server_error")
    ),
    _quirk("closed_qr_payment", "Paid after it closed", *_FATES),
    _quirk("multiple_use_closes", "Printed ones can be closed"),
    _quirk("copy_qr_notes", "Notes of a code on its payments"),
    _quirk("qr_counters_lag", "Counters lag behind"),
    _quirk("qr_image_content", "Raw text of the code in the answer"),
)
SHAPES = (
    _quirk("shuffle_keys", "Shuffle keys of webhook bodies"),
    _quirk("bare_order_id", "Order id without prefix in payment_link.paid"),
)
API = (
    Knob(name="hang_s", text="hang lasts (s)"),
    Knob(name="slow_s", text="slow takes (s)"),
)
GROUPS: dict[str, tuple[Knob, ...]] = {
    "Webhooks": WEBHOOKS,
    "The API": API,
    "Links": LINKS,
    "Refunds": REFUNDS,
    "QR codes": QR_CODES,
    "Shapes": SHAPES,
}
