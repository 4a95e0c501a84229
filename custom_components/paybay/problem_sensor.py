"""Whether something is wrong with a bay."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .domain.bay import BayStatus
from .entity import BayEntity

PROBLEM = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


class ProblemSensor(BayEntity, BinarySensorEntity):
    """On while a bay cannot serve for a fault; unknown while nobody can ask it."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether its device reports a fault, or its relay did not obey."""
        face = self.bay.face
        if face.fault or face.status is BayStatus.PROBLEM:
            return True
        return False if face.in_reach else None
