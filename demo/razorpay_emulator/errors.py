"""Razorpay's error answers and the texts it is known to use.

Texts are verbatim from Razorpay's documentation where it has them; the others are
listed in docs/emulator.md. The `code` is coarse on purpose: almost everything a
client does wrong is a 400 `BAD_REQUEST_ERROR`, unknown ids and URLs included.
"""

from http import HTTPStatus
from typing import Any, override

type Json = dict[str, Any]

AUTHENTICATION_FAILED = "Authentication failed"
URL_NOT_FOUND = "The requested URL was not found on the server."
ID_UNKNOWN = "The id provided does not exist"
AMOUNT_TOO_SMALL = "The amount must be at least INR 1.00"
AMOUNT_NOT_INTEGER = "The amount must be an integer."
AMOUNT_TOO_LARGE = "amount exceeds maximum amount allowed."

LINK_WRONG_FIELDS = "wrong input fields sent."
LINK_DUPLICATE_REFERENCE = "payment link creation with reference ID already attempted"
LINK_EXPIRY_TOO_SOON = "timestamp must be atleast 15 minutes in future"
LINK_EXPIRY_TOO_FAR = "timestamp must not be more than 6 months in future"
LINK_NOTE_TOO_LONG = "value: the length must not be greater than 255."
LINK_UPI_TEST_MODE = (
    "UPI Payment Links is not supported in Test Mode. "
    "Please experience the product in Live Mode."
)
LINK_UPI_CURRENCY = "upi is currently supported only in indian currency"
LINK_UPI_PARTIAL = "partial payment not supported in upi link"
LINK_CANCEL_PAID = "cannot cancel or expire an already paid/partially paid link"
LINK_CANCEL_CLOSED = "cannot cancel or expire an expired link"
LINK_EDIT_CLOSED = "update can only be made in created or partially paid state"
LINK_BAD_MEDIUM = "not a valid notification medium"

QR_SINGLE_USE_FIXED = "The fixed amount should be true for single use QR codes."
QR_AMOUNT_TOO_SMALL = "The payment amount must be at least 1."
QR_CLOSE_TOO_SOON = "close_by should be at least 2 minutes after current time"
QR_CLOSED = "This QR code is closed already."
QR_CANNOT_CLOSE = "QR codes for multiple payments cannot be closed."

CAPTURE_AMOUNT = "Capture amount must be equal to the amount authorized"
CAPTURE_DONE = "This payment has already been captured"
CAPTURE_NOT_AUTHORIZED = (
    "Only payments which have been authorized and not yet captured can be captured"
)

REFUND_DONE = "The payment has been fully refunded already."
REFUND_TOO_MUCH = "The refund amount provided is greater than amount captured."
REFUND_NOT_CAPTURED = "The payment status should be captured for action to be taken"
REFUND_NO_BALANCE = "invalid request sent"
REFUND_NO_BALANCE_OLD = (
    "Your account does not have enough balance to carry out the refund operation."
)
REFUND_TOO_OLD = "The payment is more than six months old and cannot be refunded"
IDEMPOTENCY_RUNNING = (
    "Another request with the same idempotency key is still in progress"
)
IDEMPOTENCY_OTHER_BODY = (
    "Different request with the same idempotency key has already been processed."
)


class ApiError(Exception):
    """An answer Razorpay gives instead of what was asked for."""

    def __init__(
        self,
        description: str,
        *,
        status: int = 400,
        code: str = "BAD_REQUEST_ERROR",
        field: str | None = None,
    ) -> None:
        """Keep what the answer says and its HTTP status."""
        super().__init__(description)
        self.description = description
        self.status = status
        self.code = code
        self.field = field

    def body(self) -> Json:
        """Return the JSON body, in the form of the older services."""
        error: Json = {"code": self.code, "description": self.description}
        if self.status == HTTPStatus.UNAUTHORIZED:
            return {"error": error}
        error |= {"source": "NA", "step": "NA", "reason": "NA", "metadata": {}}
        if self.field:
            error["field"] = self.field
        return {"error": error}


class LinkError(ApiError):
    """A refusal by the payment links service, which fills the body with nulls."""

    @override
    def body(self) -> Json:
        """Return the JSON body, in the form of the payment links service."""
        error: Json = {"code": self.code, "description": self.description}
        error |= {"source": None, "step": None, "reason": None, "metadata": []}
        return {"error": error}
