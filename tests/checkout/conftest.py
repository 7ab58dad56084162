"""How properties are searched here."""

from hypothesis import settings

# The machine that runs the checks is shared, so a slow moment is no failure.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
