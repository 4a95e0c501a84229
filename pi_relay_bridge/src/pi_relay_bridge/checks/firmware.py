"""The firmware's config.txt: what the pins do before the bridge runs, and after."""

from pathlib import Path

from ..config import BayConfig, Config
from ..findings import Finding, error, ok, warn

PLACES = ("boot/firmware/config.txt", "boot/config.txt")
UART_PINS = (14, 15)
LAST_PULLED_UP = 8


def check_firmware(config: Config, root: Path = Path("/")) -> list[Finding]:
    """Return what config.txt means for the bays."""
    lines = read_lines(root)
    if lines is None:
        text = "there is no config.txt: not a Raspberry Pi with its own system"
        advice = "use a pull resistor to OFF at each relay's input; see the guide"
        return [warn("config.txt", text, advice)]
    return [_strict_gpiod(lines), *_levels(config.bays, lines)]


def check_pins(config: Config) -> list[Finding]:
    """Return what is unwise about the bays' pins, by what the SoC does at reset."""
    return [finding for bay in config.bays for finding in _pin(bay)]


def read_lines(root: Path) -> list[str] | None:
    """Return the settings in config.txt, or None if there is none."""
    for place in PLACES:
        try:
            text = (root / place).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        stripped = (line.partition("#")[0].strip() for line in text.splitlines())
        return [line for line in stripped if line]
    return None


def levels(lines: list[str]) -> dict[int, bool]:
    """Return the pins that `gpio=` drives as outputs, and whether high."""
    found: dict[int, bool] = {}
    for line in lines:
        if not line.startswith("gpio="):
            continue
        pins, _, words = line.removeprefix("gpio=").partition("=")
        options = words.split(",")
        if "op" not in options:
            continue
        for pin in _numbers(pins):
            found[pin] = "dh" in options
    return found


def _numbers(text: str) -> list[int]:
    """Return the pins in `17,20-22`; what is no number is left out."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            found += range(int(first), int(last or first) + 1)
    return found


def _strict_gpiod(lines: list[str]) -> Finding:
    """Say whether a killed process leaves its outputs driven."""
    if any(line.startswith("dtparam=") and "strict_gpiod" in line for line in lines):
        return ok("strict_gpiod", "a relay goes off when the bridge is killed")
    return warn(
        "strict_gpiod",
        "is not set: if the bridge is killed, a relay stays on until `off` has run",
        "add dtparam=strict_gpiod to config.txt; the systemd unit runs `off`, too",
    )


def _levels(bays: tuple[BayConfig, ...], lines: list[str]) -> list[Finding]:
    """Say what drives the relays while the Pi boots."""
    driven = levels(lines)
    wrong = [bay for bay in bays if driven.get(bay.pin) is bay.active_high]
    if wrong:
        names = ", ".join(f"{bay.id} (GPIO {bay.pin})" for bay in wrong)
        text = f"config.txt switches these bays ON while the Pi boots: {names}"
        return [error("boot levels", text, f"write {_wanted(wrong)} instead")]
    missing = [bay for bay in bays if bay.pin not in driven]
    if missing:
        names = ", ".join(bay.id for bay in missing)
        text = f"nothing in config.txt holds these bays off while the Pi boots: {names}"
        return [warn("boot levels", text, f"add {_wanted(missing)}")]
    return [ok("boot levels", "config.txt holds all relays off while the Pi boots")]


def _wanted(bays: list[BayConfig]) -> str:
    """Return the lines that hold bays off."""
    found = []
    for active_high, level in ((True, "dl"), (False, "dh")):
        pins = [str(bay.pin) for bay in bays if bay.active_high is active_high]
        if pins:
            found.append(f"gpio={','.join(pins)}=op,{level}")
    return " and ".join(found)


def _pin(bay: BayConfig) -> list[Finding]:
    """Return what is unwise about one bay's pin."""
    name = f"bay {bay.id}"
    if bay.pin in UART_PINS:
        text = f"GPIO {bay.pin} is the serial console's, busy while the Pi boots"
        return [warn(name, text, "use GPIO 9 to 13 or 16 to 27")]
    if bay.active_high and bay.pin <= LAST_PULLED_UP:
        text = f"GPIO {bay.pin} is pulled high while the Pi boots: ON for this relay"
        return [warn(name, text, "use GPIO 9 to 27, or a strong pull-down resistor")]
    if not bay.active_high and bay.pin > LAST_PULLED_UP:
        text = f"GPIO {bay.pin} is pulled low while the Pi boots: ON for this relay"
        return [warn(name, text, "add a pull-up resistor, or use an active-high board")]
    return [ok(name, f"GPIO {bay.pin}, off while the Pi boots")]
