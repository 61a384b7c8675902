"""`earnest callbacks`: what each of its commands takes."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from typing import Annotated

import typer

callbacks = typer.Typer(help="See how callbacks fared, post one again, change what signs them.", no_args_is_help=True)
secret = typer.Typer(help="Show and change what signs a tenant's callbacks.", no_args_is_help=True)
callbacks.add_typer(secret, name="secret")


@callbacks.command("list")
def list_callbacks(
    job: Annotated[str | None, typer.Option(metavar="ID", help="Only those of one job.")] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only jobs whose callback has not arrived, each with its last try.")
    ] = False,
) -> None:
    """List the latest tries to post callbacks; times are UTC."""
    from earnest.cli.callbacks import show_all

    show_all(job, failed=failed)


@callbacks.command("redeliver")
def redeliver(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id (batchJobId).")],
) -> None:
    """Post a job's callback again; a running `earnest serve` or `earnest work` does it."""
    from earnest.cli.callbacks import redeliver

    redeliver(job)


SecretTenant = Annotated[str, typer.Option(help="Whose callbacks it signs.")]


@secret.command("show")
def show_secret(tenant: SecretTenant = "default") -> None:
    """Print the secret that signs a tenant's callbacks."""
    from earnest.cli.callbacks import show_secret

    show_secret(tenant)


@secret.command("rotate")
def rotate_secret(
    tenant: SecretTenant = "default",
    overlap: Annotated[
        str, typer.Option(metavar="DURATION", help="How long the old secret still signs as well; 0h for no longer.")
    ] = "24h",
) -> None:
    """Make a new secret and print it; the old one signs beside it for a while."""
    from earnest.cli.callbacks import rotate_secret

    rotate_secret(tenant, overlap)
