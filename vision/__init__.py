"""What the cameras see: bars, faces, and how alike two faces are.

The window is empty on purpose: who compares two templates (``vision.matching``) loads no camera library.
"""
