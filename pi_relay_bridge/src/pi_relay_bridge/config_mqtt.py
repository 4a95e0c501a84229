"""The configuration of the broker's address, encryption and login: `[mqtt]`."""

from dataclasses import dataclass
from pathlib import Path

from .config_table import Table

PORT = 1883
TLS_PORT = 8883


@dataclass(frozen=True, kw_only=True)
class MqttConfig:
    """How to reach the broker. The password stays where it is until it is needed.

    It is looked for in systemd's credential `password_credential`, in `password_file`,
    and in the environment variable `password_env`, in this order.
    """

    host: str
    port: int
    username: str | None = None
    password_credential: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    tls: bool = False
    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None
    keepalive_s: int = 15

    @property
    def wants_password(self) -> bool:
        """Return whether a password is to be found somewhere."""
        places = (self.password_credential, self.password_file, self.password_env)
        return any(place is not None for place in places)


def read_mqtt(table: Table) -> MqttConfig:
    """Return the [mqtt] table; raise ConfigError."""
    table.refuse("password", "does not belong into this file, use password_file")
    tls = table.flag("tls", default=False)
    config = MqttConfig(
        host=_host(table),
        port=int(
            table.number(
                "port", TLS_PORT if tls else PORT, low=1, high=65535, whole=True
            )
        ),
        username=table.optional_text("username"),
        password_credential=table.optional_text("password_credential"),
        password_file=_path(table, "password_file"),
        password_env=table.optional_text("password_env"),
        tls=tls,
        ca_file=_path(table, "ca_file"),
        client_cert_file=_path(table, "client_cert_file"),
        client_key_file=_path(table, "client_key_file"),
        keepalive_s=int(table.number("keepalive_s", 15, low=2, high=300, whole=True)),
    )
    _require_company(config, table)
    table.finish()
    return config


def _host(table: Table) -> str:
    """Return the broker's name or address."""
    host = table.text("host")
    if "://" in host:
        raise table.error("host", "must be a name alone; for mqtts:// set tls = true")
    return host


def _path(table: Table, key: str) -> Path | None:
    """Return a file's path, if one is set."""
    text = table.optional_text(key)
    return None if text is None else Path(text)


def _require_company(config: MqttConfig, table: Table) -> None:
    """Raise ConfigError for a key that does nothing without another."""
    if not config.tls:
        for key in ("ca_file", "client_cert_file", "client_key_file"):
            if getattr(config, key) is not None:
                raise table.error(key, "needs tls = true beside it")
    if config.client_key_file is not None and config.client_cert_file is None:
        raise table.error("client_key_file", "needs client_cert_file beside it")
    if config.username is None:
        for key in ("password_credential", "password_file", "password_env"):
            if getattr(config, key) is not None:
                raise table.error(key, "needs a username beside it")
