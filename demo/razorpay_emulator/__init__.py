"""An emulator of Razorpay, as strict as the real one, for demo and tests."""

from .emulator import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayEmulator
from .faults import ApiFault, ApiFaultKind, Faults, Quirks, WebhookFaults
from .shapes import PERSONAL_DATA

__all__ = [
    "KEY_ID",
    "KEY_SECRET",
    "PERSONAL_DATA",
    "WEBHOOK_SECRET",
    "ApiFault",
    "ApiFaultKind",
    "Faults",
    "Quirks",
    "RazorpayEmulator",
    "WebhookFaults",
]
