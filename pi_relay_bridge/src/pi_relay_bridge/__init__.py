"""Switch relays on a Raspberry Pi for the time that was paid for, over MQTT."""

__version__ = "0.1.0"
