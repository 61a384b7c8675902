"""`earnest jobs`: what each of its commands takes."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from typing import Annotated

import typer

jobs = typer.Typer(help="See how batch jobs stand, cancel one, take one up again.", no_args_is_help=True)


JobId = Annotated[str, typer.Argument(metavar="ID", help="As `earnest jobs list` shows it.")]


@jobs.command("list")
def list_jobs(
    tenant: Annotated[str | None, typer.Option(help="Whose. Default: everybody's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
) -> None:
    """List batch jobs; times are UTC."""
    from earnest.cli.jobs import show_all

    show_all(tenant, limit)


@jobs.command("show")
def show_job(job_id: JobId) -> None:
    """Tell how a job stands, and who could not be judged."""
    from earnest.cli.jobs import show

    show(job_id)


@jobs.command("cancel")
def cancel_job(job_id: JobId) -> None:
    """End a job; what was evaluated is kept."""
    from earnest.cli.jobs import cancel

    cancel(job_id)


@jobs.command("resume")
def resume_job(job_id: JobId) -> None:
    """Take up a job that has failed or was cancelled, or seems to hang."""
    from earnest.cli.jobs import resume

    resume(job_id)
