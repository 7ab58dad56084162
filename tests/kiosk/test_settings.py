"""Settings come from a file, from the environment before it, and from the command line before both."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from kiosk.settings import ConfigFileError, Settings, read_settings
from kiosk.setup.files import config_text


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text('locale = "zh"\nport = 9000\nprinter = "file:/dev/usb/lp0"\n')
    return path


def test_the_file_holds_when_nothing_else_says_otherwise(config: Path) -> None:
    assert (read_settings(config).locale, read_settings(config).port) == ("zh", 9000)


def test_the_environment_and_then_the_command_line_go_before_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESAME_KIOSK_LOCALE", "en")
    monkeypatch.setenv("SESAME_KIOSK_PORT", "9001")

    settings = read_settings(config, port=9002)

    assert (settings.locale, settings.port, settings.printer) == ("en", 9002, "file:/dev/usb/lp0")


def test_a_written_file_reads_back_as_the_settings_it_was_written_from(tmp_path: Path) -> None:
    settings = Settings(locale="en", scale='serial:/dev/a "b"?baud=9600', idle_seconds=90.5, printer="network:p?port=1")
    path = tmp_path / "kiosk.toml"
    path.write_text(config_text(settings))

    assert read_settings(path).model_dump() == settings.model_dump()


def test_every_setting_says_what_it_is_for_when_the_file_is_written() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]

    assert undescribed == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("locale = fr\n", "is no TOML"), ("locale = \xff\n", "is no TOML")],
)
def test_a_file_is_refused_with_its_place_when_it_is_no_toml(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(ConfigFileError, match=words):
        read_settings(path)


def test_a_file_that_is_not_there_is_refused_with_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match="setup --write"):
        read_settings(tmp_path / "absent.toml")


def test_a_misspelt_setting_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('locales = "fr"\n')

    with pytest.raises(ValidationError, match="locales"):
        read_settings(path)
