"""The picture of a shop: whatever was sent is looked at as pixels and written anew, small, or refused."""

import io
from hashlib import sha256
from threading import Lock
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from server.flows.errors import FlowError

WIDTH_PX: Final = 960
HEIGHT_PX: Final = 600
LEAST_PX: Final = 200
MOST_PIXELS: Final = 24_000_000
"""What a phone's camera takes; more is refused before a pixel of it is unpacked."""
FORMATS: Final = ("JPEG", "PNG", "WEBP")
QUALITY: Final = 82

_UNREADABLE: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What the library raises over a file that is no picture, broken, or absurdly large."""

_one_at_a_time: Final = Lock()
"""A file of 90 bytes may say that it is 24 million pixels, which take half a gigabyte: once, never for each request."""


def drawn_anew(sent: bytes) -> tuple[bytes, str]:
    """Return a picture as this server keeps it, JPEG of 960 x 600 with nothing but pixels, and its SHA-256 in hex.

    What does not fit the shape is cut off evenly; what lies on its side by its own word is set upright.

    Raises:
        FlowError: `picture_unfit`: it is no picture, too large or too small.
    """
    with _one_at_a_time:
        made = _drawn(sent)
    return made, sha256(made).hexdigest()


def _drawn(sent: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(sent), formats=FORMATS) as opened:
            wide, high = opened.size
            if wide * high > MOST_PIXELS or min(wide, high) < LEAST_PX:
                detail = f"It is {wide} x {high} pixels."
                raise FlowError("picture_unfit", detail, least_px=LEAST_PX, most_pixels=MOST_PIXELS)
            opened.draft("RGB", (2 * WIDTH_PX, 2 * HEIGHT_PX))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.getchannel("A"))
    except _UNREADABLE as error:
        raise FlowError("picture_unfit", "It is no picture that can be read.") from error
    fitted = ImageOps.fit(flat, (WIDTH_PX, HEIGHT_PX))
    written = io.BytesIO()
    fitted.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
