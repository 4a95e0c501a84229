"""How each program of a site is started."""

import getpass
import os
from pathlib import Path
import shutil

from .home import Home
from .processes import PYTHON, ROOT, Part, is_listening
from .site import SiteSpec
from .till import Till


def make_broker(directory: Path, logs: Path, port: int) -> Part:
    """Return Mosquitto on a loopback port."""
    config = directory / "mosquitto.conf"
    lines = (
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "persistence false",
        "set_tcp_nodelay true",
        "log_dest stderr",
        # As root it would become another user, and then not end with us.
        f"user {getpass.getuser()}",
    )
    config.write_text("\n".join(lines), encoding="utf-8")
    # Debian keeps servers where an ordinary user's PATH does not look.
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return Part(
        "Mosquitto",
        [shutil.which("mosquitto", path=path) or "mosquitto", "-c", str(config)],
        log=logs / "mosquitto.log",
        ready=lambda: is_listening(port),
    )


def make_emulator(logs: Path, spec: SiteSpec, till: Till, home_url: str) -> Part:
    """Return the payment provider, whose webhooks go to Home Assistant."""
    keys = spec.keys
    options = {
        "--port": str(till.port),
        "--key-id": keys.key_id,
        "--key-secret": keys.key_secret,
        "--retry-scale": str(spec.retry_scale),
    }
    if spec.set_up:
        options["--webhook-url"] = f"{home_url}/api/paybay/webhook/{keys.hook_id}"
        options["--webhook-secret"] = keys.webhook
    words = [word for option in options.items() for word in option]
    return Part(
        "the Razorpay emulator",
        [PYTHON, "-m", "demo.razorpay_emulator", *words],
        log=logs / "emulator.log",
        env={"PYTHONPATH": str(ROOT)},
        ready=till.is_open,
    )


def make_plain_relays(logs: Path, spec: SiteSpec, broker: int, board: Path) -> Part:
    """Return the relays that are not on the bridge."""
    pins = [f"{bay.topic}={bay.pin}" for bay in spec.plain_bays]
    return Part(
        "the plain relays",
        [PYTHON, "-m", "demo.plain_relays", str(broker), str(board), *pins],
        log=logs / "plain_relays.log",
        env={"PYTHONPATH": str(ROOT)},
    )


def make_home_assistant(config: Path, logs: Path, home: Home, provider: str) -> Part:
    """Return Home Assistant, with PayBay's provider on loopback."""
    hass = Path(PYTHON).with_name("hass")
    return Part(
        "Home Assistant",
        [str(hass), "-c", str(config), "--skip-pip"],
        log=logs / "home_assistant.log",
        env={"PAYBAY_RAZORPAY_URL": provider},
        ready=home.is_running,
    )
