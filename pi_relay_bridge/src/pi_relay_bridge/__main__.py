"""Run the command line as `python -m pi_relay_bridge`."""

import sys

from .cli import main

sys.exit(main())
