"""Relays, each kind behind the one interface of `base`."""
