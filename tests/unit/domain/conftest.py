"""Settings for tests of the pure core."""

from hypothesis import settings

# A busy machine is no defect.
settings.register_profile("paybay", deadline=None)
settings.load_profile("paybay")
