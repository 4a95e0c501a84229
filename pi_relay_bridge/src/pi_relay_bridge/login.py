"""What the broker wants to see: the password, and both sides' certificates."""

import os
from pathlib import Path
import ssl

from .config_mqtt import MqttConfig


class LoginError(OSError):
    """A password or certificate cannot be had; the text says which, and never more."""


def read_password(config: MqttConfig) -> str | None:
    """Return the password from the first place that has one; raise LoginError."""
    if not config.wants_password:
        return None
    vain: list[str] = []
    for place in (_credential(config), config.password_file):
        if place is None:
            continue
        try:
            return _first_line(place)
        except (OSError, UnicodeDecodeError) as error:
            vain.append(_why(place, error))
    if config.password_env is not None:
        if password := os.environ.get(config.password_env):
            return password
        vain.append(f"the variable {config.password_env} is not set")
    if config.password_credential is not None and _credential(config) is None:
        vain.append(f"systemd gave no credential {config.password_credential}")
    raise LoginError(f"no password for {config.username}: {'; '.join(vain)}")


def make_tls(config: MqttConfig) -> ssl.SSLContext:
    """Return a context that checks the broker's name and chain; raise LoginError.

    There is no switch to turn that off: whoever can pose as the broker can switch.
    """
    try:
        context = ssl.create_default_context(cafile=config.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise LoginError(_why(config.ca_file, error)) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.client_cert_file is not None:
        try:
            context.load_cert_chain(
                config.client_cert_file, config.client_key_file, password=_no_passphrase
            )
        except (OSError, ssl.SSLError, ValueError) as error:
            raise LoginError(_why(config.client_cert_file, error)) from None
    return context


def _credential(config: MqttConfig) -> Path | None:
    """Return where systemd put the credential, if it did."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if config.password_credential is None or directory is None:
        return None
    return Path(directory) / config.password_credential


def _first_line(path: Path) -> str:
    """Return a file's first line; raise OSError if it is empty."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise LoginError("is empty")
    return lines[0]


def _no_passphrase() -> str:
    """Refuse to ask a person for a key's passphrase: nobody sits there."""
    raise ValueError("the key has a passphrase; the bridge needs one without")


def _why(path: Path | None, error: Exception) -> str:
    """Return a file's name and what is wrong with it."""
    reason = getattr(error, "strerror", None) or error
    return f"{path or 'the system certificates'}: {reason}"
