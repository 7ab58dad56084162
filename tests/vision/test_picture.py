"""Pictures from anybody."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from vision.errors import PictureUnreadableError
from vision.frame import Frame
from vision.picture import decode_picture

IMAGE = np.random.default_rng(5).integers(0, 255, (60, 80, 3), dtype=np.uint8)


def encoded(suffix: str) -> bytes:
    ok, content = cv2.imencode(suffix, IMAGE)
    assert ok
    return content.tobytes()


def read(content: bytes, **limits: int) -> Frame:
    return decode_picture(content, captured_at_ns=7, **limits)


def refused(content: bytes, **limits: int) -> str:
    with pytest.raises(PictureUnreadableError) as caught:
        read(content, **limits)
    return caught.value.reason


def a_png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that announces so many pixels, well-formed but for the missing pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_frame_has_the_size_of_the_picture_when_it_is_read(suffix: str) -> None:
    frame = read(encoded(suffix))

    assert (frame.width_px, frame.height_px, frame.captured_at_ns) == (80, 60, 7)


def test_pixels_are_unchanged_when_the_picture_is_lossless() -> None:
    np.testing.assert_array_equal(read(encoded(".png")).image, IMAGE)


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (2**31 - 1, 2**31 - 1), (50_000_001, 1)])
def test_bomb_is_refused_before_it_is_decoded_when_it_announces_many_pixels(width: int, height: int) -> None:
    bomb = a_png_bomb(width, height)

    assert len(bomb) < 200
    assert refused(bomb) == "too_many_pixels"


def test_webp_and_jpeg_bombs_are_refused_when_their_headers_announce_many_pixels() -> None:
    jpeg = bytearray(encoded(".jpg"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65535, 65535)
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff" * 2
    webp = b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended

    assert refused(bytes(jpeg)) == "too_many_pixels"
    assert refused(webp) == "too_many_pixels"


def test_picture_is_refused_when_it_has_too_many_bytes() -> None:
    content = encoded(".png")

    assert refused(content, max_bytes=len(content) - 1) == "too_many_bytes"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"GIF89a....", "unknown_format"), (b"<svg/>", "unknown_format"), (b"\xff\xd8\xff", "damaged")],
)
def test_reason_is_named_when_bytes_are_no_picture(content: bytes, reason: str) -> None:
    assert refused(content) == reason


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@given(share=st.floats(0.05, 0.98))
def test_picture_is_refused_when_it_is_cut_off(suffix: str, share: float) -> None:
    content = encoded(suffix)

    assert refused(content[: int(len(content) * share)]) in {"damaged", "unknown_format"}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@given(data=st.data())
def test_picture_is_read_or_refused_in_our_words_when_bytes_are_changed(suffix: str, data: st.DataObject) -> None:
    content = bytearray(encoded(suffix))
    for _ in range(4):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    try:
        frame = read(bytes(content), max_pixels=1_000_000)
    except PictureUnreadableError as problem:
        assert problem.reason  # noqa: PT017 - either outcome is right, another exception is not
    else:
        assert frame.image.dtype == np.uint8
        assert frame.image.ndim == 3


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_in_our_words_when_read(content: bytes) -> None:
    assert refused(content)
    assert refused(b"\xff\xd8\xff" + content)
    assert refused(b"RIFF\0\0\0\0WEBP" + content)


def saved(kind: str, image: Image.Image, **options: object) -> bytes:
    """Return the picture as another program writes it."""
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def exif_turned_right() -> bytes:
    """Return what a telephone writes that was held upright: the picture lies on its side."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = 6
    return said.tobytes()


PILLOW = Image.fromarray(np.ascontiguousarray(IMAGE[..., ::-1]))
OTHER = Image.fromarray(np.ascontiguousarray(255 - IMAGE[..., ::-1]))


@pytest.mark.parametrize(
    "content",
    [
        cv2.imencode(".png", IMAGE.astype(np.uint16) * 257)[1].tobytes(),
        cv2.imencode(".png", np.dstack([IMAGE, np.full((60, 80), 7, np.uint8)]))[1].tobytes(),
        saved("PNG", PILLOW, save_all=True, append_images=[OTHER]),
        saved("WEBP", PILLOW, save_all=True, append_images=[OTHER], lossless=True),
    ],
    ids=["16 bits", "see-through", "animated PNG", "animated WebP"],
)
def test_first_picture_in_eight_bits_is_read_when_a_file_holds_more(content: bytes) -> None:
    np.testing.assert_allclose(read(content).image, IMAGE, atol=1)


@pytest.mark.parametrize(
    "content",
    [saved("JPEG", PILLOW.convert("CMYK")), saved("JPEG", PILLOW, progressive=True)],
    ids=["CMYK", "by passes"],
)
def test_colours_are_nearly_right_when_a_jpeg_is_of_a_rare_kind(content: bytes) -> None:
    frame = read(content)

    assert frame.image.shape == (60, 80, 3)
    assert abs(float(frame.image.mean()) - float(IMAGE.mean())) < 5


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_picture_stands_upright_when_the_telephone_said_how_it_was_held(kind: str) -> None:
    shaded = Image.fromarray(np.repeat(np.arange(60, dtype=np.uint8)[:, None] * 4, 80, axis=1))

    frame = read(saved(kind, shaded.convert("RGB"), exif=exif_turned_right(), quality=95))

    assert (frame.width_px, frame.height_px) == (60, 80)
    # The first row was the right side of what was seen.
    assert frame.image[40, 55].max() < 40
    assert frame.image[40, 5].min() > 180


def test_animation_of_another_kind_is_refused_in_our_words_when_shown() -> None:
    assert refused(saved("GIF", PILLOW, save_all=True, append_images=[OTHER])) == "unknown_format"
