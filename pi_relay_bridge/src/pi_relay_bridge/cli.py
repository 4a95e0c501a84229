"""The command line."""

import argparse
from collections.abc import Sequence
import logging
from pathlib import Path
import sys

from . import __version__, config as configuration, inspect_cli
from .config import Config
from .config_table import ConfigError
from .pins import PinsError
from .probe import ProbeError
from .state_dir import StateDirError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code, 2 for an unusable configuration."""
    args = _parser().parse_args(argv)
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s"
    )
    try:
        config = configuration.load(args.config)
        return _dispatch(args, config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except (PinsError, ProbeError, StateDirError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _dispatch(args: argparse.Namespace, config: Config) -> int:
    """Run the command that was asked for."""
    if args.command == "check":
        return inspect_cli.check(config)
    if args.command == "status":
        return inspect_cli.status(config)
    if args.command == "discovery":
        return inspect_cli.discovery(config, remove=args.remove)
    from . import runner  # noqa: PLC0415 - the others need no event loop

    command = runner.run if args.command == "run" else runner.off
    return command(config, args.simulate)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="pi-relay-bridge", description="Sells relay time on a Raspberry Pi."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = _command(commands, "run", "serve the bays until stopped")
    off = _command(commands, "off", "switch all relays off; for before and after `run`")
    for each in (run, off):
        each.add_argument(
            "--simulate",
            type=Path,
            metavar="DIR",
            help="use simulated pins, kept in DIR/pins.bin",
        )
    _command(commands, "check", "say what is right and wrong with this machine")
    _command(commands, "status", "print what the broker knows of the bays")
    what = _command(commands, "discovery", "Home Assistant's description of the bridge")
    choice = what.add_mutually_exclusive_group(required=True)
    choice.add_argument("--print", action="store_true", help="print it")
    choice.add_argument(
        "--remove", action="store_true", help="take it from the broker; the entities go"
    )
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
) -> argparse.ArgumentParser:
    """Return a command's parser, with the option all have."""
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument(
        "-c", "--config", type=Path, required=True, metavar="CFG", help="the TOML file"
    )
    return parser
