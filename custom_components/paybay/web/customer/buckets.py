"""Token buckets: who asks too often waits; memory stays bounded whoever asks."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

MAX_KEYS = 4096
_NETWORK_BITS = 64


@dataclass(slots=True)
class _Bucket:
    left: float
    at_s: float


class Buckets:
    """A bucket for each key: `burst` at once, then one more every `every_s`."""

    def __init__(self, burst: int, every_s: float) -> None:
        """All buckets are full."""
        self._burst = burst
        self._every_s = every_s
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now_s: float) -> bool:
        """Take one; return False if there is none. `now_s` is monotonic."""
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now_s))
        self._buckets.move_to_end(key)
        while len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        grown = bucket.left + (now_s - bucket.at_s) / self._every_s
        bucket.left, bucket.at_s = min(self._burst, grown), now_s
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True


def client_of(remote: str | None) -> str:
    """Return whom an address stands for: one customer has a whole IPv6 /64."""
    try:
        address = ip_address((remote or "").partition("%")[0])
    except ValueError:
        return remote or "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> _NETWORK_BITS:x}/64"
