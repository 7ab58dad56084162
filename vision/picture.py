"""Make a frame of the bytes of a picture, which may come from anybody.

The size is read from the header before anything is decoded: a file of a few kilobytes can ask for gigabytes of pixels.
Three formats are known, and no decoder but theirs is ever reached.
"""

import struct

import cv2
import numpy as np

from vision.errors import PictureUnreadableError
from vision.frame import Frame

MAX_BYTES = 12_000_000  # a photograph of a present-day telephone has 3 to 8 MB
MAX_PIXELS = 25_000_000  # 75 MB decoded

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # every start of frame
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_JPEG_SCAN, _JPEG_END = 0xDA, b"\xff\xd9"


def decode_picture(
    content: bytes, *, captured_at_ns: int, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> Frame:
    """Return the picture as a frame, turned as its EXIF data says.

    Args:
        content: JPEG, PNG or WebP.
        captured_at_ns: Monotonic; when the picture arrived.
        max_bytes: Most bytes taken.
        max_pixels: Most pixels decoded.

    Raises:
        PictureUnreadableError: With the reason ``empty``, ``too_many_bytes``, ``unknown_format``, ``too_many_pixels``
            or ``damaged``.
    """
    if not content:
        raise PictureUnreadableError("empty", "The picture is empty.")
    if len(content) > max_bytes:
        raise PictureUnreadableError("too_many_bytes", f"The picture has more than {max_bytes // 1000} kB.")
    try:
        width, height = _size(content)
    except (struct.error, IndexError) as problem:
        raise PictureUnreadableError("damaged", "The picture ends within its header.") from problem
    if width <= 0 or height <= 0:
        raise PictureUnreadableError("damaged", "The picture says that it has no pixels.")
    if width * height > max_pixels:
        raise PictureUnreadableError(
            "too_many_pixels", f"The picture has {width}x{height} pixels; {max_pixels} are taken."
        )
    try:
        image = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as problem:
        raise PictureUnreadableError("damaged", "The picture cannot be decoded.") from problem
    if image is None or {image.shape[0], image.shape[1]} != {width, height}:
        raise PictureUnreadableError("damaged", "The picture cannot be decoded.")
    return Frame(np.asarray(image, dtype=np.uint8), captured_at_ns)


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(_PNG):
        return _png_size(content)
    if content.startswith(_JPEG):
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    raise PictureUnreadableError("unknown_format", "The picture is neither JPEG, PNG nor WebP.")


def _png_size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", content, 16)
    if b"IEND" not in content[-64:]:
        raise PictureUnreadableError("damaged", "The picture is cut off.")
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk the segments up to the pixels; the first start of frame tells the size."""
    size: tuple[int, int] | None = None
    place = 2
    while True:
        if content[place] != 0xFF:  # noqa: PLR2004 - every marker begins so
            raise PictureUnreadableError("damaged", "The picture has no marker where one must be.")
        marker = content[place + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a filling byte
            place += 1
            continue
        if marker in _JPEG_BARE:
            place += 2
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        if marker in _JPEG_SIZES and size is None:
            height, width = struct.unpack_from(">HH", content, place + 5)
            size = (width, height)
        if marker == _JPEG_SCAN:
            break
        place += 2 + max(length, 2)
    # A decoder would fill what is missing with grey; a picture that is still being written must not count as one.
    if size is None or content.find(_JPEG_END, place) < 0:
        raise PictureUnreadableError("damaged", "The picture is cut off.")
    return size


def _webp_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    (announced,) = struct.unpack_from("<I", content, 4)
    if len(content) < announced + 8:
        raise PictureUnreadableError("damaged", "The picture is cut off.")
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        (width,) = struct.unpack("<I", content[24:27] + b"\0")
        (height,) = struct.unpack("<I", content[27:30] + b"\0")
        return width + 1, height + 1
    raise PictureUnreadableError("damaged", "The picture is a WebP of no known kind.")
