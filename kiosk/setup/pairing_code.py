"""Read a pairing code off a manager's screen, with the camera that will read the shopper's items."""

import re
import time
from typing import Final

from vision.barcode.still import read_still
from vision.capture import open_camera
from vision.errors import CameraLostError

PREFIX: Final = "SESAME:P:"
_CODE: Final = re.compile(r"^(?:SESAME:P:)?([0-9A-Z]{4}-[0-9A-Z]{4})$")


def code_before(camera_setting: str, *, seconds: float) -> str | None:
    """Return the first pairing code that the camera sees, or None where there was none in time.

    Args:
        camera_setting: Which camera, as in the settings.
        seconds: How long to look.

    Raises:
        SourceUnknownError: The setting names no camera.
    """
    camera = open_camera(camera_setting)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            try:
                frame = camera.read()
            except CameraLostError:
                continue
            if frame is None:
                continue
            for text in (taken.text for taken in read_still(frame)):
                if (code := _CODE.match(text.strip())) is not None:
                    return code[1]
    finally:
        camera.close()
    return None
