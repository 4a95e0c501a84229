"""Identifiers PayBay makes itself."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_order_id() -> str:
    """Return `ord_` and 20 characters (100 bits): a reference id of at most 40."""
    return "ord_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_check_id() -> str:
    """Return a reference id for a link that is called off at once."""
    return "chk_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_refund_key() -> str:
    """Return an idempotency key: at least 10 of `[A-Za-z0-9_-]`."""
    return "rfd_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def new_qr_key() -> str:
    """Return our name for a printed QR code, to find it again by its notes."""
    return "qrk_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_watch_code() -> str:
    """Return the customer's key to an order: 192 random bits, safe in a URL."""
    return secrets.token_urlsafe(24)


def new_hook_id() -> str:
    """Return the unguessable part of the webhook address: 192 random bits."""
    return secrets.token_urlsafe(24)


def new_webhook_secret() -> str:
    """Return a secret to sign webhooks with: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_command_id() -> str:
    """Return an id by which a device tells a repeated command from a new one."""
    return secrets.token_hex(8)
