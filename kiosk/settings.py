"""What the shop chooses for one kiosk: read once, from a file and from the environment, and passed down."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

DISTANT = 3600.0


class Settings(BaseSettings):
    """One kiosk. Cameras are texts: ``device:0``, ``folder:pictures``, ``file:clip.mp4``, ``stream:rtsp://...``,
    ``browser`` (the page lends its own), ``none``; for the face also ``same``: one device serves both roles.
    """  # noqa: D205 - the list of cameras belongs to the first sentence

    model_config = SettingsConfigDict(
        env_prefix="SESAME_KIOSK_", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    server_url: str = "http://127.0.0.1:8800"
    """Where the store is."""
    identity_file: Path = Path("var/kiosk/identity.json")
    """This kiosk's own key, made and paired by ``python -m kiosk pair CODE``; readable by its owner alone."""
    var_dir: Path = Path("var/kiosk")
    """The open visit, the outbox and the place in the store's events: what survives a crash."""
    models_dir: Path = Path("var/models")
    """Weights, each verified against its checksum before it is opened."""
    store_key_file: Path = Path("var/store.key")
    """Opens the sealed faces of this store. Made at the first start if it is absent; kiosks of a store share a copy."""
    host: str = "127.0.0.1"
    """The page is for this machine's own browser; nothing else needs to reach it."""
    port: int = Field(default=8810, ge=0, le=65535)
    """Of the page."""
    scan_camera: str = "device:0"
    """Reads bars: ``device:0``, ``stream:rtsp://...``, ``file:clip.mp4``, ``folder:pictures``, ``browser``, none."""
    face_camera: str = "same"
    """Sees a face after a tap: the same texts, and ``same`` where one device serves both."""
    scanner: str = "none"
    """``serial:/dev/ttyACM0?baud=9600``, ``hid:/dev/input/by-id/...`` or ``none``: one that types needs no setting."""
    scale: str = "none"
    """``serial:/dev/ttyUSB0?baud=9600&framing=7E1`` (Mettler Toledo 8217) or ``none``."""
    printer: str = "none"
    """``network:HOST?port=9100``, ``serial:/dev/ttyUSB1?baud=19200``, ``file:/dev/usb/lp0`` or ``none``. ESC/POS."""
    lamp: str = "none"
    """``led:NAME`` of a lamp below ``/sys/class/leds``, or ``none``. Lit while a colleague is waited for."""
    liveness: Literal["flash", "turn", "none"] = "flash"
    """Soft flashes of the screen, with the turn of the head for those who choose it; the turn alone; or nothing."""
    trace: bool = False
    """Write into the log when each stage of a scan was reached; for measuring."""
    locale: Literal["fr", "en", "zh"] = "fr"
    """The language that greets; each shopper may choose another."""
    idle_seconds: float = Field(default=60.0, gt=0, le=DISTANT)
    """Quiet time before the warning; the warning then leaves 30 s to answer (Visa's accessibility rule)."""
    look_timeout_seconds: float = Field(default=12.0, gt=0, le=120)
    """Long enough for a head turn of somebody who reads the hint first."""
    face_captures: int = Field(default=3, ge=1, le=8)
    """Averaging three captures took misses from 12.7 % to 2.3 % in the project's own measurements."""


class ConfigFileError(Exception):
    """The file of settings cannot be used; the text says where and what to do."""


def read_settings(config: Path | None = None, **chosen: object) -> Settings:
    """Return the settings: what was chosen goes before the environment, the environment before the file.

    Args:
        config: A TOML file as ``python -m kiosk setup --write`` makes it; None for none.
        **chosen: Settings by name, given on the command line.

    Raises:
        ConfigFileError: The file is not there or is no TOML.
        ValidationError: A setting is not as it should be, or there is no such setting.
    """
    if config is not None:
        try:
            tomllib.loads(config.read_text(encoding="utf-8"))
        except OSError as problem:
            raise ConfigFileError(
                f"{config}: {problem.strerror}. Write one with: python -m kiosk setup --write FOLDER"
            ) from problem
        except ValueError as problem:  # no UTF-8, or no TOML: it names line and column
            raise ConfigFileError(f"{config} is no TOML: {problem}.") from problem

    class FromFile(Settings):
        """The same, with the file behind the environment."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = () if config is None else (TomlConfigSettingsSource(settings_cls, config),)
            return (init_settings, env_settings, *file)

    return FromFile(**chosen)  # type: ignore[arg-type]  # checked by pydantic itself
