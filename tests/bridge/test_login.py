"""TLS, certificates, passwords and access lists, against a real mosquitto."""

from collections.abc import Iterator
from contextlib import contextmanager
import dataclasses
from dataclasses import dataclass
from pathlib import Path
import ssl
import subprocess
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from pi_relay_bridge.config import parse
from pi_relay_bridge.config_mqtt import MqttConfig
from pi_relay_bridge.login import LoginError, make_tls, read_password
import pytest

from .helpers import NODE, BridgeProcess, Broker, eventually

ACL = Path(__file__).parents[2] / "pi_relay_bridge" / "mosquitto" / "acl"
SECRET = "zebra-crossing-93"
HA_SECRET = "hedgehog-tunnel-17"
pytestmark = pytest.mark.timeout(60)


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_ca(directory: Path, name: str) -> Path:
    """Make an authority that lives for a day; return its certificate."""
    key, cert = directory / f"{name}.key", directory / f"{name}.pem"
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "1", "-subj", f"/CN={name}", "-keyout", key, "-out", cert),
        *("-addext", "keyUsage=critical,keyCertSign"),
    )
    return cert


def make_cert(directory: Path, ca: str, name: str, names: str) -> Path:
    """Make a certificate that lives for a day, signed by an authority."""
    key, request, cert = (directory / f"{name}.{end}" for end in ("key", "csr", "pem"))
    extension = directory / f"{name}.ext"
    extension.write_text(f"subjectAltName={names}\n")
    openssl(
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-subj", f"/CN={name}", "-keyout", key, "-out", request),
    )
    openssl(
        *("x509", "-req", "-in", request, "-days", "1", "-CAcreateserial"),
        *("-CA", directory / f"{ca}.pem", "-CAkey", directory / f"{ca}.key"),
        *("-extfile", extension, "-out", cert),
    )
    key.chmod(0o644)
    return cert


class SafeBroker(Broker):
    """A mosquitto with TLS, passwords and our access list."""

    def __init__(self, directory: Path, server: str, extra: str = "") -> None:
        super().__init__(directory)
        passwords, acl = directory / "passwords", directory / "acl"
        passwords.write_text(
            f"{NODE}:{SECRET}\nhomeassistant:{HA_SECRET}\nstranger:{SECRET}\n"
        )
        subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
        acl.write_text(ACL.read_text().replace("garage", NODE))
        for file in (passwords, acl):
            file.chmod(0o644)
        directory.chmod(0o755)
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\n"
            f"user root\npersistence false\nset_tcp_nodelay true\n"
            f"cafile {directory}/site.pem\ncertfile {directory}/{server}.pem\n"
            f"keyfile {directory}/{server}.key\npassword_file {passwords}\n"
            f"acl_file {acl}\n{extra}"
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the certificates of all tests here."""
    directory = tmp_path_factory.mktemp("certificates")
    make_ca(directory, "site")
    make_ca(directory, "foreign")
    make_cert(directory, "site", "broker", "DNS:localhost")
    make_cert(directory, "site", "other", "DNS:other.example")
    make_cert(directory, "site", "client", "DNS:client")
    return directory


@dataclass
class Safe:
    """A broker with TLS, and a bridge that is not started yet."""

    broker: SafeBroker
    bridge: BridgeProcess
    authority: Path

    def set_mqtt(self, **lines: str) -> None:
        """Give the bridge's [mqtt] these lines besides what it needs to log in."""
        values = {
            "host": '"localhost"',
            "port": str(self.broker.port),
            "tls": "true",
            "ca_file": f'"{self.authority / "site.pem"}"',
            "username": f'"{NODE}"',
            "password_env": '"BRIDGE_PASSWORD"',
            **lines,
        }
        text = self.bridge.config.read_text()
        before, after = text.split("[mqtt]")[0], text[text.index("[[bay]]") :]
        table = "".join(f"{key} = {each}\n" for key, each in values.items() if each)
        self.bridge.config.write_text(f"{before}[mqtt]\n{table}{after}")


