"""The broker: the secrets that it asks for, and whether it lets us in."""

import ipaddress
from pathlib import Path
import stat
import time

from .. import probe
from ..config import Config
from ..config_mqtt import MqttConfig
from ..findings import Finding, error, ok, warn


def check_secrets(config: Config) -> list[Finding]:
    """Say who else can read the password or the key, or hear it on its way."""
    mqtt = config.mqtt
    files = [mqtt.password_file, mqtt.client_key_file]
    found = [_open_file(file) for file in files if file is not None and _is_open(file)]
    if mqtt.wants_password and not mqtt.tls and not _is_here(mqtt.host):
        found.append(
            warn(
                "login",
                "the password crosses the network readable by all",
                "set tls = true, and give the broker a certificate",
            )
        )
    if mqtt.username is None and mqtt.client_cert_file is None:
        text = "the bridge logs in as nobody: whoever reaches the broker can switch"
        found.append(warn("login", text, "give the broker logins and the access list"))
    return found


def check_broker(config: Config) -> Finding:
    """Say whether the broker lets us in, and how fast it answers."""
    where = f"{config.mqtt.host}:{config.mqtt.port}"
    try:
        began_s = time.monotonic()
        with probe.visit(config):
            took_ms = (time.monotonic() - began_s) * 1000
    except probe.ProbeError as problem:
        return error("broker", str(problem), _advice(config.mqtt, str(problem)))
    how = "over TLS" if config.mqtt.tls else "without TLS"
    return ok("broker", f"{where} lets us in {how}, after {took_ms:.0f} ms")


def _advice(mqtt: MqttConfig, problem: str) -> str:
    """Return what to do about a broker that does not let us in."""
    if "CERTIFICATE_VERIFY" in problem:
        return (
            "host must be the name in the broker's certificate, ca_file its authority"
        )
    if "refuses the login" in problem:
        return "compare username and password with the broker's"
    if "no password" in problem:
        return "run this as root, or write the password to the place named"
    return f"is mosquitto running and listening on port {mqtt.port} for other machines?"


def _is_open(file: Path) -> bool:
    """Return whether others than the owner can read a file."""
    try:
        return bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _open_file(file: Path) -> Finding:
    """Return what to do about a secret that others can read."""
    return warn("login", f"others can read {file}", f"sudo chmod 600 {file}")


def _is_here(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
