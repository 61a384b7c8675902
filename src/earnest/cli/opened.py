"""The service on whose database most commands work."""

from collections.abc import Iterator
from contextlib import contextmanager

from earnest.service import Service
from earnest.settings import Settings


@contextmanager
def opened() -> Iterator[Service]:
    """The service as it is set up by the environment, as long as the block lasts.

    Raises:
        InvalidSettings: a setting cannot be so.
        StoreUnavailable: the database cannot be used.
    """
    service = Service.open(Settings.load())
    try:
        yield service
    finally:
        service.close()
