"""Whether something like a bar code is in view at all, read or not: what a hint to the shopper waits for.

No engine is asked: they find what they can read. Bars are many edges of one direction side by side, so the structure
tensor of their neighbourhood is strong and coherent over an area, where the edge of a table is one thin line and print
points everywhere. Of 137 photographs of EAN and UPC codes it notices 84 %, of 25 of other things 2 (``docs/kiosk.md``).

Source: J. Bigün and G. H. Granlund, "Optimal orientation detection of linear symmetry", ICCV 1987.
"""

from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike

from vision.frame import Frame

WIDTH_PX: Final = 640  # bars too fine to be seen at this width are too far away for any engine too
BLOCK_PX: Final = 17  # the neighbourhood: some ten bars of a code at arm's length
COHERENT: Final = 0.75  # of 1 for edges of exactly one direction
STRONG: Final = 900.0  # mean square of the gradient: bars of a contrast of some 30 of 255
STEP_PX: Final = 4
AREA_PX: Final = 32  # the least side of the area; one edge alone makes a band of about BLOCK_PX


def shows_bars(frame: Frame) -> bool:
    """Say whether an area of the frame looks like bars, at whatever angle. Takes some 4 ms of one core."""
    height_px = max(1, round(frame.height_px * WIDTH_PX / frame.width_px))
    small = cv2.resize(frame.image, (WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.25)
    of_x, of_y, of_both = (_around(product) for product in (across * across, down * down, across * down))
    energy = of_x + of_y
    one_way = (of_x - of_y) ** 2 + 4 * of_both**2
    bars = ((energy > STRONG) & (one_way > (COHERENT * energy) ** 2)).astype(np.uint8)
    # Beyond the picture nothing is known: an area cut by its edge does not count as whole.
    side = AREA_PX // STEP_PX
    whole = cv2.erode(bars, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return bool(whole.any())


def _around(product: MatLike) -> MatLike:
    """Return the mean over each neighbourhood, at every fourth pixel: neighbours differ little."""
    return cv2.blur(product, (BLOCK_PX, BLOCK_PX))[::STEP_PX, ::STEP_PX]
