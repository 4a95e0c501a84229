"""The command line. Errors are one line on stderr; 0 is well, 1 is not, 2 is misuse."""

import argparse
from collections.abc import Callable, Sequence
import os
from pathlib import Path
import sys

from . import __version__, config as configuration, logs, simulate_cli
from .config import Config
from .config_table import ConfigError
from .pins import PinsError
from .probe import ProbeError
from .relay import RelayError
from .state_dir import StateDirError

PROGRAM = "pi-relay-bridge"
CONFIG_FILE = Path("/etc/pi-relay-bridge/config.toml")
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code, 2 for an unusable configuration."""
    args = _parser().parse_args(argv)
    logs.set_up()
    try:
        code: int = args.work(args)
        sys.stdout.flush()
    except ConfigError as error:
        return _fail(error, 2)
    except BrokenPipeError:
        # Whoever read us has seen enough; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (PinsError, ProbeError, RelayError, StateDirError, OSError) as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _fail(error: Exception, code: int) -> int:
    """Say what is wrong."""
    print(f"{PROGRAM}: {error}", file=sys.stderr)
    return code


# The commands import what they need: `off` runs at every stop and must be quick.


def _run(args: argparse.Namespace, config: Config) -> int:
    from . import runner  # noqa: PLC0415

    return runner.run(config, args.simulate)


def _off(args: argparse.Namespace, config: Config) -> int:
    from . import runner  # noqa: PLC0415

    return runner.off(config, args.simulate)


def _check(args: argparse.Namespace, config: Config) -> int:
    from . import check_cli  # noqa: PLC0415

    return check_cli.check(config, as_json=args.json)


def _test_relay(args: argparse.Namespace, config: Config) -> int:
    from . import relay_test  # noqa: PLC0415

    return relay_test.pulse(
        config, args.bay, args.seconds, simulate=args.simulate, yes=args.yes
    )


def _status(args: argparse.Namespace, config: Config) -> int:
    from . import inspect_cli  # noqa: PLC0415

    return inspect_cli.status(config, as_json=args.json)


def _discovery(args: argparse.Namespace, config: Config) -> int:
    from . import inspect_cli  # noqa: PLC0415

    return inspect_cli.discovery(config, remove=args.remove)


def _config(_args: argparse.Namespace, config: Config) -> int:
    from . import inspect_cli  # noqa: PLC0415

    return inspect_cli.show_config(config)


def _install_service(args: argparse.Namespace) -> int:
    from . import install_cli  # noqa: PLC0415

    return install_cli.install(args.config, root=args.root, write=args.write)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Sells relay time on a Raspberry Pi."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, work: Callable[..., int]) -> argparse.ArgumentParser:
        """Return a command's parser; `work` gets the configuration, too."""
        made = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        _add_config(made)
        made.set_defaults(work=lambda args: work(args, configuration.load(args.config)))
        return made

    _add_simulate(add("run", "serve the bays until stopped", _run))
    _add_simulate(add("off", "switch all relays off, before and after `run`", _off))
    _add_json(add("check", "say what is right and wrong with this machine", _check))
    test = add("test-relay", "switch one relay on for a few seconds", _test_relay)
    test.add_argument("bay", metavar="BAY", help="the bay's id")
    test.add_argument(
        "--seconds",
        type=float,
        default=2.0,
        metavar="S",
        help="for so long, at most 10",
    )
    test.add_argument("--yes", action="store_true", help="do not ask first")
    _add_simulate(test)
    what = add("discovery", "show or remove Home Assistant's device", _discovery)
    choice = what.add_mutually_exclusive_group(required=True)
    choice.add_argument("--print", action="store_true", help="print it")
    choice.add_argument(
        "--remove", action="store_true", help="take it from the broker; the entities go"
    )
    _add_json(add("status", "print what the broker knows of the bays", _status))
    add("config", "print the configuration as understood, without secrets", _config)
    simulate_cli.add_parser(commands)
    _add_install(commands)
    return parser


def _add_install(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command that needs no configuration yet."""
    text = "write user, configuration and systemd unit"
    install = commands.add_parser(
        "install-service",
        help=text,
        description=f"{text.capitalize()}. Shows what it would do unless --write is"
        " given. What exists and is yours is kept.",
    )
    _add_config(install)
    install.add_argument("--write", action="store_true", help="do it")
    install.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="into a system that is mounted there; it must have the user already",
    )
    install.set_defaults(work=_install_service)


def _add_config(parser: argparse.ArgumentParser) -> None:
    """Add the option that all commands have."""
    parser.add_argument(
        "-c",
        "--config",
        type=Path,
        default=CONFIG_FILE,
        metavar="FILE",
        help=f"the TOML file (default: {CONFIG_FILE})",
    )


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    """Add the option of the commands that move pins."""
    parser.add_argument(
        "--simulate",
        type=Path,
        nargs="?",
        const=Path("simulated-board"),
        metavar="DIR",
        help="use a simulated board, kept in DIR (default: simulated-board)",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option of the commands that programs read."""
    parser.add_argument("--json", action="store_true", help="print JSON")
