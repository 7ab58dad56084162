"""What the shop chooses for one kiosk, read once from the environment (``SESAME_KIOSK_...``) and passed down."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DISTANT = 3600.0


class Settings(BaseSettings):
    """One kiosk. Cameras are texts: ``device:0``, ``folder:pictures``, ``file:clip.mp4``, ``stream:rtsp://...``,
    ``browser`` (the page lends its own), ``none``; for the face also ``same``: one device serves both roles.
    """  # noqa: D205 - the list of cameras belongs to the first sentence

    model_config = SettingsConfigDict(env_prefix="SESAME_KIOSK_", frozen=True, extra="forbid")

    server_url: str = "http://127.0.0.1:8800"
    identity_file: Path = Path("var/kiosk/identity.json")
    """This kiosk's own key, made and paired by ``python -m kiosk pair CODE``; readable by its owner alone."""
    var_dir: Path = Path("var/kiosk")
    """The open visit, the outbox and the place in the store's events: what survives a crash."""
    models_dir: Path = Path("var/models")
    store_key_file: Path = Path("var/store.key")
    """Opens the sealed faces of this store. Made at the first start if it is absent; kiosks of a store share a copy."""
    host: str = "127.0.0.1"
    port: int = Field(default=8810, ge=0, le=65535)
    scan_camera: str = "device:0"
    face_camera: str = "same"
    scanner: str = "none"
    """``serial:/dev/ttyACM0?baud=9600``, ``hid:/dev/input/by-id/...`` or ``none``: one that types needs no setting."""
    scale: str = "none"
    """``serial:/dev/ttyUSB0?baud=9600&framing=7E1`` (Mettler Toledo 8217) or ``none``."""
    printer: str = "none"
    """``network:HOST?port=9100``, ``serial:/dev/ttyUSB1?baud=19200``, ``file:/dev/usb/lp0`` or ``none``. ESC/POS."""
    lamp: str = "none"
    """``led:NAME`` of a lamp below ``/sys/class/leds``, or ``none``. Lit while a colleague is waited for."""
    liveness: Literal["turn", "none"] = "turn"
    locale: Literal["fr", "en", "zh"] = "fr"
    idle_seconds: float = Field(default=60.0, gt=0, le=DISTANT)
    """Quiet time before the warning; the warning then leaves 30 s to answer (Visa's accessibility rule)."""
    look_timeout_seconds: float = Field(default=12.0, gt=0, le=120)
    """Long enough for a head turn of somebody who reads the hint first."""
    face_captures: int = Field(default=3, ge=1, le=8)
    """Averaging three captures took misses from 12.7 % to 2.3 % in the project's own measurements."""
