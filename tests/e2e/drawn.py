"""Packs that the tests draw themselves: a label, a name, and a real barcode."""

from pathlib import Path

import cv2
import numpy as np
import zxingcpp

WIDTH, HEIGHT = 1280, 720
PAPER = (226, 240, 247)
INK = (52, 62, 28)
BAND = (64, 110, 36)


def pack(folder: Path, code: str, name: str) -> Path:
    """Draw the back of a pack as a camera sees it, and return the picture's place."""
    picture = np.full((HEIGHT, WIDTH, 3), (92, 104, 98), np.uint8)
    cv2.rectangle(picture, (250, 70), (1030, 660), PAPER, -1)
    cv2.rectangle(picture, (250, 70), (1030, 190), BAND, -1)
    cv2.putText(picture, name, (285, 148), cv2.FONT_HERSHEY_DUPLEX, 1.5, (255, 255, 255), 2, cv2.LINE_AA)
    for row, length in enumerate((610, 540, 580)):
        cv2.line(picture, (290, 240 + 34 * row), (290 + length, 240 + 34 * row), (176, 190, 190), 9, cv2.LINE_AA)
    kind = zxingcpp.BarcodeFormat.EAN13
    bars = np.asarray(zxingcpp.create_barcode(code, kind).to_image(scale=4, add_hrt=True))
    top, left = 370, 640 - bars.shape[1] // 2
    picture[top : top + bars.shape[0], left : left + bars.shape[1]] = bars[..., None]
    # A little turn and blur, as a hand and a lens give them.
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 3.0, 0.98)
    seen = cv2.GaussianBlur(cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderValue=(92, 104, 98)), (3, 3), 0)
    place = folder / f"pack-{code}.png"
    cv2.imwrite(str(place), seen)
    return place
