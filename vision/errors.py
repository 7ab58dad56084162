"""What sight can fail at.

VisionError
    PictureUnreadableError   bytes that are no picture, or too much of one
    CameraLostError          a camera that gives no more frames
    DecodersLostError        engines that crash or hang over frame after frame
    SourceUnknownError       a setting that names no kind of camera
    TemplateMalformedError   bytes that are no template
    ModelMismatchError       templates of two models, which cannot be compared
    SealBrokenError          a sealed template under another key or name, or changed
    HistogramMalformedError  a file that is no histogram of impostors
    KeyFileError             a key file that is missing, open to others, or no key
    KeyTextError             the text of a code that holds no shopper's key
"""


class VisionError(Exception):
    """The root of the family."""


class PictureUnreadableError(VisionError):
    """These bytes are not a picture that we take; ``reason`` is one of a few words and ``str()`` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class CameraLostError(VisionError):
    """A camera gives no more frames; ``attempts`` says how often it was opened again."""

    def __init__(self, source: str, *, attempts: int) -> None:
        self.source = source
        self.attempts = attempts
        super().__init__(f"The camera {source!r} gives no picture; it was opened again {attempts} times.")


class DecodersLostError(VisionError):
    """The engines that read bars crash or hang; ``frames`` says over how many in a row."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        super().__init__(f"The engines that read bars ended over {frames} frames in a row; they are begun again.")


class SourceUnknownError(VisionError):
    """A setting names no kind of camera."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        super().__init__(
            f"{setting!r} names no camera. Write device:0, file:clip.mp4, folder:pictures, "
            "stream:rtsp://... or stream:http://..."
        )


class TemplateMalformedError(VisionError):
    """These bytes are not a template."""


class ModelMismatchError(VisionError):
    """Two templates of different models were to be compared."""

    def __init__(self, *, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(
            f"A template of {found!r} cannot be compared with one of {expected!r}: enrol the shopper again."
        )


class SealBrokenError(VisionError):
    """A sealed template does not open: another key, another reference, another model, or changed bytes."""


class HistogramMalformedError(VisionError):
    """A file does not hold a histogram of impostors: delete it, and the measured table is used until it has grown."""


class KeyFileError(VisionError):
    """A key file cannot be used."""


class KeyTextError(VisionError):
    """The text of a code holds no key of a shopper. The text itself is never repeated: it may be half a key."""
