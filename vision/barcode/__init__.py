"""Bars and matrices: read them from frames, and believe only what was read well enough."""
