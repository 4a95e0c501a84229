"""The customer's pages: what a bay sells, and how an order of one's own is doing."""

from .secret import async_load_secret
from .views import make_views

__all__ = ["async_load_secret", "make_views"]
