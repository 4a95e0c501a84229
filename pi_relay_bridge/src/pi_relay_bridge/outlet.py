"""Publishes on one bay's topics."""

from . import topics
from .link import Link


class BayOutlet:
    """One bay's way to the broker."""

    def __init__(self, link: Link, node: str, bay_id: str) -> None:
        """Publish through `link`."""
        self._link = link
        self._prefix = topics.bay(node, bay_id, "")

    def publish(self, leaf: str, payload: str, *, retain: bool) -> None:
        """Publish, or drop while there is no broker."""
        self._link.publish(self._prefix + leaf, payload, retain=retain)
