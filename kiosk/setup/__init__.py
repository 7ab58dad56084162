"""Set a kiosk up: pair it, check what it has, and write the files that start it with the machine."""
