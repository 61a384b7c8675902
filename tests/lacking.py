"""What a test needs that may not be installed."""

import os
from typing import NoReturn

import pytest

COMPLETE = "EARNEST_TESTS_COMPLETE"
"""Set where everything is installed (`.ci/run` sees to it): then nothing may be left out."""


def lacking(need: str) -> NoReturn:
    """Skip the test for what is not there, or fail it where everything has to be there."""
    if os.environ.get(COMPLETE):
        pytest.fail(f"{COMPLETE} is set, but: {need}", pytrace=False)
    pytest.skip(need)
