"""The topics of the contract."""

HA_STATUS = "homeassistant/status"


def status(node: str) -> str:
    """Return where the bridge says that it is online."""
    return f"paybay/{node}/status"


def health(node: str) -> str:
    """Return where the bridge says how it is."""
    return f"paybay/{node}/health"


def bay(node: str, bay_id: str, leaf: str) -> str:
    """Return one of a bay's topics."""
    return f"paybay/{node}/bay/{bay_id}/{leaf}"


def plain(prefix: str, bay_id: str) -> str:
    """Return where plain messages for one bay come."""
    return f"{prefix}/charges/{bay_id}"


def discovery(node: str) -> str:
    """Return where Home Assistant learns of the device."""
    return f"homeassistant/device/paybay_{node}/config"
