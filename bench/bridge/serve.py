"""Start a program's own command line on stamped pins: `serve (bridge|mqtt_io) ...`."""

import sys

from bench.bridge.stamped_pins import StampedFactory


def bridge() -> int:
    """Run the bridge; its configuration must name the factory `mock`."""
    from pi_relay_bridge import cli, pins  # noqa: PLC0415 - only where it is the target

    pins.FACTORIES["mock"] = (StampedFactory.__module__, StampedFactory.__name__)
    return cli.main(sys.argv[1:])


def mqtt_io() -> int:
    """Run mqtt-io."""
    import gpiozero  # noqa: PLC0415 - the same
    from mqtt_io.__main__ import main  # noqa: PLC0415 - the same

    gpiozero.Device.pin_factory = StampedFactory()
    main()
    return 0


if __name__ == "__main__":
    program = {"bridge": bridge, "mqtt_io": mqtt_io}[sys.argv.pop(1)]
    sys.exit(program())