@contextmanager
def make_safe(directory: Path, authority: Path, **options: str) -> Iterator[Safe]:
    for file in authority.iterdir():
        (directory / file.name).write_bytes(file.read_bytes())
    broker = SafeBroker(
        directory, options.get("server", "broker"), options.get("extra", "")
    )
    broker.start()
    bridge = BridgeProcess(directory, broker.port)
    safe = Safe(broker, bridge, authority)
    safe.set_mqtt()
    try:
        yield safe
    finally:
        bridge.kill()
        broker.kill()


@pytest.fixture
def safe(tmp_path: Path, authority: Path) -> Iterator[Safe]:
    with make_safe(tmp_path, authority) as made:
        yield made


class Person:
    """Somebody at the broker with a login."""

    def __init__(self, safe: Safe, username: str, password: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.granted: list[int] = []
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.tls_set(str(safe.authority / "site.pem"))
        self._client.username_pw_set(username, password)
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.connect("localhost", safe.broker.port)
        self._client.loop_start()

    def listen(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)
        eventually(lambda: bool(self.granted), "the broker answers")

    def say(self, topic: str, payload: str) -> Any:
        """Publish at QoS 1; return the broker's reason code when it has answered."""
        codes: list[Any] = []
        self._client.on_publish = lambda _c, _d, _m, reason, _p: codes.append(reason)
        self._client.publish(topic, payload, qos=1)
        eventually(lambda: bool(codes), "the broker answers")
        return codes[0]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_subscribe(
        self, _c: Client, _d: Any, _m: int, reasons: list[Any], _p: Any
    ) -> None:
        self.granted += [reason.value for reason in reasons]

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, message.payload))


def start(safe: Safe) -> None:
    safe.bridge.start(BRIDGE_PASSWORD=SECRET)


def test_the_bridge_logs_in_over_tls_and_home_assistant_commands_it(safe: Safe) -> None:
    home = Person(safe, "homeassistant", HA_SECRET)
    home.listen("paybay/#")
    start(safe)
    eventually(lambda: (f"paybay/{NODE}/status", b"online") in home.heard, "online")
    eventually(
        lambda: any(topic.endswith("/bay/1/state") for topic, _ in home.heard),
        "a state",
    )
    home.say(f"paybay/{NODE}/bay/1/set", "ON")
    eventually(safe.bridge.is_high, "the pin rises")
    home.say(f"paybay/{NODE}/bay/1/cmd", '{"v":1,"id":"x","cmd":"stop"}')
    eventually(lambda: not safe.bridge.is_high(), "the pin falls")
    eventually(
        lambda: any(topic.endswith("/bay/1/ack") for topic, _ in home.heard), "an ack"
    )
    home.close()


def test_a_stranger_with_a_login_neither_commands_nor_listens(safe: Safe) -> None:
    start(safe)
    eventually(lambda: "connected to the broker" in safe.bridge.lines, "connected")
    stranger = Person(safe, "stranger", SECRET)
    for leaf, payload in (("set", "ON"), ("cmd", '{"v":1,"id":"x","cmd":"report"}')):
        assert stranger.say(f"paybay/{NODE}/bay/1/{leaf}", payload).is_failure
    stranger.listen("paybay/#")
    home = Person(safe, "homeassistant", HA_SECRET)
    home.listen(f"paybay/{NODE}/bay/+/ack")
    home.say(f"paybay/{NODE}/bay/1/cmd", '{"v":1,"id":"own","cmd":"report"}')
    eventually(lambda: bool(home.heard), "the bridge answers")
    assert [b'"own"' in payload for _, payload in home.heard] == [True]
    assert stranger.heard == []
    assert not safe.bridge.is_high()
    stranger.close()
    home.close()


def test_a_bridge_cannot_command_another(safe: Safe) -> None:
    bridge = Person(safe, NODE, SECRET)
    for topic in (f"paybay/{NODE}/bay/1/cmd", "paybay/other/bay/1/cmd"):
        assert bridge.say(topic, "{}").is_failure
    assert bridge.say("paybay/other/bay/1/state", "{}").is_failure
    bridge.close()


