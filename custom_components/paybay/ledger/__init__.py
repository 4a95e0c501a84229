"""The durable record of orders, payments, deliveries and refunds."""

from .writer import Ledger, LedgerError

__all__ = ["Ledger", "LedgerError"]
