"""The image to copy: letters drawn askew, which a person reads and a program should not try to."""

from __future__ import annotations

import io
import secrets

from PIL import Image, ImageDraw, ImageFont

# Without the letters and digits that look alike.
_LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ23456789"
LENGTH = 5
_WIDTH, _HEIGHT = 240, 76


def new_answer() -> str:
    """What the next image shows."""
    return "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))


def draw(answer: str) -> bytes:
    """The image, as PNG."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "#eef2f8")
    pen = ImageDraw.Draw(image)
    for _ in range(9):
        ends = [secrets.randbelow(_WIDTH if i % 2 == 0 else _HEIGHT) for i in range(4)]
        pen.line(ends, fill="#9db2cc", width=2)
    font = ImageFont.load_default(44)
    for index, letter in enumerate(answer):
        one = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        ImageDraw.Draw(one).text((16, 4), letter, font=font, fill="#1d3557")
        turned = one.rotate(secrets.randbelow(50) - 25, resample=Image.Resampling.BICUBIC)
        image.paste(turned, (4 + index * 42, 2 + secrets.randbelow(10)), turned)
    drawn = io.BytesIO()
    image.save(drawn, "PNG")
    return drawn.getvalue()
