"""The command that plays with a simulated board while the bridge runs on it."""

import argparse
from pathlib import Path

from .controls import SENSOR_STATES, Controls
from .simulate import SIZE, Levels

PLUGGED_A = 10.0
OVERLOAD_A = 40.0


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add `simulate` with what can happen to a board."""
    text = "let something happen on a simulated board"
    parser = commands.add_parser("simulate", help=text, description=text)
    parser.add_argument("directory", type=Path, metavar="DIR", help="as of `run`")
    parser.set_defaults(work=run)
    what = parser.add_subparsers(dest="what", required=True)
    for name, amps in (("plug", PLUGGED_A), ("overload", OVERLOAD_A)):
        each = _of_bay(what, name, "a load that draws while the relay is on")
        each.add_argument("--amps", type=float, default=amps, help=f"default {amps:g}")
    _of_bay(what, "unplug", "no load")
    _of_bay(what, "weld", "a contact that stays closed")
    _of_bay(what, "unweld", "a contact that follows the relay")
    sensor = _of_bay(what, "sensor", "how the current sensor is")
    sensor.add_argument("state", choices=SENSOR_STATES)
    _of_pin(what, "press", "open an emergency stop's contact, or cut its wire")
    _of_pin(what, "release", "close an emergency stop's contact")
    errors = _of_pin(what, "write-errors", "let writes to a pin fail")
    errors.add_argument("count", type=int, help="how many; 0: none, -1: all")


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; return 0."""
    directory: Path = args.directory
    controls = Controls(directory)
    match args.what:
        case "plug" | "overload":
            controls.set_load(args.bay, load_a=args.amps)
        case "unplug":
            controls.set_load(args.bay, load_a=0.0)
        case "weld" | "unweld":
            controls.set_load(args.bay, welded=args.what == "weld")
        case "sensor":
            controls.set_load(args.bay, sensor=args.state)
        case "press" | "release":
            Levels(directory).set(args.pin, high=args.what == "press")
        case "write-errors":
            controls.set_write_errors(args.pin, args.count)
    return 0


def _of_bay(
    what: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    """Return the parser of something that happens to a bay."""
    parser = what.add_parser(name, help=text, description=text)
    parser.add_argument("bay", help="the bay's id")
    return parser


def _of_pin(
    what: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    """Return the parser of something that happens to a pin."""
    parser = what.add_parser(name, help=text, description=text)
    parser.add_argument("pin", type=int, choices=range(SIZE), metavar="PIN", help="BCM")
    return parser
