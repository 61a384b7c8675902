"""`earnest keys`: who may ask."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.table import Table

from earnest.cli.terminal import note, output, printable
from earnest.service import Service
from earnest.settings import Settings


def create(name: str, tenant: str) -> None:
    """Make a key; only the key itself goes to stdout, so that a script can take it."""
    with _service() as service:
        output.print(service.create_key(name, tenant), soft_wrap=True, markup=False)
    note("The key is not shown again. Send it in the header X-Aftercare-Key.")


def show_all() -> None:
    """List all keys."""
    rows = Table("Id", "Name", "Tenant", "Made", "Revoked", box=box.SIMPLE_HEAD, pad_edge=False)
    with _service() as service:
        for key in service.list_keys():
            revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
            made = f"{key.created_at:%Y-%m-%d %H:%M}"
            rows.add_row(key.id, printable(key.name), printable(key.tenant), made, revoked)
    if rows.row_count:
        output.print(rows)
    else:
        output.print("There are no keys. Make one: earnest keys create NAME")


def revoke(key_id: str) -> None:
    """Accept a key no longer.

    Raises:
        NotFound: there is no such key.
    """
    with _service() as service:
        service.revoke_key(key_id)
    output.print(f"Revoked {printable(key_id)}.", markup=False)


@contextmanager
def _service() -> Iterator[Service]:
    service = Service.open(Settings.load())
    try:
        yield service
    finally:
        service.close()
