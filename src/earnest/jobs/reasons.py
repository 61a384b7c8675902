"""Why something failed, in words that hold no answer."""

import traceback
from pathlib import Path

from earnest.errors import EarnestError


def reason_of(error: Exception) -> str:
    """Why something failed. Of an error that is not ours only the type and the place: its words may hold an answer."""
    if isinstance(error, EarnestError):
        return error.message
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
