"""The real weights, made once a session."""

import pytest

from models.store import Store
from tests.models.builders import the_weights


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with everything made into a folder of this run."""
    return the_weights(tmp_path_factory.mktemp("weights"))
