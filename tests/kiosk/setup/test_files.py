"""The files that start a kiosk with its machine."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.settings import Settings
from kiosk.setup.files import FileThereError, autostart_text, config_text, launcher_text, service_text, write


def test_the_service_starts_the_kiosk_with_its_file_and_brings_it_back_when_it_ends() -> None:
    text = service_text(
        python=Path("/opt/k/.venv/bin/python"),
        root=Path("/opt/k"),
        config=Path("/etc/kiosk.toml"),
        user="kiosk",
        settings=Settings(),
    )
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # names of systemd have capitals
    unit.read_string(text)

    assert unit["Service"]["ExecStart"] == "/opt/k/.venv/bin/python -m kiosk run --config /etc/kiosk.toml"
    assert (unit["Service"]["Restart"], unit["Service"]["User"]) == ("always", "kiosk")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"  # by default it stays down after five ends in ten seconds
    assert unit["Service"]["ReadWritePaths"] == "/opt/k/var"
    assert unit["Service"]["Environment"] == "PYTHONPYCACHEPREFIX=/opt/k/var/pycache"


def test_the_service_may_write_where_its_settings_keep_what_must_last() -> None:
    settings = Settings(var_dir=Path("/srv/kiosk"), identity_file=Path("/srv/kiosk/key/identity.json"))

    text = service_text(
        python=Path("/bin/true"), root=Path("/opt/k"), config=Path("/k.toml"), user="kiosk", settings=settings
    )

    assert "ReadWritePaths=/opt/k/var /srv/kiosk\n" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_finds_nothing_wrong_with_the_service(tmp_path: Path) -> None:
    unit = tmp_path / "sesame-kiosk.service"
    unit.write_text(
        service_text(
            python=Path("/bin/true"), root=tmp_path, config=tmp_path / "k.toml", user="root", settings=Settings()
        )
    )

    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "sesame-kiosk.service" in line] == []


def test_the_launcher_is_a_right_script_that_shows_the_page_on_the_whole_screen(tmp_path: Path) -> None:
    script = tmp_path / "page"
    script.write_text(launcher_text(browser="/usr/bin/chromium", settings=Settings(port=8811)))

    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    assert "--kiosk" in script.read_text()
    assert "http://127.0.0.1:8811/" in script.read_text()


def test_nothing_is_written_when_one_of_the_files_is_there(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")

    with pytest.raises(FileThereError, match="--force"):
        write(tmp_path, {"a": "1", "b": "2"}, force=False)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]
    assert (tmp_path / "b").read_text() == "mine"


def test_scripts_can_be_run_when_they_are_written(tmp_path: Path) -> None:
    script, config = write(tmp_path, {"page": "#!/bin/sh\n", "kiosk.toml": config_text(Settings())}, force=False)

    assert script.stat().st_mode & 0o777 == 0o755
    assert config.stat().st_mode & 0o777 == 0o644
    assert autostart_text(script).splitlines()[0] == "[Desktop Entry]"
