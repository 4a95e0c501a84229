"""QR codes as pictures."""

import base64
import io

import qrcode
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage


def qr_data_url(text: str) -> str:
    """Return a PNG with the QR code of a text, as a data URL (blocking)."""
    return "data:image/png;base64," + base64.b64encode(qr_png(text)).decode()


def qr_png(text: str) -> bytes:
    """Return a PNG with the QR code of a text (blocking)."""
    code = qrcode.QRCode(border=4, box_size=8)
    code.add_data(text)
    picture = io.BytesIO()
    code.make_image(image_factory=PilImage).save(picture, format="PNG")
    return picture.getvalue()


def qr_svg(text: str) -> str:
    """Return an SVG picture of the QR code of a text, scaling freely (blocking)."""
    code = qrcode.QRCode(border=4, image_factory=SvgPathImage)
    code.add_data(text)
    return code.make_image().to_string(encoding="unicode")
