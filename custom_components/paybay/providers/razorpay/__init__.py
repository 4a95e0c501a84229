"""Razorpay behind PayBay's provider interface."""

from .provider import RazorpayProvider, is_test_key

__all__ = ["RazorpayProvider", "is_test_key"]
