"""The real weights, made once a session, and patience with a busy machine."""

import pytest
from hypothesis import settings

from models.store import Store
from tests.models.builders import the_weights

# On a machine that others use as well, one example may take long without anything being wrong.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with everything made into a folder of this session."""
    return the_weights(tmp_path_factory.mktemp("weights"))
