"""Devices beside the cameras: scanners, scale, receipt printer, lamp. Losing one never blocks a sale."""
