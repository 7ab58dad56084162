"""Thin routes, one file for each part of the shop."""
