"""Razorpay's signatures: HMAC-SHA256 in hexadecimal."""

from collections.abc import Iterable, Mapping
import hmac


def is_signed(message: bytes, signature: object, secrets: Iterable[str]) -> bool:
    """Return whether `signature` is `message` signed with one of `secrets`.

    Never raises. An empty secret signs nothing: Razorpay sends no signature at all
    for a webhook without one, so whoever uses it is somebody else. After a rotation,
    retries of older events stay signed with the previous secret.
    """
    if not isinstance(signature, str):
        return False
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(_sign(message, s), given) for s in secrets if s]
    return any(matches)


def is_return_signed(query: Mapping[str, str], key_secret: str) -> bool:
    """Return whether the browser's return from a payment link is Razorpay's own.

    `query` holds the parameters of the callback URL. Here the key is the API
    secret, not the webhook's. Source: the SDK's verify_payment_link_signature.
    """
    message = "|".join(
        query.get(f"razorpay_{name}", "")
        for name in (
            "payment_link_id",
            "payment_link_reference_id",
            "payment_link_status",
            "payment_id",
        )
    )
    signature = query.get("razorpay_signature")
    return is_signed(message.encode("utf-8", "replace"), signature, [key_secret])


def _sign(message: bytes, secret: str) -> bytes:
    return (
        hmac.digest(secret.encode("utf-8", "replace"), message, "sha256").hex().encode()
    )
