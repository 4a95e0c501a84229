"""The customer's pages: what a bay sells, and how an order of one's own is doing."""

from .views import make_views

__all__ = ["make_views"]
