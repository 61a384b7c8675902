"""`earnest purge`: delete answers for good, and say what is gone."""

import time
from dataclasses import dataclass

from earnest.cli.opened import opened
from earnest.cli.terminal import note, output, seconds
from earnest.errors import InvalidInput
from earnest.store.selection import Selection


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose answers, as the command line says it."""

    survey: str | None
    respondent: str | None
    older_than: str | None
    tenant: str | None


def run(wish: Wish, *, key_events_only: bool, dry_run: bool) -> None:
    """Delete, or say what would be deleted.

    Raises:
        InvalidInput: nothing says what to delete, or a job that is under way needs it.
        NotFound: there is no such survey or respondent.
        StoreUnavailable: the database cannot be used.
    """
    if wish.survey is None and wish.respondent is None and wish.older_than is None:
        raise InvalidInput("Say what to delete: --survey, --respondent or --older-than.")
    age_s = None if wish.older_than is None else seconds(wish.older_than, "--older-than")
    chosen = Selection(
        tenant=wish.tenant,
        survey=wish.survey,
        respondent=wish.respondent,
        before=None if age_s is None else time.time() - age_s,
    )
    with opened() as service:
        delete = service.purge.typing if key_events_only else service.purge.answers
        removed = delete(chosen, dry_run=dry_run)
        is_settled = dry_run or service.purge.settle()
    output.print("Would be deleted:" if dry_run else "Deleted:")
    for thing, count in removed.items():
        if count:
            output.print(f"  {thing:<24}{count:>9,}")
    if not any(removed.values()):
        output.print("  nothing")
    if not is_settled:
        note("Somebody reads from the database, so its log (-wal) still holds what was deleted. Purge again later.")
