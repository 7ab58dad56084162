"""Somebody at the kiosk who drives it as its page does."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.e2e.stack import Stack, get_json

CODE = "0000105000219"
"""A pack of tea for 1.69: cheap, so that one shopper stays below what number and PIN may pay in a day."""
PHONE = "+33199005678"
PATIENCE_SECONDS = 60.0
GLANCE_SECONDS = 2.0

Screen = dict[str, Any]


class Shopper:
    """Drives the kiosk as its page does, and knows nothing else."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._pin = stack.logins[PHONE]

    def act(self, act: dict[str, Any]) -> int:
        """Send one act; return the status."""
        body = json.dumps({**act, "pin": self._pin} if act.get("pin") == "PIN" else act).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._stack.kiosk.url}/acts", body, headers)  # noqa: S310 - our own loopback
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def glance(self, is_there: Callable[[Screen], bool], seconds: float = GLANCE_SECONDS) -> tuple[bool, Screen]:
        """Look until the screen is as it should be, for a while; return whether it was, and what was seen last."""
        until = time.monotonic() + seconds
        screen: Screen = {}
        while time.monotonic() < until:
            try:
                screen = get_json(f"{self._stack.kiosk.url}/screen")
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                screen = {}
            if screen and is_there(screen):
                return True, screen
            time.sleep(0.02)
        return False, screen

    def wait(self, is_there: Callable[[Screen], bool], what: str) -> Screen:
        """Wait for a screen and return it."""
        found, screen = self.glance(is_there, PATIENCE_SECONDS)
        if found:
            return screen
        told = json.dumps({name: screen.get(name) for name in ("panel", "notice", "shop", "waiting", "basket")})
        raise AssertionError(f"no {what}; the screen was {told[:1500]}")

    def panel(self, *names: str) -> Screen:
        """Wait for one of these panels."""
        return self.wait(lambda screen: screen["panel"]["name"] in names, f"panel {names}")

    def go(self, way: tuple[dict[str, Any], ...]) -> None:
        """Do the acts of a way one after the other, each as soon as the screen offers it."""
        for act in way:
            self.wait(lambda screen, name=act["act"]: name in screen["possible"], act["act"])  # type: ignore[misc] # bound now
            assert self.act(act) == 202, act
