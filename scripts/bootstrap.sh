#!/usr/bin/env bash
# Install what the project needs on a Debian-like machine, and say so: bootstrap.sh runtime|dev
# Nothing is done twice: system packages that are there are left alone, and a stamp remembers which lock was installed.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:?runtime or dev}
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

# System packages. libzbar0: the second opinion on barcodes (pyzbar). libgl1, libglib2.0-0, libxcb1...: what
# opencv-python's window code links to. fonts-noto-cjk: Chinese on the screens. chromium: the kiosk's browser and the tests'.
packages=(libzbar0 libgl1 libglib2.0-0 fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji)
if [ "$kind" = dev ]; then packages+=(chromium util-linux); fi
if command -v dpkg-query >/dev/null; then
  missing=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' \
      || dpkg-query -W -f '${Status}' "${package}t64" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  python3.11 -c 'import venv, ensurepip' 2>/dev/null || python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  if [ ${#missing[@]} -gt 0 ]; then
    sudo=(); if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || { echo "Please install, as root: apt-get install ${missing[*]}" >&2; exit 1; }
      sudo=(sudo)
    fi
    say "Installing system packages: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
else
  say "This is not a Debian-like machine: please see to it that these are there: ${packages[*]}"
fi

# Python 3.11 and a virtual environment from hashed locks.
python=$(command -v python3.11 || command -v python3)
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
  || { echo "Sésame needs Python 3.11; found $("$python" --version). On Debian 12: apt-get install python3.11 python3.11-venv" >&2; exit 1; }
if [ ! -x .venv/bin/python ]; then
  say "Making a virtual environment in .venv"
  "$python" -m venv .venv
fi
lock=requirements/$kind.lock
stamp=.venv/.installed-$kind
if ! cmp -s "$lock" "$stamp"; then
  say "Installing the locked Python packages of $lock (about 700 MB unpacked; a minute or two)"
  # --no-deps: the lock is complete, and leaves out on purpose what three packages ask for (see docs/dependencies.md).
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock" 2> >(grep -v 'is ignored: it is neither' >&2)
  cp "$lock" "$stamp"
fi

# Devices that are not ours (emupos: printer, scale and scanner on the wire) need a newer Python; without one, their test
# says so and is passed over.
if [ "$kind" = dev ] && ! cmp -s requirements/simulators.lock var/simulators/.installed; then
  for modern in python3.13 python3.14 ~/.pyenv/versions/3.1[34]*/bin/python none; do
    "$modern" -c 'import sys, venv; sys.exit(sys.version_info < (3, 13))' 2>/dev/null && break
  done
  if [ "$modern" != none ]; then
    say "Installing simulated devices into var/simulators (50 MB)"
    "$modern" -m venv --clear var/simulators
    var/simulators/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/simulators.lock 2> >(grep -v 'is ignored: it is neither' >&2)
    cp requirements/simulators.lock var/simulators/.installed
  fi
fi

# Weights: read out of the installed packages, verified, rewritten where the runtime needs it.
.venv/bin/python -m models install
# Web pages: built again only when their sources or their lock changed.
PYTHONPATH=. .venv/bin/python scripts/webbuild.py
