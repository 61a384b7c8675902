"""`earnest jobs`: how batch jobs stand, ending one, and taking one up again."""

from rich import box
from rich.table import Table

from earnest.cli.opened import opened
from earnest.cli.terminal import moment, note, output, printable, show_jobs
from earnest.service import JobReport

MOST_FAILURES = 20
"""Respondents who are named; the API names more."""


def show_all(tenant: str | None, limit: int) -> None:
    """List jobs, the newest first; None is all tenants."""
    with opened() as service:
        found = service.list_jobs(tenant, limit=limit)
    if not found.items:
        output.print("There are no jobs.")
        return
    rows = Table("Id", "Survey", "Status", "Done", "Failed", "Submitted", "Ended", box=box.SIMPLE_HEAD, pad_edge=False)
    rows.columns[0].no_wrap = True
    for each in found.items:
        rows.add_row(
            each.batch_job_id,
            printable(each.survey_name, most=40),
            each.status,
            f"{each.done:,} of {each.total:,}",
            f"{each.failed:,}" if each.failed else "",
            moment(each.created_at),
            moment(each.finished_at),
        )
    show_jobs(rows)
    if found.next_cursor:
        note(f"These are the latest {limit}; --limit shows more.")


def show(job_id: str) -> None:
    """Tell how a job stands.

    Raises:
        NotFound: there is no such job.
    """
    with opened() as service:
        _tell(service.job(None, job_id))


def cancel(job_id: str) -> None:
    """End a job.

    Raises:
        NotFound: there is no such job.
        InvalidInput: it has ended already.
    """
    with opened() as service:
        _tell(service.cancel(None, job_id))


def resume(job_id: str) -> None:
    """Take a job up again.

    Raises:
        NotFound: there is no such job.
        InvalidInput: it is completed.
    """
    with opened() as service:
        _tell(service.resume(None, job_id))


def _tell(job: JobReport) -> None:
    rows = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("Job", job.batch_job_id),
        ("Survey", printable(job.survey_name)),
        ("Status", job.status.value),
        ("Why", printable(job.reason or "")),
        ("Done", f"{job.done:,} of {job.total:,}"),
        ("Failed", f"{job.failed:,}" if job.failed else ""),
        ("Submitted", moment(job.created_at)),
        ("Ended", moment(job.finished_at)),
        ("Evaluator", ", ".join(job.evaluator_versions)),
    ):
        if value:
            rows.add_row(f"[bold]{name}[/]", value)
    output.print(rows)
    for each in job.failures[:MOST_FAILURES]:
        output.print(f"  Respondent {each.position}: {printable(each.reason)}", markup=False, soft_wrap=True)
    if len(job.failures) > MOST_FAILURES:
        note(f"These are the first {MOST_FAILURES}; GET /api/v1/earnest/jobs/{job.batch_job_id} names more.")
