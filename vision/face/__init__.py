"""Faces: find one, judge it, make a template of it."""
