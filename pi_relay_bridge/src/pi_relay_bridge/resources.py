"""Files that come with the package: the systemd unit and the example configuration."""

from pathlib import Path

# Installed, they lie in the package (pyproject.toml); in a checkout, beside `src`.
_INSTALLED = Path(__file__).parent / "resources_installed"
_CHECKOUT = Path(__file__).parents[2]
_PLACES = {
    "pi-relay-bridge.service": Path("systemd/pi-relay-bridge.service"),
    "config.example.toml": Path("config.example.toml"),
}


def read(name: str) -> str:
    """Return one file's text; raise OSError."""
    installed = _INSTALLED / name
    path = installed if installed.exists() else _CHECKOUT / _PLACES[name]
    return path.read_text(encoding="utf-8")
