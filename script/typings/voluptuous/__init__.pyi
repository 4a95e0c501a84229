# For mypy: Home Assistant serves voluptuous through probatio, so its types are these.
from probatio import *  # noqa: F403
