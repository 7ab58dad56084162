"""The cameras' threads: they take the newest frame, ask the visit what they may look for, and tell what they saw."""

from kiosk.watcher.bars import BarReader
from kiosk.watcher.faces import FaceBooth
from kiosk.watcher.station import Station
from kiosk.watcher.watch import CameraWatch

__all__ = ["BarReader", "CameraWatch", "FaceBooth", "Station"]
