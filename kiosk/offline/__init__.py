"""What outlives a lost network and a lost process: writes in order, and the one open visit."""