def test_check_and_status_work_with_the_same_login(safe: Safe) -> None:
    start(safe)
    eventually(lambda: "connected to the broker" in safe.bridge.lines, "connected")
    safe.set_mqtt(password_env="", password_file=f'"{safe.authority / "password"}"')
    (safe.authority / "password").write_text(SECRET + "\n")
    done = safe.bridge.call("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "online" in done.stdout


@pytest.mark.parametrize(
    ("server", "ca", "problem"),
    [
        ("other", "site", "Hostname mismatch"),
        ("broker", "foreign", "certificate verify failed"),
    ],
)
def test_a_broker_that_is_not_the_one_is_not_spoken_to(
    tmp_path: Path, authority: Path, server: str, ca: str, problem: str
) -> None:
    with make_safe(tmp_path, authority, server=server) as safe:
        safe.set_mqtt(ca_file=f'"{authority / ca}.pem"')
        start(safe)
        eventually(lambda: problem in safe.bridge.lines, "the refusal is explained")
        assert "connected to the broker" not in safe.bridge.lines
        assert SECRET not in safe.bridge.lines


def test_a_broker_that_wants_a_certificate_gets_one(
    tmp_path: Path, authority: Path
) -> None:
    extra = "require_certificate true\n"
    with make_safe(tmp_path, authority, extra=extra) as safe:
        safe.set_mqtt(client_cert_file=f'"{authority}/client.pem"')
        assert safe.bridge.call("discovery", "--remove").returncode == 1
        safe.set_mqtt(
            client_cert_file=f'"{authority}/client.pem"',
            client_key_file=f'"{authority}/client.key"',
        )
        start(safe)
        eventually(lambda: "connected to the broker" in safe.bridge.lines, "connected")


def test_a_wrong_password_is_said_and_never_shown(safe: Safe) -> None:
    wrong = "not-the-password-5"
    safe.bridge.start(BRIDGE_PASSWORD=wrong)
    eventually(lambda: "the broker refuses us" in safe.bridge.lines, "it is said")
    assert wrong not in safe.bridge.lines


MQTT = MqttConfig(host="h", port=1, username="me")


def test_the_password_comes_from_the_first_place_that_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(
        MQTT,
        password_credential="mqtt",
        password_file=tmp_path / "file",
        password_env="WORD",
    )
    monkeypatch.setenv("WORD", "from the environment")
    assert read_password(config) == "from the environment"
    (tmp_path / "file").write_text("from the file\n")
    assert read_password(config) == "from the file"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_password(config) == "from the file"
    (tmp_path / "mqtt").write_text("from systemd")
    assert read_password(config) == "from systemd"


def test_without_any_password_each_place_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "empty").touch()
    config = dataclasses.replace(
        MQTT,
        password_credential="mqtt",
        password_file=tmp_path / "empty",
        password_env="WORD",
    )
    with pytest.raises(LoginError) as error:
        read_password(config)
    for part in (
        "no password for me",
        "empty: is empty",
        "WORD is not set",
        "credential mqtt",
    ):
        assert part in str(error.value)


def test_the_brokers_name_is_checked_in_every_configuration() -> None:
    context = make_tls(MqttConfig(host="h", port=1, tls=True))
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


def test_a_missing_authority_is_named(tmp_path: Path) -> None:
    config = MqttConfig(host="h", port=1, tls=True, ca_file=tmp_path / "none.pem")
    with pytest.raises(LoginError, match=r"none\.pem: No such file"):
        make_tls(config)


def test_tls_has_the_port_of_mqtts() -> None:
    mqtt = '[mqtt]\nhost = "h"\ntls = true\n'
    text = f'[bridge]\nnode = "n"\n{mqtt}[[bay]]\nid = "1"\npin = 17\n'
    assert parse(text).mqtt.port == 8883
