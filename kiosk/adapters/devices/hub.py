"""All devices of one kiosk beside its cameras, each with its own thread; what is not set does not exist."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from kiosk.adapters.devices.lamp import open_lamp
from kiosk.adapters.devices.printer import PrinterThread, printer_opener
from kiosk.adapters.devices.scale import ScaleThread, scale_opener
from kiosk.adapters.devices.scanners import ScannerThread, scanner_opener
from kiosk.ports import Slip
from kiosk.visit.effects import DeviceEffect, PrintTicket, Weigh
from kiosk.visit.events import DeviceChanged, Event, PrintFailed, WeighingFailed

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Addresses as the settings say them."""

    scanner: str = "none"
    scale: str = "none"
    printer: str = "none"
    lamp: str = "none"


class Devices:
    """Starts, stops and commands them."""

    def __init__(
        self, settings: DeviceSettings, deliver: Callable[[Event], object], slip: Callable[[PrintTicket], Slip]
    ) -> None:
        """Get ready; nothing is opened yet, except that a lamp is looked for.

        Args:
            settings: Which devices there are.
            deliver: Takes their news, from any thread.
            slip: Sets a receipt into rows.

        Raises:
            AddressUnknownError: A setting names no device.
        """
        self._deliver = deliver
        self._slip = slip
        open_scanner = scanner_opener(settings.scanner)
        open_scale = scale_opener(settings.scale)
        open_printer = printer_opener(settings.printer)
        self._scanner = open_scanner and ScannerThread(open_scanner, deliver, deliver)
        self._scale = open_scale and ScaleThread(open_scale, deliver, deliver)
        self._printer = open_printer and PrinterThread(open_printer, deliver, deliver)
        self._lamp = None
        try:
            self._lamp = open_lamp(settings.lamp)
        except (OSError, ValueError) as problem:
            _LOG.warning("the lamp is not there: %s", problem)
            deliver(DeviceChanged("lamp", "lost"))

    def start(self) -> None:
        """Begin with each that there is."""
        for thread in (self._scanner, self._scale, self._printer):
            if thread is not None:
                thread.start()

    def stop(self) -> None:
        """End them."""
        for thread in (self._scanner, self._scale, self._printer):
            if thread is not None:
                thread.stop()
        self.show(waiting=False)

    def carry_out(self, effect: DeviceEffect) -> None:
        """Weigh or print; returns at once."""
        match effect:
            case Weigh():
                if self._scale is None:
                    self._deliver(WeighingFailed(effect.weigh_id, "lost"))
                else:
                    self._scale.weigh(effect)
            case PrintTicket():
                if self._printer is None:
                    self._deliver(PrintFailed(effect.job_id, "lost"))
                else:
                    self._printer.print(effect.job_id, self._slip(effect))
            case _:
                assert_never(effect)

    def show(self, *, waiting: bool) -> None:
        """Light the lamp while somebody waits for a colleague; a lamp that fails is told once and left alone."""
        if self._lamp is None:
            return
        try:
            self._lamp.show(waiting=waiting)
        except OSError as problem:
            _LOG.warning("the lamp is lost: %s", problem)
            self._lamp = None
            self._deliver(DeviceChanged("lamp", "lost"))
