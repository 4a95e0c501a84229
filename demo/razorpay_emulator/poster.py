"""The tall picture behind a QR code's short link."""

import io

from PIL import Image, ImageDraw, ImageFont
import qrcode
from qrcode.image.pil import PilImage

SIZE = (419, 1024)
CODE_PX = 360
MAX_TEXT = 48


def draw(text: str, description: str) -> bytes:
    """Return a PNG with the QR code of a text, in Razorpay's format (blocking)."""
    poster = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(poster)
    pen.rectangle((0, 0, SIZE[0], 90), fill="#2557d6")
    _write(pen, 45, "EMULATOR", 30, "white")
    _write(pen, 150, description[:MAX_TEXT] or "Payment", 22, "black")
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    picture = code.make_image(image_factory=PilImage).get_image().convert("RGB")
    picture = picture.resize((CODE_PX, CODE_PX), Image.Resampling.NEAREST)
    poster.paste(picture, ((SIZE[0] - CODE_PX) // 2, 230))
    _write(pen, 660, "Scan with any UPI app", 22, "black")
    _write(pen, 960, "no real money", 20, "gray")
    png = io.BytesIO()
    poster.save(png, format="PNG")
    return png.getvalue()


def _write(pen: ImageDraw.ImageDraw, y: int, text: str, size: int, ink: str) -> None:
    font = ImageFont.load_default(size)
    pen.text((SIZE[0] / 2, y), text, fill=ink, font=font, anchor="mm")
