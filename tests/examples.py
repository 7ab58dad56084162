"""How many examples a property is tried with.

Some, the same ones each time, in `make test`; many others in `make proof` (`pytest --hypothesis-profile=proof`). A
property that needs more than others, or fewer, says with `examples` how many for each hundred of its profile.
"""

from hypothesis import HealthCheck, settings


def register_profiles() -> None:
    """Name the ways of drawing, and take the one of `make test`."""
    # The machine that runs the checks is shared, so a slow moment is no failure; and what fails once fails again.
    settings.register_profile("test", deadline=None, max_examples=40, derandomize=True)
    settings.register_profile("proof", deadline=None, max_examples=400, print_blob=True)
    settings.load_profile("test")


def examples(in_a_hundred: int, *unchecked: HealthCheck) -> settings:
    """Return settings with so many examples for each hundred of the profile's, and some health checks off."""
    number = max(1, in_a_hundred * settings().max_examples // 100)
    return settings(max_examples=number, suppress_health_check=unchecked)
