"""Printed QR codes of a site: made once, kept in step, taken out of use."""

from .codes import Printed, PrintedQrs
from .maker import QrRefusedError

__all__ = ["Printed", "PrintedQrs", "QrRefusedError"]
