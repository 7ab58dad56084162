"""The files that make a machine a kiosk: its settings, the service that runs it, and what shows its page."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.settings import Settings

CONFIG: Final = "kiosk.toml"
SERVICE: Final = "sesame-kiosk.service"
LAUNCHER: Final = "sesame-kiosk-page"
AUTOSTART: Final = "sesame-kiosk-page.desktop"


class FileThereError(Exception):
    """A file would be written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; --force writes it anew")


def config_text(settings: Settings) -> str:
    """Return the settings as TOML, each with its reason above it, those that were left alone as comments."""
    lines = ["# One Sésame kiosk. A variable SESAME_KIOSK_<NAME> of the environment goes before what stands here.", ""]
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        lines.extend(f"# {row}" for row in (field.description or "").splitlines() if row.strip())
        is_default = value == field.get_default(call_default_factory=True)
        lines.append(f"{'# ' if is_default else ''}{name} = {_toml(value)}")
        lines.append("")
    return "\n".join(lines)


def service_text(*, python: Path, root: Path, config: Path, user: str, settings: Settings) -> str:
    """Return the unit of systemd that keeps the kiosk running.

    A kiosk that ended is begun again at once, and without end; what it showed is on disk. It may write where its
    settings keep what survives a crash, and nowhere else.
    """
    named = (settings.var_dir, settings.identity_file.parent, settings.store_key_file.parent)
    kept = {root / "var", *(root / each for each in named)}
    writes = sorted(str(folder) for folder in kept if not kept.intersection(folder.parents))
    return f"""\
[Unit]
Description=Sésame kiosk
# Not after the network: a kiosk opens without it, with the prices that it has.
# Begun again however often it ends: nobody stands beside it to do it by hand.
StartLimitIntervalSec=0

[Service]
User={user}
WorkingDirectory={root}
ExecStart={python} -m kiosk run --config {config}
Restart=always
RestartSec=300ms
# Cameras, serial lines and keyboards belong to these groups on Debian.
SupplementaryGroups=video dialout input lp
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths={" ".join(writes)}
# Compiled once and kept where this unit may write: half of each start would go into compiling.
Environment=PYTHONPYCACHEPREFIX={root / "var" / "pycache"}
ProtectHome=read-only
PrivateTmp=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LockPersonality=true

[Install]
WantedBy=multi-user.target
"""


def launcher_text(*, browser: str, settings: Settings) -> str:
    """Return the script that shows the page, whole screen, and shows it again when the browser ends."""
    page = f"http://{settings.host}:{settings.port}/"
    return f"""\
#!/bin/sh
# Shows the kiosk's page on the whole screen. Ends with the session that started it.
ready='import urllib.request as u; u.urlopen("{page}health", timeout=2)'
until /usr/bin/python3 -c "$ready" 2>/dev/null; do sleep 1; done
while true; do
  {shlex.quote(browser)} --kiosk --noerrdialogs --disable-session-crashed-bubble --disable-pinch \\
    --overscroll-history-navigation=0 --autoplay-policy=no-user-gesture-required \\
    --use-fake-ui-for-media-stream --disable-features=Translate --check-for-update-interval=31536000 \\
    --no-first-run --user-data-dir="${{XDG_RUNTIME_DIR:-/tmp}}/sesame-kiosk-page" {shlex.quote(page)}
  sleep 1
done
"""


def autostart_text(launcher: Path) -> str:
    """Return the desktop entry that starts the launcher with the session."""
    return f"""\
[Desktop Entry]
Type=Application
Name=Sésame kiosk
Exec={launcher}
X-GNOME-Autostart-enabled=true
"""


def write(folder: Path, files: Mapping[str, str], *, force: bool) -> tuple[Path, ...]:
    """Write files whole, scripts so that they can be run.

    Raises:
        FileThereError: One of them is there already; none was written then.
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / name for name in files)
    if not force and (there := next((path for path in paths if path.exists()), None)) is not None:
        raise FileThereError(there)
    for path, text in zip(paths, files.values(), strict=True):
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755 if text.startswith("#!") else 0o644)
        os.replace(fresh, path)  # noqa: PTH105 - the atomic one
    return paths


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            text = str(value).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{text}"'
