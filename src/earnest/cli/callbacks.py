"""`earnest callbacks`: how callbacks fared, posting one again, and what signs them."""

from urllib.parse import urlsplit

from rich import box
from rich.table import Table

from earnest.cli.opened import opened
from earnest.cli.terminal import moment, note, output, printable, seconds, show_jobs

MOST = 200
"""Tries that are listed."""


def show_all(job: str | None, *, failed: bool) -> None:
    """List tries to post callbacks, the newest first.

    Raises:
        NotFound: there is no such job.
    """
    with opened() as service:
        tries = service.callbacks.latest(job, undelivered=failed, limit=MOST)
    if not tries:
        output.print("No callback is undelivered." if failed else "No callback has been posted.")
        return
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Tried", "Job", "Tenant", "Receiver", "Next try", "Outcome"):
        rows.add_column(heading, overflow="fold", min_width=36 if heading == "Job" else None)
    for each in tries:
        delivery = each.delivery
        rows.add_row(
            moment(delivery.tried_at),
            each.job,
            printable(each.tenant),
            _receiver(each.callback_url),
            moment(delivery.next_try_at),
            f"{delivery.outcome}: {printable(delivery.reason)}" if delivery.reason else delivery.outcome,
        )
    show_jobs(rows)
    if len(tries) == MOST:
        note(f"These are the latest {MOST}; --job shows those of one job, --failed what has not arrived.")


def redeliver(job: str) -> None:
    """Queue a job's callback once more.

    Raises:
        NotFound: there is no such job.
        InvalidInput: it has no callback URL, or has not ended.
    """
    with opened() as service:
        service.callbacks.redeliver(None, job)
    output.print(f"Queued. How it fares: earnest callbacks list --job {job}", soft_wrap=True)


def show_secret(tenant: str) -> None:
    """Print what signs a tenant's callbacks; only the secret itself goes to stdout."""
    with opened() as service:
        newest, *older = service.callbacks.secrets(tenant)
    output.print(newest.value, soft_wrap=True, markup=False)
    for each in older:
        note(f"An older one still signs as well, until {moment(each.expires_at)} UTC.")


def rotate_secret(tenant: str, overlap: str) -> None:
    """Make a new secret for a tenant; only the secret itself goes to stdout.

    Raises:
        InvalidInput: the overlap is no duration, or longer than 30 days.
    """
    overlap_s = seconds(overlap, "--overlap")
    with opened() as service:
        output.print(service.callbacks.rotate_secret(tenant, overlap_s=overlap_s), soft_wrap=True, markup=False)
    note(f"The old secret signs beside it for {overlap} more; give the new one to the receivers within that time.")


def _receiver(url: str) -> str:
    """Host and port only: the rest of the URL may be a secret."""
    try:
        return printable(urlsplit(url).netloc.rpartition("@")[2], most=60)
    except ValueError:
        return ""
